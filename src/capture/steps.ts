import type { DecimalStep } from '../core/index.ts'

/** As `DecimalStep.tryParse` in one pass over the characters: a capture holds millions of these. NaN when off the grid. */
export function parseSteps(text: string, step: DecimalStep): number {
  const { decimals } = step
  let mantissa = 0
  let digits = -1
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit === -2 && digits < 0 && i > 0) digits = 0
    else if (digit < 0 || digit > 9) return Number.NaN
    else if (digits < decimals) {
      mantissa = mantissa * 10 + digit
      if (digits >= 0) digits++
    } else if (digit !== 0) return Number.NaN
  }
  if (text === '' || (digits === 0 && text.endsWith('.'))) return Number.NaN
  for (let i = Math.max(0, digits); i < decimals; i++) mantissa *= 10
  const steps = mantissa / step.units
  return Number.isSafeInteger(steps) ? steps : Number.NaN
}

/** A JSON number as plain decimal text: venues that send numbers mean the shortest text that reads back the same. */
export function plainText(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  return value.toFixed(20).replace(/\.?0+$/, '')
}

/** The smallest step that all texts given so far are multiples of. */
export class StepFinder {
  #decimals = 0
  /** Greatest common divisor in units of 10^-decimals; 0 before the first value that is not zero. */
  #divisor = 0

  /** @returns false when the text is no plain decimal of up to 15 digits. */
  take(text: string): boolean {
    const point = text.indexOf('.')
    let end = text.length
    if (point >= 0) {
      while (end > point && text.charCodeAt(end - 1) === 48) end--
      if (end - 1 === point) end = point
    }
    const decimals = point < 0 || end <= point ? 0 : end - point - 1
    let mantissa = 0
    for (let i = 0; i < end; i++) {
      if (i === point) continue
      const digit = text.charCodeAt(i) - 48
      if (!(digit >= 0 && digit <= 9)) return false
      mantissa = mantissa * 10 + digit
    }
    if (end === 0 || !Number.isSafeInteger(mantissa)) return false
    if (mantissa === 0) return true
    if (decimals > this.#decimals) {
      this.#divisor *= 10 ** (decimals - this.#decimals)
      this.#decimals = decimals
    } else mantissa *= 10 ** (this.#decimals - decimals)
    let [a, b] = [this.#divisor, mantissa]
    while (b !== 0) [a, b] = [b, a % b]
    this.#divisor = a
    return Number.isSafeInteger(mantissa)
  }

  /** Decimal text, "1" before any value. */
  get step(): string {
    return this.#divisor === 0 ? '1' : decimalText(this.#divisor, this.#decimals)
  }

  /** The power of ten that all values are multiples of, as decimal text: a grid that a missing value does not coarsen. */
  get decimalStep(): string {
    return decimalText(1, this.#decimals)
  }
}

const decimalText = (units: number, decimals: number): string => {
  const digits = String(units).padStart(decimals + 1, '0')
  return decimals === 0 ? digits : `${digits.slice(0, digits.length - decimals)}.${digits.slice(digits.length - decimals)}`
}
