import { plainId, type Oracle } from '../court.ts'
import type { OracleParts } from './parts.ts'

/** Executions: F3 (none is lost), F4 (none is booked twice, none is made up). */
export function fillsOracle({ court }: OracleParts): Oracle {
  /** Lots by client id; what orders of strangers traded goes by the symbol. */
  const executed = new Map<string, number>()
  const strangers = new Map<string, number>()
  const add = (sums: Map<string, number>, key: string, lots: number): void => void sums.set(key, (sums.get(key) ?? 0) + lots)
  return {
    onExecution: (execution) => {
      if (execution.kind === 'Funding') return
      const clientId = plainId(execution.clientId)
      if (court.orders.has(clientId)) add(executed, clientId, execution.lots)
      else add(strangers, execution.symbol, execution.lots)
    },
    onRecord: (record) => {
      if (record.kind !== 'fill-booked') return
      if (record.source !== 'stream') court.judge('F4')
      if (court.log.repeated) return court.report('F4', `execution ${record.executionId} of ${record.clientId} is in the journal twice`, [record.executionId])
      const ours = court.orders.has(record.clientId)
      const booked = ours ? court.log.booked.get(record.clientId)! : (court.log.strangeLots.get(record.symbol) ?? 0)
      const truth = (ours ? executed.get(record.clientId) : strangers.get(record.symbol)) ?? 0
      if (booked > truth) court.report('F4', `with ${record.executionId} ${booked} lots of ${ours ? record.clientId : `strangers on ${record.symbol}`} are booked, ${truth} were executed`, [record.executionId])
    },
    atRest: () => {
      for (const order of court.orders.values()) {
        const truth = executed.get(order.clientId) ?? 0
        const lots = court.log.booked.get(order.clientId) ?? 0
        if (truth > 0 && (court.log.orders.get(order.clientId)?.cancelNs ?? -1) >= 0) court.judge('F3')
        // A position that was taken over from the venue stands for executions that nobody could list any more.
        if (lots < truth && court.listed.includes(order.symbol) && !court.log.adopted.has(order.symbol)) court.report('F3', `${truth} lots of ${order.clientId} were executed, ${lots} are booked`, [order.clientId])
      }
    },
  }
}
