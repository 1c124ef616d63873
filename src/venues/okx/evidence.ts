import { errorLine, type WallMs } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { OrderEvidence, VenueFill, VenueOrder } from '../trading-port.ts'
import type { OkxContract } from './contracts.ts'
import type { OkxQueries } from './queries.ts'
import type { AlgoIds } from './algo-ids.ts'
import type { AlgoOrders } from './algo-orders.ts'
import { compareFills, readFill, readOrder } from './rows.ts'
import type { OkxSettings } from './settings.ts'
import { attempt, inTurn, type Params } from '../common/in-turn.ts'
import type { Json } from '../common/json.ts'
import type { VenueTime } from '../common/venue-time.ts'

interface Found {
  order: VenueOrder | null
  fills: readonly VenueFill[]
  /** Venue ids of all orders that carry the client id: more than one is a double order. */
  readonly venueIds: Set<string>
}

export interface EvidenceParts {
  readonly services: VenueServices
  readonly queries: OkxQueries
  readonly settings: OkxSettings
  readonly time: VenueTime
  readonly algos: AlgoOrders
  readonly ids: AlgoIds
}

/**
 * What the venue knows of one client id. Four places are asked: the order itself, the algo orders (and the order that one
 * of them became), the history, the fills. All of them lag the matching engine, so "nowhere" and "filled, but not all fills are there" are asked about once more after a
 * delay. `absent` needs two complete empty rounds; a failed question makes `no-answer`. The venue keeps client ids
 * apart among pending orders only: two orders of one id are told, never one of them taken for the other.
 */
export function findEvidence(parts: EvidenceParts, contract: OkxContract, clientId: string, done: (evidence: OrderEvidence) => void): void {
  const { services, settings, time } = parts
  const round = (last: boolean): void => {
    askAll(parts, contract, clientId, time.nowMs() - settings.evidenceReachMs, (error, found) => {
      if (error !== null) {
        done({ kind: 'no-answer', reason: errorLine(error) })
        return
      }
      const { order, fills, venueIds } = found
      let booked = 0
      for (const fill of fills) booked += fill.lots
      if (venueIds.size > 1) done({ kind: 'no-answer', reason: `client id ${clientId} is carried by ${venueIds.size} orders: ${[...venueIds].join(',')}` })
      else if (order !== null && booked === order.filledLots) done({ kind: 'found', order, fills })
      else if (!last) services.timers.after(settings.evidenceDelayMs, () => round(true))
      else if (order !== null) done({ kind: 'no-answer', reason: `order ${clientId} has ${order.filledLots} lots filled, its fills make ${booked}` })
      else if (fills.length > 0) done({ kind: 'no-answer', reason: `${fills.length} fills of ${clientId}, but no order row` })
      else done({ kind: 'absent' })
    })
  }
  round(false)
}

function askAll({ queries, algos, ids }: EvidenceParts, contract: OkxContract, clientId: string, sinceMs: WallMs, done: (error: unknown, found: Found) => void): void {
  const { instId } = contract
  const found: Found = { order: null, fills: [], venueIds: new Set() }
  const ours = (rows: readonly Json[]): readonly Json[] => rows.filter((row) => row['instId'] === instId && ids.clientOf(row) === clientId)
  const take = (rows: readonly Json[]): unknown => attempt(() => {
    for (const row of ours(rows)) {
      const order = readOrder(row, contract, ids)
      found.venueIds.add(order.venueId)
      found.order ??= order
    }
  })

  const order = (next: (error: unknown) => void): void => {
    queries.rows('/api/v5/trade/order', 'order', true, [['instId', instId], ['clOrdId', clientId]], (error, rows, answer) => {
      // "No such order" is the venue's empty answer here.
      if (answer.kind === 'refused' && answer.errorClass === 'not-found') next(null)
      else next(error ?? take(rows))
    })
  }
  const algo = (next: (error: unknown) => void): void => {
    if (found.order !== null) {
      next(null)
      return
    }
    algos.lookUp(contract, clientId, queries, (error, row) => {
      if (error !== null || row === null) {
        next(error)
        return
      }
      if (row.phase !== 'triggered' || row.ordId === '') {
        found.order = row.order
        found.venueIds.add(row.algoId)
        next(null)
        return
      }
      // Its fills and its end are those of the order that it became.
      queries.rows('/api/v5/trade/order', 'order', true, [['instId', instId], ['ordId', row.ordId]], (failed, rows) => next(failed ?? take(rows)))
    })
  }
  const history = (next: (error: unknown) => void): void => {
    if (found.order !== null) next(null)
    else queries.pages('/api/v5/trade/orders-history', 'history', [['instType', 'SWAP'], ['instId', instId], ['begin', String(sinceMs)]], 'ordId', (error, rows) => next(error ?? take(rows)))
  }
  const fills = (next: (error: unknown) => void): void => {
    // By the order's own id where it is known: then all of them, however old.
    const which: Params = found.order === null ? [['begin', String(sinceMs)]] : [['ordId', found.order.venueId]]
    queries.pages('/api/v5/trade/fills', 'fills', [['instType', 'SWAP'], ['instId', instId], ...which], 'billId', (error, rows) => {
      next(error ?? attempt(() => {
        const unique = new Map<string, VenueFill>()
        for (const row of [...ours(rows)].sort(compareFills)) {
          const fill = readFill(row, contract, ids)
          found.venueIds.add(fill.venueId)
          unique.set(fill.executionId, fill)
        }
        found.fills = [...unique.values()]
      }))
    })
  }
  inTurn([order, algo, history, fills], (step, next) => step(next), (error) => done(error, found))
}
