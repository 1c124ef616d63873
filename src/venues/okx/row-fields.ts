import { BUY, type DecimalStep, fail, SELL, type Side } from '../../core/index.ts'
import { type Json, show } from '../common/json.ts'

/*
 * Fields of the venue's private rows. All of them throw RM_VENUE_ROW for a row that cannot be trusted.
 */

const DECIMAL = /^-?\d+(?:\.\d+)?$/

export const refuse = (what: string, symbol: string, field: string, actual: string, expected: string): never => fail('RM_VENUE_ROW', { what, symbol, field, actual, expected })

export function text(row: Json, field: string, what: string, symbol: string): string {
  const value = row[field]
  return typeof value === 'string' && value !== '' ? value : refuse(what, symbol, field, show(value), 'text')
}

export function optional(row: Json, field: string): string {
  const value = row[field]
  return typeof value === 'string' ? value : ''
}

export function sideOf(row: Json, what: string, symbol: string): Side {
  const side = row['side']
  if (side !== 'buy' && side !== 'sell') refuse(what, symbol, 'side', show(side), 'buy or sell')
  return side === 'buy' ? BUY : SELL
}

export function decimal(row: Json, field: string, what: string, symbol: string): string {
  const value = row[field]
  return typeof value === 'string' && DECIMAL.test(value) ? value : refuse(what, symbol, field, show(value), 'decimal text')
}

export function count(row: Json, field: string, step: DecimalStep, what: string, symbol: string): number {
  const value = row[field]
  const steps = typeof value === 'string' ? step.tryParse(value) : Number.NaN
  return Number.isSafeInteger(steps) && steps >= 0 ? steps : refuse(what, symbol, field, show(value), `decimal text, a multiple of ${step.text}`)
}

export function millis(row: Json, field: string, what: string, symbol: string): number {
  const value = Number(optional(row, field) || Number.NaN)
  return Number.isSafeInteger(value) && value >= 0 ? value : refuse(what, symbol, field, show(row[field]), 'milliseconds')
}
