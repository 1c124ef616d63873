import type { DecimalStep } from '../../core/index.ts'
import { field, type Fields } from '../front/json.ts'
import { refuse, wrong } from './codes.ts'

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

/** Decimal text to whole steps of the grid. */
export function stepsOf(step: DecimalStep, text: string, what: string): number {
  const steps = text.length <= 40 ? step.tryParse(text) : Number.NaN
  if (!Number.isSafeInteger(steps) || steps < 0) refuse(wrong(`${what} invalid`))
  return steps
}
