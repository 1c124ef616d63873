/**
 * Ids have the shape of a UUID, as the venues' own, and carry a counter in their last group. Order and execution counters
 * continue over restarts through the ledger; trades of the market are not in the ledger, so their ids carry the number of the start.
 */
const id = (kind: string, start: number, counter: number): string =>
  `${kind}-${start.toString(16).padStart(4, '0')}-4000-8000-${counter.toString(16).padStart(12, '0')}`

const ORDER = '0000000a'

export const orderIdOf = (number: number): string => id(ORDER, 0, number)
/** Id of the trigger of a conditional order; the order itself has the order id of the same number. */
export const triggerIdOf = (number: number): string => id('0000000c', 0, number)
export const executionIdOf = (number: number): string => id('0000000e', 0, number)
export const tradeIdOf = (start: number, number: number): string => id('0000000d', start, number)

/** The counter in an order id, or −1 when the exchange cannot have given that id. */
export function orderNumberOf(orderId: string): number {
  const number = Number.parseInt(orderId.slice(-12), 16)
  return Number.isSafeInteger(number) && number > 0 && orderIdOf(number) === orderId ? number : -1
}
