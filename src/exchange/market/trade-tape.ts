import type { Lots, PriceTicks, Side, WallMs } from '../../core/index.ts'
import { tradeIdOf } from '../ids.ts'
import type { PublicTrade } from '../port.ts'

/** The newest public trades of one symbol in typed columns; objects are made only for those who ask. */
export class TradeTape {
  readonly #symbol: string
  readonly #start: number
  readonly #capacity: number
  readonly #ticks: Int32Array
  readonly #lots: Float64Array
  readonly #side: Uint8Array
  readonly #ms: Float64Array
  readonly #sequence: Float64Array
  /** Trades since the start of the exchange; also the number of the newest one. */
  count = 0

  constructor(symbol: string, start: number, capacity: number) {
    this.#symbol = symbol
    this.#start = start
    this.#capacity = capacity
    this.#ticks = new Int32Array(capacity)
    this.#lots = new Float64Array(capacity)
    this.#side = new Uint8Array(capacity)
    this.#ms = new Float64Array(capacity)
    this.#sequence = new Float64Array(capacity)
  }

  add(side: Side, ticks: PriceTicks, lots: Lots, ms: WallMs, sequence: number): void {
    const at = this.count++ % this.#capacity
    this.#ticks[at] = ticks
    this.#lots[at] = lots
    this.#side[at] = side
    this.#ms[at] = ms
    this.#sequence[at] = sequence
  }

  /** A trade by its number (1 is the first), which must still be held. */
  trade(number: number): PublicTrade {
    const at = (number - 1) % this.#capacity
    return {
      symbol: this.#symbol,
      tradeId: tradeIdOf(this.#start, number),
      priceTicks: this.#ticks[at],
      lots: this.#lots[at],
      side: this.#side[at] as Side,
      timeMs: this.#ms[at],
      sequence: this.#sequence[at],
    }
  }

  /** Newest last. */
  recent(count: number): PublicTrade[] {
    const held = Math.min(count, this.count, this.#capacity)
    const trades: PublicTrade[] = []
    for (let i = held - 1; i >= 0; i--) trades.push(this.trade(this.count - i))
    return trades
  }
}
