import { type ActorId, type Clock, type Instrument, type SymbolIndex } from '../src/core/index.ts'
import type { Ring } from '../src/memory/index.ts'
import { type ActorState, type PlacementPlan } from '../src/runtime/index.ts'
import type { ActorHealth, RiskHealth } from '../src/runtime/health/index.ts'
import type { ModelStatus } from '../src/model/index.ts'
import { readWay } from '../src/trading/index.ts'
import type { LatencySummary } from '../src/telemetry/index.ts'
import type { KillStatus } from '../src/trading/index.ts'
import { CONSUMER, type EngineMemory } from './engine-memory.ts'
import type { EngineState } from './engine-messages.ts'
import { ModelReporter } from './model-reporter.ts'
import { SymbolReporter } from './symbol-reporter.ts'
import { rowsOf } from './thread-data.ts'
import { usageOf } from './usage.ts'

/** Percentiles are read from the whole histograms: not at every beat. */
const LATENCY_EVERY = 10

export interface EngineReporterParts {
  readonly memory: EngineMemory
  readonly plan: PlacementPlan
  readonly instruments: readonly Instrument[]
  readonly clock: Clock
}

/** Reads the shared memory and says how every actor and symbol is; asks nobody, so that it works with all of them dead. */
export class EngineReporter {
  readonly #parts: EngineReporterParts
  readonly #rows: readonly ActorId[]
  readonly #threadOf: ReadonlyMap<ActorId, string>
  readonly #notes = new Map<ActorId, string>()
  readonly #errors = new Map<ActorId, string>()
  readonly #suspended = new Set<ActorId>()
  readonly #symbols: SymbolReporter
  #latency: Readonly<Record<string, LatencySummary>> = {}
  #beats = 0
  #kill: KillStatus | null = null
  #risk: RiskHealth | null = null
  readonly #models = new ModelReporter()

  constructor(parts: EngineReporterParts) {
    this.#parts = parts
    const { memory, plan, instruments, clock } = parts
    this.#rows = rowsOf(plan)
    this.#threadOf = new Map(plan.flatMap((thread) => thread.actors.map((id) => [id, thread.name] as const)))
    this.#symbols = new SymbolReporter(memory.registry, memory.shares, instruments, clock)
  }

  row(id: ActorId): number {
    return this.#rows.indexOf(id)
  }

  /** Index of the symbol that an actor works for; null for execution. */
  symbolIndex(id: ActorId): SymbolIndex | null {
    const symbol = symbolOf(id)
    const index = this.#parts.instruments.findIndex((instrument) => instrument.symbol === symbol)
    return index < 0 ? null : index
  }

  onStatus(id: ActorId, state: ActorState, note: string): void {
    this.#notes.set(id, note)
    if (state === 'restarting') this.#errors.set(id, note)
    if (state === 'suspended') this.#suspended.add(id)
    else this.#suspended.delete(id)
  }

  onKill(status: KillStatus): void {
    this.#kill = status
  }

  onModels(thread: number, status: ModelStatus): void {
    this.#models.onStatus(thread, status)
  }

  onRisk(risk: RiskHealth): void {
    this.#risk = risk
  }

  onError(id: ActorId, error: string): void {
    this.#errors.set(id, error)
  }

  state(): EngineState {
    if (this.#beats++ % LATENCY_EVERY === 0) this.#latency = this.#parts.memory.latency.summaries()
    const actors = this.#rows.map((id, row) => this.#actor(id, row))
    const ready = actors.at(-1)!.state === 'ready'
    return {
      ready,
      usage: usageOf(process),
      actors,
      symbols: this.#symbols.symbols(),
      account: this.#symbols.account(),
      kill: this.#kill,
      risk: this.#risk,
      models: this.#models.health,
      restInFlight: this.#parts.memory.restBudget.inFlight(this.#parts.clock.nowNs()),
      way: readWay(this.#parts.memory.way, this.#parts.clock.nowNs()),
      latencyNs: this.#latency,
    }
  }

  #actor(id: ActorId, row: number): ActorHealth {
    const { memory, clock } = this.#parts
    const read = memory.table.read(row)
    const nowNs = clock.nowNs()
    const ring = this.#inputOf(id)
    const ringDepth = ring === null ? null : ring.depth(CONSUMER)
    const output = this.#outputOf(id)
    return {
      id,
      kind: id.split(':')[0]!,
      symbol: symbolOf(id),
      thread: this.#threadOf.get(id)!,
      state: this.#suspended.has(id) ? 'suspended' : read.state,
      note: this.#notes.get(id) ?? '',
      restarts: read.restarts,
      lives: read.incarnation,
      heartbeatAgeMs: read.beatNs === 0 ? null : Math.max(0, Math.round((nowNs - read.beatNs) / 1e6)),
      handled: read.handled,
      sequence: output?.published ?? null,
      ringDepth,
      ringLagMs: ringDepth === null ? null : ringDepth === 0 ? 0 : Math.max(0, Math.round((nowNs - read.handledNs) / 1e6)),
      lastError: this.#errors.get(id) ?? null,
    }
  }

  #inputOf(id: ActorId): Ring | null {
    const index = this.symbolIndex(id)
    if (index === null) return null
    if (id.startsWith('features:')) return this.#parts.memory.ticks[index]!
    if (id.startsWith('inference:')) return this.#parts.memory.vectors[index]!
    return null
  }

  #outputOf(id: ActorId): Ring | null {
    const index = this.symbolIndex(id)
    if (index === null) return null
    if (id.startsWith('ingest:')) return this.#parts.memory.ticks[index]!
    if (id.startsWith('features:')) return this.#parts.memory.vectors[index]!
    return this.#parts.memory.decisions[index]!
  }
}

function symbolOf(id: ActorId): string | null {
  const colon = id.indexOf(':')
  return colon < 0 ? null : id.slice(colon + 1)
}
