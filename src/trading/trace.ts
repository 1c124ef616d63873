import type { TradingRecord } from './records.ts'
import type { TradingState } from './state.ts'

/** What leads from a record back to its beginning. */
export interface TraceIds {
  /** Symbol / tick / decision, from the tick to the last fill: entry and exits of a position carry the same. '' where there is none. */
  readonly trace: string
  /** The position that ties orders to each other, such as `position/7`; '' where there is none. */
  readonly correlation: string
}

const NONE: TraceIds = Object.freeze({ trace: '', correlation: '' })

/** The ids of a record by the books that have applied it. */
export function traceOf(record: TradingRecord, state: TradingState): TraceIds {
  const order = 'clientId' in record && record.clientId !== '' ? state.orders.get(record.clientId) : undefined
  if (order !== undefined) return ids(order.trace, order.positionId)
  if (!('symbol' in record)) return NONE
  const position = state.symbols.get(record.symbol)?.position ?? state.closed.findLast((one) => one.symbol === record.symbol)
  // A fact about a symbol belongs to a position only when it moves it.
  const moves = record.kind === 'fill-booked' || record.kind === 'funding-booked' || record.kind === 'position-adopted'
  return position === undefined || !moves ? NONE : ids(position.trace, position.id)
}

const ids = (trace: string, positionId: number): TraceIds => ({ trace, correlation: positionId < 0 ? '' : `position/${positionId}` })
