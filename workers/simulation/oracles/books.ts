import type { Oracle } from '../court.ts'
import type { EngineProcess } from '../engine-process.ts'
import type { OracleParts } from './parts.ts'

/** A change at the venue younger than this may still be on its way. */
const UNDER_WAY_NS = 1e9
/** A position that is taken over was seen twice, so far apart, and read before that. */
const SEEN_NS = 6e9

/** The books against the account: F6 (flat only by evidence), F7 (agreement before trading), F8 (what a restart leaves). */
export function booksOracle({ court, stage }: OracleParts): Oracle {
  const settled = (symbol: string): boolean => court.time.nowNs() - court.position(symbol).changedNs > UNDER_WAY_NS
  /** Processes whose books have agreed with the venue over the private connection that they have now. */
  const reconciled = new Set<EngineProcess>()
  return {
    onClosed: (url, process) => {
      if (url.includes('/private')) reconciled.delete(process)
    },
    onCommand: (command, process) => {
      if (command.op !== 'place' || command.reduceOnly) return
      if (!reconciled.has(process)) court.report('F7', `${command.clientId} left from process ${process.number}, which has not reconciled since its private connection was made`, [command.clientId])
      const symbol = court.log.orders.get(command.clientId)?.symbol
      if (symbol === undefined) return
      const { lots } = court.position(symbol)
      const books = court.log.lotsOf(symbol)
      court.judge('F6')
      if (lots !== 0 && settled(symbol) && books === 0 && court.position(symbol).strangeNs < 0) court.report('F6', `${command.clientId} left as if ${symbol} were flat, the venue holds ${lots} lots for ${((court.time.nowNs() - court.position(symbol).changedNs) / 1e9).toFixed(1)} s`, [command.clientId])
    },
    onRecord: (record, process) => {
      if (record.kind === 'epoch-started' && (court.log.state.symbols.values().some((symbol) => symbol.live.length > 0 || symbol.ledger.signedLots !== 0))) court.judge('F8')
      if (record.kind === 'position-adopted') {
        court.judge('F6')
        const { lots } = court.position(record.symbol)
        if (!court.hadSince(record.symbol, record.toLots, court.time.nowNs() - SEEN_NS)) court.report('F6', `${record.toLots} lots of ${record.symbol} were taken over, the venue holds ${lots}`, [record.symbol])
        // Where only orders of ours trade, each change of the position is a move of the books, and no snapshot from before it counts.
        else if (record.toLots !== lots && record.fromLots === lots && settled(record.symbol) && court.position(record.symbol).strangeNs < 0) court.report('F6', `${record.toLots} lots of ${record.symbol} were taken over in place of ${lots}, which the venue holds, too: ${record.why}`, [record.symbol])
        if (record.toLots === lots && court.position(record.symbol).strangeNs < 0 && record.fromLots !== lots) court.report('F3', `${record.toLots} lots of ${record.symbol} were taken over in place of ${record.fromLots} although only orders of ours traded: ${record.why}`, [record.symbol])
      }
      if (record.kind !== 'reconciled') return
      reconciled.add(process)
      court.judge('F7')
      // The snapshot is as old as its first answer, told by the wall clock of the process, and as what answered lagged behind.
      const askedNs = Math.min(court.time.nowNs() - UNDER_WAY_NS - stage.venue.front.faults.replica.lagMs * 1e6, (record.askedMs - process.clock.skewMs - court.originMs) * 1e6)
      for (const symbol of court.listed) {
        const { lots } = court.position(symbol)
        const books = court.log.lotsOf(symbol)
        if (!court.hadSince(symbol, books, askedNs)) court.report('F7', `reconciled (${record.reason}) with ${books} lots of ${symbol}, the venue holds ${lots} for ${((court.time.nowNs() - court.position(symbol).changedNs) / 1e9).toFixed(1)} s`, [symbol])
      }
    },
    atRest: () => {
      for (const symbol of court.listed) {
        const venue = court.position(symbol).lots
        const sums = court.log.lotsOf(symbol)
        const fold = court.log.state.symbols.get(symbol)?.ledger.signedLots ?? 0
        if (sums !== venue) court.report('F4', `unique executions of the journal make ${sums} lots of ${symbol}, the venue holds ${venue}`, [symbol])
        if (fold !== venue) court.report('F8', `the fold of the journal has ${fold} lots of ${symbol}, the venue holds ${venue}`, [symbol])
      }
    },
  }
}
