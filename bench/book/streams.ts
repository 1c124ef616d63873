import { Random } from '../../src/core/index.ts'

/** Deltas of one book, one level each, in columns; the book is empty again at the end, so that they can be cycled. */
export interface DeltaStream {
  readonly count: number
  readonly sides: Uint8Array
  readonly ticks: Float64Array
  readonly lots: Float64Array
}

export const DELTAS = 65_536

/**
 * Seeded deltas: side even, distance from the touch exponential with mean depth / 6, of hits on a known level 28 %
 * delete it. Like a venue's stream they carry the deletion of what falls out of the depth and of what the mid ran over.
 * @param drift the mid walks away by some 3000 ticks and comes back, one step in five deltas.
 */
export function deltaStream(depth: number, drift: boolean, seed = 2026): DeltaStream {
  const random = new Random(seed, `book ${depth} ${drift}`)
  const sides = new Uint8Array(DELTAS)
  const ticks = new Float64Array(DELTAS)
  const lots = new Float64Array(DELTAS)
  const known = [new Set<number>(), new Set<number>()] as const
  let mid = 300_000
  let count = 0
  const put = (side: number, price: number, size: number): void => {
    sides[count] = side
    ticks[count] = price
    lots[count++] = size
    if (size === 0) known[side]!.delete(price)
    else known[side]!.add(price)
  }
  while (count < DELTAS - known[0].size - known[1].size - 4) {
    if (drift && random.chance(0.2)) {
      mid += random.chance(count < DELTAS / 2 ? 0.75 : 0.25) ? 1 : -1
      for (const side of [0, 1]) if (known[side]!.has(mid)) put(side, mid, 0)
    }
    const side = random.below(2)
    const away = 1 + Math.floor(random.exponential(depth / 6))
    const price = side === 0 ? mid - away : mid + away
    put(side, price, known[side]!.has(price) && random.chance(0.28) ? 0 : 1 + random.below(10_000))
    if (known[side]!.size > depth) put(side, [...known[side]!].reduce((worst, p) => ((side === 0 ? p < worst : p > worst) ? p : worst)), 0)
  }
  for (const side of [0, 1]) for (const price of [...known[side]!]) put(side, price, 0)
  return { count, sides, ticks, lots }
}
