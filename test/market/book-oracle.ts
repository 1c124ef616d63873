import { gunzipSync } from 'node:zlib'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BookUpdate } from '../../src/venues/index.ts'

export const dataFolder = process.env.RINGMASTER_DATA ?? '../shared/data'
export const recorded = (file: string): string => join(dataFolder, file)
export const present = (...files: string[]): boolean => files.every((file) => existsSync(recorded(file)))
export const readLines = (file: string): string[] => gunzipSync(readFileSync(recorded(file))).toString('utf8').split('\n').filter((line) => line !== '')

export type Level = readonly [ticks: number, lots: number]

/** A message in the shape that feeds deliver. */
export function update(snapshot: boolean, bids: readonly Level[], asks: readonly Level[], updateId = 1): BookUpdate {
  return {
    snapshot,
    updateId,
    sequence: -1,
    venueTimeMs: 0,
    pushTimeMs: 0,
    bidCount: bids.length,
    askCount: asks.length,
    bidTicks: Float64Array.from(bids, (l) => l[0]),
    bidLots: Float64Array.from(bids, (l) => l[1]),
    askTicks: Float64Array.from(asks, (l) => l[0]),
    askLots: Float64Array.from(asks, (l) => l[1]),
  }
}

/** One side as plainly as it can be written: a map, sorted whenever someone looks. */
export class PlainSide {
  readonly map = new Map<number, number>()
  readonly #descending: boolean

  constructor(descending: boolean) {
    this.#descending = descending
  }

  set(ticks: number, lots: number): number {
    const before = this.map.get(ticks) ?? 0
    if (lots === 0) this.map.delete(ticks)
    else this.map.set(ticks, lots)
    return before
  }

  sorted(): Level[] {
    return [...this.map].sort((a, b) => (this.#descending ? b[0] - a[0] : a[0] - b[0]))
  }

  best(): number | undefined {
    let best: number | undefined
    for (const ticks of this.map.keys()) if (best === undefined || (this.#descending ? ticks > best : ticks < best)) best = ticks
    return best
  }

  total(): number {
    let sum = 0
    for (const lots of this.map.values()) sum += lots
    return sum
  }
}
