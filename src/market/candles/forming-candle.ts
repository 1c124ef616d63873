import type { Lots, PriceTicks, WallMs } from '../../core/index.ts'
import type { Kline } from '../../venues/index.ts'
import { type Candle, CANDLE_TRADES, CANDLE_VENUE } from './candle.ts'
import { CLOSE, HIGH, LOTS, LOW, OPEN, readCandle, SOURCE, START, WORDS, writeCandle } from './candle-words.ts'

/** The candle of the interval that is going on: counted from trades, merged with what the venue says of it. */
export class FormingCandle {
  readonly words = new Float64Array(WORDS)
  #present = false
  /** Volume as counted from trades; the venue's own stands in LOTS when it is larger. */
  #tradedLots: Lots = 0

  /** False while no interval is going on: then nothing else here is to be read. */
  get present(): boolean {
    return this.#present
  }

  get startMs(): WallMs {
    return this.words[START]!
  }

  /** Volume counted from trades, 0 while no interval is going on. */
  get tradedLots(): Lots {
    return this.#tradedLots
  }

  /** @returns false when there is none. */
  read(out: Candle): boolean {
    if (this.#present) readCandle(this.words, 0, out)
    return this.#present
  }

  /** A trade of the interval that starts at `startMs`; the first one begins the candle. */
  addTrade(startMs: WallMs, priceTicks: PriceTicks, lots: Lots): void {
    const { words } = this
    if (!this.#present) {
      this.#begin(startMs, priceTicks, CANDLE_TRADES)
    } else {
      if (priceTicks > words[HIGH]!) words[HIGH] = priceTicks
      if (priceTicks < words[LOW]!) words[LOW] = priceTicks
      words[CLOSE] = priceTicks
    }
    this.#tradedLots += lots
    if (this.#tradedLots > words[LOTS]!) words[LOTS] = this.#tradedLots
  }

  /** A kline that is not closed: highest high, lowest low, its open and close, the larger of its volume and ours. */
  merge(kline: Kline): void {
    const { words } = this
    if (!this.#present) this.#begin(kline.startMs, kline.openTicks, CANDLE_VENUE)
    words[OPEN] = kline.openTicks
    words[HIGH] = Math.max(words[HIGH]!, kline.highTicks)
    words[LOW] = Math.min(words[LOW]!, kline.lowTicks)
    words[CLOSE] = kline.closeTicks
    words[LOTS] = Math.max(this.#tradedLots, kline.lots)
  }

  /** Takes the state of an earlier life. @param candle null for none; then `tradedLots` does not count */
  restore(candle: Candle | null, tradedLots: Lots): void {
    this.clear()
    if (candle === null) return
    writeCandle(this.words, 0, candle)
    this.#present = true
    this.#tradedLots = tradedLots
  }

  clear(): void {
    this.#present = false
    this.#tradedLots = 0
  }

  #begin(startMs: WallMs, priceTicks: PriceTicks, source: number): void {
    const { words } = this
    words[START] = startMs
    words[OPEN] = words[HIGH] = words[LOW] = words[CLOSE] = priceTicks
    words[LOTS] = 0
    words[SOURCE] = source
    this.#tradedLots = 0
    this.#present = true
  }
}
