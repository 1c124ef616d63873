import { Random } from '../../src/core/index.ts'

/** One-minute bars as columns. */
export interface Bars {
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

/** A seeded walk of prices around 30 000 in steps of 0.1, with volume in every bar. */
export function walkBars(count: number, seed: number): Bars {
  const random = new Random(seed, 'bench bars')
  const bars: Bars = { high: new Float64Array(count), low: new Float64Array(count), close: new Float64Array(count), volume: new Float64Array(count) }
  let price = 300_000
  for (let i = 0; i < count; i++) {
    const open = price
    price = Math.max(100_000, price + random.below(401) - 200)
    bars.high[i] = (Math.max(open, price) + 1 + random.below(100)) / 10
    bars.low[i] = (Math.min(open, price) - 1 - random.below(100)) / 10
    bars.close[i] = price / 10
    bars.volume[i] = (1 + random.below(100_000)) / 1000
  }
  return bars
}
