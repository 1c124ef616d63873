import type { ExchangeOrder } from '../port.ts'
import { clientNameOf, type ClientName } from './ids.ts'

/** Whether nothing can happen to the order any more. */
export const isFinal = (order: ExchangeOrder): boolean => order.status === 'Filled' || order.status === 'Cancelled' || order.status === 'Rejected' || order.status === 'Deactivated'

/** What the client called an order; the order that an algo order became has no name of its own. */
export function orderNameOf(order: ExchangeOrder): ClientName {
  const name = clientNameOf(order.clientId)
  return name.algo === undefined ? name : { clOrdId: '', tag: name.tag }
}
