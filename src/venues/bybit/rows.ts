import { BUY, fail, type Instrument, money, SELL, type Side } from '../../core/index.ts'
import type { KeptExit, VenueFill, VenueOrder, VenueOrderStatus, VenuePosition, VenueWallet } from '../trading-port.ts'
import { isObject, type Json, show } from '../common/json.ts'
import { decimal, millis, optional, priced, refuseRow, sized, text } from '../common/row-fields.ts'

/*
 * Rows of orders, executions, positions and wallets, the same over the private stream and REST, into the port's
 * words. Empty text means "none". All of them throw RM_VENUE_ROW for a row that cannot be trusted.
 */

const STATUS: Readonly<Record<string, VenueOrderStatus>> = {
  Created: 'open', New: 'open', Triggered: 'open', Active: 'open',
  Untriggered: 'untriggered',
  PartiallyFilled: 'partially-filled',
  Filled: 'filled',
  Cancelled: 'cancelled', PartiallyFilledCanceled: 'cancelled', Deactivated: 'cancelled',
  Rejected: 'rejected',
}

/**
 * Block trades, legs of spread trades and moved positions change the position without an order of ours, as a settlement does. Any other
 * word is a kind that we do not know how to book.
 */
const KIND: Readonly<Record<string, VenueFill['kind']>> = {
  Trade: 'trade', Funding: 'funding', BustTrade: 'liquidation', AdlTrade: 'adl',
  Settle: 'settle', Delivery: 'settle', BlockTrade: 'settle', MovePosition: 'settle', FutureSpread: 'settle',
}

/**
 * `stopOrderType` of the exits that the venue keeps for a position. A conditional order of ours is a `Stop`: it has a
 * client id and is an order like others.
 */
const KEPT: Readonly<Record<string, KeptExit['kind']>> = {
  StopLoss: 'stop-loss', PartialStopLoss: 'stop-loss', TakeProfit: 'take-profit', PartialTakeProfit: 'take-profit', TrailingStop: null,
}
const CREATED_BY = 'CreateBy'

/**
 * `createType` of orders that the venue makes against the account: what their executions are. The words come with and
 * without `_PassThrough` (reference: Bybit V5, enums, createType).
 */
const FORCED: Readonly<Record<string, VenueFill['kind']>> = { Liq: 'liquidation', TakeOver: 'liquidation', Adl: 'adl', Settle: 'settle', Delivery: 'settle' }
const PASSED = '_PassThrough'

/** Words that say that there is no reason. */
const NO_REASON = new Set(['', 'EC_NoError', 'UNKNOWN', 'NO_REASON'])

export function readOrder(row: Json, instrument: Instrument): VenueOrder {
  const what = 'order'
  const { symbol } = instrument
  const word = text(row, 'orderStatus', what, symbol)
  const status = STATUS[word] ?? refuseRow(what, symbol, 'orderStatus', word, 'a known status')
  // The price of a market order is the venue's protective cap, or nothing.
  const limit = text(row, 'orderType', what, symbol) === 'Limit'
  const over = status === 'cancelled' || status === 'rejected'
  const words = over ? [optional(row, 'rejectReason'), optional(row, 'cancelType')] : []
  const average = optional(row, 'avgPrice')
  return {
    clientId: optional(row, 'orderLinkId'),
    venueId: text(row, 'orderId', what, symbol),
    symbol,
    side: sideOf(row, what, symbol),
    status,
    priceTicks: limit ? priced(row, 'price', instrument.tick, what, symbol).ticks : null,
    lots: sized(row, 'qty', instrument.lot, what, symbol).lots,
    filledLots: optional(row, 'cumExecQty') === '' ? 0 : sized(row, 'cumExecQty', instrument.lot, what, symbol).lots,
    averagePrice: average === '' || Number(average) === 0 ? '' : decimal(row, 'avgPrice', what, symbol),
    reduceOnly: row['reduceOnly'] === true,
    reason: words.find((reason) => !NO_REASON.has(reason)) ?? '',
    updatedMs: millis(row, 'updatedTime', what, symbol),
    ...keptOf(row, instrument),
    ...(forcedKind(row) === undefined ? {} : { forced: true }),
  }
}

/** What the venue's own hand makes of an order; undefined for one of a person, a program or an exit that it keeps. */
function forcedKind(row: Json): VenueFill['kind'] | undefined {
  const by = madeBy(row)
  const word = by.endsWith(PASSED) ? by.slice(0, -PASSED.length) : by
  return Object.hasOwn(FORCED, word) ? FORCED[word] : undefined
}

/** `createType` without its first words; '' where the row has none. */
function madeBy(row: Json): string {
  const made = optional(row, 'createType')
  return made.startsWith(CREATED_BY) ? made.slice(CREATED_BY.length) : ''
}

/** An order may be named in either of two fields: the kind of stop, or who made it (`CreateByStopLoss`). */
function keptKind(row: Json): KeptExit['kind'] | undefined {
  const stop = optional(row, 'stopOrderType')
  if (Object.hasOwn(KEPT, stop)) return KEPT[stop]
  const by = madeBy(row)
  return Object.hasOwn(KEPT, by) ? KEPT[by] : undefined
}

function keptOf(row: Json, instrument: Instrument): { kept?: KeptExit } {
  const kind = keptKind(row)
  if (kind === undefined) return {}
  const trigger = optional(row, 'triggerPrice')
  return { kept: { kind, triggerTicks: trigger === '' || Number(trigger) === 0 ? null : priced(row, 'triggerPrice', instrument.tick, 'order', instrument.symbol).ticks } }
}

/**
 * One execution of any kind. The price of a trade lies on the tick of its time; that of funding, liquidation and the like
 * need not lie on any: it is kept as the venue wrote it, next to the nearest tick.
 */
export function readFill(row: Json, instrument: Instrument): VenueFill {
  const what = 'execution'
  const { symbol } = instrument
  const word = text(row, 'execType', what, symbol)
  const listed = KIND[word] ?? refuseRow(what, symbol, 'execType', word, 'a known kind')
  // A forced order that trades in the book: who made it says more than how it was executed.
  const kind = listed === 'trade' ? (forcedKind(row) ?? listed) : listed
  const { ticks: priceTicks, exact: priceText } = priced(row, 'execPrice', instrument.tick, what, symbol)
  const { lots, exact: sizeText } = sized(row, 'execQty', instrument.lot, what, symbol)
  const coin = optional(row, 'feeCurrency')
  const funding = kind === 'funding'
  return {
    executionId: text(row, 'execId', what, symbol),
    clientId: optional(row, 'orderLinkId'),
    venueId: optional(row, 'orderId'),
    symbol,
    side: sideOf(row, what, symbol),
    priceTicks,
    ...(priceText === null ? {} : { priceText }),
    lots,
    ...(sizeText === null ? {} : { sizeText }),
    fee: optional(row, 'execFee') === '' ? '0' : decimal(row, 'execFee', what, symbol),
    ...(coin === '' || coin === instrument.quoteCoin ? {} : { feeCoin: coin }),
    ...(funding || optional(row, 'execPnl') === '' ? {} : { realised: decimal(row, 'execPnl', what, symbol) }),
    ...(funding && optional(row, 'feeRate') !== '' ? { fundingRate: decimal(row, 'feeRate', what, symbol) } : {}),
    maker: row['isMaker'] === true,
    kind,
    timeMs: millis(row, 'execTime', what, symbol),
    ...(kind === 'trade' && keptKind(row) !== undefined ? { kept: true } : {}),
  }
}

/** Leg by the venue's position index; one-way positions have none. */
const LEGS = { 0: null, 1: 'long', 2: 'short' } as const

/** @throws RM_VENUE_POSITION_MODE for a leg of a hedge position where those are not expected. */
export function readPosition(row: Json, instrument: Instrument, hedge: boolean): VenuePosition {
  const what = 'position'
  const { symbol } = instrument
  const index = row['positionIdx']
  if (index !== 0 && index !== 1 && index !== 2) return refuseRow(what, symbol, 'positionIdx', show(index), '0, 1 or 2')
  const leg = LEGS[index]
  if (leg !== null && !hedge) fail('RM_VENUE_POSITION_MODE', { symbol, index: show(index) })
  const { lots: size, exact } = sized(row, 'size', instrument.lot, what, symbol)
  const side = optional(row, 'side')
  if (side !== 'Buy' && side !== 'Sell' && !(size === 0 && (side === '' || side === 'None'))) refuseRow(what, symbol, 'side', show(row['side']), 'Buy or Sell, or empty for a flat one')
  if (size > 0 && leg !== null && (side === 'Sell') !== (leg === 'short')) refuseRow(what, symbol, 'side', side, `the side of the ${leg} leg`)
  // The stream calls it entryPrice, REST avgPrice.
  const field = row['entryPrice'] === undefined ? 'avgPrice' : 'entryPrice'
  return {
    symbol,
    ...(leg === null ? {} : { leg }),
    signedLots: size === 0 ? 0 : side === 'Sell' ? -size : size,
    ...(exact === null ? {} : { sizeText: exact }),
    entryPrice: size === 0 ? '' : decimal(row, field, what, symbol),
    leverage: optional(row, 'leverage') === '' ? '' : decimal(row, 'leverage', what, symbol),
  }
}

/**
 * The quote coin's row of the account. Used margin is what its orders and positions hold; where the venue leaves
 * that or the free margin out (isolated accounts), available is balance minus used.
 * @returns null when the row says nothing about the coin.
 */
export function readWallet(row: Json, coin: string): VenueWallet | null {
  const what = 'wallet'
  const coins = row['coin']
  if (!Array.isArray(coins)) return refuseRow(what, coin, 'coin', show(coins), 'a list')
  const found: unknown = coins.find((entry: unknown) => isObject(entry) && entry['coin'] === coin)
  if (!isObject(found)) return null
  const balance = decimal(found, 'walletBalance', what, coin)
  const orders = optional(found, 'totalOrderIM')
  const positions = optional(found, 'totalPositionIM')
  const used = orders !== '' && positions !== ''
    ? money(decimal(found, 'totalOrderIM', what, coin)).plus(decimal(found, 'totalPositionIM', what, coin)).toFixed()
    : decimal(row, 'totalInitialMargin', what, coin)
  return {
    balance,
    equity: optional(found, 'equity') === '' ? balance : decimal(found, 'equity', what, coin),
    marginUsed: used,
    marginAvailable: optional(row, 'totalAvailableBalance') === '' ? money(balance).minus(used).toFixed() : decimal(row, 'totalAvailableBalance', what, coin),
  }
}

/** Order of executions: time, then the matching engine's sequence, then what was left of the order. */
export function compareExecutions(a: Json, b: Json): number {
  return Number(a['execTime']) - Number(b['execTime']) || Number(a['seq'] ?? 0) - Number(b['seq'] ?? 0) || Number(b['leavesQty'] || 0) - Number(a['leavesQty'] || 0)
}

function sideOf(row: Json, what: string, symbol: string): Side {
  const side = row['side']
  if (side !== 'Buy' && side !== 'Sell') refuseRow(what, symbol, 'side', show(side), 'Buy or Sell')
  return side === 'Buy' ? BUY : SELL
}
