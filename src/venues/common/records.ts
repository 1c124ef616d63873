import { limits } from '../../core/index.ts'
import type { BookUpdate, Kline, Ticker, TradeBatch } from '../market-port.ts'

/** What a frame was; the matching record of `PublicRecords` holds its content. */
export const FRAME_BOOK = 1
export const FRAME_TRADES = 2
export const FRAME_TICKER = 3
export const FRAME_KLINE = 4
export const FRAME_CONTROL = 5
export type FrameKind = typeof FRAME_BOOK | typeof FRAME_TRADES | typeof FRAME_TICKER | typeof FRAME_KLINE | typeof FRAME_CONTROL

/** Levels of a side that one message may carry: a full turnover of the deepest book, deletes and inserts. */
export const LEVELS_PER_FRAME_MAX = 2 * limits.bookLevelsMax

/** Acknowledgements, pongs and errors of the public socket. */
export interface ControlFrame {
  op: string
  success: boolean
  requestId: string
  text: string
}

/** Fields of `Ticker` that the venue sends as decimal text, in the order of the staged values. */
export const TICKER_FIELDS = [
  'lastPrice', 'markPrice', 'indexPrice', 'bidPrice', 'askPrice', 'volume24h',
  'turnover24h', 'high24h', 'low24h', 'open24h', 'fundingRate', 'nextFundingMs', 'openInterest',
] as const satisfies readonly (keyof Ticker)[]

/** A ticker message before it is merged: nothing of a frame that turns out to be bad reaches the ticker. */
export interface TickerStage {
  snapshot: boolean
  timeMs: number
  /** Bit i is set when `values[i]` was in the message. */
  present: number
  readonly values: Float64Array
}

/** The reused output of a decoder. */
export interface PublicRecords {
  readonly book: BookUpdate
  readonly trades: TradeBatch
  readonly ticker: Ticker
  readonly tickerStage: TickerStage
  klines: readonly Kline[]
  readonly control: ControlFrame
}

export function createPublicRecords(): PublicRecords {
  return {
    book: {
      snapshot: false,
      updateId: 0,
      sequence: -1,
      venueTimeMs: 0,
      pushTimeMs: 0,
      bidCount: 0,
      askCount: 0,
      bidTicks: new Float64Array(LEVELS_PER_FRAME_MAX),
      bidLots: new Float64Array(LEVELS_PER_FRAME_MAX),
      askTicks: new Float64Array(LEVELS_PER_FRAME_MAX),
      askLots: new Float64Array(LEVELS_PER_FRAME_MAX),
    },
    trades: {
      count: 0,
      priceTicks: new Float64Array(limits.tradesPerFrameMax),
      lots: new Float64Array(limits.tradesPerFrameMax),
      timeMs: new Float64Array(limits.tradesPerFrameMax),
      sides: new Uint8Array(limits.tradesPerFrameMax),
      ids: new Array<string>(limits.tradesPerFrameMax).fill(''),
    },
    ticker: {
      lastPrice: Number.NaN, markPrice: Number.NaN, indexPrice: Number.NaN, bidPrice: Number.NaN, askPrice: Number.NaN,
      volume24h: Number.NaN, turnover24h: Number.NaN, high24h: Number.NaN, low24h: Number.NaN, open24h: Number.NaN,
      fundingRate: Number.NaN, nextFundingMs: Number.NaN, openInterest: Number.NaN, venueTimeMs: 0,
    },
    tickerStage: { snapshot: false, timeMs: 0, present: 0, values: new Float64Array(TICKER_FIELDS.length) },
    klines: [],
    control: { op: '', success: false, requestId: '', text: '' },
  }
}

/** Nothing is known of the ticker any more: a new connection starts with a snapshot, never with an old value. */
export function forgetTicker(records: PublicRecords): void {
  for (const field of TICKER_FIELDS) records.ticker[field] = Number.NaN
}

/** Merges a staged ticker message: a snapshot says everything, a delta only what changed. */
export function commitTicker(records: PublicRecords): void {
  const { ticker, tickerStage: stage } = records
  for (let i = 0; i < TICKER_FIELDS.length; i++) {
    if ((stage.present & (1 << i)) !== 0) ticker[TICKER_FIELDS[i]!] = stage.values[i]!
    else if (stage.snapshot) ticker[TICKER_FIELDS[i]!] = Number.NaN
  }
  ticker.venueTimeMs = stage.timeMs
}

/** Brings a batch into the order of time. Frames are nearly always in order, so this is one pass of comparisons. */
export function sortTrades(batch: TradeBatch): void {
  const { count, timeMs, priceTicks, lots, sides, ids } = batch
  for (let i = 1; i < count; i++) {
    const time = timeMs[i]!
    if (timeMs[i - 1]! <= time) continue
    const price = priceTicks[i]!
    const size = lots[i]!
    const side = sides[i]!
    const id = ids[i]!
    let j = i
    for (; j > 0 && timeMs[j - 1]! > time; j--) {
      timeMs[j] = timeMs[j - 1]!
      priceTicks[j] = priceTicks[j - 1]!
      lots[j] = lots[j - 1]!
      sides[j] = sides[j - 1]!
      ids[j] = ids[j - 1]!
    }
    timeMs[j] = time
    priceTicks[j] = price
    lots[j] = size
    sides[j] = side
    ids[j] = id
  }
}
