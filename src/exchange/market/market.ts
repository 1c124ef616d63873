import { BUY, NO_ASK, NO_BID, SELL, type Lots, type PriceTicks, type Side, type WallMs } from '../../core/index.ts'
import type { OrderRecord } from '../accounts/order-record.ts'
import type { ContractMath } from '../contract.ts'
import { MatchingBook, type FillSink } from '../matching/matching-book.ts'
import type { Contract, MarketSummary } from '../port.ts'
import { rules } from '../rules.ts'
import { CandleSeries } from './candle-series.ts'
import { MarkPrice } from './mark-price.ts'
import { TradeTape } from './trade-tape.ts'

/** Room for the changes of one start of the exchange in the cross sequence. */
const SEQUENCES_PER_START = 2 ** 36

/** Everything public about one symbol: book, trades, candles, mark, funding. */
export class Market {
  readonly math: ContractMath
  readonly book: MatchingBook
  readonly candles = new CandleSeries(rules.candlesKept)
  readonly tape: TradeTape
  readonly mark: MarkPrice
  readonly funding: { readonly rate: number; readonly timeMs: WallMs }[] = []
  /** Trading is halted by the operator. */
  halted = false
  openInterestLots: Lots = 0
  nextFundingMs: WallMs = 0
  /** `book.changes` that listeners know. */
  announced = 0
  /** Trades that listeners of candles know. */
  candleTrades = 0
  /** Conditional orders that wait for a price, by number. */
  readonly watch = new Map<number, OrderRecord>()
  /** Highest and lowest trade since the triggers were last looked at; 0 for no trade. */
  highTicks: PriceTicks = 0
  lowTicks: PriceTicks = 0
  readonly #sequenceBase: number
  #midTicks = 0

  /** @param start number of this start of the exchange. */
  constructor(math: ContractMath, start: number, sink: FillSink) {
    const { contract } = math
    this.math = math
    this.book = new MatchingBook(sink)
    this.tape = new TradeTape(contract.symbol, start, rules.tradesKept)
    this.mark = new MarkPrice(contract.fundingIntervalMin)
    this.#sequenceBase = start * SEQUENCES_PER_START
  }

  get contract(): Contract {
    return this.math.contract
  }

  get sequence(): number {
    return this.#sequenceBase + this.book.changes + this.tape.count
  }

  /** Whether there is a price to trade at. */
  get trading(): boolean {
    return !this.halted && this.contract.status === 'Trading' && this.mark.markTicks > 0
  }

  /** Mid of the book; the last one while a side is empty; 0 before there ever was one. */
  get midTicks(): number {
    const bid = this.book.bids.best
    const ask = this.book.asks.best
    if (bid !== NO_BID && ask !== NO_ASK) this.#midTicks = (bid + ask) / 2
    return this.#midTicks
  }

  /** Notes a public trade. @returns its number. */
  trade(side: Side, ticks: PriceTicks, lots: Lots, timeMs: WallMs): number {
    this.candles.trade(timeMs, ticks, lots, ticks * lots * this.math.unitValue)
    if (this.highTicks === 0 || ticks > this.highTicks) this.highTicks = ticks
    if (this.lowTicks === 0 || ticks < this.lowTicks) this.lowTicks = ticks
    this.tape.add(side, ticks, lots, timeMs, this.sequence + 1)
    return this.tape.count
  }

  /** Last traded price; before there was a trade the mid, after a restart the mark until there is a book. */
  get lastTicks(): PriceTicks {
    if (this.candles.lastTicks >= 0) return this.candles.lastTicks
    return this.midTicks > 0 ? Math.round(this.midTicks) : this.mark.markTicks
  }

  addFunding(rate: number, timeMs: WallMs): void {
    this.funding.push({ rate, timeMs })
    if (this.funding.length > rules.fundingKept) this.funding.shift()
  }

  /** The first funding boundary after `nowMs`. */
  scheduleFunding(nowMs: WallMs): void {
    const interval = this.contract.fundingIntervalMin * 60_000
    this.nextFundingMs = (Math.floor(nowMs / interval) + 1) * interval
  }

  summary(accountLots: Lots): MarketSummary {
    const { bids, asks } = this.book
    const day = this.candles.day()
    const tick = this.contract.tick
    return {
      symbol: this.contract.symbol,
      lastTicks: this.lastTicks,
      bidTicks: bids.best,
      bidLots: this.book.lotsAt(BUY, bids.best),
      askTicks: asks.best,
      askLots: this.book.lotsAt(SELL, asks.best),
      markPrice: tick.toNumber(this.mark.markTicks),
      indexPrice: tick.toNumber(this.mark.indexTicks),
      fundingRate: this.mark.fundingRate,
      nextFundingMs: this.nextFundingMs,
      high24hTicks: day.highTicks,
      low24hTicks: day.lowTicks,
      open24hTicks: day.openTicks,
      volume24hLots: day.volumeLots,
      turnover24h: day.turnover,
      openInterestLots: this.openInterestLots + accountLots,
    }
  }
}
