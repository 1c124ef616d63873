import { money, sideName } from '../../core/index.ts'
import type { TradingRecord } from '../records.ts'
import type { Grid, Grids } from './grids.ts'

/** Digits of an average price beyond those of its tick. */
const AVERAGE_DIGITS = 4

/**
 * A record as one line for people: what, and every number that an audit asks for; whoever shows it says when.
 * With the grid of its symbol, prices and sizes are decimals and a size carries the symbol as its unit ("0.001
 * BTCUSDT": what one of them is, coin or contract, is the venue's word); without it they are ticks and lots, and say so.
 */
export function describeRecord(record: TradingRecord, grids?: Grids): string {
  return `${record.kind.padEnd(18)} ${words(record, grids?.of(record) ?? null)}`
}

function words(record: TradingRecord, grid: Grid | null): string {
  switch (record.kind) {
    case 'epoch-started':
      return `epoch ${record.epoch} of account ${record.account}`
    case 'instrument-seen':
      return `${record.symbol} tick ${record.tick} lot ${record.lot}`
    case 'order-intended': {
      const at = record.priceTicks === null ? 'market' : `${record.type} ${price(record.priceTicks, grid)}`
      return `${record.clientId} ${record.purpose} ${sideName(record.side)} ${size(record.lots, record.symbol, grid)} at ${at} ${record.timeInForce}${record.reduceOnly ? ' reduce-only' : ''}, position ${record.positionId}: ${record.why} [${record.trace}]`
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
      return `${record.clientId} ${record.status}, ${quantity(record.filledLots, grid)} of ${size(record.lots, '', grid)} filled, by ${record.source}${record.reason === '' ? '' : `: ${record.reason}`}`
    case 'order-adopted':
      return `${record.clientId} ${record.purpose} ${sideName(record.side)}, ${quantity(record.filledLots, grid)} of ${size(record.lots, record.symbol, grid)} filled, found as ${record.venueId} without an intent`
    case 'order-hanging':
      return `${record.clientId} ${record.symbol} ${record.localState} here, ${record.issue}: ${record.reason}`
    case 'hanging-resolved':
      return `${record.clientId} ${record.symbol} ${record.localState} here, ${record.issue}: ${record.reason}`
    case 'cancel-intended':
      return `${record.clientId} ${record.symbol}: ${record.why}`
    case 'cancel-refused':
      return `${record.clientId} ${record.code} ${record.text}`
    case 'fill-booked':
      return `${record.executionId} ${sideName(record.side)} ${size(record.lots, record.symbol, grid)} at ${price(record.priceTicks, grid)}, fee ${record.fee}, position ${quantity(record.beforeLots, grid)} -> ${quantity(record.afterLots, grid)}${grid === null ? ' lots' : ''}, order ${record.clientId === '' ? 'of the venue' : record.clientId}${record.type === 'trade' ? '' : ` (${record.type})`}${record.note === '' ? '' : ` ${record.note.toUpperCase()}`}`
    case 'funding-booked':
      return `${record.executionId} ${record.symbol} fee ${record.fee}`
    case 'position-adopted':
      return `${record.symbol} ${quantity(record.fromLots, grid)} -> ${quantity(record.toLots, grid)}${grid === null ? ' lots' : ''}${record.toLots === 0 ? '' : ` at ${averagePrice(record.entryTicks, grid)}`}: ${record.why}`
    case 'transition-refused':
      return `${record.entity} ${record.id} ${record.symbol} ${record.from} + ${record.event}: ${record.why}`
    case 'symbol-frozen':
      return `${record.symbol} ${record.code}: ${record.why}`
    case 'symbol-released':
    case 'symbol-suspended':
    case 'symbol-resumed':
      return `${record.symbol}: ${record.why}`
    case 'limits-changed':
      return `${record.limit} ${record.before} -> ${record.value}, configured ${record.configured}: ${record.why}`
    case 'reconciled':
      return `${record.reason}, try ${record.tries}: ${record.fillsBooked} fills booked, ${record.positionsAdopted} positions adopted, ${record.ordersHanging} orders hanging, balance ${record.balance}${record.fillsComplete ? '' : ', the venue could not reach back all the way'}`
    case 'stop-requested':
      return record.policy
    case 'epoch-ended':
      return `epoch ${record.epoch}: ${record.liveOrders} live orders, ${record.openPositions} open positions${record.drained ? '' : ', not drained before the deadline'}`
  }
}

const price = (ticks: number, grid: Grid | null): string => (grid === null || !Number.isSafeInteger(ticks) ? `${ticks} ticks` : grid.tick.format(ticks))

/** Without its unit, for where a size follows. A description must not fail: what is no whole number of lots stands as it is. */
const quantity = (lots: number, grid: Grid | null): string => (grid === null ? String(lots) : Number.isSafeInteger(lots) ? grid.lot.format(lots) : `${lots} lots`)

function size(lots: number, symbol: string, grid: Grid | null): string {
  if (grid !== null) return `${quantity(lots, grid)} ${grid.symbol}`
  return symbol === '' ? `${lots} lots` : `${lots} lots of ${symbol}`
}

const averagePrice = (ticks: string, grid: Grid | null): string =>
  grid === null ? `${ticks} ticks` : money(ticks).mul(money(grid.tick.text)).toDecimalPlaces(grid.tick.decimals + AVERAGE_DIGITS).toFixed()
