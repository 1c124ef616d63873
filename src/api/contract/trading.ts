import { z } from 'zod'
import { latency } from './health.ts'
import { decimal, direction, page, pageQuery, side, strategyName, symbolName, timeMs, why } from './scalars.ts'

const number = z.number()
const text = z.string()
const maybeDecimal = decimal.nullable()

/** A decision as it came off the ring, whether or not it led to an order. */
export const signal = z.object({
  id: text,
  atMs: timeMs,
  symbol: text,
  kind: z.enum(['entry', 'exit', 'none']),
  side,
  by: z.enum(['model', 'fallback', 'consensus']),
  confidence: number,
  reason: text,
  /** Signed confidence of each strategy, above 0 buy; null: it was left out. */
  votes: z.record(text, number.nullable()),
  model: z.object({ sell: number, hold: number, buy: number, confidence: number }).nullable(),
  block: z.object({ kind: text, confidence: number }).nullable(),
  bid: decimal,
  ask: decimal,
})
export type Signal = z.output<typeof signal>
export const signalsQuery = z.object({ symbol: symbolName.optional(), ...pageQuery })
export const signals = page(signal)

/** Quote currency; null before the venue has said it. `equity` is the balance with open positions at current prices. */
export const balance = z.object({ currency: z.literal('USDT'), balance: maybeDecimal, used: maybeDecimal, available: maybeDecimal, equity: maybeDecimal, unrealised: decimal, ageMs: number.nullable(), dayLoss: number.nullable(), drawdownPercent: number.nullable() })
export type Balance = z.output<typeof balance>

/** Equity over time, as execution writes it down. */
export const equity = z.object({ items: z.array(z.object({ atMs: timeMs, equity: decimal, realised: decimal, unrealised: decimal })) })
export type Equity = z.output<typeof equity>

/** A position that is not closed. PnL in quote currency; percent of the entry value. */
export const position = z.object({
  id: text,
  symbol: text,
  side: direction,
  state: text,
  size: decimal,
  entryPrice: decimal,
  price: maybeDecimal,
  priceAgeMs: number.nullable(),
  priceSource: text,
  /** At the bid or ask that would close it. */
  unrealised: maybeDecimal,
  unrealisedPercent: number.nullable(),
  realised: decimal,
  fees: decimal,
  funding: decimal,
  takeProfit: maybeDecimal,
  stopLoss: maybeDecimal,
  stopAtVenue: z.object({ price: maybeDecimal, state: text, alarm: z.boolean() }),
  exitPlan: z.enum(['entry', 'conservative']),
  openedMs: timeMs,
  entryOrderId: text.nullable(),
  strategies: z.array(strategyName),
})
export type PositionRow = z.output<typeof position>
export const positions = z.object({ items: z.array(position) })

/** A position that has closed. */
export const trade = z.object({
  id: text,
  symbol: text,
  side: direction.nullable(),
  openedMs: timeMs,
  closedMs: timeMs,
  heldMs: number,
  realised: decimal,
  fees: decimal,
  funding: decimal,
  net: decimal,
  exitReason: text.nullable(),
  strategies: z.array(strategyName),
})
export type TradeRow = z.output<typeof trade>
export const tradesQuery = z.object({ symbol: symbolName.optional(), ...pageQuery })
export const trades = page(trade)

export const riskStatus = z.object({
  limits: z.array(z.object({ name: text, value: text, configured: text })),
  exposure: z.object({ long: text, short: text, total: text, positions: number }),
  refusals: z.array(z.object({ symbol: text, limit: text, found: text, allowed: text, atMs: timeMs, times: number })),
  blocked: z.array(z.object({ symbol: text, why: text })),
  dust: z.array(text),
})
export type RiskStatus = z.output<typeof riskStatus>

/** Orders and fills of the journal that this gateway has read, since `sinceMs`. */
export const executionStats = z.object({
  orders: number,
  byStatus: z.record(text, number),
  fills: number,
  makerFills: number,
  /** Fills that came after the end of their order, or beyond its size. */
  lateFills: number,
  entries: number,
  entriesFilled: number,
  /** null before the first entry. */
  fillRate: number.nullable(),
  fees: decimal,
  realised: decimal,
  funding: decimal,
  trades: number,
  wins: number,
  winRate: number.nullable(),
  net: decimal,
  sinceMs: timeMs.nullable(),
  /** False while it still reads what was there before. */
  caughtUp: z.boolean(),
  latencyNs: z.record(text, latency),
})
export type ExecutionStats = z.output<typeof executionStats>

export const symbolCloseParams = z.object({ symbol: symbolName })
export const closeBody = z.strictObject({ why })
/** What was asked for: the position of the order is closed, or the order, which has not filled, is called back. */
export const closeAnswer = z.object({ accepted: z.literal(true), action: z.enum(['close-position', 'cancel-order']), symbol: text, positionId: text })
export type CloseAnswer = z.output<typeof closeAnswer>
