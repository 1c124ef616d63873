import type { DecimalStep } from '../../core/index.ts'

export const QUOTE = 34
export const COMMA = 44
export const DOT = 46
export const ZERO = 48
export const COLON = 58
export const OPEN_LIST = 91
const BACKSLASH = 92
export const CLOSE_LIST = 93
export const OPEN = 123
export const CLOSE = 125

/** Numbers with this many digits or fewer are exact as a mantissa, and mantissa / 10^k is correctly rounded. */
export const DIGITS_MAX = 15
export const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i)

export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))
const SNAPSHOT = bytesOf('snapshot"')
const TRUE = bytesOf('true')
const FALSE = bytesOf('false')

/**
 * What the scanners of all venues share: numbers and texts read from bytes. A method returns the position behind what
 * it read, or -1 when that is not in the form it knows; the value is left in a field, so that nothing is allocated.
 */
export abstract class FrameReader {
  /** The venue's name of the instrument with its closing quote. */
  protected readonly nameText: Uint8Array
  protected readonly tickDecimals: number
  protected readonly tickUnits: number
  protected readonly lotDecimals: number
  protected readonly lotUnits: number
  protected snapshot = false
  protected number = 0

  /** @param size grid of the sizes as the venue writes them: one step of it is one lot. */
  constructor(name: string, tick: DecimalStep, size: DecimalStep) {
    this.nameText = bytesOf(`${name}"`)
    this.tickDecimals = tick.decimals
    this.tickUnits = tick.units
    this.lotDecimals = size.decimals
    this.lotUnits = size.units
  }

  /** `snapshot"`, or the venue's word for a change with its closing quote. */
  protected kind(frame: Uint8Array, p: number, change: Uint8Array): number {
    if (at(frame, p, change)) {
      this.snapshot = false
      return p + change.length
    }
    if (!at(frame, p, SNAPSHOT)) return -1
    this.snapshot = true
    return p + SNAPSHOT.length
  }

  /** A whole number as JSON writes it. */
  protected whole(frame: Uint8Array, start: number): number {
    let p = start
    let value = 0
    let c = frame[p]! - ZERO
    while (c >= 0 && c <= 9) {
      value = value * 10 + c
      c = frame[++p]! - ZERO
    }
    const digits = p - start
    if (digits === 0 || digits > DIGITS_MAX || (digits > 1 && frame[start] === ZERO)) return -1
    this.number = value
    return p
  }

  /** A whole number written as text, up to and with its closing quote. */
  protected wholeText(frame: Uint8Array, start: number): number {
    let p = start
    let value = 0
    let c = frame[p]! - ZERO
    while (c >= 0 && c <= 9) {
      value = value * 10 + c
      c = frame[++p]! - ZERO
    }
    const digits = p - start
    if (digits === 0 || digits > DIGITS_MAX || frame[p] !== QUOTE) return -1
    this.number = value
    return p + 1
  }

  /** Decimal text up to and with its closing quote, to whole steps of at least one. */
  protected steps(frame: Uint8Array, start: number, decimals: number, units: number): number {
    let p = start
    let mantissa = 0
    let c = frame[p]! - ZERO
    while (c >= 0 && c <= 9) {
      mantissa = mantissa * 10 + c
      c = frame[++p]! - ZERO
    }
    const digits = p - start
    if (digits === 0 || digits + decimals > DIGITS_MAX) return -1
    let missing = decimals
    if (c === DOT - ZERO) {
      const from = ++p
      c = frame[p]! - ZERO
      while (c >= 0 && c <= 9) {
        if (missing > 0) {
          mantissa = mantissa * 10 + c
          missing--
        } else if (c !== 0) return -1
        c = frame[++p]! - ZERO
      }
      if (p === from) return -1
    }
    if (missing > 0) mantissa *= POWERS[missing]!
    if (units !== 1) {
      if (mantissa % units !== 0) return -1
      mantissa /= units
    }
    if (mantissa === 0 || frame[p] !== QUOTE) return -1
    this.number = mantissa
    return p + 1
  }

  /** Decimal text up to and with its closing quote, to the nearest binary number; empty text is NaN. */
  protected decimal(frame: Uint8Array, start: number): number {
    let p = start
    if (frame[p] === QUOTE) {
      this.number = Number.NaN
      return p + 1
    }
    const negative = frame[p] === 45
    if (negative) p++
    const from = p
    let mantissa = 0
    let c = frame[p]! - ZERO
    while (c >= 0 && c <= 9) {
      mantissa = mantissa * 10 + c
      c = frame[++p]! - ZERO
    }
    let digits = p - from
    if (digits === 0) return -1
    let fraction = 0
    if (c === DOT - ZERO) {
      const point = ++p
      c = frame[p]! - ZERO
      while (c >= 0 && c <= 9) {
        mantissa = mantissa * 10 + c
        c = frame[++p]! - ZERO
      }
      fraction = p - point
      if (fraction === 0) return -1
      digits += fraction
    }
    if (frame[p] !== QUOTE) return -1
    // Turnovers of cheap coins are longer than a mantissa holds; the text is known to be a number by now.
    if (digits > DIGITS_MAX) this.number = Number(asciiSlice(frame, start, p))
    else this.number = (negative ? -mantissa : mantissa) / POWERS[fraction]!
    return p + 1
  }
}

/** Whether `expected` stands at `p`; bytes past the end are no match. */
export function at(frame: Uint8Array, p: number, expected: Uint8Array): boolean {
  const length = expected.length
  if (p + length > frame.length) return false
  for (let i = 0; i < length; i++) if (frame[p + i] !== expected[i]) return false
  return true
}

// 1 for printable ASCII that stands for itself inside a JSON string: no quote, no backslash.
const PLAIN = Uint8Array.from({ length: 256 }, (_, c) => (c >= 32 && c <= 126 && c !== QUOTE && c !== BACKSLASH ? 1 : 0))

/** Steps over plain text from behind the opening quote. @returns the position behind the closing one, or -1. */
export function plainText(frame: Uint8Array, start: number): number {
  // The closing brace of the frame is plain, so the end has to be watched.
  const end = frame.length
  let p = start
  while (p < end && PLAIN[frame[p]!] === 1) p++
  return p < end && frame[p] === QUOTE ? p + 1 : -1
}

/** `true` or `false`. */
export function boolean(frame: Uint8Array, p: number): number {
  if (at(frame, p, TRUE)) return p + TRUE.length
  return at(frame, p, FALSE) ? p + FALSE.length : -1
}

/** Text of plain ASCII bytes. Sockets deliver Buffers; a copy of the view is only made for other byte arrays. */
export function asciiSlice(frame: Uint8Array, start: number, end: number): string {
  const buffer = Buffer.isBuffer(frame) ? frame : Buffer.from(frame.buffer, frame.byteOffset, frame.length)
  return buffer.toString('latin1', start, end)
}
