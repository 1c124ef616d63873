import { BUY, SELL, type DecimalStep, type Side } from '../../core/index.ts'
import type { Contract, ExchangePort, NewOrder, OrderKey, TimeInForce } from '../port.ts'
import { rules } from '../rules.ts'
import { refusals, refuse, wrong } from './codes.ts'
import { field, type Fields } from '../front/json.ts'

const LINK_ID = /^[A-Za-z0-9_-]{1,36}$/
const TIMES: ReadonlySet<string> = new Set(['GTC', 'IOC', 'FOK', 'PostOnly'])
/** Features of the venue that this one does not carry: refused, never ignored. */
const UNSUPPORTED = ['triggerPrice', 'takeProfit', 'stopLoss', 'slippageTolerance', 'bboSideType', 'tpLimitPrice', 'slLimitPrice', 'trailingStop'] as const

/** A text field. @returns '' when absent. @throws Refused when it is anything but text. */
export function textOf(fields: Fields, name: string): string {
  const value = field(fields, name)
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string' || value.length > 200) refuse(wrong(`${name} invalid`))
  return value
}

/** @returns false when absent. @throws Refused when it is no boolean. */
export function flagOf(fields: Fields, name: string): boolean {
  const value = field(fields, name)
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') refuse(wrong(`${name} invalid`))
  return value
}

/** @throws Refused when the category is not the one of this venue. */
export function linearOnly(fields: Fields): void {
  if (textOf(fields, 'category') !== 'linear') refuse({ code: 10001, text: 'Illegal category' })
}

export function contractOf(exchange: ExchangePort, symbol: string): Contract {
  return exchange.contract(symbol) ?? refuse({ ...refusals['unknown-symbol'], text: `params error: symbol invalid ${symbol.slice(0, 50)}` })
}

/** Decimal text to whole steps of the grid. */
export function stepsOf(step: DecimalStep, text: string, what: string): number {
  const steps = text.length <= 40 ? step.tryParse(text) : Number.NaN
  if (!Number.isSafeInteger(steps) || steps < 0) refuse(wrong(`${what} invalid`))
  return steps
}

/** `orderId` wins when both are given. */
export function keyOf(fields: Fields): OrderKey {
  const orderId = textOf(fields, 'orderId')
  if (orderId !== '') return { orderId }
  const clientId = textOf(fields, 'orderLinkId')
  if (clientId !== '') return { clientId }
  return refuse(wrong('orderId or orderLinkId is required'))
}

/** Reads a new order. @throws Refused for everything that the venue answers with 10001 and its like. */
export function newOrderOf(exchange: ExchangePort, account: string, fields: Fields): NewOrder {
  const contract = contractOf(exchange, textOf(fields, 'symbol'))
  const clientId = textOf(fields, 'orderLinkId')
  if (clientId !== '' && !LINK_ID.test(clientId)) refuse(wrong('orderLinkId invalid'))
  positionIdx(fields)
  for (const name of UNSUPPORTED) {
    const value = textOf(fields, name)
    if (value !== '' && Number(value) !== 0) refuse(wrong(`${name} is not supported by this venue`))
  }
  const sideText = textOf(fields, 'side')
  if (sideText !== 'Buy' && sideText !== 'Sell') refuse(wrong('side invalid'))
  const typeText = textOf(fields, 'orderType')
  if (typeText !== 'Limit' && typeText !== 'Market') refuse(wrong('orderType invalid'))
  const reduceOnly = flagOf(fields, 'reduceOnly')
  const closeOnTrigger = flagOf(fields, 'closeOnTrigger')
  const time = textOf(fields, 'timeInForce')
  if (time !== '' && !TIMES.has(time)) refuse(wrong('timeInForce invalid'))
  const side: Side = sideText === 'Buy' ? BUY : SELL
  const lots = lotsOf(exchange, account, contract, side, textOf(fields, 'qty'), reduceOnly && closeOnTrigger)
  const common = { symbol: contract.symbol, clientId, side, lots, reduceOnly, closeOnTrigger }
  if (typeText === 'Market') return { ...common, type: 'market', priceTicks: null, timeInForce: 'IOC' }
  const priceTicks = stepsOf(contract.tick, textOf(fields, 'price'), 'price')
  if (priceTicks === 0 || priceTicks > rules.priceTicksMax) refuse(refusals['bad-price'])
  return { ...common, type: 'limit', priceTicks, timeInForce: time === '' ? 'GTC' : (time as TimeInForce) }
}

/** One-way mode only. */
function positionIdx(fields: Fields): void {
  const value = field(fields, 'positionIdx')
  if (value === undefined || value === null || value === 0) return
  if (typeof value !== 'number') refuse(wrong('positionIdx invalid'))
  refuse({ code: 10001, text: 'position idx not match position mode' })
}

// "0" with reduceOnly and closeOnTrigger closes whatever there is.
function lotsOf(exchange: ExchangePort, account: string, contract: Contract, side: Side, text: string, wholePosition: boolean): number {
  const lots = stepsOf(contract.lot, text, 'Qty')
  if (lots > 0) return lots
  if (!wholePosition) refuse(refusals['bad-size'])
  const { signedLots } = exchange.position(account, contract.symbol)
  if (signedLots === 0 || signedLots > 0 === (side === BUY)) refuse(refusals['reduce-only-no-position'])
  return Math.abs(signedLots)
}
