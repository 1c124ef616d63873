import type { Nanos } from '../../core/index.ts'
import type { Effect } from '../events.ts'
import type { OrderIntended } from '../records.ts'

/** The effect that sends what an intent says. @param receiveNs of the tick behind it, for the latency of the whole way */
export const placeOf = (record: OrderIntended, receiveNs: Nanos): Effect => ({
  kind: 'place',
  receiveNs,
  request: {
    clientId: record.clientId,
    symbol: record.symbol,
    side: record.side,
    type: record.type,
    priceTicks: record.priceTicks,
    lots: record.lots,
    timeInForce: record.timeInForce,
    reduceOnly: record.reduceOnly,
    ...(record.stop === undefined ? {} : { attach: { stopLossTicks: record.stop.ticks, clientId: record.stop.clientId } }),
  },
})
