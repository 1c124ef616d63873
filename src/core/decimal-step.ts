import { fail } from './errors/index.ts'

const PLAIN_DECIMAL = /^-?\d+(?:\.\d+)?$/

/**
 * The grid of an instrument's prices (tick) or sizes (lot): converts between the venue's decimal
 * text and whole steps, exactly. `new DecimalStep('0.10')` has `parse('30247.20') === 302472`.
 */
export class DecimalStep {
  /** The step as the venue wrote it. */
  readonly text: string
  /** Digits after the point that a formatted value carries. */
  readonly decimals: number
  /** The step in units of 10^-decimals: 1 for "0.1", 5 for "0.05". */
  readonly units: number
  /** The step as a binary number: for display and statistics, never for money. */
  readonly value: number

  /** @throws RM_DECIMAL_SYNTAX when `text` is not a positive plain decimal. */
  constructor(text: string) {
    if (!PLAIN_DECIMAL.test(text)) fail('RM_DECIMAL_SYNTAX', { what: 'step', text })
    const point = text.indexOf('.')
    const fraction = point < 0 ? '' : text.slice(point + 1).replace(/0+$/, '')
    this.text = text
    this.decimals = fraction.length
    this.units = Number((point < 0 ? text : text.slice(0, point)) + fraction)
    if (!(this.units > 0) || !Number.isSafeInteger(this.units)) fail('RM_DECIMAL_SYNTAX', { what: 'step', text })
    this.value = this.units / 10 ** this.decimals
  }

  /**
   * Decimal text to whole steps. Re-padded zeros ("1.9520") are the same number.
   * @throws RM_DECIMAL_SYNTAX not a decimal; RM_DECIMAL_STEP off the grid; RM_DECIMAL_RANGE too large.
   */
  parse(text: string, what = 'value'): number {
    const steps = this.#steps(text)
    if (Number.isNaN(steps)) {
      if (!PLAIN_DECIMAL.test(text)) fail('RM_DECIMAL_SYNTAX', { what, text })
      fail('RM_DECIMAL_STEP', { what, text, step: this.text })
    }
    if (!Number.isSafeInteger(steps)) fail('RM_DECIMAL_RANGE', { what, text, step: this.text, limit: '2^53' })
    return steps
  }

  /** As `parse`, but NaN instead of an error when the text is no decimal, off the grid or too large. */
  tryParse(text: string): number {
    const steps = this.#steps(text)
    return Number.isSafeInteger(steps) ? steps : Number.NaN
  }

  /** NaN for no decimal or off the grid; beyond 2^53 for one that is on the grid but too large. */
  #steps(text: string): number {
    if (!PLAIN_DECIMAL.test(text)) return Number.NaN
    const point = text.indexOf('.')
    const whole = point < 0 ? text : text.slice(0, point)
    const fraction = point < 0 ? '' : text.slice(point + 1)
    for (let i = this.decimals; i < fraction.length; i++) if (fraction.charCodeAt(i) !== 48) return Number.NaN
    const digits = whole + fraction.slice(0, this.decimals).padEnd(this.decimals, '0')
    const mantissa = Number(digits)
    // Beyond 2^53 the number above is rounded and may hit the grid where the text does not.
    if (!Number.isSafeInteger(mantissa)) return Number.isFinite(mantissa) ? exactSteps(BigInt(digits), BigInt(this.units)) : mantissa
    const steps = mantissa / this.units
    return Number.isInteger(steps) ? (steps === 0 ? 0 : steps) : Number.NaN
  }

  /** Whole steps to the venue's decimal text, with exactly `decimals` digits. */
  format(steps: number): string {
    if (!Number.isSafeInteger(steps)) fail('RM_DECIMAL_RANGE', { what: 'steps', text: steps, step: this.text, limit: '2^53' })
    const product = steps * this.units
    const mantissa = Number.isSafeInteger(product) ? product : BigInt(steps) * BigInt(this.units)
    const digits = (mantissa < 0 ? -mantissa : mantissa).toString().padStart(this.decimals + 1, '0')
    const cut = digits.length - this.decimals
    const body = this.decimals === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`
    return mantissa < 0 ? `-${body}` : body
  }

  /** Whole steps as a binary number, for features and display. */
  toNumber(steps: number): number {
    return (steps * this.units) / 10 ** this.decimals
  }

  /** Largest number of whole steps that is not above `value`; a value within binary rounding of a step is that step. */
  floor(value: number): number {
    const steps = (value * 10 ** this.decimals) / this.units
    return onGrid(steps) ? Math.round(steps) : Math.floor(steps)
  }

  /** Smallest number of whole steps that is not below `value`; a value within binary rounding of a step is that step. */
  ceil(value: number): number {
    const steps = (value * 10 ** this.decimals) / this.units
    return onGrid(steps) ? Math.round(steps) : Math.ceil(steps)
  }
}

// The value, the product and the quotient are each rounded by at most 2^-53 of themselves.
const onGrid = (steps: number): boolean => Math.abs(steps - Math.round(steps)) <= Math.max(1e-9, Math.abs(steps) * 2 ** -51)

const exactSteps = (mantissa: bigint, units: bigint): number => (mantissa % units === 0n ? Number(mantissa / units) : Number.NaN)
