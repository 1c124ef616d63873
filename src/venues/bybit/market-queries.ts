import { fail, type Instrument } from '../../core/index.ts'
import { attempt } from '../common/in-turn.ts'
import { isObject, type Json, show } from '../common/json.ts'
import { bestOf, countNear, decimal, millis, optional, refuseRow, stepsOf, text } from '../common/row-fields.ts'
import type { FundingEstimate, FundingSettled, InstrumentState, MarketQueries, PriceLimits, RestBook, RestQuote } from '../market-port.ts'
import type { VenueServices } from '../services.ts'
import { readInstrumentState } from './instruments.ts'
import { readPriceLimits } from './price-limits.ts'
import { REDUCE } from '../resilience/urgency.ts'
import type { BybitQueries } from './queries.ts'

const BOOK_LEVELS_MAX = 1000
const TICKERS = '/v5/market/tickers'
const FUNDING_PER_PAGE = 200
const HOUR_MS = 3_600_000

type Done<T> = (error: unknown, value: T | null) => void

/** The port's market queries over public REST. Rows are read whole or refused with RM_VENUE_ROW. */
export class BybitMarketQueries implements MarketQueries {
  readonly #services: VenueServices
  readonly #queries: BybitQueries
  /** Prices by REST are what exits are judged by while the stream is away. */
  readonly #quotes: BybitQueries

  constructor(services: VenueServices, queries: BybitQueries) {
    this.#services = services
    this.#queries = queries
    this.#quotes = queries.as(REDUCE)
  }

  quote(instrument: Instrument, deadlineMs: number, done: Done<RestQuote>): void {
    this.#row(TICKERS, instrument, deadlineMs, (row, timeMs) => {
      const { symbol, tick, lot } = instrument
      const quote: RestQuote = {
        bidTicks: bestOf(row, 'bid1Price', tick, 'bid', 'ticker', symbol),
        bidLots: countNear(row, 'bid1Size', lot, 'ticker', symbol, 1),
        askTicks: bestOf(row, 'ask1Price', tick, 'ask', 'ticker', symbol),
        askLots: countNear(row, 'ask1Size', lot, 'ticker', symbol, 1),
        lastTicks: countNear(row, 'lastPrice', tick, 'ticker', symbol, 1),
        // The mark price is computed, and lies between ticks.
        markTicks: optional(row, 'markPrice') === '' ? Number.NaN : Number(decimal(row, 'markPrice', 'ticker', symbol)) / tick.value,
        venueTimeMs: timeMs,
      }
      return quote.bidTicks < quote.askTicks ? quote : refuseRow('ticker', symbol, 'bid1Price', text(row, 'bid1Price', 'ticker', symbol), `below the ask of ${text(row, 'ask1Price', 'ticker', symbol)}`)
    }, done)
  }

  /** @param levels of each side, cut to 1000: what the venue gives at most */
  book(instrument: Instrument, levels: number, deadlineMs: number, done: Done<RestBook>): void {
    const limit = Math.max(1, Math.min(BOOK_LEVELS_MAX, Math.floor(levels)))
    this.#get('/v5/market/orderbook', [['category', 'linear'], ['symbol', instrument.symbol], ['limit', String(limit)]], deadlineMs, (result) => readBook(result, instrument), done)
  }

  priceLimits(instrument: Instrument, deadlineMs: number, done: Done<PriceLimits>): void {
    const { symbol } = instrument
    this.#get('/v5/market/price-limit', [['category', 'linear'], ['symbol', symbol]], deadlineMs, (result) => {
      checkSymbol(result, 'symbol', symbol, 'price limit')
      return readPriceLimits(result, millis(result, 'ts', 'price limit', symbol), instrument)
    }, done)
  }

  funding(instrument: Instrument, deadlineMs: number, done: Done<FundingEstimate>): void {
    const { symbol } = instrument
    this.#row(TICKERS, instrument, deadlineMs, (row, timeMs) => ({
      rate: Number(decimal(row, 'fundingRate', 'ticker', symbol)),
      settleMs: millis(row, 'nextFundingTime', 'ticker', symbol),
      intervalMs: optional(row, 'fundingIntervalHour') === '' ? Number.NaN : Number(decimal(row, 'fundingIntervalHour', 'ticker', symbol)) * HOUR_MS,
      timeMs,
    }), done)
  }

  /** Oldest first; fewer than asked for is all that the venue has. */
  fundingHistory(instrument: Instrument, wanted: number, deadlineMs: number, done: (error: unknown, rows: readonly FundingSettled[]) => void): void {
    const { symbol } = instrument
    const { clock } = this.#services
    const deadlineNs = clock.nowNs() + deadlineMs * 1e6
    const newestFirst: FundingSettled[] = []
    const page = (endMs: number | null): void => {
      const limit = Math.min(FUNDING_PER_PAGE, wanted - newestFirst.length)
      // An end without a start is allowed, a start without an end is not.
      const params: [string, string][] = [['category', 'linear'], ['symbol', symbol], ['limit', String(limit)], ...(endMs === null ? [] : [['endTime', String(endMs)] as [string, string]])]
      this.#get('/v5/market/funding/history', params, Math.max(0, (deadlineNs - clock.nowNs()) / 1e6), (result) => rowsOf(result, '/v5/market/funding/history', symbol).map((row) => {
        checkSymbol(row, 'symbol', symbol, 'funding')
        return { rate: Number(decimal(row, 'fundingRate', 'funding', symbol)), timeMs: millis(row, 'fundingRateTimestamp', 'funding', symbol) }
      }), (error, rows) => {
        if (rows === null) {
          done(error, [])
          return
        }
        for (const row of rows) {
          const last = newestFirst[newestFirst.length - 1]
          if (last === undefined || row.timeMs < last.timeMs) newestFirst.push(row)
        }
        const oldest = newestFirst[newestFirst.length - 1]
        if (rows.length < limit || newestFirst.length >= wanted || oldest === undefined) done(null, newestFirst.reverse())
        else page(oldest.timeMs - 1)
      })
    }
    page(null)
  }

  /** RM_VENUE_SYMBOL_UNKNOWN where the venue answers without the symbol: it does not list it any more. */
  instrumentState(instrument: Instrument, deadlineMs: number, done: Done<InstrumentState>): void {
    this.#row('/v5/market/instruments-info', instrument, deadlineMs, (row) => readInstrumentState(row, instrument.index), done)
  }

  /** The row of the symbol in the answer's list. */
  #row<T>(path: string, instrument: Instrument, deadlineMs: number, read: (row: Json, timeMs: number) => T, done: Done<T>): void {
    const { symbol } = instrument
    this.#get(path, [['category', 'linear'], ['symbol', symbol]], deadlineMs, (result, timeMs) => {
      const rows = rowsOf(result, path, symbol)
      return read(rows.find((row) => row['symbol'] === symbol) ?? fail('RM_VENUE_SYMBOL_UNKNOWN', { symbol, count: rows.length }), timeMs)
    }, done)
  }

  #get<T>(path: string, params: readonly (readonly [string, string])[], deadlineMs: number, read: (result: Json, timeMs: number) => T, done: Done<T>): void {
    const queries = path === TICKERS ? this.#quotes : this.#queries
    queries.get(path, 'public', false, params, (error, result, timeMs) => {
      let value: T | null = null
      const problem = result === null ? error : attempt(() => {
        value = read(result, timeMs)
      })
      done(problem, problem === null ? value : null)
    }, deadlineMs)
  }
}

/** @throws RM_VENUE_ROW */
function readBook(result: Json, instrument: Instrument): RestBook {
  const { symbol } = instrument
  checkSymbol(result, 's', symbol, 'book')
  const sequence = result['seq']
  const timeMs = result['cts'] ?? result['ts']
  if (typeof timeMs !== 'number' || !(timeMs > 0)) refuseRow('book', symbol, 'cts', show(timeMs), 'milliseconds')
  const [bidTicks, bidLots] = readSide(result, 'b', instrument, -1)
  const [askTicks, askLots] = readSide(result, 'a', instrument, 1)
  if (bidTicks.length > 0 && askTicks.length > 0 && bidTicks[0]! >= askTicks[0]!) refuseRow('book', symbol, 'b[0]', `${bidTicks[0]} ticks`, `below the best ask of ${askTicks[0]} ticks`)
  return { number: typeof sequence === 'number' && Number.isSafeInteger(sequence) ? sequence : -1, by: 'sequence', venueTimeMs: timeMs as number, bidTicks, bidLots, askTicks, askLots }
}

/** @param direction 1 where prices rise from the best level on, -1 where they fall */
function readSide(result: Json, side: 'a' | 'b', instrument: Instrument, direction: 1 | -1): readonly [Float64Array, Float64Array] {
  const { symbol, tick, lot } = instrument
  const levels = result[side]
  if (!Array.isArray(levels)) return refuseRow('book', symbol, side, show(levels), 'a list')
  const ticks = new Float64Array(levels.length)
  const lots = new Float64Array(levels.length)
  levels.forEach((level: unknown, i) => {
    if (!Array.isArray(level) || level.length !== 2) refuseRow('book', symbol, `${side}[${i}]`, show(level), 'a pair of price and size')
    ticks[i] = stepsOf((level as unknown[])[0], tick, `${side}[${i}] price`, 'book', symbol, 1)
    lots[i] = stepsOf((level as unknown[])[1], lot, `${side}[${i}] size`, 'book', symbol, 1)
    if (i > 0 && (ticks[i]! - ticks[i - 1]!) * direction <= 0) refuseRow('book', symbol, `${side}[${i}] price`, `${ticks[i]} ticks`, `behind the level before, ${ticks[i - 1]} ticks`)
  })
  return [ticks, lots]
}

function rowsOf(result: Json, path: string, symbol: string): readonly Json[] {
  const list = result['list']
  return Array.isArray(list) && list.every(isObject) ? (list as Json[]) : refuseRow(path, symbol, 'list', show(list), 'a list of rows')
}

function checkSymbol(row: Json, field: string, symbol: string, what: string): void {
  if (row[field] !== symbol) refuseRow(what, symbol, field, show(row[field]), symbol)
}
