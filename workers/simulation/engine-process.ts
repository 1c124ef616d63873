import type { StopSummary } from '../../actors/execution.ts'
import type { Config } from '../../src/config/index.ts'
import { errorLine, type Nanos, type VirtualTime } from '../../src/core/index.ts'
import type { ActorSpec, VirtualRunLog } from '../../src/runtime/index.ts'
import { FileJournal, type Journal, MemoryJournal, type TradingRecord } from '../../src/trading/index.ts'
import { askInstruments, VirtualLife } from '../virtual-life.ts'
import type { VirtualVenue } from '../virtual-venue.ts'
import type { MemoryDisk } from './memory-disk.ts'
import { ProcessTime } from './process-time.ts'
import { ProcessWire, type Uplink, type WireTap } from './process-wire.ts'

export const JOURNAL_PATH = '/journal/trading.journal'
/** As engine main does it. */
const REFERENCE_RETRY_MS = 250
/** How often the supervisor's word reaches an actor that gave up. */
const ESCALATION_CHECK_MS = 50

function wholeRecords(bytes: Uint8Array): number {
  let count = 0
  new MemoryJournal(bytes).replay(() => void count++)
  return count
}

/** What is told about a process. */
export interface ProcessListener {
  /** Records that are in the file from now on. */
  onRecords(process: EngineProcess, records: readonly TradingRecord[]): void
  onReady(process: EngineProcess): void
  /** Its own end: an actor failed too often, or its start failed. */
  onFailed(process: EngineProcess, why: string): void
  onStopped(process: EngineProcess, summary: StopSummary): void
  onLog(process: EngineProcess, line: VirtualRunLog): void
}

export interface EngineProcessParts {
  readonly number: number
  readonly config: Config
  readonly seed: number
  readonly time: VirtualTime
  readonly venue: VirtualVenue
  readonly disk: MemoryDisk
  readonly uplink: Uplink
  readonly symbols: readonly string[]
  readonly tapOf: (process: EngineProcess) => WireTap
  readonly listener: ProcessListener
  readonly wrapSpec: (process: EngineProcess, spec: ActorSpec) => ActorSpec
}

/** One process of the engine, from its start to its end, on a machine that can fail it in every way. */
export class EngineProcess {
  readonly number: number
  readonly config: Config
  readonly clock: ProcessTime
  readonly startedNs: Nanos
  readonly #parts: EngineProcessParts
  readonly #wire: ProcessWire
  #life: VirtualLife | null = null
  #stopping = false
  #ended = false
  /** Its last graceful word, null for none. */
  summary: StopSummary | null = null

  constructor(parts: EngineProcessParts) {
    this.#parts = parts
    this.number = parts.number
    this.config = parts.config
    this.startedNs = parts.time.nowNs()
    this.clock = new ProcessTime(parts.time)
    this.#wire = new ProcessWire(parts.venue.wire(), parts.time, this.clock, parts.uplink, parts.tapOf(this))
  }

  get alive(): boolean {
    return this.clock.alive
  }

  get stopping(): boolean {
    return this.#stopping
  }

  get life(): VirtualLife | null {
    return this.#life
  }

  /** Whether execution has reconciled and may trade, in its own words. */
  get ready(): boolean {
    const life = this.#life
    return life !== null && life.record.table.read(life.executionRow).state === 'ready'
  }

  start(): void {
    this.#ask()
  }

  /** As by `kill -9`: nothing of it happens any more, and the venue sees its connections cut. */
  kill(): void {
    if (!this.alive) return
    this.clock.kill()
    this.#wire.cut()
  }

  /** Asks it to stop in good order. */
  stop(): void {
    if (!this.alive || this.#stopping) return
    this.#stopping = true
    this.clock.enter(() => {
      const life = this.#life
      if (life === null) return this.kill()
      life.record.host.stop(() => {
        this.#ended = true
        this.kill()
      })
    })
  }

  /** Whether a stop in good order has come to its end. */
  get stopped(): boolean {
    return this.#ended
  }

  /** Cuts its connections. @returns how many */
  cut(): number {
    return this.#wire.cut()
  }

  #ask(): void {
    const { config, venue, seed, symbols } = this.#parts
    askInstruments({ config, venue: venue.choice, transport: this.#wire, seed }, this.clock, symbols, (error, instruments) => {
      if (error !== null || instruments.length < symbols.length) return void this.clock.after(REFERENCE_RETRY_MS, () => this.#ask())
      if (this.#stopping) return this.kill()
      const { listener, wrapSpec } = this.#parts
      const life = new VirtualLife(
        {
          config,
          venue: venue.choice,
          transport: this.#wire,
          seed,
          openJournal: () => this.#openJournal(),
          killStore: this.#parts.disk.killStore,
          onLog: (line) => listener.onLog(this, line),
          onStopped: (summary) => {
            this.summary = summary
            listener.onStopped(this, summary)
          },
          onFenced: () => this.clock.after(0, () => this.kill()),
          openSamples: null,
          wrapSpec: (spec) => wrapSpec(this, spec),
        },
        this.clock,
        instruments,
      )
      this.#life = life
      try {
        life.record.host.start()
      } catch (failure) {
        return listener.onFailed(this, errorLine(failure))
      }
      listener.onReady(this)
      this.clock.every(ESCALATION_CHECK_MS, () => {
        const [first] = life.record.escalations
        if (first !== undefined) listener.onFailed(this, `${first.id}: ${first.error}`)
      })
    })
  }

  #openJournal(): Journal {
    const { disk, listener } = this.#parts
    const inner = new FileJournal(JOURNAL_PATH, disk.handle(this.clock, () => this.kill()))
    return {
      get length() {
        return inner.length
      },
      tornBytes: inner.tornBytes,
      replay: (each) => inner.replay(each),
      append: (records) => {
        const alive = this.alive
        const before = disk.bytes.length
        const { length } = inner
        inner.append(records)
        if (!alive || disk.bytes.length <= before) return
        // Of a batch that was torn the first records may be whole: the next process reads them.
        const taken = this.alive || disk.lastWriteWhole ? records : records.slice(0, Math.max(0, wholeRecords(disk.bytes) - length))
        if (taken.length > 0) listener.onRecords(this, taken)
      },
      flush: () => inner.flush(),
      flushLater: () => inner.flushLater(),
      close: () => inner.close(),
    }
  }
}
