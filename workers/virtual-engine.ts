import type { StopSummary } from '../actors/execution.ts'
import type { Config } from '../src/config/index.ts'
import { fail, type Instrument, type Nanos, Random, VirtualTime, type WallMs } from '../src/core/index.ts'
import { Exchange, type ExchangeListener, type MarketSource, VolatileLedger } from '../src/exchange/index.ts'
import { BybitFront } from '../src/exchange/bybit/index.ts'
import { createCounters } from '../src/exchange/front/index.ts'
import { OkxFront } from '../src/exchange/okx/index.ts'
import { createVirtualHost, placementPlan, type VirtualHostRecord, type VirtualRunLog } from '../src/runtime/index.ts'
import type { SampleSink } from '../src/model/index.ts'
import type { Journal } from '../src/trading/index.ts'
import type { MarketReference, Transport } from '../src/venues/index.ts'
import { EngineMemory } from './engine-memory.ts'
import { playFaults } from './exchange-faults.ts'
import { faultSettings, PAPER_ACCOUNT, PAPER_LATENCY } from './exchange-messages.ts'
import { rowsOf } from './thread-data.ts'
import { tradingSettings } from './trading-settings.ts'
import { openVenue, restLimits, venueAt } from './venue.ts'
import { VirtualTransport } from './virtual-transport.ts'
import { type Assembly, specFor } from './wiring.ts'

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
}

const SEED_LABEL = 'virtual-front'
const RESTART_LIMITS = { max: 5, windowMs: 60_000, backoffMs: 50, backoffMaxMs: 5000 }
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
  readonly front: BybitFront | OkxFront
  readonly record: VirtualHostRecord
  readonly memory: EngineMemory
  readonly instruments: readonly Instrument[]
  #summary: StopSummary | null = null

  constructor(parts: VirtualEngineParts) {
    const { config, markets, originMs, journal } = parts
    const seed = config.exchange.seed
    const time = new VirtualTime(originMs)
    this.time = time
    this.exchange = new Exchange({ clock: time, timers: time, markets, ledger: new VolatileLedger(), startingBalance: config.exchange.starting_balance, defaultLeverage: '10' })
    const { api_key: apiKey, api_secret: secret, passphrase } = config.exchange
    const common = { exchange: this.exchange, clock: time, timers: time, random: new Random(seed, SEED_LABEL), latency: PAPER_LATENCY, counters: createCounters() }
    const front =
      config.venue === 'okx'
        ? new OkxFront({ ...common, keys: [{ apiKey, secret, passphrase, account: PAPER_ACCOUNT }] })
        : new BybitFront({ ...common, keys: [{ apiKey, secret, account: PAPER_ACCOUNT }], shuffleTopics: true })
    const wire = new VirtualTransport(front, time, { outMs: 0, inMs: 0 })
    const transport = parts.wrapTransport?.(wire) ?? wire
    const venue = venueAt(config, 'exchange.invalid', { bybit: 80, okx: 80 })
    this.exchange.start()
    this.front = front
    this.instruments = this.#reference(openVenue(venue, { transport, clock: time, timers: time, random: new Random(seed, 'reference'), count: () => {} }, config, 'public').reference, markets)

    const plan = placementPlan(this.instruments.map((one) => one.symbol), 1, 'shared', 1)
    const rows = rowsOf(plan)
    this.memory = EngineMemory.create(this.instruments.length, 1, rows.length, restLimits(config))
    const assembly: Assembly = {
      config,
      trading: tradingSettings(config),
      venue,
      memory: this.memory,
      instruments: this.instruments,
      transport,
      rows,
      ringDoorOf: () => () => {},
      openJournal: () => journal,
      modelFor: () => null,
      openSamples: parts.openSamples ?? null,
      onRisk: null,
      onStopped: (summary) => void (this.#summary = summary),
    }
    this.record = createVirtualHost({ time, seed, restartLimits: RESTART_LIMITS, specs: rows.map((id) => specFor(id, assembly)), onLog: parts.onLog })
    this.record.host.start()
    playFaults(front, faultSettings(config))
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
    this.exchange.stop()
    return this.#summary
  }

  #reference(reference: MarketReference, markets: readonly MarketSource[]): readonly Instrument[] {
    let answer: { readonly error: unknown; readonly instruments: readonly Instrument[] } | null = null
    reference.instruments(
      markets.map((market) => market.contract.symbol),
      (error, instruments) => void (answer = { error, instruments }),
    )
    while (answer === null && this.time.nextNs <= START_LIMIT_NS) this.time.step()
    const { error, instruments } = answer ?? fail('RM_ASSERT', { what: 'the exchange answers the question for its instruments' })
    if (error !== null) throw error
    return instruments
  }
}
