import type { Candle } from './candle.ts'

/** A candle as numbers in a row of an array: where each field stands, and how many places a candle takes. */
export const START = 0
export const OPEN = 1
export const HIGH = 2
export const LOW = 3
export const CLOSE = 4
export const LOTS = 5
export const SOURCE = 6
export const WORDS = 8

/** Copies the candle at `at` to `out`. */
export function readCandle(from: Float64Array, at: number, out: Candle): void {
  out.startMs = from[at + START]!
  out.openTicks = from[at + OPEN]!
  out.highTicks = from[at + HIGH]!
  out.lowTicks = from[at + LOW]!
  out.closeTicks = from[at + CLOSE]!
  out.lots = from[at + LOTS]!
  out.source = from[at + SOURCE]!
}

/** Copies a candle to `at`. */
export function writeCandle(to: Float64Array, at: number, candle: Candle): void {
  to[at + START] = candle.startMs
  to[at + OPEN] = candle.openTicks
  to[at + HIGH] = candle.highTicks
  to[at + LOW] = candle.lowTicks
  to[at + CLOSE] = candle.closeTicks
  to[at + LOTS] = candle.lots
  to[at + SOURCE] = candle.source
}
