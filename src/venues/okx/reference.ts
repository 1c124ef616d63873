import { errorLine, fail, type Instrument, RingmasterError } from '../../core/index.ts'
import type { Kline, MarketReference } from '../market-port.ts'
import type { VenueServices } from '../services.ts'
import { type OkxContract, type OkxContracts, readContract, symbolOf } from './contracts.ts'
import { readCandle } from './decode/index.ts'
import { intervalNameOf } from './intervals.ts'
import { REDUCE } from '../resilience/urgency.ts'
import type { OkxQueries } from './queries.ts'
import type { OkxSettings } from './settings.ts'
import { isObject, show } from '../common/json.ts'
import type { VenueTime } from '../common/venue-time.ts'

const CANDLES_PER_PAGE = 300

/** Instruments, candles and the clock of the venue, over public REST. */
export class OkxReference implements MarketReference {
  readonly #services: VenueServices
  readonly #queries: OkxQueries
  readonly #settings: OkxSettings
  readonly #time: VenueTime
  readonly #contracts: OkxContracts
  #measuring: ((error: unknown, offsetMs: number, roundTripMs: number) => void)[] | null = null

  constructor(services: VenueServices, queries: OkxQueries, settings: OkxSettings, time: VenueTime, contracts: OkxContracts) {
    this.#services = services
    this.#queries = queries
    this.#settings = settings
    this.#time = time
    this.#contracts = contracts
  }

  /** In the order asked for, `index` counting from 0. Errors: RM_VENUE_SYMBOL_UNKNOWN, _SYMBOL_NOT_TRADING, _INSTRUMENT, _REQUEST. */
  instruments(symbols: readonly string[], done: (error: unknown, instruments: readonly Instrument[]) => void): void {
    this.#queries.rows('/api/v5/public/instruments', 'instruments', false, [['instType', 'SWAP']], (error, rows) => {
      if (error !== null) {
        done(error, [])
        return
      }
      let instruments: Instrument[]
      try {
        // Inverse contracts have names of another shape (BTC-USD-SWAP): they cannot be taken for linear ones.
        const bySymbol = new Map(rows.map((row) => [symbolOf(String(row['instId'])), row]))
        instruments = symbols.map((symbol, index) => {
          const row = bySymbol.get(symbol) ?? fail('RM_VENUE_SYMBOL_UNKNOWN', { symbol, count: rows.length })
          const { instrument } = readContract(row, index)
          this.#contracts.learn(row, instrument)
          return instrument
        })
      } catch (problem) {
        done(problem, [])
        return
      }
      done(null, instruments)
    })
  }

  /** Oldest first, the last one perhaps not closed yet. Errors: RM_VENUE_INTERVAL, _FRAME_FIELD, _REQUEST, and those of the contract. */
  klines(instrument: Instrument, intervalMs: number, count: number, done: (error: unknown, klines: readonly Kline[]) => void): void {
    const name = intervalNameOf(intervalMs)
    if (name === null) {
      this.#services.timers.after(0, () => done(new RingmasterError('RM_VENUE_INTERVAL', { intervalMs }), []))
      return
    }
    this.#contracts.load([instrument], (error) => {
      if (error === null) this.#pages(this.#contracts.of(instrument.symbol)!, name, intervalMs, count, done)
      else done(error, [])
    })
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
      this.#queries.as(REDUCE, false).get('/api/v5/public/time', 'time', false, [], (error, data) => {
        const roundTripMs = (clock.nowNs() - sentNs) / 1e6
        const row = data[0]
        const text = isObject(row) ? row['ts'] : undefined
        const venueMs = typeof text === 'string' && text !== '' ? Number(text) : Number.NaN
        if (error !== null) reason = errorLine(error)
        else if (!(venueMs > 0)) reason = `ts is ${show(text)}`
        else samples.push({ baseMs: venueMs - (sentNs / 1e6 + roundTripMs / 2), roundTripMs })
        if (asked < this.#settings.clockSamples) ask()
        else finish()
      })
    }
    ask()
  }

  #pages(contract: OkxContract, bar: string, intervalMs: number, count: number, done: (error: unknown, klines: readonly Kline[]) => void): void {
    const newestFirst: Kline[] = []
    const page = (path: string, beforeMs: number | null): void => {
      const limit = Math.min(CANDLES_PER_PAGE, count - newestFirst.length)
      const params: [string, string][] = [['instId', contract.instId], ['bar', bar], ['limit', String(limit)]]
      if (beforeMs !== null) params.push(['after', String(beforeMs)])
      this.#queries.get(path, 'candles', false, params, (error, data) => {
        if (error !== null) {
          done(error, [])
          return
        }
        try {
          for (const row of data) {
            const kline = readCandle(row, contract, intervalMs, `REST candles ${contract.instId}`)
            const last = newestFirst.at(-1)
            if (last === undefined || kline.startMs < last.startMs) newestFirst.push(kline)
          }
        } catch (problem) {
          done(problem, [])
          return
        }
        const oldest = newestFirst.at(-1)
        if (data.length < limit || newestFirst.length >= count || oldest === undefined || oldest.startMs === beforeMs) done(null, newestFirst.reverse())
        else page(path, oldest.startMs)
      })
    }
    page('/api/v5/market/candles', null)
  }
}
