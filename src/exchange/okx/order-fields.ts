import { BUY, SELL, type Lots, type Side } from '../../core/index.ts'
import type { Fields } from '../front/json.ts'
import type { ExchangePort, Leg, NewOrder, TimeInForce } from '../port.ts'
import { attachedOf } from './attached.ts'
import { codes, missing, refusals, refuse, wrong } from './codes.ts'
import { flagOf, lotsOf, textOf, ticksOf } from './fields.ts'
import type { Listing } from './listing.ts'

const TIMES: Readonly<Record<string, TimeInForce>> = { market: 'IOC', limit: 'GTC', post_only: 'PostOnly', ioc: 'IOC', fok: 'FOK', optimal_limit_ioc: 'IOC' }

/** @throws Refused for margin modes that this venue does not carry: refused, never ignored. */
export function crossMargin(fields: Fields, modeName: string): void {
  const mode = textOf(fields, modeName)
  if (mode === '') refuse(missing(modeName))
  if (mode !== 'cross') refuse(wrong(modeName))
}

export function sideOf(fields: Fields): Side {
  const side = textOf(fields, 'side')
  if (side === '') refuse(missing('side'))
  return side === 'buy' ? BUY : side === 'sell' ? SELL : refuse(wrong('side'))
}

/** The leg that `posSide` names, by the account's position mode: "net" or nothing in the one, "long" or "short" in the other. */
export function posSideOf(exchange: ExchangePort, account: string, listing: Listing, fields: Fields): Leg {
  const posSide = textOf(fields, 'posSide')
  if (exchange.positionMode(account, listing.symbol) === 'one-way') return posSide === '' || posSide === 'net' ? 'net' : refuse(wrong('posSide'))
  return posSide === 'long' || posSide === 'short' ? posSide : refuse(wrong('posSide'))
}

/** @returns the leg, and whether an order of this side closes it. */
export function legOf(exchange: ExchangePort, account: string, listing: Listing, fields: Fields, side: Side): { readonly leg: Leg; readonly closing: boolean } {
  const leg = posSideOf(exchange, account, listing, fields)
  return { leg, closing: leg === 'long' ? side === SELL : leg === 'short' ? side === BUY : false }
}

/** Whether a price outside the band moves to its end (`pxAmendType` 1) or is refused (0). */
export function onBandOf(fields: Fields): 'refuse' | 'move' {
  const text = textOf(fields, 'pxAmendType')
  return text === '' || text === '0' ? 'refuse' : text === '1' ? 'move' : refuse(wrong('pxAmendType'))
}

export interface AskedOrder {
  readonly order: Omit<NewOrder, 'clientId'>
  /** Names of what came with it; null when nothing did. */
  readonly attached: { readonly tp: string; readonly sl: string } | null
}

/** Reads a new order; its client id is given later. @throws Refused for everything that the venue answers with a parameter error. */
export function newOrderOf(exchange: ExchangePort, account: string, listing: Listing, fields: Fields): AskedOrder {
  crossMargin(fields, 'tdMode')
  const side = sideOf(fields)
  const { leg, closing } = legOf(exchange, account, listing, fields, side)
  const ordType = textOf(fields, 'ordType')
  if (ordType === '') refuse(missing('ordType'))
  if (!Object.hasOwn(TIMES, ordType)) refuse(wrong('ordType'))
  const sz = textOf(fields, 'sz')
  if (sz === '') refuse(missing('sz'))
  const px = textOf(fields, 'px')
  const priced = ordType !== 'market' && ordType !== 'optimal_limit_ioc'
  if (priced && px === '') refuse(missing('px'))
  const stpMode = textOf(fields, 'stpMode')
  if (stpMode !== '' && stpMode !== 'cancel_maker') refuse(wrong('stpMode'))
  const lots = lotsOf(listing, sz, 'sz')
  if (closing) refuseTooLarge(exchange, account, listing, leg, lots)
  const band = exchange.priceBand(listing.symbol)
  const priceTicks = priced ? ticksOf(listing, px, 'px') : ordType === 'market' ? null : side === BUY ? band.highestBuyTicks : band.lowestSellTicks
  const attached = attachedOf(listing, fields, side, priceTicks ?? exchange.summary(listing.symbol).lastTicks)
  return {
    order: {
      symbol: listing.symbol,
      side,
      leg,
      type: ordType === 'market' ? 'market' : 'limit',
      priceTicks,
      lots,
      timeInForce: TIMES[ordType]!,
      // With two legs side and leg say whether an order closes.
      reduceOnly: leg === 'net' ? flagOf(fields, 'reduceOnly') : closing,
      closeOnTrigger: false,
      onBand: onBandOf(fields),
      ...(attached === null ? {} : { protection: attached.protection }),
    },
    attached: attached === null ? null : attached.names,
  }
}

// With two legs an order that would close more than there is is refused whole.
function refuseTooLarge(exchange: ExchangePort, account: string, listing: Listing, leg: Leg, lots: Lots): void {
  const held = Math.abs(exchange.position(account, listing.symbol, leg).signedLots)
  if (held === 0) refuse(refusals['reduce-only-no-position'])
  const closing = exchange.orders(account, { symbol: listing.symbol, open: true }).filter((order) => order.leg === leg && order.reduceOnly)
  const pending = closing.reduce((sum, order) => sum + order.lots - order.filledLots, 0)
  if (lots > held - pending) refuse(codes.closeTooLarge)
}
