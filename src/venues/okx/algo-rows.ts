import type { KeptExit, VenueOrder } from '../trading-port.ts'
import { isObject, type Json } from '../common/json.ts'
import { millis, optional, priced, refuseRow, sized, text } from '../common/row-fields.ts'
import type { OkxContract } from './contracts.ts'
import { sideOf } from './row-fields.ts'

/** Kinds of algo orders that this adapter makes or has to know of; the list is asked kind by kind. */
export const ALGO_TYPES = ['trigger', 'conditional', 'oco'] as const

/** Price of an order that goes to market. */
export const AT_MARKET = '-1'

/** `waiting` for its trigger, `triggered` into an order with a life of its own, or ended without one. */
export type AlgoPhase = 'waiting' | 'triggered' | 'cancelled' | 'failed'

const PHASE: Readonly<Record<string, AlgoPhase>> = {
  live: 'waiting', pause: 'waiting', partially_effective: 'triggered', effective: 'triggered', order_placed: 'triggered', partially_filled: 'triggered', filled: 'triggered', canceled: 'cancelled', order_failed: 'failed', partially_failed: 'failed',
}
const STATUS = { waiting: 'untriggered', triggered: 'open', cancelled: 'cancelled', failed: 'rejected' } as const

export interface AlgoRow {
  readonly algoId: string
  readonly phase: AlgoPhase
  /** Order that it became, '' before. */
  readonly ordId: string
  /** Take-profit or stop-loss of a whole position. */
  readonly wholePosition: boolean
  /** In the port's words, under the algo's own id. Once it triggered, the order it became says more. */
  readonly order: VenueOrder
}

/** A row of the algo lists or of the `orders-algo` channel. @throws RM_VENUE_ROW */
export function readAlgo(row: Json, { instrument, size }: OkxContract): AlgoRow {
  const what = 'algo order'
  const { symbol } = instrument
  const word = text(row, 'state', what, symbol)
  const phase = PHASE[word] ?? refuseRow(what, symbol, 'state', word, 'a known state')
  const algoId = text(row, 'algoId', what, symbol)
  const price = row['ordType'] === 'trigger' ? optional(row, 'ordPx') : ''
  const linked = row['linkedOrd']
  const wholePosition = optional(row, 'closeFraction') !== ''
  const failCode = optional(row, 'failCode')
  return {
    algoId,
    phase,
    ordId: optional(row, 'ordId'),
    wholePosition,
    order: {
      clientId: optional(row, 'algoClOrdId'),
      venueId: algoId,
      symbol,
      side: sideOf(row, what, symbol),
      status: STATUS[phase],
      priceTicks: price === '' || price === AT_MARKET ? null : priced(row, 'ordPx', instrument.tick, what, symbol).ticks,
      lots: optional(row, 'sz') === '' ? 0 : sized(row, 'sz', size, what, symbol).lots,
      filledLots: 0,
      averagePrice: '',
      // What closes a whole position, or hangs on the order that opened it, can only reduce.
      reduceOnly: row['reduceOnly'] === 'true' || row['reduceOnly'] === true || wholePosition || (isObject(linked) && optional(linked, 'ordId') !== ''),
      reason: phase === 'cancelled' ? 'algo order cancelled' : phase === 'failed' ? `algo order failed: ${failCode === '' ? word : failCode}` : '',
      updatedMs: millis(row, 'uTime', what, symbol),
      ...(row['ordType'] === 'trigger' ? {} : { kept: keptOf(row, instrument) }),
    },
  }
}

/** A pair of both counts as the stop-loss: that is the half that must be there. */
function keptOf(row: Json, { tick, symbol }: OkxContract['instrument']): KeptExit {
  for (const [kind, field] of [['stop-loss', 'slTriggerPx'], ['take-profit', 'tpTriggerPx']] as const) {
    if (optional(row, field) !== '') return { kind, triggerTicks: priced(row, field, tick, 'algo order', symbol).ticks }
  }
  return { kind: null, triggerTicks: null }
}
