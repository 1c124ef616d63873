import { money, sideName } from '../../core/index.ts'
import type { ExitDistance, ExitPlan, TradingRecord } from '../records.ts'
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
      return `${record.clientId} ${record.purpose} ${sideName(record.side)} ${size(record.lots, record.symbol, grid)} at ${at} ${record.timeInForce}${record.reduceOnly ? ' reduce-only' : ''}${record.stop === undefined ? '' : `, stop at the venue at ${price(record.stop.ticks, grid)}`}, position ${record.positionId}: ${record.why} [${record.trace}]${record.plan === null ? '' : `, exits ${planWords(record.plan)}`}`
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
      return `${record.executionId} ${sideName(record.side)} ${size(record.lots, record.symbol, grid)} at ${record.priceText ?? price(record.priceTicks, grid)}, fee ${record.fee}${record.feeCoin === null ? '' : ` ${record.feeCoin}`}${record.realised === null || money(record.realised).isZero() ? '' : `, realised ${record.realised}`}, position ${quantity(record.beforeLots, grid)} -> ${quantity(record.afterLots, grid)}${grid === null ? ' lots' : ''}, order ${record.clientId === '' ? 'of the venue' : record.clientId}${record.type === 'trade' ? '' : ` (${record.type})`}${record.note === '' ? '' : ` ${record.note.toUpperCase()}`}`
    case 'funding-booked':
      return `${record.executionId} ${record.symbol} fee ${record.fee}${record.rate === null ? '' : `, rate ${record.rate}`}${record.lots === null ? '' : ` on ${size(record.lots, record.symbol, grid)}`}${record.priceText === null ? '' : ` at ${record.priceText}`}`
    case 'position-adopted':
      return `${record.symbol} ${quantity(record.fromLots, grid)} -> ${quantity(record.toLots, grid)}${grid === null ? ' lots' : ''}${record.toLots === 0 ? '' : ` at ${averagePrice(record.entryTicks, grid)}`}: ${record.why}`
    case 'plan-damaged':
      return `${record.symbol} position ${record.positionId}: ${record.problem}; exits from here on ${planWords(record.plan)}`
    case 'stop-moved':
      return `${record.symbol} position ${record.positionId}: ${price(record.fromTicks, grid)} -> ${price(record.toTicks, grid)}, after ${price(record.priceTicks, grid)}`
    case 'transition-refused':
      return `${record.entity} ${record.id} ${record.symbol} ${record.from} + ${record.event}: ${record.why}`
    case 'symbol-frozen':
      return `${record.symbol} ${record.code}: ${record.why}`
    case 'symbol-released':
    case 'symbol-suspended':
    case 'symbol-resumed':
      return `${record.symbol}: ${record.why}`
    case 'protection-intended':
      return `${record.symbol} ${record.stopTicks === 0 ? 'no stop at the venue any more' : `stop at the venue at ${price(record.stopTicks, grid)}`}, position ${record.positionId}: ${record.why}`
    case 'protection-set':
      return `${record.symbol} ${record.stopTicks === 0 ? 'no stop rests at the venue' : `stop rests at the venue at ${price(record.stopTicks, grid)}`}, position ${record.positionId}, by ${record.source}`
    case 'protection-failed':
      return `${record.symbol} stop of position ${record.positionId} ${record.trouble}: ${record.text}`
    case 'protection-alarm':
      return `${record.symbol} position ${record.positionId} of ${quantity(record.lots, grid)}${grid === null ? ' lots' : ''} has had no stop for ${record.nakedMs} ms, entries stop: ${record.why}`
    case 'limits-changed':
      return `${record.limit} ${record.before} -> ${record.value}, configured ${record.configured}: ${record.why}`
    case 'strategy-changed':
      return `${record.strategy} ${record.setting} ${record.before} -> ${record.value}, configured ${record.configured}: ${record.why}`
    case 'reconciled':
      return `${record.reason}, try ${record.tries}: ${record.fillsBooked} fills booked, ${record.positionsAdopted} positions adopted, ${record.ordersHanging} orders hanging, balance ${record.balance}${record.fillsComplete ? '' : ', the venue could not reach back all the way'}`
    case 'stop-requested':
      return record.policy
    case 'kill-engaged':
      return `by ${record.by}, ${record.code}${record.flatten ? ', positions are closed' : ''}: ${record.reason} [${record.id}]`
    case 'kill-released':
      return `by ${record.by}: ${record.why}${record.overruled.length === 0 ? '' : `, against: ${record.overruled.join('; ')}`} [${record.id}]`
    case 'equity-seen':
      return `day ${record.day}: equity ${record.equity}, result ${record.realised} realised ${record.unrealised} open${money(record.unexplained).isZero() ? '' : `, ${record.unexplained} not by trading`}`
    case 'epoch-ended':
      return `epoch ${record.epoch}: ${record.liveOrders} live orders, ${record.openPositions} open positions${record.drained ? '' : ', not drained before the deadline'}`
  }
}

function planWords({ takeProfitPercent, stopLossPercent, holdMsMax, source, regime, takeProfit, stopLoss, trailing }: ExitPlan): string {
  const made = (distance: ExitDistance | null): string => (distance === null || distance.by === 'percent' ? '' : ` (${distance.by})`)
  const trail = trailing === null ? '' : `, trailing ${trailing.distancePercent} %${made(trailing.distance)} from ${trailing.activationPercent} %${made(trailing.activation)} by ${trailing.source}`
  return `+${takeProfitPercent} %${made(takeProfit)} -${stopLossPercent} %${made(stopLoss)} ${holdMsMax / 1000} s${trail}${regime === null ? '' : ` in ${regime}`}: ${source}`
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
