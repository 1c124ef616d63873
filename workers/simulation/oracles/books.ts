import type { Oracle } from '../court.ts'
import type { OracleParts } from './parts.ts'

/** A change at the venue younger than this may still be on its way. */
const UNDER_WAY_NS = 1e9

/** The books against the account: F6 (flat only by evidence), F7 (agreement before trading), F8 (what a restart leaves). */
export function booksOracle({ court }: OracleParts): Oracle {
  const settled = (symbol: string): boolean => court.time.nowNs() - court.position(symbol).changedNs > UNDER_WAY_NS
  return {
    onCommand: (command) => {
      if (command.op !== 'place' || command.reduceOnly) return
      const symbol = court.log.orders.get(command.clientId)?.symbol
      if (symbol === undefined) return
      const { lots } = court.position(symbol)
      const books = court.log.lotsOf(symbol)
      if (lots !== 0 && settled(symbol) && books === 0 && court.position(symbol).strangeNs < 0) court.report('F6', `${command.clientId} left as if ${symbol} were flat, the venue holds ${lots} lots for ${((court.time.nowNs() - court.position(symbol).changedNs) / 1e9).toFixed(1)} s`, [command.clientId])
    },
    onRecord: (record) => {
      if (record.kind === 'position-adopted') {
        const { lots } = court.position(record.symbol)
        if (record.toLots !== lots && settled(record.symbol)) court.report('F6', `${record.toLots} lots of ${record.symbol} were taken over, the venue holds ${lots}`, [record.symbol])
        if (record.toLots === lots && court.position(record.symbol).strangeNs < 0 && record.fromLots !== lots) court.report('F3', `${record.toLots} lots of ${record.symbol} were taken over in place of ${record.fromLots} although only orders of ours traded: ${record.why}`, [record.symbol])
      }
      if (record.kind !== 'reconciled') return
      for (const symbol of court.symbols) {
        const { lots } = court.position(symbol)
        const books = court.log.lotsOf(symbol)
        if (lots !== books && settled(symbol)) court.report('F7', `reconciled (${record.reason}) with ${books} lots of ${symbol}, the venue holds ${lots} for ${((court.time.nowNs() - court.position(symbol).changedNs) / 1e9).toFixed(1)} s`, [symbol])
      }
    },
    atRest: () => {
      for (const symbol of court.symbols) {
        const venue = court.position(symbol).lots
        const sums = court.log.lotsOf(symbol)
        const fold = court.log.state.symbols.get(symbol)?.ledger.signedLots ?? 0
        if (sums !== venue) court.report('F4', `unique executions of the journal make ${sums} lots of ${symbol}, the venue holds ${venue}`, [symbol])
        if (fold !== venue) court.report('F8', `the fold of the journal has ${fold} lots of ${symbol}, the venue holds ${venue}`, [symbol])
      }
    },
  }
}
