import type { ExchangeOrder, Execution, ExecutionFilter, OrderFilter } from '../port.ts'
import type { Account } from './account.ts'
import type { OrderRecord } from './order-record.ts'

/** Orders of an account, newest first. */
export function listOrders(account: Account, filter: OrderFilter): readonly ExchangeOrder[] {
  const found: OrderRecord[] = []
  const conditional = filter.conditional === true
  const wanted = (record: OrderRecord): boolean =>
    (filter.symbol === undefined || record.symbol === filter.symbol) && (filter.group === undefined || record.trigger?.group === filter.group) && conditional === (record.trigger !== null && record.trigger.triggeredMs === null)
  if (filter.open !== false) for (const record of (conditional ? account.waiting : account.open).values()) if (wanted(record)) found.push(record)
  if (filter.open !== true) for (let i = 0; i < account.final.length; i++) if (wanted(account.final.newest(i))) found.push(account.final.newest(i))
  return found.sort((a, b) => b.number - a.number).map((record) => record.snapshot())
}

/** Executions of an account, newest first. */
export function listExecutions(account: Account, filter: ExecutionFilter): readonly Execution[] {
  const found: Execution[] = []
  for (let i = 0; i < account.executions.length; i++) {
    const row = account.executions.newest(i)
    if (filter.sinceMs !== undefined && row.timeMs < filter.sinceMs) continue
    if (filter.untilMs !== undefined && row.timeMs > filter.untilMs) continue
    if (filter.symbol !== undefined && row.symbol !== filter.symbol) continue
    if (filter.clientId !== undefined && row.clientId !== filter.clientId) continue
    if (filter.orderId !== undefined && row.orderId !== filter.orderId) continue
    if (filter.kind !== undefined && row.kind !== filter.kind) continue
    found.push(row)
  }
  return found
}
