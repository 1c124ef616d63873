import { orderIdOf, orderNumberOf } from '../ids.ts'

/** Order, algo and bill ids are whole numbers that rise, each in a space of its own, as the venue's. */
const ALGO_BASE = 1_000_000_000_000_000_000n
const ORDER_BASE = 2_000_000_000_000_000_000n
const BILL_BASE = 3_000_000_000_000_000_000n
const UUID_COUNTER = /^[0-9a-f]{8}-([0-9a-f]{4})-4000-8000-([0-9a-f]{12})$/

/** The exchange's order id as the venue's `ordId`. */
export function ordIdOf(orderId: string): string {
  const number = orderNumberOf(orderId)
  return number < 0 ? orderId : String(ORDER_BASE + BigInt(number))
}

/** The other way round; text that is no order id of ours stays as it is and will not be found. */
export function orderIdOfText(ordId: string): string {
  if (!/^\d{1,19}$/.test(ordId)) return ordId
  const number = Number(BigInt(ordId) - ORDER_BASE)
  return Number.isSafeInteger(number) && number > 0 ? orderIdOf(number) : ordId
}

/** The id of an algo order: the number of the (first) order that waits for it. */
export function algoIdOf(orderId: string): string {
  const number = orderNumberOf(orderId)
  return number < 0 ? orderId : String(ALGO_BASE + BigInt(number))
}

/** Trade and execution ids as whole numbers: the counter, behind the number of the exchange's start where there is one. */
export function tradeIdText(id: string): string {
  const match = UUID_COUNTER.exec(id)
  if (match === null) return id
  const start = Number.parseInt(match[1]!, 16)
  const counter = Number.parseInt(match[2]!, 16)
  return start === 0 ? String(counter) : `${start}${String(counter).padStart(10, '0')}`
}

export function billIdOf(executionId: string): string {
  const trade = tradeIdText(executionId)
  return /^\d+$/.test(trade) ? String(BILL_BASE + BigInt(trade)) : trade
}

/** Kinds of algo orders: a take profit or stop loss, a pair of both, a trigger order, a stop that trails. */
export const ALGO_KINDS = { c: 'conditional', o: 'oco', t: 'trigger', m: 'move_order_stop' } as const
export type AlgoKind = keyof typeof ALGO_KINDS
/** Which half of a take profit and stop loss an order is. */
export type AlgoHalf = 'tp' | 'sl' | ''

/** What the client calls an order by, hidden in the id that the exchange knows it by. */
export interface ClientName {
  /** Name of an order; of an algo order when `algo` says so. */
  readonly clOrdId: string
  readonly tag: string
  readonly algo?: { readonly kind: AlgoKind; readonly half: AlgoHalf }
  /** Names of the take profit and stop loss that came with the order. */
  readonly attached?: { readonly tp: string; readonly sl: string }
}

/**
 * The exchange refuses a client id for ever, this venue only while the order is open: each order gets an id of its own
 * that carries the client's name and tag, so that both are found again after a restart.
 */
export function coreClientId(name: ClientName, counter: number): string {
  const { algo, attached } = name
  if (name.clOrdId === '' && name.tag === '' && algo === undefined && attached === undefined) return ''
  const head = `${name.clOrdId}~${name.tag}~${counter.toString(36)}`
  if (algo !== undefined) return `${head}~${algo.kind}~${algo.half}`
  return attached === undefined ? head : `${head}~~${attached.tp}~${attached.sl}`
}

export function clientNameOf(clientId: string): ClientName {
  const [clOrdId, tag, counter, kind, first, second] = clientId.split('~')
  if (clOrdId === undefined || tag === undefined || counter === undefined) return { clOrdId: clientId, tag: '' }
  if (kind === undefined) return { clOrdId, tag }
  if (kind === '') return { clOrdId, tag, attached: { tp: first ?? '', sl: second ?? '' } }
  return { clOrdId, tag, algo: { kind: kind as AlgoKind, half: (first ?? '') as AlgoHalf } }
}

/** Stable whole number of a name (FNV-1a): user and position ids. */
export function numberOf(name: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return `4${String(hash >>> 0).padStart(10, '0')}`
}
