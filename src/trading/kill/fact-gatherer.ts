import { money, type Money, type Nanos, ZERO } from '../../core/index.ts'
import type { VenueWallet } from '../../venues/index.ts'
import type { PriceSource } from '../events.ts'
import { soundQuote } from '../pricing.ts'
import type { Recorder } from '../recorder.ts'
import type { Rules } from '../rules.ts'
import type { TradingState } from '../state.ts'
import { Duration } from './durations.ts'
import { createKillFacts, type KillFacts } from './facts.ts'
import type { Observations } from './observations.ts'

/** Gathers what the trips look at beside the books, and since when it has been missing. One object of facts, written anew at every look. */
export class FactGatherer {
  readonly #rules: Rules
  readonly #state: TradingState
  readonly #recorder: Pick<Recorder, 'healthy' | 'problem'>
  readonly #prices: PriceSource
  readonly #observations: Observations
  readonly #facts: KillFacts = createKillFacts()
  /** Last price at which each position could have been closed, ticks; NaN before the first of this life. */
  readonly #closing: { readonly long: Float64Array; readonly short: Float64Array }
  readonly #priceMissing = new Duration()
  readonly #stale = new Duration()
  readonly #clockUnknown = new Duration()
  readonly #journal = new Duration()
  #walletNs: Nanos = Number.NEGATIVE_INFINITY
  #offsetMs = Number.NaN

  constructor(rules: Rules, state: TradingState, recorder: Pick<Recorder, 'healthy' | 'problem'>, prices: PriceSource, observations: Observations) {
    this.#rules = rules
    this.#state = state
    this.#recorder = recorder
    this.#prices = prices
    this.#observations = observations
    const count = rules.symbols.length
    this.#closing = { long: new Float64Array(count).fill(Number.NaN), short: new Float64Array(count).fill(Number.NaN) }
  }

  hearWallet(wallet: VenueWallet, nowNs: Nanos): void {
    this.#facts.equity = wallet.equity
    this.#walletNs = nowNs
  }

  /** As of the last look. */
  get facts(): KillFacts {
    return this.#facts
  }

  /** Conditions that a person has overruled are counted anew. */
  forget(): void {
    for (const one of [this.#priceMissing, this.#stale, this.#clockUnknown, this.#journal]) one.forget()
  }

  /** The facts of this moment; they hold until the next call. */
  gather(nowNs: Nanos): KillFacts {
    const facts = this.#facts
    const offsetMs = this.#observations.clockOffsetMs()
    let unfresh = 0
    let unpriced = false
    let open: Money | null = ZERO
    for (let index = 0; index < this.#rules.symbols.length; index++) {
      if (!this.#observations.fresh(index)) unfresh++
      const symbol = this.#state.symbols.get(this.#rules.symbols[index]!.instrument.symbol)
      const lots = symbol?.ledger.signedLots ?? 0
      if (symbol === undefined || lots === 0) continue
      if (!this.#price(index)) unpriced = true
      const ticks = lots > 0 ? this.#closing.long[index]! : this.#closing.short[index]!
      const value = Number.isNaN(ticks) ? null : money(ticks).mul(Math.abs(lots)).sub(symbol.ledger.costTickLots).mul(Math.sign(lots)).mul(symbol.unit)
      open = open === null || value === null ? null : open.add(value)
    }
    facts.unrealised = open
    facts.walletAgeMs = (nowNs - this.#walletNs) / 1e6
    facts.priceMissingMs = this.#priceMissing.see(unpriced, nowNs)
    facts.staleMs = this.#stale.see(unfresh >= this.#rules.settings.kill.staleShare * this.#rules.symbols.length, nowNs)
    facts.clockUnknownMs = this.#clockUnknown.see(Number.isNaN(offsetMs), nowNs)
    facts.clockJumpMs = Number.isNaN(offsetMs) || Number.isNaN(this.#offsetMs) ? 0 : Math.abs(offsetMs - this.#offsetMs)
    if (!Number.isNaN(offsetMs)) this.#offsetMs = offsetMs
    facts.journalMs = this.#journal.see(!this.#recorder.healthy, nowNs)
    facts.journalProblem = this.#recorder.problem
    return facts
  }

  /** @returns whether a fresh price of the symbol is there */
  #price(index: number): boolean {
    const price = this.#prices.exitPrice(index)
    if (price.refused || !soundQuote(price.bidTicks, price.askTicks)) return false
    this.#closing.long[index] = price.bidTicks
    this.#closing.short[index] = price.askTicks
    return true
  }
}
