import { type DecimalStep, fail, money } from '../../core/index.ts'
import type { Kline } from '../market-port.ts'

const PLAIN = /^\d+(?:\.\d+)?$/

export type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Short text of a refused value for an error message. */
export const show = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text === undefined ? 'absent' : text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** High and low must enclose open and close. @throws RM_VENUE_FRAME_FIELD */
export function checkKline(kline: Kline, topic: string): Kline {
  if (kline.highTicks < Math.max(kline.openTicks, kline.closeTicks) || kline.lowTicks > Math.min(kline.openTicks, kline.closeTicks)) {
    fail('RM_VENUE_FRAME_FIELD', {
      topic, field: `candle ${kline.startMs}`, actual: `open ${kline.openTicks} high ${kline.highTicks} low ${kline.lowTicks} close ${kline.closeTicks} ticks`, expected: 'between low and high',
    })
  }
  return kline
}

/**
 * Decimal text to the nearest whole steps, at least `least`: for what reaches back to before a change of the grid.
 * @throws RM_VENUE_FRAME_FIELD
 */
export function nearSteps(value: unknown, step: DecimalStep, least: number, field: string, topic: string): number {
  if (typeof value !== 'string' || !PLAIN.test(value)) fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: 'decimal text' })
  const exact = step.tryParse(value)
  const count = Number.isNaN(exact) ? Math.max(least, money(value).div(step.text).round().toNumber()) : exact
  if (!Number.isSafeInteger(count) || count < least) fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: `decimal text, at least ${least} times ${step.text}` })
  return count
}

/** Decimal text to whole steps, at least `least`. @throws RM_VENUE_FRAME_FIELD */
export function steps(value: unknown, step: DecimalStep, least: number, field: string, topic: string): number {
  const count = typeof value === 'string' ? step.tryParse(value) : Number.NaN
  if (!Number.isSafeInteger(count) || count < least) fail('RM_VENUE_FRAME_FIELD', { topic, field, actual: show(value), expected: `decimal text, a multiple of ${step.text}, at least ${least} of it` })
  return count
}
