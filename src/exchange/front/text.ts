import type { DecimalStep, Money } from '../../core/index.ts'

/**
 * Whole steps to text with as many digits as the venue wrote into the step itself ("0.10" gives "30247.20"),
 * without big integers while the number is small enough.
 */
export class StepText {
  readonly #step: DecimalStep
  readonly #digits: number
  readonly #factor: number

  constructor(step: DecimalStep) {
    const point = step.text.indexOf('.')
    this.#step = step
    this.#digits = point < 0 ? 0 : step.text.length - point - 1
    this.#factor = step.units * 10 ** (this.#digits - step.decimals)
  }

  /** @param steps whole ticks or lots ≥ 0. */
  of(steps: number): string {
    const mantissa = steps * this.#factor
    if (!Number.isSafeInteger(mantissa) || mantissa < 0) {
      return this.#step.format(steps) + (this.#step.decimals === 0 && this.#digits > 0 ? '.' : '') + '0'.repeat(this.#digits - this.#step.decimals)
    }
    if (this.#digits === 0) return String(mantissa)
    const digits = String(mantissa).padStart(this.#digits + 1, '0')
    const cut = digits.length - this.#digits
    return `${digits.slice(0, cut)}.${digits.slice(cut)}`
  }

  /** A binary number (a mark price) with the digits of the step; "" when it is not finite. */
  near(value: number): string {
    return Number.isFinite(value) ? value.toFixed(this.#digits) : ''
  }
}

/** Plain decimal text of a binary number, at most `digits` after the point, no padding; "" when not finite. */
export function numberText(value: number, digits: number): string {
  if (!Number.isFinite(value)) return ''
  const text = value.toFixed(digits)
  if (digits === 0) return text
  const trimmed = text.replace(/\.?0+$/, '')
  return trimmed === '-0' ? '0' : trimmed
}

/** Plain decimal text of an exact amount, at most `digits` after the point. */
export const moneyText = (value: Money, digits = 18): string => {
  const text = value.toDecimalPlaces(digits).toFixed()
  return text === '-0' ? '0' : text
}
