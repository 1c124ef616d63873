import { BUY, Random, SELL, type Side } from '../../src/core/index.ts'
import { FEATURES, FeaturePipeline, type RecordedTrade } from '../../src/features/index.ts'
import type { BookUpdate } from '../../src/venues/index.ts'
import { benchInstrument } from '../decode/frames.ts'
import { walkBars } from './bars.ts'

const LEVELS = 50
const MESSAGES = 4096
/** Market time from message to message. */
const STEP_MS = 50
const CANDLE_MS = 60_000
/** A day. */
const PAST_CANDLES = 1440
const ORIGIN_MS = 1_700_000_040_000

type Trade = { -readonly [K in keyof RecordedTrade]: RecordedTrade[K] }
type Message = { -readonly [K in keyof BookUpdate]: BookUpdate[K] }

/**
 * A market in memory for one pipeline: messages that change about four levels a side of a book of fifty, a trade after
 * each, a candle a minute. Made beforehand and played in a circle, its first message a snapshot; time goes on.
 */
export class BenchMarket {
  readonly pipeline = new FeaturePipeline(benchInstrument, { minClusterValue: 10_000 })
  readonly out = new Float64Array(FEATURES)
  readonly #messages: readonly Message[]
  readonly #trades: readonly Trade[]
  readonly #candles = walkBars(512, 5)
  #played = 0
  #closed = 0
  #openTicks = 300_000

  constructor(seed: number) {
    const random = new Random(seed, 'feature market')
    const book = [new Map<number, number>(), new Map<number, number>()] as const
    const messages: Message[] = []
    const trades: Trade[] = []
    const size = (): number => 1 + Math.floor(random.exponential(3000))
    let mid = 300_000
    for (let i = 0; i < MESSAGES; i++) {
      const changes = [new Map<number, number>(), new Map<number, number>()] as const
      const set = (side: Side, price: number, lots: number): void => {
        changes[side].set(price, lots)
        if (lots === 0) book[side].delete(price)
        else book[side].set(price, lots)
      }
      if (i > 0) mid += random.below(3) - 1
      for (const side of [BUY, SELL]) {
        const sign = side === BUY ? -1 : 1
        for (const price of [...book[side].keys()]) if ((price - mid) * sign <= 0 || (price - mid) * sign > LEVELS + 8) set(side, price, 0)
        for (let change = 0; change < 3; change++) set(side, mid + sign * (1 + Math.floor(random.exponential(8))), random.chance(0.25) ? 0 : size())
        for (let away = 1; book[side].size < LEVELS; away++) if (!book[side].has(mid + sign * away)) set(side, mid + sign * away, size())
      }
      const columns = (side: Side, at: 0 | 1): Float64Array => Float64Array.from(i === 0 ? book[side] : changes[side], (level) => level[at])
      const [bidTicks, askTicks] = [columns(BUY, 0), columns(SELL, 0)]
      messages.push({ snapshot: i === 0, updateId: i, sequence: i, venueTimeMs: ORIGIN_MS + 0.5, pushTimeMs: 0, bidCount: bidTicks.length, askCount: askTicks.length, bidTicks, askTicks, bidLots: columns(BUY, 1), askLots: columns(SELL, 1) })
      const side = random.below(2) as Side
      trades.push({ side, priceTicks: side === BUY ? mid + 1 : mid - 1, lots: size(), venueTimeMs: ORIGIN_MS + 0.5 })
    }
    this.#messages = messages
    this.#trades = trades
    for (let i = 0; i < PAST_CANDLES; i++) this.#close()
    for (let i = 0; i < 2 * MESSAGES; i++) this.step()
  }

  /** One book message, its vector, and the trade behind it. */
  step(): void {
    const place = this.#played % MESSAGES
    const message = this.#messages[place]!
    const timeMs = ORIGIN_MS + this.#played * STEP_MS
    message.venueTimeMs = timeMs
    const { pipeline } = this
    pipeline.onBook(message)
    const trade = this.#trades[place]!
    pipeline.onForming(this.#openTicks, this.#openTicks + 400, this.#openTicks - 400, trade.priceTicks, place)
    pipeline.compute(this.out, 0)
    trade.venueTimeMs = timeMs
    pipeline.takeTrade(trade)
    this.#played++
    if ((this.#played * STEP_MS) % CANDLE_MS === 0) this.#close()
  }

  #close(): void {
    const at = this.#closed % 512
    const { high, low, close, volume } = this.#candles
    const ticks = (price: number): number => Math.round(price * 10)
    this.pipeline.onClosed(ORIGIN_MS - PAST_CANDLES * CANDLE_MS + this.#closed++ * CANDLE_MS, ticks(close[at]!), ticks(high[at]!), ticks(low[at]!), ticks(close[at]!), Math.round(volume[at]! * 1000), CANDLE_MS)
    this.#openTicks = ticks(close[at]!)
  }
}
