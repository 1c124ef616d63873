import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type DecimalStep, type Side } from '../../src/core/index.ts'
import type { BookUpdate } from '../../src/venues/index.ts'

type Level = readonly [price: string, size: string]
interface Message {
  readonly lastUpdateId?: number
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
  readonly data: { readonly e?: string; readonly E: number; readonly T: number; readonly u: number; readonly b: readonly Level[]; readonly a: readonly Level[]; readonly p: string; readonly q: string; readonly m: boolean }
}

export type CaptureEvent =
  | { readonly kind: 'book'; readonly update: BookUpdate }
  | { readonly kind: 'trade'; readonly side: Side; readonly priceTicks: number; readonly lots: number; readonly timeMs: number }

export function bookUpdate(snapshot: boolean, timeMs: number, updateId: number, bids: readonly (readonly [number, number])[], asks: readonly (readonly [number, number])[]): BookUpdate {
  return {
    snapshot, updateId, sequence: updateId, venueTimeMs: timeMs, pushTimeMs: timeMs, bidCount: bids.length, askCount: asks.length,
    bidTicks: Float64Array.from(bids, (one) => one[0]), bidLots: Float64Array.from(bids, (one) => one[1]), askTicks: Float64Array.from(asks, (one) => one[0]), askLots: Float64Array.from(asks, (one) => one[1]),
  }
}

/** Depth and trades of a recorded file of spot depth differences, times made monotone. */
export function* captureEvents(path: string, tick: DecimalStep, lot: DecimalStep): Generator<CaptureEvent> {
  let clock = 0
  const levels = (rows: readonly Level[]): [number, number][] => rows.map(([price, size]) => [tick.parse(price), lot.parse(size)])
  for (const line of gunzipSync(readFileSync(path)).toString('utf8').split('\n')) {
    if (line === '') continue
    const space = line.indexOf(' ')
    const message = JSON.parse(line.slice(space + 1)) as Message
    if (message.lastUpdateId !== undefined) {
      clock = Math.max(clock, Math.floor(Number(line.slice(0, space)) / 1000))
      yield { kind: 'book', update: bookUpdate(true, clock, message.lastUpdateId, levels(message.bids), levels(message.asks)) }
      continue
    }
    const { data } = message
    if (data.e === 'depthUpdate') {
      clock = Math.max(clock, data.E)
      yield { kind: 'book', update: bookUpdate(false, clock, data.u, levels(data.b), levels(data.a)) }
    } else if (data.e === 'trade') {
      clock = Math.max(clock, data.T)
      yield { kind: 'trade', side: data.m ? 1 : 0, priceTicks: tick.parse(data.p), lots: lot.parse(data.q), timeMs: clock }
    }
  }
}
