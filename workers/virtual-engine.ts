import type { StopSummary } from '../actors/execution.ts'
import type { Config } from '../src/config/index.ts'
import { fail, type Instrument, type Nanos, VirtualTime, type WallMs } from '../src/core/index.ts'
import type { Exchange, ExchangeListener, MarketSource } from '../src/exchange/index.ts'
import type { VirtualHostRecord, VirtualRunLog } from '../src/runtime/index.ts'
import type { SampleSink } from '../src/model/index.ts'
import { type Journal, type KillStore, MemoryKillStore } from '../src/trading/index.ts'
import type { Transport } from '../src/venues/index.ts'
import type { EngineMemory } from './engine-memory.ts'
import { playFaults } from './exchange-faults.ts'
import { faultSettings } from './exchange-messages.ts'
import { askInstruments, VirtualLife } from './virtual-life.ts'
import type { VirtualTransport } from './virtual-transport.ts'
import { VirtualVenue } from './virtual-venue.ts'

export interface VirtualEngineParts {
  readonly config: Config
  readonly markets: readonly MarketSource[]
  /** Wall time at virtual time zero. */
  readonly originMs: WallMs
  readonly journal: Journal
  readonly onLog: (line: VirtualRunLog) => void
  /** Collects samples; none without it, whatever the configuration says. */
  readonly openSamples?: (symbol: string) => SampleSink
  /** Puts something between the engine and the wire: faults. */
  readonly wrapTransport?: (inner: VirtualTransport) => Transport
  /** Remembers the kill switch; in memory without it. */
  readonly killStore?: KillStore
}

/** What reference data and the first snapshot may take, in virtual time. */
const START_LIMIT_NS = 60e9
const STOP_LIMIT_NS = 60e9

/**
 * The whole engine and the exchange on one queue of virtual time: the same actors, adapters and protocol front as in a
 * live run, joined by frames in memory. The same parts give the same journal, byte by byte.
 */
export class VirtualEngine {
  readonly time: VirtualTime
  readonly exchange: Exchange
  /** The protocol front that the engine talks to, with its faults on demand. */
  readonly front: VirtualVenue['front']
  readonly record: VirtualHostRecord
  readonly memory: EngineMemory
  readonly instruments: readonly Instrument[]
  readonly #venue: VirtualVenue
  #summary: StopSummary | null = null

  constructor(parts: VirtualEngineParts) {
    const { config, markets, originMs, journal } = parts
    const { seed } = config.exchange
    const time = new VirtualTime(originMs)
    const venue = new VirtualVenue(config, markets, time)
    this.time = time
    this.#venue = venue
    this.exchange = venue.exchange
    this.front = venue.front
    const wire = venue.wire()
    const transport = parts.wrapTransport?.(wire) ?? wire
    venue.start()
    const common = { config, venue: venue.choice, transport, seed }
    this.instruments = this.#reference(common, markets)
    const life = new VirtualLife(
      { ...common, openJournal: () => journal, killStore: parts.killStore ?? new MemoryKillStore(), onLog: parts.onLog, onStopped: (summary) => void (this.#summary = summary), openSamples: parts.openSamples ?? null },
      time,
      this.instruments,
    )
    this.memory = life.memory
    this.record = life.record
    this.record.host.start()
    playFaults(this.front, faultSettings(config))
  }

  listen(listener: ExchangeListener): () => void {
    return this.exchange.listen(listener)
  }

  /** Runs until a virtual time. */
  runUntil(untilNs: Nanos): void {
    this.time.runUntil(untilNs)
  }

  /** Stops the engine in good order, then the exchange. */
  stop(): StopSummary | null {
    let stopped = false
    this.record.host.stop(() => void (stopped = true))
    const limitNs = this.time.nowNs() + STOP_LIMIT_NS
    while (!stopped && this.time.nextNs <= limitNs) this.time.step()
    this.#venue.stop()
    return this.#summary
  }

  #reference(parts: Parameters<typeof askInstruments>[0], markets: readonly MarketSource[]): readonly Instrument[] {
    let answer: { readonly error: unknown; readonly instruments: readonly Instrument[] } | null = null
    askInstruments(
      parts,
      this.time,
      markets.map((market) => market.contract.symbol),
      (error, instruments) => void (answer = { error, instruments }),
    )
    while (answer === null && this.time.nextNs <= START_LIMIT_NS) this.time.step()
    const { error, instruments } = answer ?? fail('RM_ASSERT', { what: 'the exchange answers the question for its instruments' })
    if (error !== null) throw error
    return instruments
  }
}
