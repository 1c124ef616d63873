import { closingLots, parseClientId } from '../../../src/trading/index.ts'
import { plainId, type Oracle } from '../court.ts'
import type { OracleParts } from './parts.ts'

/** Ways out: F9 (never more than is held), F22 (a closing fill closes). */
export function exitsOracle({ court }: OracleParts): Oracle {
  return {
    onCommand: (command) => {
      if (command.op !== 'place') return
      const intent = parseClientId(command.clientId)?.intent
      if (intent?.kind === 'exit' && !command.reduceOnly) court.report('F9', `exit ${command.clientId} left without reduce-only`, [command.clientId])
    },
    onRecord: (record) => {
      if (record.kind !== 'order-intended' || record.purpose !== 'exit') return
      const symbol = court.log.state.symbols.get(record.symbol)!
      const held = Math.abs(symbol.ledger.signedLots)
      court.judge('F9')
      const closing = closingLots(symbol)
      if (closing > held) court.report('F9', `with ${record.clientId} exits of ${closing} lots are under way on ${held} lots of ${record.symbol}`, [record.clientId])
    },
    onExecution: (execution) => {
      const order = court.orders.get(plainId(execution.clientId))
      if (order === undefined || order.kind !== 'exit' || execution.kind !== 'Trade') return
      court.judge('F22')
      if (execution.closedLots < execution.lots) court.report('F22', `exit ${order.clientId} traded ${execution.lots} lots and closed ${execution.closedLots}`, [order.clientId])
    },
    atRest: () => {
      for (const symbol of court.listed) {
        for (const order of court.log.state.symbols.get(symbol)?.live ?? []) {
          const truth = court.orders.get(order.clientId)
          if (truth?.open === true && truth.lots !== order.lots) court.report('F22', `${order.clientId} has ${truth.lots} lots at the venue and ${order.lots} in the books`, [order.clientId])
        }
      }
    },
  }
}
