import { errorLine, fail, type Instrument, RingmasterError } from '../../core/index.ts'
import type { Kline, MarketReference } from '../market-port.ts'
import type { VenueServices } from '../services.ts'
import { checkKline, type Json, nearSteps, show } from '../common/json.ts'
import { REDUCE } from '../resilience/urgency.ts'
import { readInstrument, statusOf } from './instruments.ts'
import { intervalNameOf } from './intervals.ts'
import type { BybitQueries } from './queries.ts'
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
        instruments = symbols.map((symbol, index) => {
          const row = bySymbol.get(symbol) ?? fail('RM_VENUE_SYMBOL_UNKNOWN', { symbol, count: rows.length })
          if (statusOf(row) !== 'trading') fail('RM_VENUE_SYMBOL_NOT_TRADING', { symbol, status: String(row['status']) })
          return readInstrument(row, index)
        })
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
   * Several questions one after the other; the answer in the middle counts, so that one slow round trip moves nothing,
   * and an answer that took longer than `clockRoundTripMs` does not count at all. The offset is kept for time stamps. Callers at the same time share one measurement. Error: RM_VENUE_CLOCK.
   */
  clock(done: (error: unknown, offsetMs: number, roundTripMs: number) => void): void {
    if (this.#measuring !== null) {
      this.#measuring.push(done)
      return
    }
    const callers = [done]
    this.#measuring = callers
    const { clock } = this.#services
    // Against the run clock: the wall clock may step while it is measured.
    const samples: { readonly baseMs: number; readonly roundTripMs: number }[] = []
    let reason = ''
    let asked = 0
    const finish = (): void => {
      this.#measuring = null
      samples.sort((a, b) => a.baseMs - b.baseMs)
      const middle = samples[samples.length >> 1]
      const good = middle !== undefined && samples.length * 2 > asked
      const error = good ? null : new RingmasterError('RM_VENUE_CLOCK', { answered: samples.length, asked, reason })
      const offsetMs = good ? middle.baseMs + clock.nowNs() / 1e6 - clock.wallMs() : Number.NaN
      if (good) this.#time.set(offsetMs)
      for (const caller of callers) caller(error, offsetMs, good ? middle.roundTripMs : Number.NaN)
    }
    const ask = (): void => {
      asked++
      const sentNs = clock.nowNs()
      // A cancel may wait for it; several are asked anyway, so none is repeated.
      this.#queries.as(REDUCE, false).get('/v5/market/time', 'public', false, [], (error, result) => {
        const roundTripMs = (clock.nowNs() - sentNs) / 1e6
        const venueMs = result === null ? Number.NaN : Number(result['timeNano']) / 1e6
        if (error !== null) reason = errorLine(error)
        else if (!(venueMs > 0)) reason = `timeNano is ${show(result?.['timeNano'])}`
        else if (roundTripMs > this.#settings.clockRoundTripMs) reason = `an answer took ${Math.round(roundTripMs)} ms, ${this.#settings.clockRoundTripMs} are allowed`
        else samples.push({ baseMs: venueMs - (sentNs / 1e6 + roundTripMs / 2), roundTripMs })
        if (asked < this.#settings.clockSamples) ask()
        else finish()
      })
    }
    ask()
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
      openTicks: nearSteps(row[1], tick, 1, 'open', topic),
      highTicks: nearSteps(row[2], tick, 1, 'high', topic),
      lowTicks: nearSteps(row[3], tick, 1, 'low', topic),
      closeTicks: nearSteps(row[4], tick, 1, 'close', topic),
      lots: nearSteps(row[5], lot, 0, 'volume', topic),
      closed: startMs + intervalMs <= venueNowMs,
    }, topic)
  })
}
