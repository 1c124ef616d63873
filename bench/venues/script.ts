import { type Instrument, Random } from '../../src/core/index.ts'
import { bookChain } from './chain.ts'
import { bybitFrames, instrument, tradeFrame } from './frames.ts'

/** What the venue says of its symbols: the same for every process that is started with the same numbers. */
export interface ScriptShape {
  readonly symbols: number
  readonly depth: 50 | 200
  readonly perSide: number
  readonly deltas: number
  /** After so many deltas comes a frame with one trade; 0 for none. */
  readonly tradeEvery: number
}

/** The frames of one symbol in order, a snapshot first, trades between. After the last one they begin again with the snapshot. */
export interface SymbolScript {
  readonly instrument: Instrument
  readonly frames: readonly Buffer[]
}

export const symbolOf = (index: number): string => `${String.fromCodePoint(65 + Math.floor(index / 26), 65 + (index % 26))}XUSDT`

export function venueScript({ symbols, depth, perSide, deltas, tradeEvery }: ScriptShape): SymbolScript[] {
  return Array.from({ length: symbols }, (_, index) => {
    const symbol = symbolOf(index)
    const one = instrument(symbol, index)
    const random = new Random(index, 'script')
    const midTicks = 100_000 + 5_000 * index
    const book = bybitFrames(one, depth, bookChain(random, depth, perSide, deltas, midTicks))
    const frames = book.flatMap((frame, i) => (tradeEvery > 0 && i % tradeEvery === tradeEvery - 1 ? [frame, tradeFrame(one, random, midTicks, i)] : [frame]))
    return { instrument: one, frames }
  })
}
