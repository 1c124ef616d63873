import { type OrderIntended, parseClientId } from '../../../src/trading/index.ts'
import type { Oracle } from '../court.ts'
import type { EngineProcess } from '../engine-process.ts'
import type { OracleParts } from './parts.ts'

/** An entry that was decided may wait so long for its place under a limit of the venue. */
export const LEAVES_NS = 0.6e9

/** Stops that are none: F12 (what is closed stays closed, over restarts too), F13 (stopped is stopped). */
export function stopsOracle({ court }: OracleParts): Oracle {
  const closedNs = new Map<string, { readonly atNs: number; readonly why: string }>()
  const stopping = new Map<EngineProcess, number>()
  const ended = new Map<EngineProcess, number>()
  const isEntry = (clientId: string): boolean => parseClientId(clientId)?.intent.kind === 'decision'
  /** Nothing is decided any more from the record on, whatever may still wait for its place on the wire. */
  const decided = ({ clientId, symbol }: OrderIntended, process: EngineProcess, atNs: number): void => {
    const stoppingNs = stopping.get(process)
    if (stoppingNs !== undefined) court.report('F13', `entry ${clientId} was decided ${((atNs - stoppingNs) / 1e6).toFixed(0)} ms after the stop was asked for`, [clientId])
    const closed = closedNs.get(symbol)
    if (closed !== undefined) court.report('F12', `entry ${clientId} was decided ${((atNs - closed.atNs) / 1e6).toFixed(0)} ms after ${symbol} was closed (${closed.why})`, [clientId])
  }
  return {
    onRecord: (record, process) => {
      const atNs = court.time.nowNs()
      if (record.kind === 'symbol-frozen') closedNs.set(record.symbol, { atNs, why: `frozen: ${record.code}` })
      else if (record.kind === 'symbol-suspended') closedNs.set(record.symbol, { atNs, why: 'suspended' })
      else if (record.kind === 'symbol-released' || record.kind === 'symbol-resumed') closedNs.delete(record.symbol)
      else if (record.kind === 'stop-requested') stopping.set(process, atNs)
      else if (record.kind === 'epoch-ended') ended.set(process, atNs)
      else if (record.kind === 'order-intended' && record.purpose === 'entry') decided(record, process, atNs)
    },
    onLogCut: () => {
      for (const symbol of closedNs.keys()) if (!court.log.frozen.has(symbol) && court.log.state.symbols.get(symbol)?.suspended !== true) closedNs.delete(symbol)
    },
    onCommand: (command, process) => {
      const nowNs = court.time.nowNs()
      const endedNs = ended.get(process)
      if (endedNs !== undefined && nowNs > endedNs) court.report('F13', `${command.name} of ${command.clientId} left ${((nowNs - endedNs) / 1e6).toFixed(0)} ms after process ${process.number} had ended its epoch`, [command.clientId])
      if (command.op !== 'place' || !isEntry(command.clientId)) return
      const stoppingNs = stopping.get(process)
      if (stoppingNs !== undefined && nowNs - stoppingNs > LEAVES_NS) court.report('F13', `entry ${command.clientId} left ${((nowNs - stoppingNs) / 1e6).toFixed(0)} ms after the stop was asked for`, [command.clientId])
      const symbol = court.log.orders.get(command.clientId)?.symbol ?? command.symbol
      const closed = closedNs.get(symbol)
      if (closed !== undefined) court.judge('F12')
      if (closed !== undefined && nowNs - closed.atNs > LEAVES_NS) court.report('F12', `entry ${command.clientId} left ${((nowNs - closed.atNs) / 1e6).toFixed(0)} ms after ${symbol} was closed (${closed.why})`, [command.clientId])
    },
    onStopped: (process, summary) => {
      if (!summary.drained || summary.policy === 'leave') return
      court.judge('F13')
      const listed = new Set(process.config.trading_pairs)
      const left = court.openOrders().filter((order) => listed.has(order.symbol) && (order.kind === 'decision' || (summary.policy === 'cancel-all' && order.kind === 'exit')))
      if (left.length > 0) court.report('F13', `process ${process.number} says drained by ${summary.policy}, ${left.length} orders are open at the venue`, left.map((order) => order.clientId))
    },
  }
}
