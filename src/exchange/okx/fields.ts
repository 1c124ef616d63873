import type { DecimalStep, PriceTicks } from '../../core/index.ts'
import { field, type Fields } from '../front/json.ts'
import type { PriceSource } from '../port.ts'
import { codes, missing, refusals, refuse, wrong } from './codes.ts'
import type { Listing, Listings } from './listing.ts'

const CLIENT_ID = /^[A-Za-z0-9]{1,32}$/
const TAG = /^[A-Za-z0-9]{1,16}$/

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

/** A name that the client gives: `clOrdId`, `algoClOrdId` and their like. */
export function nameOf(fields: Fields, name: string): string {
  const text = textOf(fields, name)
  if (text !== '' && !CLIENT_ID.test(text)) refuse(wrong(name))
  return text
}

/** The price that a trigger looks at; the last one unless told. */
export function sourceOf(fields: Fields, name: string): PriceSource {
  const text = textOf(fields, name)
  if (text === '') return 'last'
  return text === 'last' || text === 'mark' || text === 'index' ? text : refuse(wrong(name))
}

/** The price of the order that a trigger becomes: −1 is a market order. */
export function orderPriceOf(listing: Listing, fields: Fields, name: string): PriceTicks | null {
  const text = textOf(fields, name)
  if (text === '') refuse(missing(name))
  return text === '-1' ? null : ticksOf(listing, text, name)
}
