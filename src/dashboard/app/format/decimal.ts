/** A decimal number as text is taken apart, rounded and put together as text: no amount passes through a binary fraction. */

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/
const EXPONENT = /^(-?\d+(?:\.\d+)?)e([+-]?\d+)$/i

/** Far more than the error of reading a decimal into a binary fraction. */
const CLEAR = 1e-12

/** Stands where a value is not known. */
export const UNKNOWN = '–'
/** Of the width of a digit, unlike the hyphen. */
const MINUS = '\u2212'

interface Parts {
  readonly negative: boolean
  /** All digits, without the point. */
  readonly digits: bigint
  /** How many of them stand behind the point. */
  readonly scale: number
}

export interface DecimalFormat {
  /** Digits behind the point, rounded half away from zero; without it all that are there. */
  readonly digits?: number
  /** `+` before what is above zero. */
  readonly sign?: boolean
}

/** Parts of decimal text, or null for text that is no decimal number. */
function partsOf(text: string): Parts | null {
  const exponent = EXPONENT.exec(text)
  if (exponent !== null) {
    const base = partsOf(exponent[1]!)
    const shift = Number(exponent[2])
    if (base === null || Math.abs(shift) > 60) return null
    return shift >= base.scale ? { ...base, digits: base.digits * 10n ** BigInt(shift - base.scale), scale: 0 } : { ...base, scale: base.scale - shift }
  }
  const match = DECIMAL.exec(text)
  if (match === null) return null
  const fraction = match[3] ?? ''
  return { negative: match[1] === '-', digits: BigInt(match[2]! + fraction), scale: fraction.length }
}

/**
 * `1234567.891` as `1,234,567.89`: groups of three, a true minus, as many digits as asked for. Text that is no decimal number, null and
 * undefined give a dash.
 */
export function formatDecimal(text: string | null | undefined, { digits, sign = false }: DecimalFormat = {}): string {
  const parts = text === null || text === undefined ? null : partsOf(text)
  if (parts === null) return UNKNOWN
  const scale = digits ?? parts.scale
  const rounded = rescale(parts, scale)
  const all = rounded.toString().padStart(scale + 1, '0')
  const whole = all.slice(0, all.length - scale).replace(/\B(?=(\d{3})+$)/g, ',')
  const fraction = scale === 0 ? '' : `.${all.slice(-scale)}`
  const before = rounded === 0n ? '' : parts.negative ? MINUS : sign ? '+' : ''
  return `${before}${whole}${fraction}`
}

/** Digits at another scale, half away from zero. */
function rescale({ digits, scale }: Parts, wanted: number): bigint {
  if (wanted >= scale) return digits * 10n ** BigInt(wanted - scale)
  const divisor = 10n ** BigInt(scale - wanted)
  return (digits + divisor / 2n) / divisor
}

/** -1, 0 or 1 of decimal text; what is no number sorts below every number. */
export function compareDecimals(a: string | null | undefined, b: string | null | undefined): number {
  if (a === b) return 0
  if (typeof a === 'string' && typeof b === 'string' && DECIMAL.test(a) && DECIMAL.test(b)) {
    // Long tables are sorted with it: where binary fractions are clearly apart, so are the decimals.
    const [x, y] = [Number(a), Number(b)]
    if (Math.abs(x - y) > CLEAR * Math.max(Math.abs(x), Math.abs(y))) return x < y ? -1 : 1
  }
  const left = a === null || a === undefined ? null : partsOf(a)
  const right = b === null || b === undefined ? null : partsOf(b)
  if (left === null || right === null) return Number(left !== null) - Number(right !== null)
  const scale = Math.max(left.scale, right.scale)
  const difference = signed(left, scale) - signed(right, scale)
  return difference === 0n ? 0 : difference < 0n ? -1 : 1
}

const signed = (parts: Parts, scale: number): bigint => (parts.negative ? -1n : 1n) * rescale(parts, scale)

/** -1, 0 or 1; 0 also for what is no number. */
export function signOf(text: string | null | undefined): number {
  const parts = text === null || text === undefined ? null : partsOf(text)
  return parts === null || parts.digits === 0n ? 0 : parts.negative ? -1 : 1
}

/** The class that colours a gain or a loss. */
export const toneOf = (text: string | null | undefined): 'up' | 'down' | '' => ['down', '', 'up'][signOf(text) + 1] as 'up' | 'down' | ''
