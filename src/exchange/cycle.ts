import { BUY, SELL, type Clock } from '../core/index.ts'
import { LEGS, legKey } from './accounts/account.ts'
import type { Clearing } from './clearing.ts'
import type { Instruments } from './instruments.ts'
import type { Liquidator } from './liquidator.ts'
import { MINUTE_MS } from './market/candle-series.ts'
import type { Market } from './market/market.ts'
import { rules } from './rules.ts'
import type { Triggers } from './triggers.ts'

export interface CycleParts {
  readonly clock: Clock
  readonly clearing: Clearing
  readonly markets: ReadonlyMap<string, Market>
  readonly triggers: Triggers
  readonly liquidator: Liquidator
  readonly instruments: Instruments
}

/** What the exchange does every second: marks, candles, announced changes, funding, triggers, liquidation, price notes. */
export class Cycle {
  readonly #clock: Clock
  readonly #clearing: Clearing
  readonly #markets: ReadonlyMap<string, Market>
  readonly #parts: CycleParts
  #lastNs: number
  #notedNs: number
  /** Start of the forming candle that listeners know, by symbol. */
  readonly #forming = new Map<string, number>()

  constructor(parts: CycleParts) {
    const { clock, clearing, markets } = parts
    this.#parts = parts
    this.#clock = clock
    this.#clearing = clearing
    this.#markets = markets
    this.#lastNs = clock.nowNs()
    this.#notedNs = this.#lastNs
    for (const market of markets.values()) market.scheduleFunding(clock.wallMs())
  }

  run(): void {
    const nowNs = this.#clock.nowNs()
    const elapsedS = (nowNs - this.#lastNs) / 1e9
    this.#lastNs = nowNs
    this.#parts.instruments.due()
    for (const market of this.#markets.values()) {
      const mid = market.midTicks
      if (mid > 0 && elapsedS > 0 && market.contract.status === 'Trading') market.mark.update(mid, elapsedS)
      this.#candles(market)
      if (this.#clock.wallMs() >= market.nextFundingMs) this.#fund(market)
    }
    if (nowNs - this.#notedNs >= rules.priceNoteMs * 1e6) {
      this.#notedNs = nowNs
      this.notePrices()
    }
    for (const market of this.#markets.values()) this.#parts.triggers.check(market)
    this.#parts.liquidator.run()
    for (const market of this.#markets.values()) this.#parts.triggers.check(market)
    this.#clearing.finish(null)
    for (const market of this.#markets.values()) this.#clearing.finish(market)
  }

  /** Notes the last prices, for a generator that goes on after a restart. */
  notePrices(): void {
    for (const [symbol, market] of this.#markets) {
      if (market.midTicks > 0) this.#clearing.note({ t: 'price', symbol, ticks: Math.round(market.midTicks), ms: this.#clock.wallMs() })
    }
  }

  #candles(market: Market): void {
    const { candles, contract } = market
    candles.rollTo(this.#clock.wallMs())
    if (candles.length === 0) return
    const known = this.#forming.get(contract.symbol)
    if (known !== undefined) {
      const closed = Math.min(Math.round((candles.formingMs - known) / MINUTE_MS), candles.length - 1)
      for (let back = closed; back >= 1; back--) this.#clearing.outbox.push({ kind: 'candle', symbol: contract.symbol, candle: candles.at(back), closed: true })
    }
    if (known !== candles.formingMs || market.candleTrades !== market.tape.count) {
      this.#clearing.outbox.push({ kind: 'candle', symbol: contract.symbol, candle: candles.at(0), closed: false })
    }
    this.#forming.set(contract.symbol, candles.formingMs)
    market.candleTrades = market.tape.count
  }

  /** Boundaries that passed while the exchange was not running are not paid. */
  #fund(market: Market): void {
    const { contract, math, mark } = market
    const rate = mark.fundingRate
    const rateText = rate.toFixed(8)
    const timeMs = market.nextFundingMs
    this.#clearing.note({ t: 'funding', symbol: contract.symbol, rate, ms: timeMs })
    market.addFunding(rate, timeMs)
    for (const account of this.#clearing.accounts.all.values()) {
      for (const leg of LEGS) {
        const signed = account.positions.get(legKey(contract.symbol, leg))?.signedLots ?? 0
        if (signed === 0) continue
        const lots = Math.abs(signed)
        const paid = math.value(mark.markTicks, lots).times(rateText)
        this.#clearing.execute(market, account, null, leg, 'Funding', signed > 0 ? BUY : SELL, mark.markTicks, lots, (signed > 0 ? paid : paid.neg()).toFixed(), rateText, false)
      }
    }
    mark.settled()
    market.scheduleFunding(this.#clock.wallMs())
  }
}
