/**
 * Records that prove themselves: every word follows from the sequence, so that a torn, stale or foreign word shows.
 * Every fourth record is made of 64-bit words that read as NaNs with a payload, which a copy through numbers would spoil.
 */
export const PATTERN_BYTES = 64

const word = (sequence: number, index: number): number => {
  let h = Math.imul((sequence | 0) ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35)
  h ^= h >>> 13
  return (sequence & 3) === 0 && (index & 1) === 1 ? 0x7ff00000 | (h & 0x800fffff) : h | 0
}

/** Words of one record, the wide sequence in the first two. */
export interface PatternMemory {
  readonly words: Int32Array
  readonly wide: Float64Array
}

export const patternMemory = (buffer: ArrayBufferLike): PatternMemory => ({ words: new Int32Array(buffer), wide: new Float64Array(buffer) })

export function writePattern(memory: PatternMemory, byte: number, bytes: number, sequence: number): void {
  memory.wide[byte >> 3] = sequence
  for (let i = 2; i < bytes >> 2; i++) memory.words[(byte >> 2) + i] = word(sequence, i)
}

export function scribble(memory: PatternMemory, byte: number, bytes: number): void {
  for (let i = 0; i < bytes >> 2; i++) memory.words[(byte >> 2) + i] = 0x5c5c5c5c
}

/** The sequence of a whole record, or −1 when any word of it is not as it was written. */
export function readPattern(memory: PatternMemory, byte: number, bytes: number): number {
  const sequence = memory.wide[byte >> 3]!
  for (let i = 2; i < bytes >> 2; i++) if (memory.words[(byte >> 2) + i] !== word(sequence, i)) return -1
  return sequence
}
