import { BUY, type DecimalStep, fail, money, SELL } from '../../core/index.ts'
import type { PositionMode, VenueFill, VenueOrder, VenueOrderStatus, VenuePosition, VenueWallet } from '../trading-port.ts'
import { isObject, type Json, show } from '../common/json.ts'
import { decimal, millis, nearest, optional, priced, refuseRow, sized, text } from '../common/row-fields.ts'
import type { AlgoIds } from './algo-ids.ts'
import type { OkxContract } from './contracts.ts'
import { sideOf } from './row-fields.ts'

/*
 * Rows of orders, fills, positions, balances and bills into the port's words. Sizes are contracts there and lots
 * here; fees are negative there when they cost something and positive here. Empty text means "none". All of them
 * throw RM_VENUE_ROW for a row that cannot be trusted.
 */

const STATUS: Readonly<Record<string, VenueOrderStatus>> = {
  live: 'open', partially_filled: 'partially-filled', filled: 'filled', canceled: 'cancelled', mmp_canceled: 'cancelled',
}

const CANCEL_SOURCE: Readonly<Record<string, string>> = {
  0: 'by the system', 1: 'by the user', 2: 'reduce-only for lack of margin', 3: 'liquidation risk', 6: 'auto-deleveraging', 9: 'balance after funding',
  13: 'FOK not fillable', 14: 'IOC remainder', 15: 'price beyond the limit', 17: 'position already closed', 20: 'cancel-all-after', 21: 'position of the TP/SL closed',
  22: 'reduce-only conflict', 23: 'reduce-only conflict', 27: 'price protection', 31: 'post-only would take', 32: 'self-trade prevention', 33: 'too many matches', 36: 'sibling triggered', 37: 'sibling triggered',
}

/** Orders of the venue's own making; anything else is a trade of somebody with access to the account. */
const KIND_BY_CATEGORY: Readonly<Record<string, VenueFill['kind']>> = {
  adl: 'adl', full_liquidation: 'liquidation', partial_liquidation: 'liquidation', delivery: 'settle', auto_conversion: 'settle',
}

/** `source` of an order that a take-profit, stop-loss or trailing stop became (reference: OKX V5, order sources). */
const KEPT_SOURCES = new Set(['7', '25'])

/** Whether an order is what an exit became that the venue kept for the position. */
export const isKeptExit = (row: Json): boolean => KEPT_SOURCES.has(optional(row, 'source'))

export function readOrder(row: Json, contract: OkxContract, ids: AlgoIds): VenueOrder {
  const what = 'order'
  const { instrument, size } = contract
  const { symbol } = instrument
  const word = text(row, 'state', what, symbol)
  const status = STATUS[word] ?? refuseRow(what, symbol, 'state', word, 'a known state')
  const source = optional(row, 'cancelSource')
  const average = optional(row, 'avgPx')
  return {
    clientId: ids.clientOf(row),
    venueId: text(row, 'ordId', what, symbol),
    symbol,
    side: sideOf(row, what, symbol),
    status,
    priceTicks: optional(row, 'px') === '' || row['ordType'] === 'market' ? null : priced(row, 'px', instrument.tick, what, symbol).ticks,
    lots: sized(row, 'sz', size, what, symbol).lots,
    filledLots: optional(row, 'accFillSz') === '' ? 0 : sized(row, 'accFillSz', size, what, symbol).lots,
    averagePrice: average === '' || Number(average) === 0 ? '' : decimal(row, 'avgPx', what, symbol),
    reduceOnly: row['reduceOnly'] === 'true' || row['reduceOnly'] === true,
    reason: status !== 'cancelled' || source === '' ? '' : `${source} ${CANCEL_SOURCE[source] ?? ''}`.trimEnd(),
    updatedMs: millis(row, 'uTime', what, symbol),
    ...(isKeptExit(row) ? { kept: { kind: null, triggerTicks: null } } : {}),
    ...(kindOfOrder(row) === 'trade' ? {} : { forced: true }),
  }
}

/** The fill that a row of the orders channel brings, null when it brings none. */
export function readOrderFill(row: Json, contract: OkxContract, ids: AlgoIds): VenueFill | null {
  const what = 'fill'
  const { symbol } = contract.instrument
  const filled = optional(row, 'fillSz')
  if (filled === '' || Number(filled) === 0) return null
  // `fee` is the sum over the order: it is that of this fill only while there is no other.
  const own = optional(row, 'fillFee') !== ''
  if (!own && optional(row, 'accFillSz') !== filled) refuseRow(what, symbol, 'fillFee', show(row['fillFee']), 'decimal text')
  return fillOf(row, contract, ids, own ? 'fillFee' : 'fee', own ? 'fillFeeCcy' : 'feeCcy', kindOfOrder(row), isKeptExit(row), millis(row, 'fillTime', what, symbol))
}

/** A row of the fills list. @param kind and @param kept where the order's own row has told them */
export function readFill(row: Json, contract: OkxContract, ids: AlgoIds, kind = kindOfFill(row), kept = false): VenueFill {
  const time = optional(row, 'fillTime') === '' ? 'ts' : 'fillTime'
  return fillOf(row, contract, ids, 'fee', 'feeCcy', kind, kept, millis(row, time, 'fill', contract.instrument.symbol))
}

/** A funding payment of the bills list (type 8): it moves cash, never the position. */
export function readFunding(row: Json, contract: OkxContract): VenueFill {
  const what = 'bill'
  const { instrument, size } = contract
  const { symbol } = instrument
  const change = decimal(row, 'balChg', what, symbol)
  const price = optional(row, 'px') === '' ? '0' : decimal(row, 'px', what, symbol)
  const priceTicks = nearest(price, instrument.tick)
  return {
    executionId: `bill-${text(row, 'billId', what, symbol)}`,
    clientId: '',
    venueId: '',
    symbol,
    side: change.startsWith('-') ? BUY : SELL,
    priceTicks,
    ...exactPrice(price, priceTicks, instrument.tick),
    lots: optional(row, 'sz') === '' ? 0 : sized(row, 'sz', size, what, symbol).lots,
    fee: negated(change),
    maker: false,
    kind: 'funding',
    timeMs: millis(row, 'ts', what, symbol),
  }
}

/** @throws RM_VENUE_POSITION_MODE for a leg of a hedge position in one-way mode, RM_VENUE_ACCOUNT_MODE for a position without one in hedge mode. */
export function readPosition(row: Json, contract: OkxContract, mode: PositionMode): VenuePosition {
  const what = 'position'
  const { instrument, size } = contract
  const { symbol } = instrument
  const side = row['posSide']
  const leg = side === 'long' || side === 'short' ? side : null
  if (mode === 'one-way' && side !== 'net') fail('RM_VENUE_POSITION_MODE', { symbol, index: show(side) })
  if (mode === 'hedge' && leg === null) fail('RM_VENUE_ACCOUNT_MODE', { setting: `posSide of ${symbol}`, actual: show(side), expected: 'long or short' })
  const pos = optional(row, 'pos') === '' ? '0' : decimal(row, 'pos', what, symbol)
  const { lots, exact } = sized({ pos: pos.replace('-', '') }, 'pos', size, what, symbol)
  // Orders go out in cross margin: an isolated position is another one, which they would not reduce.
  if (lots > 0 && row['mgnMode'] !== 'cross') refuseRow(what, symbol, 'mgnMode', show(row['mgnMode']), 'cross')
  // Legs are positive at the venue, either of them.
  const negative = leg === null ? pos.startsWith('-') : leg === 'short'
  return {
    symbol,
    ...(leg === null ? {} : { leg }),
    signedLots: lots === 0 ? 0 : negative ? -lots : lots,
    ...(exact === null ? {} : { sizeText: pos }),
    entryPrice: lots === 0 ? '' : decimal(row, 'avgPx', what, symbol),
    leverage: optional(row, 'lever') === '' ? '' : decimal(row, 'lever', what, symbol),
  }
}

/** The quote coin's part of an account row. @returns null when the row says nothing about the coin. */
export function readWallet(row: Json, coin: string): VenueWallet | null {
  const what = 'wallet'
  const details = row['details']
  if (!Array.isArray(details)) return refuseRow(what, coin, 'details', show(details), 'a list')
  const found: unknown = details.find((entry: unknown) => isObject(entry) && entry['ccy'] === coin)
  if (!isObject(found)) return null
  const equity = decimal(found, 'eq', what, coin)
  const available = optional(found, 'availEq') === '' ? decimal(found, 'availBal', what, coin) : decimal(found, 'availEq', what, coin)
  return {
    balance: decimal(found, 'cashBal', what, coin),
    equity,
    // What positions and orders hold; where it is left out it is what is missing from the equity.
    marginUsed: optional(found, 'frozenBal') === '' ? money(equity).minus(available).toFixed() : decimal(found, 'frozenBal', what, coin),
    marginAvailable: available,
  }
}

/** Order of fills: time, then the venue's trade id. Ids are compared as the whole numbers they are, at any length. */
export function compareFills(a: Json, b: Json): number {
  return timeOf(a) - timeOf(b) || compareIds(optional(a, 'tradeId'), optional(b, 'tradeId')) || compareIds(optional(a, 'billId'), optional(b, 'billId'))
}

const timeOf = (row: Json): number => Number(optional(row, 'fillTime') || optional(row, 'ts'))
const compareIds = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)

function fillOf(row: Json, contract: OkxContract, ids: AlgoIds, feeField: string, feeCoinField: string, kind: VenueFill['kind'], kept: boolean, timeMs: number): VenueFill {
  const what = 'fill'
  const { instrument, size } = contract
  const { symbol } = instrument
  // What the venue settles has no order.
  const venueId = optional(row, 'ordId')
  const { ticks: priceTicks, exact: priceText } = priced(row, 'fillPx', instrument.tick, what, symbol)
  const { lots, exact: sizeText } = sized(row, 'fillSz', size, what, symbol)
  const fee = optional(row, feeField) === '' ? '0' : decimal(row, feeField, what, symbol)
  const coin = optional(row, feeCoinField)
  const tradeId = optional(row, 'tradeId')
  return {
    // Forced fills may come without a usable trade id; stream and query then agree in what happened when.
    executionId: /^[1-9]\d*$/.test(tradeId) ? `${venueId || contract.instId}-${tradeId}` : `${venueId || contract.instId}-${timeMs}-${priceTicks}x${lots}`,
    clientId: ids.clientOf(row),
    venueId,
    symbol,
    side: sideOf(row, what, symbol),
    priceTicks,
    ...(priceText === null ? {} : { priceText }),
    lots,
    ...(sizeText === null ? {} : { sizeText }),
    fee: negated(fee),
    ...(coin === '' || coin === instrument.quoteCoin ? {} : { feeCoin: coin }),
    ...(optional(row, 'fillPnl') === '' ? {} : { realised: decimal(row, 'fillPnl', what, symbol) }),
    maker: row['execType'] === 'M',
    kind,
    timeMs,
    ...(kept && kind === 'trade' ? { kept: true } : {}),
  }
}

/** The venue's own price, where the nearest tick is not it. */
const exactPrice = (price: string, priceTicks: number, tick: DecimalStep): { readonly priceText?: string } => (tick.tryParse(price) === priceTicks ? {} : { priceText: price })

/** What the fills of an order are, by its category. */
export const kindOfOrder = (row: Json): VenueFill['kind'] => KIND_BY_CATEGORY[optional(row, 'category')] ?? 'trade'

/** Sub-types of the bills (reference: OKX V5, bill sub-types): 1xx liquidations and deleveraging, the rest by somebody's order. */
export function kindOfFill(row: Json): VenueFill['kind'] {
  const number = Number(optional(row, 'subType'))
  if (number >= 100 && number <= 111) return 'liquidation'
  if (number >= 125 && number <= 128) return 'adl'
  if (number === 112 || number === 113 || number === 117) return 'settle'
  if (optional(row, 'ordId') === '') return 'settle'
  return 'trade'
}

/** Exact, by the text: a fee that costs is negative at the venue. */
export const negated = (amount: string): string => (Number(amount) === 0 ? '0' : amount.startsWith('-') ? amount.slice(1) : `-${amount}`)
