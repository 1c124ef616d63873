import { BUY, SELL, type Clock } from '../core/index.ts'
import type { Account } from './accounts/account.ts'
import { walletOf, type MarkOf } from './accounts/margin.ts'
import type { Clearing } from './clearing.ts'
import { MINUTE_MS } from './market/candle-series.ts'
import type { Market } from './market/market.ts'
import { capOf } from './order-desk.ts'
import { rules } from './rules.ts'

/** What the exchange does every second: marks, candles, funding, liquidation, price notes. */
export class Cycle {
  readonly #clock: Clock
  readonly #clearing: Clearing
  readonly #markets: ReadonlyMap<string, Market>
  readonly #markOf: MarkOf
  #lastNs: number
  #notedNs: number
  /** Start of the forming candle that listeners know, by symbol. */
  readonly #forming = new Map<string, number>()

  constructor(clock: Clock, clearing: Clearing, markets: ReadonlyMap<string, Market>, markOf: MarkOf) {
    this.#clock = clock
    this.#clearing = clearing
    this.#markets = markets
    this.#markOf = markOf
    this.#lastNs = clock.nowNs()
    this.#notedNs = this.#lastNs
    for (const market of markets.values()) market.scheduleFunding(clock.wallMs())
  }

  run(): void {
    const nowNs = this.#clock.nowNs()
    const elapsedS = (nowNs - this.#lastNs) / 1e9
    this.#lastNs = nowNs
    for (const market of this.#markets.values()) {
      const mid = market.midTicks
      if (mid > 0 && elapsedS > 0) market.mark.update(mid, elapsedS)
      this.#candles(market)
      if (this.#clock.wallMs() >= market.nextFundingMs) this.#fund(market)
    }
    if (nowNs - this.#notedNs >= rules.priceNoteMs * 1e6) {
      this.#notedNs = nowNs
      this.notePrices()
    }
    for (const account of this.#clearing.accounts.all.values()) this.#liquidate(account)
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
      const signed = account.positions.get(contract.symbol)?.signedLots ?? 0
      if (signed === 0) continue
      const lots = Math.abs(signed)
      const paid = math.value(mark.markTicks, lots).times(rateText)
      this.#clearing.execute(market, account, null, 'Funding', signed > 0 ? BUY : SELL, mark.markTicks, lots, (signed > 0 ? paid : paid.neg()).toFixed(), rateText, false)
    }
    mark.settled()
    market.scheduleFunding(this.#clock.wallMs())
  }

  /**
   * Cross margin: when equity falls to the maintenance margin, every order is cancelled and every position is closed at
   * market; what the book within the cap does not take is taken over at the mark. The balance may end below zero: there is
   * no insurance fund to hide a loss in.
   */
  #liquidate(account: Account): void {
    let held = false
    for (const position of account.positions.values()) if (position.signedLots !== 0) held = true
    if (!held) return
    const wallet = walletOf(account, this.#markOf)
    if (wallet.equity.gt(wallet.maintenanceMargin)) return
    for (const record of account.open.values()) this.#clearing.end(record, 'liquidation')
    for (const [symbol, position] of account.positions) {
      if (position.signedLots === 0) continue
      const market = this.#markets.get(symbol)!
      const side = position.signedLots > 0 ? SELL : BUY
      const record = this.#clearing.accept({
        account: account.name, client: '', symbol, side, type: 'market', tif: 'IOC', reduceOnly: true, ticks: null, lots: Math.abs(position.signedLots),
      })
      record.kind = 'Liquidation'
      const left = market.book.submit(record.owner, side, capOf(market, side), record.lots)
      if (left === 0) continue
      const { markTicks } = market.mark
      const fee = market.math.value(markTicks, left).times(market.math.taker)
      this.#clearing.execute(market, account, record, 'Liquidation', side, markTicks, left, fee.toFixed(), market.contract.takerFeeRate, false)
    }
  }
}
