import { orderIdOf, orderNumberOf } from '../ids.ts'

/** Order and bill ids are whole numbers that rise, as the venue's. */
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

/** What the client calls an order by, hidden in the id that the exchange knows it by. */
export interface ClientName {
  readonly clOrdId: string
  readonly tag: string
}

/**
 * The exchange refuses a client id for ever, this venue only while the order is open: each order gets an id of its own
 * that carries the client's name and tag, so that both are found again after a restart.
 */
export const coreClientId = (name: ClientName, counter: number): string => (name.clOrdId === '' && name.tag === '' ? '' : `${name.clOrdId}~${name.tag}~${counter.toString(36)}`)

export function clientNameOf(clientId: string): ClientName {
  const part = clientId.split('~')
  return part.length === 3 ? { clOrdId: part[0]!, tag: part[1]! } : { clOrdId: clientId, tag: '' }
}

/** Stable whole number of a name (FNV-1a): user and position ids. */
export function numberOf(name: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return `4${String(hash >>> 0).padStart(10, '0')}`
}
