import { DecimalStep, errorLine, fail, type Instrument, RingmasterError } from '../../core/index.ts'
import type { Kline, MarketReference } from '../market-port.ts'
import type { VenueServices } from '../services.ts'
import { checkKline, isObject, show, steps } from '../common/json.ts'
import { intervalNameOf } from './intervals.ts'
import type { BybitQueries } from './queries.ts'
import type { Json } from '../common/json.ts'
import type { BybitSettings } from './settings.ts'
import type { VenueTime } from '../common/venue-time.ts'

const KLINES_PER_PAGE = 1000

/** Instruments, candles and the clock of the venue, over public REST. */
export class BybitReference implements MarketReference {
  readonly #services: VenueServices
  readonly #queries: BybitQueries
  readonly #settings: BybitSettings
  readonly #time: VenueTime
  #measuring: ((error: unknown, offsetMs: number, roundTripMs: number) => void)[] | null = null

  constructor(services: VenueServices, queries: BybitQueries, settings: BybitSettings, time: VenueTime) {
    this.#services = services
    this.#queries = queries
    this.#settings = settings
    this.#time = time
  }

  /** In the order asked for, `index` counting from 0. Errors: RM_VENUE_SYMBOL_UNKNOWN, _SYMBOL_NOT_TRADING, _INSTRUMENT, _REQUEST. */
  instruments(symbols: readonly string[], done: (error: unknown, instruments: readonly Instrument[]) => void): void {
    this.#queries.list('/v5/market/instruments-info', 'public', false, [['category', 'linear'], ['limit', '1000']], (error, rows) => {
      if (error !== null) {
        done(error, [])
        return
      }
      const bySymbol = new Map(rows.map((row) => [row['symbol'], row]))
      let instruments: Instrument[]
      try {
        instruments = symbols.map((symbol, index) => readInstrument(bySymbol.get(symbol) ?? fail('RM_VENUE_SYMBOL_UNKNOWN', { symbol, count: rows.length }), index))
      } catch (problem) {
        done(problem, [])
        return
      }
      done(null, instruments)
    })
  }

  /** Oldest first, the last one perhaps not closed yet. Errors: RM_VENUE_INTERVAL, _FRAME_FIELD, _REQUEST. */
  klines(instrument: Instrument, intervalMs: number, count: number, done: (error: unknown, klines: readonly Kline[]) => void): void {
    const name = intervalNameOf(intervalMs)
    if (name === null) {
      this.#services.timers.after(0, () => done(new RingmasterError('RM_VENUE_INTERVAL', { intervalMs }), []))
      return
    }
    const newestFirst: Kline[] = []
    const page = (endMs: number | null): void => {
      const limit = Math.min(KLINES_PER_PAGE, count - newestFirst.length)
      const params: [string, string][] = [['category', 'linear'], ['symbol', instrument.symbol], ['interval', name], ['limit', String(limit)]]
      if (endMs !== null) params.push(['end', String(endMs)])
      this.#queries.get('/v5/market/kline', 'public', false, params, (error, result, timeMs) => {
        if (result === null) {
          done(error, [])
          return
        }
        let rows: readonly Kline[]
        try {
          rows = readKlines(instrument, intervalMs, result, Number.isFinite(timeMs) ? timeMs : this.#time.nowMs())
        } catch (problem) {
          done(problem, [])
          return
        }
        for (const row of rows) {
          const last = newestFirst[newestFirst.length - 1]
          if (last === undefined || row.startMs < last.startMs) newestFirst.push(row)
        }
        const oldest = newestFirst[newestFirst.length - 1]
        if (rows.length < limit || newestFirst.length >= count || oldest === undefined) done(null, newestFirst.reverse())
        else page(oldest.startMs - 1)
      })
    }
    page(null)
  }

  /**
   * Several questions one after the other; the answer in the middle counts, so that one slow round trip moves nothing.
   * The offset is kept for time stamps. Callers at the same time share one measurement. Error: RM_VENUE_CLOCK.
   */
  clock(done: (error: unknown, offsetMs: number, roundTripMs: number) => void): void {
    if (this.#measuring !== null) {
      this.#measuring.push(done)
      return
    }
    const callers = [done]
    this.#measuring = callers
    const { clock } = this.#services
    const samples: { readonly offsetMs: number; readonly roundTripMs: number }[] = []
    let reason = ''
    let asked = 0
    const finish = (): void => {
      this.#measuring = null
      samples.sort((a, b) => a.offsetMs - b.offsetMs)
      const middle = samples[samples.length >> 1]
      const good = middle !== undefined && samples.length * 2 > asked
      const error = good ? null : new RingmasterError('RM_VENUE_CLOCK', { answered: samples.length, asked, reason })
      if (good) this.#time.set(middle.offsetMs)
      for (const caller of callers) caller(error, good ? middle.offsetMs : Number.NaN, good ? middle.roundTripMs : Number.NaN)
    }
    const ask = (): void => {
      asked++
      const sentNs = clock.nowNs()
      const sentMs = clock.wallMs()
      this.#queries.get('/v5/market/time', 'public', false, [], (error, result) => {
        const roundTripMs = (clock.nowNs() - sentNs) / 1e6
        const venueMs = result === null ? Number.NaN : Number(result['timeNano']) / 1e6
        if (error !== null) reason = errorLine(error)
        else if (!(venueMs > 0)) reason = `timeNano is ${show(result?.['timeNano'])}`
        else samples.push({ offsetMs: venueMs - (sentMs + roundTripMs / 2), roundTripMs })
        if (asked < this.#settings.clockSamples) ask()
        else finish()
      })
    }
    ask()
  }
}

function readInstrument(row: Json, index: number): Instrument {
  const symbol = String(row['symbol'])
  const status = row['status']
  if (status !== 'Trading') fail('RM_VENUE_SYMBOL_NOT_TRADING', { symbol, status: String(status) })
  if (row['contractType'] !== 'LinearPerpetual') fail('RM_VENUE_INSTRUMENT', { symbol, field: 'contractType', actual: show(row['contractType']), expected: 'LinearPerpetual' })
  const price = part(row, 'priceFilter', symbol)
  const size = part(row, 'lotSizeFilter', symbol)
  const leverage = part(row, 'leverageFilter', symbol)
  const tick = grid(price, 'tickSize', symbol)
  const lot = grid(size, 'qtyStep', symbol)
  const lots = (field: string): number => {
    const value = size[field]
    const count = typeof value === 'string' ? lot.tryParse(value) : Number.NaN
    if (!(count > 0)) fail('RM_VENUE_INSTRUMENT', { symbol, field, actual: show(value), expected: `a positive multiple of ${lot.text}` })
    return count
  }
  const minNotional = text(size, 'minNotionalValue', symbol)
  const maxLeverage = Number(text(leverage, 'maxLeverage', symbol))
  if (!(maxLeverage > 0)) fail('RM_VENUE_INSTRUMENT', { symbol, field: 'maxLeverage', actual: maxLeverage, expected: 'a positive number' })
  return {
    symbol,
    index,
    baseCoin: text(row, 'baseCoin', symbol),
    quoteCoin: text(row, 'quoteCoin', symbol),
    tick,
    lot,
    minLots: lots('minOrderQty'),
    // Market and limit orders have different maxima; the smaller one is legal for both.
    maxLots: Math.min(lots('maxOrderQty'), lots('maxMktOrderQty')),
    minNotional,
    maxLeverage,
  }
}

function readKlines(instrument: Instrument, intervalMs: number, result: Json, venueNowMs: number): readonly Kline[] {
  const topic = `REST kline ${instrument.symbol}`
  const list = result['list']
  if (!Array.isArray(list)) fail('RM_VENUE_FRAME_FIELD', { topic, field: 'list', actual: show(list), expected: 'a list' })
  const { tick, lot } = instrument
  return list.map((row: unknown) => {
    if (!Array.isArray(row)) fail('RM_VENUE_FRAME_FIELD', { topic, field: 'row', actual: show(row), expected: 'a list of 7 texts' })
    const startMs = typeof row[0] === 'string' ? Number(row[0]) : Number.NaN
    if (!Number.isSafeInteger(startMs) || startMs <= 0) fail('RM_VENUE_FRAME_FIELD', { topic, field: 'start', actual: show(row[0]), expected: 'milliseconds' })
    return checkKline({
      intervalMs,
      startMs,
      openTicks: steps(row[1], tick, 1, 'open', topic),
      highTicks: steps(row[2], tick, 1, 'high', topic),
      lowTicks: steps(row[3], tick, 1, 'low', topic),
      closeTicks: steps(row[4], tick, 1, 'close', topic),
      lots: steps(row[5], lot, 0, 'volume', topic),
      closed: startMs + intervalMs <= venueNowMs,
    }, topic)
  })
}

function part(row: Json, field: string, symbol: string): Json {
  const value = row[field]
  if (!isObject(value)) fail('RM_VENUE_INSTRUMENT', { symbol, field, actual: show(value), expected: 'an object' })
  return value
}

function text(row: Json, field: string, symbol: string): string {
  const value = row[field]
  if (typeof value !== 'string' || value === '') fail('RM_VENUE_INSTRUMENT', { symbol, field, actual: show(value), expected: 'text' })
  return value
}

function grid(row: Json, field: string, symbol: string): DecimalStep {
  try {
    return new DecimalStep(text(row, field, symbol))
  } catch (error) {
    return fail('RM_VENUE_INSTRUMENT', { symbol, field, actual: show(row[field]), expected: 'a positive decimal' }, error)
  }
}
