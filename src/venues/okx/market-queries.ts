import { type DecimalStep, fail, type Instrument } from '../../core/index.ts'
import type { FundingEstimate, FundingSettled, InstrumentState, MarketQueries, PriceLimits, RestBook, RestQuote } from '../market-port.ts'
import { attempt, inTurn, type Params } from '../common/in-turn.ts'
import { type Json, nearSteps, show, steps } from '../common/json.ts'
import { bestOf } from '../common/row-fields.ts'
import { instIdOf, type OkxContract, type OkxContracts, readInstrumentState } from './contracts.ts'
import { readFunding, readPriceLimits } from './decode/index.ts'
import { decimal, millis } from './decode/fields.ts'
import type { LimitGroup } from './limits.ts'
import { REDUCE } from '../resilience/urgency.ts'
import type { OkxQueries } from './queries.ts'
import type { VenueServices } from '../services.ts'

/** Levels of a side that one answer may have. */
const BOOK_MAX = 400
/** Rows of funding that one answer may have. */
const FUNDING_MAX = 400

/** Market data by REST. Errors: RM_VENUE_REQUEST, RM_VENUE_REFUSED, RM_VENUE_ROW, RM_VENUE_FRAME_FIELD, and those of the contract. */
export class OkxMarketQueries implements MarketQueries {
  readonly #services: VenueServices
  readonly #queries: OkxQueries
  /** Prices by REST are what exits are judged by while the stream is away. */
  readonly #quotes: OkxQueries
  readonly #contracts: OkxContracts

  constructor(services: VenueServices, queries: OkxQueries, contracts: OkxContracts) {
    this.#services = services
    this.#queries = queries
    this.#quotes = queries.as(REDUCE)
    this.#contracts = contracts
  }

  /** One question, because exits wait for it: the ticker has no mark price, so that is NaN. */
  quote(instrument: Instrument, deadlineMs: number, done: (error: unknown, quote: RestQuote | null) => void): void {
    // Also of one that does not trade as the engine knows it any more: a position in it is left all the same.
    this.#contract(instrument, done, (contract) => {
      this.#one('/api/v5/market/ticker', 'ticker', contract, [['instId', contract.instId]], deadlineMs, (error, row) => {
        if (error === null) this.#give(done, () => readQuote(row, contract))
        else done(error, null)
      })
    }, true)
  }

  book(instrument: Instrument, levels: number, deadlineMs: number, done: (error: unknown, book: RestBook | null) => void): void {
    this.#contract(instrument, done, (contract) => {
      const sz = Math.max(1, Math.min(BOOK_MAX, Math.floor(levels)))
      this.#ask('/api/v5/market/books', 'books', contract, [['instId', contract.instId], ['sz', String(sz)]], deadlineMs, done, (row) => readBook(row, contract))
    })
  }

  priceLimits(instrument: Instrument, deadlineMs: number, done: (error: unknown, limits: PriceLimits | null) => void): void {
    this.#contract(instrument, done, (contract) => {
      this.#ask('/api/v5/public/price-limit', 'price-limit', contract, [['instId', contract.instId]], deadlineMs, done, (row) => readPriceLimits(row, contract, 'REST price-limit'))
    })
  }

  funding(instrument: Instrument, deadlineMs: number, done: (error: unknown, funding: FundingEstimate | null) => void): void {
    this.#contract(instrument, done, (contract) => {
      this.#ask('/api/v5/public/funding-rate', 'funding', contract, [['instId', contract.instId]], deadlineMs, done, (row) => readFunding(row, 'REST funding-rate'))
    })
  }

  /** As many as the venue keeps; one answer has 400 at most, older ones are asked for page by page. */
  fundingHistory(instrument: Instrument, count: number, deadlineMs: number, done: (error: unknown, rows: readonly FundingSettled[]) => void): void {
    const newestFirst: FundingSettled[] = []
    const { clock } = this.#services
    const untilNs = clock.nowNs() + deadlineMs * 1e6
    const page = (after: number | null): void => {
      const limit = Math.min(FUNDING_MAX, count - newestFirst.length)
      const params: (readonly [string, string])[] = [['instId', instIdOf(instrument)], ['limit', String(limit)]]
      if (after !== null) params.push(['after', String(after)])
      this.#queries.rows('/api/v5/public/funding-rate-history', 'funding-history', false, params, (error, rows) => {
        const problem = error ?? attempt(() => {
          for (const row of rows) {
            const settled = readSettled(row)
            const last = newestFirst.at(-1)
            if (last === undefined || settled.timeMs < last.timeMs) newestFirst.push(settled)
          }
        })
        const oldest = newestFirst.at(-1)?.timeMs ?? null
        if (problem !== null) done(problem, [])
        else if (rows.length < limit || newestFirst.length >= count || oldest === null || oldest === after) done(null, newestFirst.slice(0, count).reverse())
        else page(oldest)
      }, Math.max(1, (untilNs - clock.nowNs()) / 1e6))
    }
    page(null)
  }

  /** Instrument and funding interval. What is listed no more has no row: RM_VENUE_SYMBOL_UNKNOWN. */
  instrumentState(instrument: Instrument, deadlineMs: number, done: (error: unknown, state: InstrumentState | null) => void): void {
    const instId = instIdOf(instrument)
    const { clock } = this.#services
    const untilNs = clock.nowNs() + deadlineMs * 1e6
    let found: Json | null = null
    let intervalMs = Number.NaN
    const ask = (path: string, group: LimitGroup, params: Params, take: (rows: readonly Json[]) => void) => (next: (error: unknown) => void): void => {
      this.#queries.rows(path, group, false, params, (error, rows) => next(error ?? attempt(() => take(rows))), Math.max(1, (untilNs - clock.nowNs()) / 1e6))
    }
    const row = ask('/api/v5/public/instruments', 'instruments', [['instType', 'SWAP'], ['instId', instId]], (rows) => {
      found = rows.find((one) => one['instId'] === instId) ?? fail('RM_VENUE_SYMBOL_UNKNOWN', { symbol: instrument.symbol, count: rows.length })
    })
    const funding = ask('/api/v5/public/funding-rate', 'funding', [['instId', instId]], (rows) => {
      if (rows[0] !== undefined) intervalMs = readFunding(rows[0], 'REST funding-rate').intervalMs
    })
    inTurn([row, funding], (step, next) => step(next), (error) => {
      if (error === null) this.#give(done, () => readInstrumentState(found!, instrument.index, intervalMs))
      else done(error, null)
    })
  }

  #contract(instrument: Instrument, done: (error: unknown, value: null) => void, go: (contract: OkxContract) => void, aside = false): void {
    const known = aside ? this.#contracts.forAccount(instrument.symbol) : undefined
    if (known !== undefined) return go(known)
    this.#contracts.load([instrument], (error) => {
      const contract = this.#contracts.of(instrument.symbol)
      if (error === null && contract !== undefined) go(contract)
      // A known contract answers inside the call; a failure must not.
      else this.#services.timers.after(0, () => done(error, null))
    })
  }

  #ask<T>(path: string, group: LimitGroup, contract: OkxContract, params: Params, deadlineMs: number, done: (error: unknown, value: T | null) => void, read: (row: Json) => T): void {
    this.#one(path, group, contract, params, deadlineMs, (error, row) => {
      if (error === null) this.#give(done, () => read(row))
      else done(error, null)
    })
  }

  /** The one row that the answer has to have. */
  #one(path: string, group: LimitGroup, { instrument }: OkxContract, params: Params, deadlineMs: number, done: (error: unknown, row: Json) => void): void {
    const queries = group === 'ticker' ? this.#quotes : this.#queries
    queries.rows(path, group, false, params, (error, rows) => {
      done(error ?? attempt(() => {
        if (rows.length !== 1) fail('RM_VENUE_ROW', { what: path, symbol: instrument.symbol, field: 'data', actual: `${rows.length} rows`, expected: 'one row' })
      }), rows[0] ?? {})
    }, deadlineMs)
  }

  #give<T>(done: (error: unknown, value: T | null) => void, read: () => T): void {
    let value: T | null = null
    const error = attempt(() => {
      value = read()
    })
    done(error, error === null ? value : null)
  }
}

function readQuote(row: Json, { instrument, size }: OkxContract): RestQuote {
  const topic = 'REST ticker'
  const { symbol } = instrument
  const price = (field: string): number => nearSteps(row[field], instrument.tick, 1, field, topic)
  const lots = (field: string): number => nearSteps(row[field], size, 0, field, topic)
  return {
    bidTicks: bestOf(row, 'bidPx', instrument.tick, 'bid', 'ticker', symbol), bidLots: lots('bidSz'), askTicks: bestOf(row, 'askPx', instrument.tick, 'ask', 'ticker', symbol), askLots: lots('askSz'),
    lastTicks: price('last'),
    markTicks: Number.NaN,
    venueTimeMs: millis(row['ts'], 'ts', topic),
  }
}

function readBook(row: Json, { instrument, size }: OkxContract): RestBook {
  const topic = 'REST books'
  const side = (name: string): readonly [Float64Array, Float64Array] => {
    const levels = row[name]
    if (!Array.isArray(levels)) return fail('RM_VENUE_FRAME_FIELD', { topic, field: name, actual: show(levels), expected: 'a list' })
    const column = (i: number, step: DecimalStep): Float64Array => Float64Array.from(levels as readonly unknown[], (level) => steps(Array.isArray(level) ? level[i] : level, step, 1, name, topic))
    return [column(0, instrument.tick), column(1, size)]
  }
  const [bidTicks, bidLots] = side('bids')
  const [askTicks, askLots] = side('asks')
  const seqId = row['seqId']
  return { number: typeof seqId === 'number' && Number.isSafeInteger(seqId) ? seqId : -1, by: 'updateId', venueTimeMs: millis(row['ts'], 'ts', topic), bidTicks, bidLots, askTicks, askLots }
}

/** What was charged is `realizedRate`; older rows have the announced one only. */
function readSettled(row: Json): FundingSettled {
  const topic = 'REST funding-rate-history'
  const field = row['realizedRate'] === undefined || row['realizedRate'] === '' ? 'fundingRate' : 'realizedRate'
  return { rate: decimal(row[field], field, topic), timeMs: millis(row['fundingTime'], 'fundingTime', topic) }
}
