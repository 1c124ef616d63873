import { BUY, SELL, type DecimalStep } from '../../core/index.ts'
import { field, type Fields } from '../front/json.ts'
import type { NewOrder, TimeInForce } from '../port.ts'
import { codes, missing, refusals, refuse, wrong } from './codes.ts'
import type { Listing, Listings } from './listing.ts'

const CLIENT_ID = /^[A-Za-z0-9]{1,32}$/
const TAG = /^[A-Za-z0-9]{1,16}$/
const TIMES: Readonly<Record<string, TimeInForce>> = { market: 'IOC', limit: 'GTC', post_only: 'PostOnly', ioc: 'IOC', fok: 'FOK' }

/** A text field; a number is taken for its text. @returns '' when absent. @throws Refused when it is anything else. */
export function textOf(fields: Fields, name: string): string {
  const value = field(fields, name)
  if (value === undefined || value === null) return ''
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value !== 'string' || value.length > 200) refuse(wrong(name))
  return value
}

/** @returns false when absent. @throws Refused when it is neither a boolean nor its text. */
export function flagOf(fields: Fields, name: string): boolean {
  const value = field(fields, name)
  if (value === undefined || value === null || value === '') return false
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  return refuse(wrong(name))
}

/** The instrument, by its name or by its code. */
export function listingOf(listings: Listings, fields: Fields): Listing {
  const instId = textOf(fields, 'instId')
  const code = textOf(fields, 'instIdCode')
  if (instId === '' && code === '') refuse(missing('instId'))
  const listing = instId !== '' ? listings.byInstId(instId) : /^\d{1,15}$/.test(code) ? listings.byCode(Number(code)) : undefined
  return listing ?? refuse(refusals['unknown-symbol'])
}

/** Contracts or a price to whole steps; NaN when it is a number but off the grid. @throws Refused when it is no positive decimal. */
function stepsOf(step: DecimalStep, text: string, name: string): number {
  if (text.length > 40 || !/^\d+(?:\.\d+)?$/.test(text)) refuse(wrong(name))
  return step.tryParse(text)
}

export function lotsOf(listing: Listing, text: string, name: string): number {
  const lots = stepsOf(listing.lotSz, text, name)
  if (Number.isNaN(lots)) refuse(codes.offLot)
  if (lots === 0) refuse(codes.belowMinimum)
  return lots
}

export function ticksOf(listing: Listing, text: string, name: string): number {
  const ticks = stepsOf(listing.contract.tick, text, name)
  if (!(ticks > 0)) refuse(wrong(name))
  return ticks
}

/** `tag` of the client, at most 16 letters and digits. */
export function tagOf(fields: Fields): string {
  const tag = textOf(fields, 'tag')
  if (tag !== '' && !TAG.test(tag)) refuse(wrong('tag'))
  return tag
}

export function clOrdIdOf(fields: Fields): string {
  const clOrdId = textOf(fields, 'clOrdId')
  if (clOrdId !== '' && !CLIENT_ID.test(clOrdId)) refuse(wrong('clOrdId'))
  return clOrdId
}

/** @throws Refused for modes that this venue does not carry: refused, never ignored. */
export function netCross(fields: Fields, modeName: string): void {
  const mode = textOf(fields, modeName)
  if (mode === '') refuse(missing(modeName))
  if (mode !== 'cross') refuse(wrong(modeName))
  const posSide = textOf(fields, 'posSide')
  if (posSide !== '' && posSide !== 'net') refuse(wrong('posSide'))
}

/** Reads a new order; its client id is given later. @throws Refused for everything that the venue answers with a parameter error. */
export function newOrderOf(listing: Listing, fields: Fields): Omit<NewOrder, 'clientId'> {
  netCross(fields, 'tdMode')
  const side = textOf(fields, 'side')
  if (side !== 'buy' && side !== 'sell') refuse(side === '' ? missing('side') : wrong('side'))
  const ordType = textOf(fields, 'ordType')
  if (ordType === '') refuse(missing('ordType'))
  if (!Object.hasOwn(TIMES, ordType)) refuse(wrong('ordType'))
  const sz = textOf(fields, 'sz')
  if (sz === '') refuse(missing('sz'))
  const px = textOf(fields, 'px')
  if (ordType !== 'market' && px === '') refuse(missing('px'))
  const algos = field(fields, 'attachAlgoOrds')
  if (algos !== undefined && algos !== null && !(Array.isArray(algos) && algos.length === 0)) refuse(wrong('attachAlgoOrds'))
  const stpMode = textOf(fields, 'stpMode')
  if (stpMode !== '' && stpMode !== 'cancel_maker') refuse(wrong('stpMode'))
  const pxAmendType = textOf(fields, 'pxAmendType')
  if (pxAmendType !== '' && pxAmendType !== '0') refuse(wrong('pxAmendType'))
  return {
    symbol: listing.symbol,
    side: side === 'buy' ? BUY : SELL,
    type: ordType === 'market' ? 'market' : 'limit',
    priceTicks: ordType === 'market' ? null : ticksOf(listing, px, 'px'),
    lots: lotsOf(listing, sz, 'sz'),
    timeInForce: TIMES[ordType]!,
    reduceOnly: flagOf(fields, 'reduceOnly'),
    closeOnTrigger: false,
  }
}
