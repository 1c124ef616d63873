import type { Config } from '../src/config/index.ts'
import type { Clock, RingmasterError, Timers } from '../src/core/index.ts'
import { type ChildMessage, type ChildStatus, ProcessSupervisor, type RestartLimits } from '../src/runtime/index.ts'
import type { ArchiveHealth, SymbolHealth } from '../src/runtime/health/index.ts'
import { ARCHIVE_ENV, type ArchiveSettings, type FromArchive, type ToArchive } from './archive-messages.ts'
import { journalPath } from './journal-path.ts'
import type { RootLog } from '../src/telemetry/root/index.ts'
import type { Usage } from './usage.ts'

/** It may read a long journal, or make its first database, before it speaks. */
const SILENT_MS = 30_000
const STOP_MS = 30_000
/** When it could not be kept alive: nobody needs it to trade. */
const AGAIN_MS = 60_000

export interface KeeperParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly limits: RestartLimits
  readonly root: RootLog
  readonly onHealth: (health: ArchiveHealth, usage: Usage) => void
  /** It ended and is started again, or has ended too often for now. */
  readonly onEnded: (error: RingmasterError) => void
  readonly onGivenUp: (error: RingmasterError) => void
}

/** Keeps the archive process. What becomes of it is told and changes nothing else. */
export class ArchiveKeeper {
  readonly #config: Config
  readonly #parts: KeeperParts
  #child: ProcessSupervisor
  #snapshotMs = 0
  #stopping = false

  constructor(config: Config, parts: KeeperParts) {
    this.#config = config
    this.#parts = parts
    this.#child = this.#make()
  }

  get status(): ChildStatus {
    return this.#child.status
  }

  start(): void {
    this.#child.start()
  }

  /** What the engine shows of its symbols; every so often it becomes a picture of the market. */
  market(symbols: readonly SymbolHealth[]): void {
    const everyMs = this.#config.database.snapshot_s * 1000
    const atMs = this.#parts.clock.wallMs()
    if (everyMs === 0 || (atMs >= this.#snapshotMs && atMs - this.#snapshotMs < everyMs)) return
    this.#snapshotMs = atMs
    const message: ToArchive = { type: 'market', atMs, symbols }
    this.#child.send(message as unknown as ChildMessage)
  }

  /** Lets it archive what is left and end its server. */
  async stop(): Promise<void> {
    this.#stopping = true
    const ask: ToArchive = { type: 'stop' }
    const how = await this.#child.stop(ask as unknown as ChildMessage, STOP_MS)
    if (how === 'killed') this.#parts.root.log('warn', 'the archive did not stop in time and was ended; it catches up at the next start')
  }

  #make(): ProcessSupervisor {
    const { root, clock, timers, limits, onHealth, onEnded, onGivenUp } = this.#parts
    const { database, data_dir, venue, log } = this.#config
    const settings: ArchiveSettings = { config: { database, data_dir, venue, log }, journal: journalPath(this.#config) }
    return new ProcessSupervisor(
      {
        name: 'archive',
        entry: new URL('./archive.ts', import.meta.url),
        env: () => ({ [ARCHIVE_ENV]: JSON.stringify(settings) }),
        silentMs: SILENT_MS,
        fatalCodes: [],
        onMessage: (raw) => {
          const message = raw as unknown as FromArchive
          if (message.type === 'log') root.accept(message.record)
          else onHealth(message.health, message)
        },
        onExit: (error) => {
          root.log('warn', 'the archive process ended and is started again; trading goes on', { error: error.message })
          onEnded(error)
        },
        onGiveUp: (error) => {
          onGivenUp(error)
          root.log('error', `the archive cannot be kept alive, it is tried again in ${AGAIN_MS / 1000} s; trading goes on: ${error.message}`)
          timers.after(AGAIN_MS, () => {
            if (this.#stopping) return
            this.#child = this.#make()
            this.#child.start()
          })
        },
      },
      clock,
      timers,
      limits,
    )
  }
}
