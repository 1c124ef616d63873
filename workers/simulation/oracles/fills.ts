import type { Oracle } from '../court.ts'
import { plainId } from '../court.ts'
import type { OracleParts } from './parts.ts'

/** Executions: F3 (none is lost), F4 (none is booked twice, none is made up). */
export function fillsOracle({ court }: OracleParts): Oracle {
  const executed = new Map<string, number>()
  /** Booked by the log itself, repeats included: what a fold over it would add up. */
  const booked = new Map<string, number>()
  const bookedOnce = new Map<string, Set<string>>()
  const key = (clientId: string, symbol: string): string => (clientId === '' ? `stranger on ${symbol}` : clientId)
  return {
    onExecution: (execution) => {
      if (execution.kind === 'Funding') return
      const name = court.orders.has(plainId(execution.clientId)) ? plainId(execution.clientId) : key('', execution.symbol)
      executed.set(name, (executed.get(name) ?? 0) + execution.lots)
    },
    onRecord: (record) => {
      if (record.kind !== 'fill-booked') return
      const name = court.orders.has(record.clientId) ? record.clientId : key('', record.symbol)
      const ids = bookedOnce.get(name) ?? new Set<string>()
      bookedOnce.set(name, ids)
      if (ids.has(record.executionId)) return court.report('F4', `execution ${record.executionId} of ${name} is in the journal twice`, [record.executionId])
      ids.add(record.executionId)
      const lots = (booked.get(name) ?? 0) + record.lots
      booked.set(name, lots)
      const truth = executed.get(name) ?? 0
      if (lots > truth) court.report('F4', `${lots} lots of ${name} are booked with ${record.executionId}, ${truth} were executed`, [name])
    },
    atRest: () => {
      for (const order of [...court.orders.values()]) {
        const truth = executed.get(order.clientId) ?? 0
        const lots = court.log.booked.get(order.clientId) ?? 0
        // A position that was taken over from the venue stands for executions that nobody could list any more.
        if (lots < truth && court.listed.includes(order.symbol) && !court.log.adopted.has(order.symbol)) court.report('F3', `${truth} lots of ${order.clientId} were executed, ${lots} are booked`, [order.clientId])
      }
    },
  }
}
