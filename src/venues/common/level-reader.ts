import type { DecimalStep } from '../../core/index.ts'
import { CLOSE_LIST, COMMA, DIGITS_MAX, DOT, FrameReader, OPEN_LIST, POWERS, QUOTE, ZERO } from './frame-reader.ts'
import { LEVELS_PER_FRAME_MAX } from './records.ts'

/** The levels of a book frame, which are nearly all of its bytes. */
export abstract class LevelReader extends FrameReader {
  /** Of the side that was read last. */
  protected levelCount = 0
  readonly #more: number

  /** @param more texts of digits that a level has behind price and size; they are stepped over. */
  constructor(name: string, tick: DecimalStep, size: DecimalStep, more: number) {
    super(name, tick, size)
    this.#more = more
  }

  /** The levels of a side from behind the opening bracket, `["price","size"],…]`. One loop, its state in locals. */
  protected levels(frame: Uint8Array, start: number, outTicks: Float64Array, outLots: Float64Array): number {
    const tickDecimals = this.tickDecimals
    const tickUnits = this.tickUnits
    const lotDecimals = this.lotDecimals
    const lotUnits = this.lotUnits
    const more = this.#more
    const lastByte = frame.length - 1
    let p = start
    let count = 0
    if (frame[p] === CLOSE_LIST) {
      this.levelCount = 0
      return p + 1
    }
    for (;;) {
      // The shortest level is `["1","0"]`: with room for one, the bytes looked at below exist.
      if (p + 9 > lastByte || count === LEVELS_PER_FRAME_MAX || frame[p] !== OPEN_LIST || frame[p + 1] !== QUOTE) return -1
      p += 2

      let mantissa = 0
      let from = p
      let c = frame[p]! - ZERO
      while (c >= 0 && c <= 9) {
        mantissa = mantissa * 10 + c
        c = frame[++p]! - ZERO
      }
      let digits = p - from
      if (digits === 0) return -1
      let missing = tickDecimals
      if (c === DOT - ZERO) {
        from = ++p
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
      if (digits + tickDecimals > DIGITS_MAX) return -1
      if (missing > 0) mantissa *= POWERS[missing]!
      if (tickUnits !== 1) {
        if (mantissa % tickUnits !== 0) return -1
        mantissa /= tickUnits
      }
      if (mantissa === 0 || p + 5 > lastByte || frame[p] !== QUOTE || frame[p + 1] !== COMMA || frame[p + 2] !== QUOTE) return -1
      outTicks[count] = mantissa
      p += 3

      mantissa = 0
      from = p
      c = frame[p]! - ZERO
      while (c >= 0 && c <= 9) {
        mantissa = mantissa * 10 + c
        c = frame[++p]! - ZERO
      }
      digits = p - from
      if (digits === 0) return -1
      missing = lotDecimals
      if (c === DOT - ZERO) {
        from = ++p
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
      if (digits + lotDecimals > DIGITS_MAX) return -1
      if (missing > 0) mantissa *= POWERS[missing]!
      if (lotUnits !== 1) {
        if (mantissa % lotUnits !== 0) return -1
        mantissa /= lotUnits
      }
      if (p + 2 > lastByte || frame[p] !== QUOTE) return -1
      outLots[count++] = mantissa
      p++
      for (let i = 0; i < more; i++) {
        if (frame[p] !== COMMA || frame[p + 1] !== QUOTE) return -1
        p += 2
        c = frame[p]! - ZERO
        while (c >= 0 && c <= 9) c = frame[++p]! - ZERO
        if (frame[p] !== QUOTE) return -1
        p++
      }
      if (frame[p] !== CLOSE_LIST) return -1
      p++
      const next = frame[p]
      if (next === COMMA) p++
      else if (next === CLOSE_LIST) {
        this.levelCount = count
        return p + 1
      } else return -1
    }
  }
}
