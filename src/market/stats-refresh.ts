import type { Instrument, Nanos, Random, Timer } from '../core/index.ts'
import { errorLabel } from '../core/index.ts'
import type { FundingEstimate, InstrumentState, MarketQueries, PriceLimits } from '../venues/index.ts'
import type { MarketContext } from './market-context.ts'

export interface StatsRefreshEnds {
  readonly onPriceLimits: (limits: PriceLimits) => void
  readonly onFunding: (funding: FundingEstimate) => void
  readonly onInstrument: (state: InstrumentState) => void
}

/** The first questions come within this time of the start, ms: prices and history go first. */
const FIRST_MS = 10_000
const PERIOD_MS = 5 * 60_000
/** Entries go by the price limits, and by none that are a minute old. A stream that tells changes only says nothing in a calm market. */
const LIMITS_PERIOD_MS = 20_000

/** What a stream may never say (price limits, funding, state of the instrument), asked for by REST now and then. */
export class StatsRefresh {
  readonly #context: Pick<MarketContext, 'clock' | 'timers' | 'count'>
  readonly #random: Random
  readonly #queries: Pick<MarketQueries, 'priceLimits' | 'funding' | 'instrumentState'>
  readonly #instrument: Instrument
  readonly #deadlineMs: number
  readonly #ends: StatsRefreshEnds
  #limitsNs: Nanos = Number.NEGATIVE_INFINITY
  #fundingNs: Nanos = Number.NEGATIVE_INFINITY
  #instrumentNs: Nanos = Number.NEGATIVE_INFINITY
  #timer: Timer | null = null
  #limitsTimer: Timer | null = null
  #stopped = false

  constructor(context: Pick<MarketContext, 'clock' | 'timers' | 'count'>, random: Random, queries: Pick<MarketQueries, 'priceLimits' | 'funding' | 'instrumentState'>, instrument: Instrument, deadlineMs: number, ends: StatsRefreshEnds) {
    this.#context = context
    this.#random = random
    this.#queries = queries
    this.#instrument = instrument
    this.#deadlineMs = deadlineMs
    this.#ends = ends
  }

  start(): void {
    const firstMs = FIRST_MS * this.#random.next()
    this.#planLimits(firstMs)
    this.#plan(firstMs)
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    this.#limitsTimer?.cancel()
  }

  /** The stream has told it: no need to ask for a while. */
  heardPriceLimits(): void {
    this.#limitsNs = this.#context.clock.nowNs()
  }

  heardFunding(): void {
    this.#fundingNs = this.#context.clock.nowNs()
  }

  heardInstrument(): void {
    this.#instrumentNs = this.#context.clock.nowNs()
  }

  #plan(delayMs: number): void {
    this.#timer = this.#context.timers.after(delayMs, () => {
      this.#ask()
      this.#plan(PERIOD_MS * (0.75 + 0.5 * this.#random.next()))
    })
  }

  #planLimits(delayMs: number): void {
    this.#limitsTimer = this.#context.timers.after(delayMs, () => {
      if (this.#limitsNs < this.#context.clock.nowNs() - LIMITS_PERIOD_MS * 1e6)
        this.#queries.priceLimits(this.#instrument, this.#deadlineMs, (error, limits) => this.#take('price_limits', error, limits, this.#ends.onPriceLimits))
      this.#planLimits(LIMITS_PERIOD_MS)
    })
  }

  #ask(): void {
    const since = this.#context.clock.nowNs() - PERIOD_MS * 1e6
    const queries = this.#queries
    if (this.#fundingNs < since) queries.funding(this.#instrument, this.#deadlineMs, (error, estimate) => this.#take('funding', error, estimate, this.#ends.onFunding))
    if (this.#instrumentNs < since) queries.instrumentState(this.#instrument, this.#deadlineMs, (error, state) => this.#take('instrument', error, state, this.#ends.onInstrument))
  }

  #take<T>(what: string, error: unknown, answer: T | null, use: (answer: T) => void): void {
    if (this.#stopped) return
    if (answer === null) this.#context.count('stats_failures', `${what} ${errorLabel(error)}`)
    else use(answer)
  }
}
