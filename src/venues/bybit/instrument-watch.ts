import { errorLabel, type Instrument, type Nanos, type Timer } from '../../core/index.ts'
import type { InstrumentState } from '../market-port.ts'
import type { VenueServices } from '../services.ts'
import type { BybitMarketQueries } from './market-queries.ts'
import { sameInstrument, sameState } from './instruments.ts'
import type { BybitSettings } from './settings.ts'

type Tell = (state: InstrumentState, receiveNs: Nanos) => void

interface Watched {
  readonly instrument: Instrument
  readonly tell: Tell
  /** As last told or first seen; null before the first answer. */
  state: InstrumentState | null
  /** Answers in a row in which the venue did not list it. */
  missing: number
}

/** One answer without the symbol may be a hiccup of the list. */
const MISSING_MAX = 2
/** Part of the period by which each round moves, so that programs do not ask in step. */
const JITTER = 0.1

/**
 * Asks the venue now and then whether the instruments that are fed have changed, one after the other, and tells only
 * what did. One per venue: feeds share it and the limit of requests.
 */
export class InstrumentWatch {
  readonly #services: VenueServices
  readonly #queries: BybitMarketQueries
  readonly #settings: BybitSettings
  readonly #watched = new Set<Watched>()
  #timer: Timer | null = null

  constructor(services: VenueServices, queries: BybitMarketQueries, settings: BybitSettings) {
    this.#services = services
    this.#queries = queries
    this.#settings = settings
  }

  /** @returns what ends it. */
  join(instrument: Instrument, tell: Tell): () => void {
    const watched: Watched = { instrument, tell, state: null, missing: 0 }
    this.#watched.add(watched)
    if (this.#watched.size === 1) this.#plan()
    return () => {
      this.#watched.delete(watched)
      if (this.#watched.size > 0) return
      this.#timer?.cancel()
      this.#timer = null
    }
  }

  #plan(): void {
    const { timers, random } = this.#services
    const periodMs = this.#settings.instrumentsMs * (1 - JITTER + 2 * JITTER * random.next())
    this.#timer?.cancel()
    this.#timer = timers.after(periodMs, () => this.#round())
  }

  #round(): void {
    const round = [...this.#watched]
    const ask = (i: number): void => {
      const watched = round[i]
      if (watched === undefined) {
        if (this.#watched.size > 0) this.#plan()
        return
      }
      if (!this.#watched.has(watched)) {
        ask(i + 1)
        return
      }
      this.#queries.instrumentState(watched.instrument, this.#settings.queryMs, (error, state) => {
        if (this.#watched.has(watched)) this.#seen(watched, error, state)
        ask(i + 1)
      })
    }
    ask(0)
  }

  #seen(watched: Watched, error: unknown, state: InstrumentState | null): void {
    const { count, clock } = this.#services
    if (state === null) {
      if (errorLabel(error) !== 'RM_VENUE_SYMBOL_UNKNOWN' || ++watched.missing < MISSING_MAX) {
        count('bybit_instrument_unread', errorLabel(error))
        return
      }
      // What is not listed any more takes no orders; its grid is what it last was.
      const last = watched.state
      this.#change(watched, {
        instrument: last?.instrument ?? watched.instrument, status: 'closed', statusText: 'not listed', fundingIntervalMs: last?.fundingIntervalMs ?? Number.NaN, contractValue: '1',
      }, clock.nowNs())
      return
    }
    watched.missing = 0
    this.#change(watched, state, clock.nowNs())
  }

  #change(watched: Watched, state: InstrumentState, receiveNs: Nanos): void {
    const last = watched.state
    watched.state = state
    const same = last === null ? state.status === 'trading' && sameInstrument(state.instrument, watched.instrument) : sameState(last, state)
    if (same) return
    this.#services.count('bybit_instrument_changed', watched.instrument.symbol)
    watched.tell(state, receiveNs)
  }
}
