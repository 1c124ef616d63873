import { BUY, SELL, type Side } from '../../core/index.ts'
import type { Contract, ExchangePort, Leg, NewOrder, OrderKey, TimeInForce } from '../port.ts'
import { rules } from '../rules.ts'
import { refusals, refuse, wrong } from './codes.ts'
import type { Fields } from '../front/json.ts'
import { legOf, protectionOf, triggerOf } from './stop-fields.ts'
import { flagOf, stepsOf, textOf } from './texts.ts'

const LINK_ID = /^[A-Za-z0-9_-]{1,36}$/
const TIMES: ReadonlySet<string> = new Set(['GTC', 'IOC', 'FOK', 'PostOnly'])
/** Features of the venue that this one does not carry: refused, never ignored. */
const UNSUPPORTED = ['slippageTolerance', 'bboSideType'] as const
/** Name of the setting behind set-limit-px-action: prices outside the band are refused instead of moved. */
export const REFUSE_BAND = 'bybit-refuse-band'


/** @throws Refused when the category is not the one of this venue. */
export function linearOnly(fields: Fields): void {
  if (textOf(fields, 'category') !== 'linear') refuse({ code: 10001, text: 'Illegal category' })
}

export function contractOf(exchange: ExchangePort, symbol: string): Contract {
  return exchange.contract(symbol) ?? refuse({ ...refusals['unknown-symbol'], text: `params error: symbol invalid ${symbol.slice(0, 50)}` })
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
  const leg = legOf(fields)
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
  const trigger = triggerOf(contract, fields)
  const protection = protectionOf(contract, fields)
  if (protection !== null && reduceOnly) refuse(wrong('TP/SL must not be set with reduceOnly'))
  const whole = closeOnTrigger && (reduceOnly || trigger !== null)
  const lots = lotsOf(exchange, account, contract, side, leg, textOf(fields, 'qty'), whole, trigger !== null)
  const common = {
    symbol: contract.symbol, clientId, side, lots, reduceOnly, closeOnTrigger, leg, onBand: bandAction(exchange, account),
    ...(trigger === null ? {} : { trigger }), ...(protection === null ? {} : { protection }),
  }
  if (typeText === 'Market') return { ...common, type: 'market', priceTicks: null, timeInForce: 'IOC' }
  const priceTicks = stepsOf(contract.tick, textOf(fields, 'price'), 'price')
  if (priceTicks === 0 || priceTicks > rules.priceTicksMax) refuse(refusals['bad-price'])
  return { ...common, type: 'limit', priceTicks, timeInForce: time === '' ? 'GTC' : (time as TimeInForce) }
}

/** What becomes of a price outside the band: moved, unless the account chose otherwise. */
export const bandAction = (exchange: ExchangePort, account: string): 'move' | 'refuse' => (exchange.setting(account, REFUSE_BAND) === '' ? 'move' : 'refuse')

// "0" with closeOnTrigger closes whatever there is: now, or when the trigger is there.
function lotsOf(exchange: ExchangePort, account: string, contract: Contract, side: Side, leg: Leg, text: string, wholePosition: boolean, conditional: boolean): number {
  const lots = stepsOf(contract.lot, text, 'Qty')
  if (lots > 0) return lots
  if (!wholePosition) refuse(refusals['bad-size'])
  if (conditional) return 0
  const { signedLots } = exchange.position(account, contract.symbol, leg)
  if (signedLots === 0 || signedLots > 0 === (side === BUY)) refuse(refusals['reduce-only-no-position'])
  return Math.abs(signedLots)
}
