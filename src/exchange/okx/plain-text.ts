import type { DecimalStep } from '../../core/index.ts'
import { numberText } from '../front/text.ts'

/** Whole steps to decimal text without padding ("63921", "0.3"), as this venue writes numbers. */
export class PlainText {
  readonly #step: DecimalStep

  constructor(step: DecimalStep) {
    this.#step = step
  }

  /** @param steps whole ticks or lots, also negative. */
  of(steps: number): string {
    let mantissa = Math.abs(steps) * this.#step.units
    if (!Number.isSafeInteger(mantissa)) return trimmed(this.#step.format(steps))
    let digits = this.#step.decimals
    while (digits > 0 && mantissa % 10 === 0) {
      mantissa /= 10
      digits--
    }
    const text = String(mantissa)
    const sign = steps < 0 && mantissa > 0 ? '-' : ''
    if (digits === 0) return sign + text
    const padded = text.padStart(digits + 1, '0')
    return `${sign}${padded.slice(0, padded.length - digits)}.${padded.slice(padded.length - digits)}`
  }

  /** A binary number (a mark price) with at most the digits of the step; "" when it is not finite. */
  near(value: number): string {
    return numberText(value, this.#step.decimals)
  }
}

const trimmed = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
