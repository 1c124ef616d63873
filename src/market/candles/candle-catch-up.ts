import type { Instrument, WallMs } from '../../core/index.ts'
import { errorLabel, errorLine } from '../../core/index.ts'
import type { MarketReference } from '../../venues/index.ts'
import type { MarketContext } from '../market-context.ts'
import type { CandleManager } from './candle-manager.ts'

export interface CandleCatchUpEnds {
  /** History was merged. @param closed how many of the newest closed candles are news, @param venueTimeMs until when it goes */
  readonly onMerged: (closed: number, venueTimeMs: WallMs) => void
  /** Klines that contradict themselves: none of that answer was taken. */
  readonly onRefused: (error: unknown) => void
}

/** Brings the venue's own history, asked for over REST, into the candles of one symbol; one question at a time. */
export class CandleCatchUp {
  readonly #context: Pick<MarketContext, 'log' | 'count'>
  readonly #reference: Pick<MarketReference, 'klines'>
  readonly #instrument: Instrument
  readonly #candles: CandleManager
  readonly #ends: CandleCatchUpEnds
  #asking = false
  #owed = false
  #stopped = false

  constructor(context: Pick<MarketContext, 'log' | 'count'>, reference: Pick<MarketReference, 'klines'>, instrument: Instrument, candles: CandleManager, ends: CandleCatchUpEnds) {
    this.#context = context
    this.#reference = reference
    this.#instrument = instrument
    this.#candles = candles
    this.#ends = ends
  }

  /** True when the last question was not answered: the candles may have a hole until the next one is. */
  get owed(): boolean {
    return this.#owed
  }

  /** Asks for as many klines as are held, unless a question is still open. A failure is counted and logged. */
  ask(): void {
    if (this.#asking) return
    this.#asking = true
    const candles = this.#candles
    this.#reference.klines(this.#instrument, candles.intervalMs, candles.max, (error, klines) => {
      this.#asking = false
      if (this.#stopped) return
      this.#owed = error !== null && error !== undefined
      if (this.#owed) {
        this.#context.count('ingest_kline_failures', errorLabel(error))
        this.#context.log('warn', 'history not fetched', { error: errorLine(error) })
        return
      }
      const hadCandles = candles.count > 0
      let closed = 0
      try {
        closed = candles.catchUp(klines)
      } catch (refused) {
        this.#ends.onRefused(refused)
        return
      }
      // The first history is no news: it is what was there before this life began.
      const last = klines.at(-1)
      this.#ends.onMerged(hadCandles && last !== undefined ? closed : 0, last === undefined ? 0 : last.startMs + candles.intervalMs)
    })
  }

  /** An answer that is still to come is not heard any more. */
  stop(): void {
    this.#stopped = true
  }
}
