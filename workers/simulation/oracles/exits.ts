import { closingLots, parseClientId } from '../../../src/trading/index.ts'
import { PAPER_ACCOUNT } from '../../exchange-messages.ts'
import { plainId, type Oracle } from '../court.ts'
import { featuresOf } from '../engine-features.ts'
import type { OracleParts } from './parts.ts'

/** Ways out: F9 (never more than is held), F10 (no stop without a position), F11 (no position without a stop), F22 (a closing fill closes). */
export function exitsOracle({ court }: OracleParts): Oracle {
  const waiting = () => court.exchange.orders(PAPER_ACCOUNT, { conditional: true, open: true })
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
        const held = Math.abs(court.position(symbol).lots)
        const stops = waiting().filter((order) => order.symbol === symbol && order.origin === 'user')
        const lots = stops.reduce((sum, order) => sum + order.lots, 0)
        if (held === 0 && stops.length > 0) court.report('F10', `${stops.length} stops rest on ${symbol}, which is flat`, stops.map((order) => order.clientId))
        if (lots > held && held > 0) court.report('F10', `stops of ${lots} lots rest on ${held} lots of ${symbol}`, stops.map((order) => order.clientId))
        const { protectMs } = featuresOf(court.config)
        if (protectMs !== null && held > 0 && stops.length === 0 && court.time.nowNs() - court.position(symbol).changedNs > protectMs * 1e6) court.report('F11', `${held} lots of ${symbol} have no stop at the venue`, [symbol])
        for (const order of court.log.state.symbols.get(symbol)?.live ?? []) {
          const truth = court.orders.get(order.clientId)
          if (truth?.open === true && truth.lots !== order.lots) court.report('F22', `${order.clientId} has ${truth.lots} lots at the venue and ${order.lots} in the books`, [order.clientId])
        }
      }
    },
  }
}
