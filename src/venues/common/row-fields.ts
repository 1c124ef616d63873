import { type DecimalStep, fail, type Money, money } from '../../core/index.ts'
import { type Json, show } from './json.ts'

/*
 * Fields of rows that venues send as decimal text. Empty text means "none". All of them throw RM_VENUE_ROW for a
 * value that cannot be trusted; `what` and `symbol` say in the message which row it was.
 */

const DECIMAL = /^-?\d+(?:\.\d+)?$/

/** @throws RM_VENUE_ROW */
export const refuseRow = (what: string, symbol: string, field: string, actual: string, expected: string): never => fail('RM_VENUE_ROW', { what, symbol, field, actual, expected })

/** Text that must be there. */
export function text(row: Json, field: string, what: string, symbol: string): string {
  const value = row[field]
  return typeof value === 'string' && value !== '' ? value : refuseRow(what, symbol, field, show(value), 'text')
}

/** Text, '' for anything else. */
export function optional(row: Json, field: string): string {
  const value = row[field]
  return typeof value === 'string' ? value : ''
}

/** Plain decimal text, as it stands. */
export function decimal(row: Json, field: string, what: string, symbol: string): string {
  const value = row[field]
  return typeof value === 'string' && DECIMAL.test(value) ? value : refuseRow(what, symbol, field, show(value), 'decimal text')
}

/** Decimal text to whole steps of at least `least`. */
export function count(row: Json, field: string, step: DecimalStep, what: string, symbol: string, least = 0): number {
  return stepsOf(row[field], step, field, what, symbol, least)
}

/** As `count`, for a value that has no field of its own. */
export function stepsOf(value: unknown, step: DecimalStep, field: string, what: string, symbol: string, least = 0): number {
  const steps = typeof value === 'string' ? step.tryParse(value) : Number.NaN
  return Number.isSafeInteger(steps) && steps >= least ? steps : refuseRow(what, symbol, field, show(value), `decimal text, a multiple of ${step.text}${least > 0 ? `, at least ${least} of it` : ''}`)
}

/**
 * A price of the account, which may be of the time before the venue changed the tick: the nearest tick, and the exact text where
 * that is not it.
 */
export function priced(row: Json, field: string, step: DecimalStep, what: string, symbol: string): { readonly ticks: number; readonly exact: string | null } {
  const price = decimal(row, field, what, symbol)
  if (price.startsWith('-')) refuseRow(what, symbol, field, price, 'a price')
  const onGrid = step.tryParse(price)
  if (!Number.isNaN(onGrid)) return { ticks: onGrid, exact: null }
  const ticks = nearest(price, step)
  if (!Number.isSafeInteger(ticks)) refuseRow(what, symbol, field, price, `less than 2^53 steps of ${step.text}`)
  return { ticks, exact: price }
}

/** Best price of a side in whole ticks: where the venue has a finer tick by now, never better than it is. */
export function bestOf(row: Json, field: string, step: DecimalStep, side: 'bid' | 'ask', what: string, symbol: string): number {
  const steps = inSteps(decimal(row, field, what, symbol), step)
  const ticks = (side === 'bid' ? steps.floor() : steps.ceil()).toNumber()
  return Number.isSafeInteger(ticks) && ticks >= 1 ? ticks : refuseRow(what, symbol, field, show(row[field]), `decimal text, at least ${step.text}`)
}

/** As `count`, for a value of market data that may be off the grid since the venue changed that: the nearest steps, `least` of them at least. */
export function countNear(row: Json, field: string, step: DecimalStep, what: string, symbol: string, least = 0): number {
  const value = optional(row, field)
  const off = DECIMAL.test(value) && !value.startsWith('-') && Number.isNaN(step.tryParse(value))
  return off ? Math.max(least, nearest(value, step)) : count(row, field, step, what, symbol, least)
}

/** A size of the account, which may be of the time before the venue changed the lot: the whole lots in it, and the exact text where there is more. */
export function sized(row: Json, field: string, step: DecimalStep, what: string, symbol: string): { readonly lots: number; readonly exact: string | null } {
  const size = decimal(row, field, what, symbol)
  if (size.startsWith('-')) refuseRow(what, symbol, field, size, 'a size')
  const onGrid = step.tryParse(size)
  if (!Number.isNaN(onGrid)) return { lots: onGrid, exact: null }
  const lots = inSteps(size, step).floor().toNumber()
  if (!Number.isSafeInteger(lots)) refuseRow(what, symbol, field, size, `less than 2^53 steps of ${step.text}`)
  return { lots, exact: size }
}

/** Milliseconds as decimal text. */
export function millis(row: Json, field: string, what: string, symbol: string): number {
  const value = Number(optional(row, field) || Number.NaN)
  return Number.isSafeInteger(value) && value >= 0 ? value : refuseRow(what, symbol, field, show(row[field]), 'milliseconds')
}

/** Exact quotient of decimal text and step, for prices that need not lie on the grid. */
export const inSteps = (price: string, step: DecimalStep): Money => money(price).div(money(step.units).div(money(10).pow(step.decimals)))

/** Nearest whole step of plain decimal text. */
export const nearest = (price: string, step: DecimalStep): number => inSteps(price, step).round().toNumber()
