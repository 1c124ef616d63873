import { createRequire } from 'node:module'
import type { Clock, Nanos } from '../src/core/index.ts'
import { type ActorHealth, agedWay, type ArchiveHealth, type HealthLimits, type HealthSnapshot, judgeHealth, type KillHealth, type ProcessHealth, type RiskHealth, type WatchdogHealth } from '../src/runtime/health/index.ts'
import type { ChildStatus } from '../src/runtime/index.ts'
import type { EngineState } from './engine-messages.ts'
import { type Usage, usageOf } from './usage.ts'

export const VERSION = (createRequire(import.meta.url)('../package.json') as { version: string }).version

/** The last that was heard of the engine, and the snapshot that health makes of it at any moment. */
export class RootState {
  readonly #mode: string
  readonly #clock: Clock
  readonly #limits: HealthLimits
  readonly #startedMs: number
  readonly #startedNs: Nanos
  #engine: EngineState | null = null
  #heardNs: Nanos = 0
  #engineUp = false
  #watchdog: WatchdogHealth | null = null
  #archive: ArchiveHealth | null = null

  constructor(mode: string, clock: Clock, limits: HealthLimits) {
    this.#mode = mode
    this.#clock = clock
    this.#limits = limits
    this.#startedMs = clock.wallMs()
    this.#startedNs = clock.nowNs()
  }

  onBeat(state: EngineState): void {
    this.#engine = state
    this.#heardNs = this.#clock.nowNs()
    this.#engineUp = true
  }

  onWatchdog(state: WatchdogHealth): void {
    this.#watchdog = state
  }

  onArchive(state: ArchiveHealth): void {
    this.#archive = state
  }

  onEngineDown(): void {
    this.#engineUp = false
  }

  get ready(): boolean {
    return this.#engineUp && this.#engine?.ready === true
  }

  /** As execution told it last. */
  get risk(): RiskHealth | null {
    return this.#engine?.risk ?? null
  }

  knows(id: string): boolean {
    return this.#engine?.actors.some((actor) => actor.id === id) ?? false
  }

  get engineUp(): boolean {
    return this.#engineUp
  }

  /** @param usage of a process by name, where known */
  snapshot(children: readonly ChildStatus[], required: readonly string[], usage: ReadonlyMap<string, Usage>, kill: KillHealth): HealthSnapshot {
    const sinceMs = (this.#clock.nowNs() - this.#heardNs) / 1e6
    const processes = [this.#self(), ...children.map((child) => processHealth(child, usage))]
    const actors = (this.#engine?.actors ?? []).map((actor) => this.#aged(actor, sinceMs))
    const symbols = (this.#engine?.symbols ?? []).map((symbol) => ({
      ...symbol,
      priceAgeMs: symbol.priceAgeMs === null ? null : symbol.priceAgeMs + sinceMs,
      bookValid: symbol.bookValid && this.#engineUp,
    }))
    const account = this.#engine?.account ?? null
    const way = agedWay(this.#engine?.way ?? null, sinceMs)
    const ready = this.ready
    return {
      ...judgeHealth({ ready, processes, actors, symbols, way, risk: this.risk, models: this.#engine?.models ?? null }, required, this.#limits),
      ready,
      version: VERSION,
      mode: this.#mode,
      startedAt: new Date(this.#startedMs).toISOString(),
      uptimeMs: Math.round((this.#clock.nowNs() - this.#startedNs) / 1e6),
      processes,
      actors,
      symbols,
      account: account === null ? null : { ...account, ageMs: Math.round(account.ageMs + sinceMs) },
      kill,
      watchdog: this.#watchdog,
      archive: this.#archive,
      risk: this.risk,
      models: this.#engine?.models ?? null,
      restInFlight: this.#engine?.restInFlight ?? 0,
      way,
      latencyNs: this.#engine?.latencyNs ?? {},
    }
  }

  #aged(actor: ActorHealth, sinceMs: number): ActorHealth {
    const heartbeatAgeMs = actor.heartbeatAgeMs === null ? null : Math.round(actor.heartbeatAgeMs + sinceMs)
    return this.#engineUp ? { ...actor, heartbeatAgeMs } : { ...actor, heartbeatAgeMs, state: 'stopped', note: 'the engine process is down' }
  }

  #self(): ProcessHealth {
    return { name: 'supervisor', pid: process.pid, state: 'running', restarts: 0, heartbeatAgeMs: 0, ...usageOf(process), lastError: null }
  }
}

function processHealth(child: ChildStatus, usage: ReadonlyMap<string, Usage>): ProcessHealth {
  return {
    name: child.name,
    pid: child.pid,
    state: child.state,
    restarts: child.restarts,
    heartbeatAgeMs: Math.round(child.beatAgeMs),
    rssBytes: usage.get(child.name)?.rssBytes ?? null,
    cpuSeconds: usage.get(child.name)?.cpuSeconds ?? null,
    lastError: child.lastError === '' ? null : child.lastError,
  }
}
