import type { Random } from '../../src/core/index.ts'

/** Price and size in whole steps; size 0 deletes. */
export type ChainLevel = readonly [ticks: number, lots: number]

/** One message of a book, best level first on both sides. */
export interface ChainMessage {
  readonly snapshot: boolean
  readonly bids: readonly ChainLevel[]
  readonly asks: readonly ChainLevel[]
}

const LOTS_MAX = 30_000
const GAP_TICKS_MAX = 3

/** One side of the venue's own book: exactly `depth` levels, so that what enters pushes out what is worst. */
class ChainSide {
  readonly ticks: number[] = []
  readonly #direction: 1 | -1
  readonly #random: Random
  /** Entries of the message that is being made. */
  #entries = new Map<number, number>()

  constructor(random: Random, direction: 1 | -1, bestTicks: number, depth: number) {
    this.#random = random
    this.#direction = direction
    this.ticks.push(bestTicks)
    while (this.ticks.length < depth) this.#append()
  }

  get best(): number {
    return this.ticks[0]!
  }

  snapshot(): ChainLevel[] {
    return this.ticks.map((ticks) => [ticks, this.#lots()])
  }

  /** A new best level; the worst leaves. Two entries. */
  improve(): void {
    this.#put(this.best - this.#direction, this.#lots())
    this.ticks.unshift(this.best - this.#direction)
    this.#put(this.ticks.pop()!, 0)
  }

  /** The best level leaves; one enters at the far end. Two entries. */
  retreat(): void {
    this.#put(this.ticks.shift()!, 0)
    this.#put(this.#append(), this.#lots())
  }

  /** A level behind the best leaves; one enters at the far end. Two entries. */
  thin(): void {
    const at = 1 + this.#near(this.ticks.length - 1)
    const [gone] = this.ticks.splice(at, 1)
    if (this.#entries.has(gone!)) {
      this.ticks.splice(at, 0, gone!)
      return
    }
    this.#put(gone!, 0)
    this.#put(this.#append(), this.#lots())
  }

  /** Fills up with new sizes to `count` entries and hands the message's half over, best first. */
  message(count: number): ChainLevel[] {
    while (this.#entries.size < count) {
      const ticks = this.ticks[this.#near(this.ticks.length)]!
      if (!this.#entries.has(ticks)) this.#put(ticks, this.#lots())
    }
    const levels = [...this.#entries].toSorted(([a], [b]) => this.#direction * (a - b))
    this.#entries = new Map()
    return levels
  }

  #put(ticks: number, lots: number): void {
    this.#entries.set(ticks, lots)
  }

  #append(): number {
    const worst = this.ticks.at(-1)! + this.#direction * (1 + this.#random.below(GAP_TICKS_MAX))
    this.ticks.push(worst)
    return worst
  }

  /** Index below `levels`; exponential, with a mean of a sixth of them. */
  #near(levels: number): number {
    return Math.min(levels - 1, Math.floor(this.#random.exponential(levels / 6)))
  }

  #lots(): number {
    return 1 + this.#random.below(LOTS_MAX)
  }
}

/**
 * A snapshot of `depth` levels a side and `deltas` deltas of exactly `perSide` entries a side (at least 2), as a venue of
 * that depth would push them: most entries are new sizes near the touch, the mid walks, levels enter and leave, and what
 * falls out of the depth is deleted. Never crossed.
 */
export function bookChain(random: Random, depth: number, perSide: number, deltas: number, midTicks: number): ChainMessage[] {
  const bids = new ChainSide(random, -1, midTicks, depth)
  const asks = new ChainSide(random, 1, midTicks + 1, depth)
  const messages: ChainMessage[] = [{ snapshot: true, bids: bids.snapshot(), asks: asks.snapshot() }]
  // Each takes two entries, and the touch of one side may have taken two before.
  const thins = Math.floor(perSide / 4) - 1
  for (let i = 0; i < deltas; i++) {
    const [one, other] = random.chance(0.5) ? [bids, asks] : [asks, bids]
    if (asks.best - bids.best > 1) {
      if (random.chance(0.5)) one.improve()
    } else if (random.chance(0.3)) one.retreat()
    for (let j = 0; j < thins; j++) one.thin()
    for (let j = 0; j < Math.max(1, thins); j++) other.thin()
    messages.push({ snapshot: false, bids: bids.message(perSide), asks: asks.message(perSide) })
  }
  return messages
}
