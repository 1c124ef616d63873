import { sideName } from '../../core/index.ts'
import type { TradingRecord } from '../records.ts'

/** A record as one line for people: time, what, and every number that an audit asks for. Sizes in lots, prices in ticks. */
export function describeRecord(record: TradingRecord): string {
  return `${new Date(record.atMs).toISOString()}  ${record.kind.padEnd(18)} ${words(record)}`
}

function words(record: TradingRecord): string {
  switch (record.kind) {
    case 'epoch-started':
      return `epoch ${record.epoch} of account ${record.account}`
    case 'instrument-seen':
      return `${record.symbol} tick ${record.tick} lot ${record.lot}`
    case 'order-intended': {
      const price = record.priceTicks === null ? 'market' : `${record.type} ${record.priceTicks}`
      return `${record.clientId} ${record.symbol} ${record.purpose} ${sideName(record.side)} ${record.lots} at ${price} ${record.timeInForce}${record.reduceOnly ? ' reduce-only' : ''}, position ${record.positionId}: ${record.why} [${record.trace}]`
    }
    case 'order-accepted':
      return `${record.clientId} as ${record.venueId}`
    case 'order-refused':
      return `${record.clientId} ${record.code} ${record.text}`
    case 'order-unsent':
      return `${record.clientId} ${record.reason}`
    case 'order-unknown':
      return `${record.clientId} ${record.reason}`
    case 'order-absent':
      return `${record.clientId} found nowhere ${record.waitedMs} ms after sending`
    case 'order-seen':
      return `${record.clientId} ${record.status} ${record.filledLots}/${record.lots} by ${record.source}${record.reason === '' ? '' : `: ${record.reason}`}`
    case 'order-adopted':
      return `${record.clientId} ${record.symbol} ${record.purpose} ${sideName(record.side)} ${record.filledLots}/${record.lots}, found as ${record.venueId} without an intent`
    case 'order-hanging':
      return `${record.clientId} ${record.symbol} ${record.localState} here, ${record.issue}: ${record.reason}`
    case 'hanging-resolved':
      return `${record.clientId} ${record.symbol} ${record.localState} here, ${record.issue}: ${record.reason}`
    case 'cancel-intended':
      return `${record.clientId} ${record.symbol}: ${record.why}`
    case 'cancel-refused':
      return `${record.clientId} ${record.code} ${record.text}`
    case 'fill-booked':
      return `${record.executionId} ${record.symbol} ${sideName(record.side)} ${record.lots} at ${record.priceTicks}, fee ${record.fee}, position ${record.beforeLots} -> ${record.afterLots}, order ${record.clientId === '' ? 'of the venue' : record.clientId}${record.type === 'trade' ? '' : ` (${record.type})`}${record.note === '' ? '' : ` ${record.note.toUpperCase()}`}`
    case 'funding-booked':
      return `${record.executionId} ${record.symbol} fee ${record.fee}`
    case 'position-adopted':
      return `${record.symbol} ${record.fromLots} -> ${record.toLots} at ${record.entryTicks} ticks: ${record.why}`
    case 'transition-refused':
      return `${record.entity} ${record.id} ${record.symbol} ${record.from} + ${record.event}: ${record.why}`
    case 'symbol-frozen':
      return `${record.symbol} ${record.code}: ${record.why}`
    case 'symbol-released':
    case 'symbol-suspended':
    case 'symbol-resumed':
      return `${record.symbol}: ${record.why}`
    case 'reconciled':
      return `${record.reason}, try ${record.tries}: ${record.fillsBooked} fills booked, ${record.positionsAdopted} positions adopted, ${record.ordersHanging} orders hanging, balance ${record.balance}${record.fillsComplete ? '' : ', the venue could not reach back all the way'}`
    case 'stop-requested':
      return record.policy
    case 'epoch-ended':
      return `epoch ${record.epoch}: ${record.liveOrders} live orders, ${record.openPositions} open positions${record.drained ? '' : ', not drained before the deadline'}`
  }
}
