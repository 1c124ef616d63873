import { z } from 'zod'
import { decimal, page, pageQuery, side, strategyName, symbolName, timeMs } from './scalars.ts'
import { position, trade } from './trading.ts'

const number = z.number()
const text = z.string()
const maybeDecimal = decimal.nullable()

/** pending yellow, placed blue, partly filled light blue, filled green, cancelled grey, rejected and failed red. */
export const orderStatuses = ['pending', 'placed', 'partially_filled', 'filled', 'cancelled', 'rejected', 'failed'] as const
export const orderStatus = z.enum(orderStatuses)

export const order = z.object({
  /** Our id of it: `clientId` at the venue. */
  id: text,
  venueId: text,
  symbol: text,
  purpose: z.enum(['entry', 'exit']),
  positionId: text,
  side,
  type: z.enum(['limit', 'market']),
  reduceOnly: z.boolean(),
  /** null for a market order. */
  price: maybeDecimal,
  size: decimal,
  filled: decimal,
  /** Of its fills; null before the first. */
  averagePrice: maybeDecimal,
  takeProfit: maybeDecimal,
  stopLoss: maybeDecimal,
  status: orderStatus,
  /** The venue has not said what became of it. */
  unknown: z.boolean(),
  createdMs: timeMs,
  updatedMs: timeMs,
  endedMs: timeMs.nullable(),
  why: text,
  /** Why it was refused or cancelled; '' otherwise. */
  reason: text,
  strategies: z.array(strategyName),
  fee: decimal,
  realised: decimal,
})
export type OrderRow = z.output<typeof order>

export const orderSorts = ['created', 'symbol', 'side', 'size', 'price', 'status', 'updated', 'realised'] as const
export const ordersQuery = z.object({
  status: z.union([orderStatus, z.literal('active')]).optional(),
  symbol: symbolName.optional(),
  side: side.optional(),
  strategy: strategyName.optional(),
  purpose: z.enum(['entry', 'exit']).optional(),
  sort: z.enum(orderSorts).default('created'),
  direction: z.enum(['asc', 'desc']).default('desc'),
  ...pageQuery,
})
/** With the counts of the cards, over all orders that fit the other filters. */
export const orders = page(order).extend({ counts: z.object({ total: number, active: number, filled: number, cancelled: number, rejected: number }), caughtUp: z.boolean() })
export type OrdersAnswer = z.output<typeof orders>

export const orderParams = z.object({ id: z.string().regex(/^[\w.:-]{1,64}$/) })

export const fill = z.object({ id: text, atMs: timeMs, side, price: decimal, size: decimal, fee: decimal, feeCoin: text.nullable(), realised: maybeDecimal, maker: z.boolean(), kind: text, note: text })
export type FillRow = z.output<typeof fill>

/** One journal record of the chain that led to an order and followed from it. */
export const chainLink = z.object({ sequence: number, atMs: timeMs, kind: text, words: text })
export type ChainLink = z.output<typeof chainLink>

/** What the decision behind an order rests on. */
export const decisionTrace = z.object({
  sequence: number,
  traceId: text,
  reason: text,
  vectorSequence: number,
  votes: z.array(z.object({ strategy: strategyName, vote: number.nullable() })),
  model: z.object({ sell: number, hold: number, buy: number, confidence: number }).nullable(),
  /** Print of the settings of the strategies that were in force. */
  configHash: text,
  /** The whole vector by the names of docs/features.md; null: it was not caught while it stood in the ring. */
  features: z.record(text, number).nullable(),
  /** Prices as they stood when it was made, with their ages and sources; null as above. */
  prices: z
    .object({ bid: decimal, ask: decimal, last: maybeDecimal, source: text, venueTimeMs: timeMs, receivedAgoUs: number, tickToDecisionUs: number, integrity: number.nullable(), entries: text })
    .nullable(),
  block: z.object({ kind: text, confidence: number }).nullable(),
})
export type DecisionTrace = z.output<typeof decisionTrace>

/** How the entry came to price and size: rules of risk and the sections of the settings behind them. */
export const riskVerdict = z.object({ regime: text.nullable(), offsetPercent: text, offsetSource: text, confidence: number, sizedBy: text, equity: text, leverage: text, exitSource: text.nullable() })

export const orderDetail = z.object({
  order,
  position: position.nullable(),
  trade: trade.nullable(),
  /** All orders of its position, by time. */
  siblings: z.array(order),
  fills: z.array(fill),
  decision: decisionTrace.nullable(),
  risk: riskVerdict.nullable(),
  chain: z.array(chainLink),
  canClose: z.boolean(),
  /** Why it cannot be closed; '' when it can. */
  closeRefusal: text,
})
export type OrderDetail = z.output<typeof orderDetail>
