import type { WallMs } from '../../core/index.ts'
import type { MarkHistory } from '../front/mark-history.ts'
import { numberText } from '../front/text.ts'
import type { ExchangePort } from '../port.ts'
import { missing, refusals, refuse, wrong } from './codes.ts'
import type { Listing, Listings } from './listing.ts'
import type { MarketRows } from './market-rows.ts'
import type { Row } from './row.ts'
import { page, type Query } from './query.ts'
import { barMinutes } from './row-streams.ts'
import type { StatusBoard } from './status-board.ts'

const BOOK_DEPTH_MAX = 400
const FULL_BOOK_DEPTH_MAX = 5_000
const CANDLES_MAX = 300
/** Rows that `candles` reaches back; older ones are history. */
const CANDLES_RECENT = 1_440
const HISTORY_REACH = 12_000
const STATUS_STATES: ReadonlySet<string> = new Set(['', 'scheduled', 'ongoing', 'pre_open', 'completed', 'canceled'])

export interface RestMarketParts {
  readonly exchange: ExchangePort
  readonly listings: Listings
  readonly rows: MarketRows
  readonly marks: MarkHistory
  readonly status: StatusBoard
}

/** Queries that need no key. Each takes the parameters and gives `data`. */
export class RestMarket {
  readonly #parts: RestMarketParts

  constructor(parts: RestMarketParts) {
    this.#parts = parts
  }

  time(nowMs: WallMs): readonly Row[] {
    return [{ ts: String(nowMs) }]
  }

  instruments(query: Query): readonly Row[] {
    return this.#ofType(query).filter((listing) => listing.contract.status !== 'Closed').map((listing) => this.#parts.rows.instrument(listing))
  }

  ticker(query: Query): readonly Row[] {
    return [this.#parts.rows.ticker(this.#one(query))]
  }

  tickers(query: Query): readonly Row[] {
    return this.#ofType(query).map((listing) => this.#parts.rows.ticker(listing))
  }

  books(query: Query): readonly Row[] {
    return [this.#parts.rows.book(this.#one(query), query.integer('sz', 1, 1, BOOK_DEPTH_MAX))]
  }

  /** Deep and slow on the venue, deep here; without a sequence number. */
  fullBook(query: Query): readonly Row[] {
    const { asks, bids, ts } = this.#parts.rows.book(this.#one(query), query.integer('sz', 1, 1, FULL_BOOK_DEPTH_MAX))
    return [{ asks, bids, ts }]
  }

  status(query: Query): readonly Row[] {
    const state = query.text('state')
    if (!STATUS_STATES.has(state)) refuse(wrong('state'))
    return this.#parts.status.rows(state)
  }

  indexTickers(query: Query): readonly Row[] {
    const instId = query.text('instId')
    const quote = query.text('quoteCcy')
    if (instId === '' && quote === '') refuse(missing('instId'))
    const listings = this.#parts.listings.all.filter((one) => (instId === '' || one.family === instId) && (quote === '' || one.contract.quoteCoin === quote))
    if (listings.length === 0) refuse(refusals['unknown-symbol'])
    return listings.map((listing) => this.#parts.rows.index(listing))
  }

  /** Candles of the mark price (by contract) or the index (by family), as far back as this front has run. Newest first. */
  priceCandles(query: Query, of: 'mark' | 'index'): readonly (readonly string[])[] {
    const listing = of === 'mark' ? this.#one(query) : this.#family(query.text('instId'))
    const minutes = barOf(query)
    const rows = this.#parts.marks.candles(listing.symbol, of, minutes).map((candle) => this.#parts.rows.priceCandle(listing, candle, minutes)).reverse()
    return page(rows, query, (row) => row[0]!, 100, 100)
  }

  /** Newest first. @param history whether it reaches behind the newest rows. */
  candles(query: Query, history: boolean): readonly (readonly string[])[] {
    const listing = this.#one(query)
    const minutes = barOf(query)
    const reach = history ? Math.floor(HISTORY_REACH / minutes) : CANDLES_RECENT
    const rows = this.#parts.exchange.candles(listing.symbol, minutes, reach).map((candle) => this.#parts.rows.candle(listing, candle, minutes)).reverse()
    return page(rows, query, (row) => row[0]!, 100, CANDLES_MAX)
  }

  /** Newest first. */
  trades(query: Query): readonly Row[] {
    const listing = this.#one(query)
    return this.#parts.exchange.recentTrades(listing.symbol, query.limit(100, 500)).map((trade) => this.#parts.rows.restTrade(listing, trade)).reverse()
  }

  fundingRate(query: Query): readonly Row[] {
    if (query.text('instId') === 'ANY') return this.#parts.listings.all.map((listing) => this.#parts.rows.funding(listing))
    return [this.#parts.rows.funding(this.#one(query))]
  }

  /** Newest first. */
  fundingHistory(query: Query): readonly Row[] {
    const listing = this.#one(query)
    const rows = [...this.#parts.exchange.fundingHistory(listing.symbol, 1_000)].reverse().map(({ rate, timeMs }) => {
      const text = numberText(rate, 10)
      return { formulaType: 'noRate', fundingRate: text, fundingTime: String(timeMs), instId: listing.instId, instType: 'SWAP', method: 'current_period', realizedRate: text }
    })
    return page(rows, query, (row) => row.fundingTime, 400, 400)
  }

  mark(query: Query): readonly Row[] {
    return this.#ofType(query).map((listing) => this.#parts.rows.mark(listing))
  }

  priceLimit(query: Query): readonly Row[] {
    return [this.#parts.rows.priceLimit(this.#one(query))]
  }

  openInterest(query: Query): readonly Row[] {
    return this.#ofType(query).map((listing) => this.#parts.rows.openInterest(listing))
  }

  /** One tier: the exchange has one rate per contract. */
  positionTiers(query: Query): readonly Row[] {
    const family = query.text('instFamily') === '' ? query.text('uly') : query.text('instFamily')
    const listing = this.#parts.listings.all.find((one) => one.family === family) ?? refuse(wrong('instFamily'))
    const { contract } = listing
    return [{
      baseMaxLoan: '', imr: numberText(1 / contract.maxLeverage, 8), instFamily: listing.family, instId: '', maxLever: String(contract.maxLeverage), maxSz: listing.size.of(contract.maxLots),
      minSz: '0', mmr: contract.maintenanceRate, optMgnFactor: '0', quoteMaxLoan: '', tier: '1', uly: listing.family,
    }]
  }

  /** `type` 1: coins to contracts (whole lots, rounded down), 2: contracts to coins. */
  convert(query: Query): readonly Row[] {
    const listing = this.#one(query)
    const type = query.text('type') === '' ? '1' : query.text('type')
    const text = query.text('sz')
    if (!/^\d{1,20}(?:\.\d{1,20})?$/.test(text)) refuse(text === '' ? missing('sz') : wrong('sz'))
    if (type !== '1' && type !== '2') refuse(wrong('type'))
    const step = type === '1' ? listing.contract.lot : listing.lotSz
    const exact = step.tryParse(text)
    const lots = Number.isNaN(exact) ? step.floor(Number(text)) : exact
    return [{ instId: listing.instId, px: '', sz: type === '1' ? listing.size.of(lots) : listing.coins.of(lots), type, unit: 'coin' }]
  }

  #family(instId: string): Listing {
    if (instId === '') refuse(missing('instId'))
    return this.#parts.listings.all.find((one) => one.family === instId) ?? refuse(refusals['unknown-symbol'])
  }

  #one(query: Query): Listing {
    const instId = query.text('instId')
    if (instId === '') refuse(missing('instId'))
    return this.#parts.listings.byInstId(instId) ?? refuse(refusals['unknown-symbol'])
  }

  // Other types of instruments exist on the venue, but none of them here.
  #ofType(query: Query): readonly Listing[] {
    const type = query.text('instType')
    const instId = query.text('instId')
    if (type === '' && instId === '') refuse(missing('instType'))
    if (type !== '' && !['SPOT', 'MARGIN', 'SWAP', 'FUTURES', 'OPTION'].includes(type)) refuse(wrong('instType'))
    if (type !== '' && type !== 'SWAP') return []
    const family = query.text('instFamily') === '' ? query.text('uly') : query.text('instFamily')
    const listings = this.#parts.listings.all.filter((listing) => family === '' || listing.family === family)
    if (instId === '') return listings
    return [listings.find((listing) => listing.instId === instId) ?? refuse(refusals['unknown-symbol'])]
  }
}

/** Minutes of the bar asked for. @throws Refused for one that the venue does not know. */
function barOf(query: Query): number {
  const bar = query.text('bar') === '' ? '1m' : query.text('bar')
  return Object.hasOwn(barMinutes, bar) ? barMinutes[bar]! : refuse(wrong('bar'))
}
