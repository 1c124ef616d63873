import { errorLine, type Instrument } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { OrderEvidence, VenueFill, VenueOrder } from '../trading-port.ts'
import { EVIDENCE } from '../resilience/urgency.ts'
import type { BybitQueries } from './queries.ts'
import { attempt, inTurn, type Params } from '../common/in-turn.ts'
import type { Json } from '../common/json.ts'
import { compareExecutions, readFill, readOrder } from './rows.ts'
import type { BybitSettings } from './settings.ts'

interface Found {
  order: VenueOrder | null
  fills: readonly VenueFill[]
}

/**
 * What the venue knows of one client id. Three places are asked: live orders, history, executions. History lags the
 * matching engine, and live orders are forgotten by a restart of the venue's service, so "nowhere" and "filled, but
 * not all executions are there" are asked about once more after a delay. `absent` needs two complete empty rounds;
 * a failed question makes `no-answer`.
 */
export function findEvidence(services: VenueServices, queries: BybitQueries, settings: BybitSettings, instrument: Instrument, clientId: string, done: (evidence: OrderEvidence) => void): void {
  const questions = queries.as(EVIDENCE)
  const round = (last: boolean): void => {
    askAll(questions, instrument, clientId, (error, found) => {
      if (error !== null) {
        done({ kind: 'no-answer', reason: errorLine(error) })
        return
      }
      const { order, fills } = found
      let booked = 0
      for (const fill of fills) booked += fill.lots
      if (order !== null && booked === order.filledLots) done({ kind: 'found', order, fills })
      else if (!last) services.timers.after(settings.evidenceDelayMs, () => round(true))
      else if (order !== null) done({ kind: 'no-answer', reason: `order ${clientId} has ${order.filledLots} lots filled, its executions make ${booked}` })
      else if (fills.length > 0) done({ kind: 'no-answer', reason: `${fills.length} executions of ${clientId}, but no order row` })
      else done({ kind: 'absent' })
    })
  }
  round(false)
}

function askAll(queries: BybitQueries, instrument: Instrument, clientId: string, done: (error: unknown, found: Found) => void): void {
  const params: Params = [['category', 'linear'], ['symbol', instrument.symbol], ['orderLinkId', clientId]]
  const found: Found = { order: null, fills: [] }
  const ours = (rows: readonly Json[]): readonly Json[] => rows.filter((row) => row['orderLinkId'] === clientId && row['symbol'] === instrument.symbol)
  const order = (path: string, next: (error: unknown) => void): void => {
    if (found.order !== null) {
      next(null)
      return
    }
    queries.list(path, 'order-query', true, params, (error, rows) => {
      next(error ?? attempt(() => {
        const row = ours(rows)[0]
        if (row !== undefined) found.order = readOrder(row, instrument)
      }))
    })
  }
  const fills = (next: (error: unknown) => void): void => {
    queries.list('/v5/execution/list', 'execution-query', true, [...params, ['limit', '100']], (error, rows) => {
      next(error ?? attempt(() => {
        const unique = new Map(ours(rows).map((row) => [row['execId'], row]))
        found.fills = [...unique.values()].sort(compareExecutions).map((row) => readFill(row, instrument)).filter((fill) => fill.kind !== 'funding')
      }))
    })
  }
  const steps: readonly ((next: (error: unknown) => void) => void)[] = [
    (next) => order('/v5/order/realtime', next),
    (next) => order('/v5/order/history', next),
    fills,
  ]
  inTurn(steps, (step, next) => step(next), (error) => done(error, found))
}
