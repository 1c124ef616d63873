import { money, ZERO } from '../../../src/core/index.ts'
import { parseClientId } from '../../../src/trading/index.ts'
import { plainId, type Oracle } from '../court.ts'
import type { EngineProcess } from '../engine-process.ts'
import type { OracleParts } from './parts.ts'
import { LEAVES_NS } from './stops.ts'

/** Who else is at the account: F21 (a second writer, a stranger), F23 (what the venue does to it, to the last digit of its fees). */
export function accountOracle({ court }: OracleParts): Oracle {
  const epochs = new Map<EngineProcess, number>()
  let epochNs = 0
  let reconciledNs = -1
  const strangeNs = new Map<string, number>()
  const frozenNs = new Map<string, number>()
  return {
    onRecord: (record, process) => {
      if (record.kind === 'epoch-started') {
        epochs.set(process, record.epoch)
        epochNs = court.time.nowNs()
      } else if (record.kind === 'reconciled' && reconciledNs < 0) reconciledNs = court.time.nowNs()
      else if (record.kind === 'symbol-frozen') frozenNs.set(record.symbol, court.time.nowNs())
      // One that was closed when it happened needs no second word: it is released later, or still closed.
      else if (record.kind === 'symbol-released') frozenNs.set(record.symbol, Math.max(frozenNs.get(record.symbol) ?? 0, court.time.nowNs()))
    },
    onExecution: (execution) => {
      if (execution.kind === 'Trade' && parseClientId(plainId(execution.clientId)) === null && reconciledNs >= 0) strangeNs.set(execution.symbol, court.time.nowNs())
    },
    onCommand: (command, process) => {
      const epoch = epochs.get(process)
      if (command.op !== 'place' || epoch === undefined || epoch >= court.log.epoch) return
      const sinceNs = court.time.nowNs() - epochNs
      court.judge('F21')
      if (sinceNs > LEAVES_NS) court.report('F21', `${command.clientId} left from process ${process.number} of epoch ${epoch}, ${(sinceNs / 1e6).toFixed(0)} ms after epoch ${court.log.epoch} had begun`, [command.clientId])
    },
    atRest: () => {
      for (const symbol of court.listed) {
        const strange = strangeNs.get(symbol)
        if (strange !== undefined) court.judge('F21')
        if (court.executions.some((one) => one.symbol === symbol && one.kind !== 'Trade' && one.kind !== 'Funding')) court.judge('F23')
        if (strange !== undefined && !court.log.frozen.has(symbol) && (frozenNs.get(symbol) ?? -1) < strange) court.report('F21', `somebody else traded ${symbol} at ${(strange / 1e9).toFixed(3)} s, and it was never closed for entries`, [symbol])
        const problem = feesProblem({ court }, symbol)
        if (problem !== '') court.report('F23', problem, [symbol])
      }
    },
  }
}

/** The costs of a symbol in the books against those of the exchange; '' where they are equal, or nobody can know. */
export function feesProblem({ court }: Pick<OracleParts, 'court'>, symbol: string): string {
  // A position that was taken over stands for executions with fees that nobody could list.
  if (court.log.adopted.has(symbol)) return ''
  const booked = (court.log.feesBySymbol.get(symbol) ?? []).reduce((sum, fee) => sum.add(money(fee)), ZERO)
  const charged = court.executions.reduce((sum, one) => (one.symbol === symbol ? sum.add(one.fee) : sum), ZERO)
  return booked.eq(charged) ? '' : `fees and funding of ${symbol} make ${booked.toFixed()} in the journal and ${charged.toFixed()} at the venue`
}
