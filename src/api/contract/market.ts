import { z } from 'zod'
import { decimal, symbolName, timeMs } from './scalars.ts'

const number = z.number()
const maybe = z.number().nullable()
const maybeDecimal = decimal.nullable()
const text = z.string()

export const symbolParams = z.object({ symbol: symbolName })

/** A row of the screener: the latest of one pair. */
export const pairState = z.object({
  symbol: text,
  tick: decimal,
  lot: decimal,
  /** Last trade; null before the first. */
  price: maybeDecimal,
  bid: maybeDecimal,
  ask: maybeDecimal,
  mark: maybeDecimal,
  priceAgeMs: maybe,
  priceSource: text,
  bookValid: z.boolean(),
  spreadPercent: maybe,
  /** Share of the bids in what lies on the best levels, 0 to 1. */
  imbalance: maybe,
  changePercent24h: maybe,
  /** Base coin and quote currency. */
  volume24h: maybe,
  turnover24h: maybe,
  high24h: maybeDecimal,
  low24h: maybeDecimal,
  fundingRate: maybe,
  nextFundingMs: maybe,
  openInterest: maybe,
  regime: text.nullable(),
  /** The last decision for an entry: its side and how sure it was; null before the first. */
  signal: z.object({ side: z.enum(['buy', 'sell']), confidence: number, atMs: timeMs, reason: text }).nullable(),
  /** Detectors that block a direction now. */
  manipulation: z.object({ buying: text.nullable(), selling: text.nullable() }),
  position: z.enum(['flat', 'long', 'short']),
  status: text,
})
export type PairState = z.output<typeof pairState>
export const pairs = z.object({ items: z.array(pairState) })

export const depthQuery = z.object({ depth: z.coerce.number().int().min(1).max(200).default(50) })
/** Best level first, `[price, size]`. */
export const level = z.tuple([decimal, decimal])
export const orderBook = z.object({ symbol: text, valid: z.boolean(), updateId: number, venueTimeMs: timeMs, ageMs: maybe, bids: z.array(level), asks: z.array(level) })
export type OrderBookAnswer = z.output<typeof orderBook>

/** Everything measured of a symbol; `indicators` by the names of docs/features.md, empty before they are warm. */
export const symbolMetrics = pairState.extend({
  integrity: maybe,
  entries: text,
  rebuilds: number,
  audits: z.object({ equal: number, mismatch: number, stale: number, inconclusive: number, noAnswer: number }),
  clockOffsetMs: maybe,
  reads: z.record(text, z.object({ stream: number, rest: number, refused: number })),
  indicators: z.record(text, number),
})
export type SymbolMetrics = z.output<typeof symbolMetrics>
export const allMetrics = z.object({ items: z.array(symbolMetrics) })

export const intervals = ['1', '5', '15', '30', '60', '240', 'D'] as const
export const klinesQuery = z.object({ interval: z.enum(intervals).default('5'), limit: z.coerce.number().int().min(1).max(500).default(200) })
/** Oldest first; the last one may still be forming. */
export const candle = z.object({ startMs: timeMs, open: decimal, high: decimal, low: decimal, close: decimal, volume: decimal, closed: z.boolean() })
export type Candle = z.output<typeof candle>
export const klines = z.object({ symbol: text, interval: z.enum(intervals), items: z.array(candle) })

export const block = z.object({ detector: text, confidence: number }).nullable()
export const detectionStatus = z.object({
  symbol: text,
  /** null: the detectors are off, or have said nothing yet. */
  detection: z.object({ buying: block, selling: block, patterns: number, running: z.array(text), missing: z.array(text), ageMs: number }).nullable(),
})
export type DetectionStatus = z.output<typeof detectionStatus>

/** The levels next to the price, strongest knowledge of the detector. */
export const srLevel = z.object({ kind: z.enum(['support', 'resistance']), price: decimal, strength: number, distancePercent: maybe })
export const srLevels = z.object({ symbol: text, price: maybeDecimal, levels: z.array(srLevel) })
export type SrLevels = z.output<typeof srLevels>
