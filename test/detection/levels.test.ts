import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, SELL } from '../../src/core/index.ts'
import { LineDbscan, SupportResistance } from '../../src/detection/index.ts'
import { detection } from './settings.ts'

const settings = { ...detection.levels, candles: 40, swing: 2 }
type Candle = readonly [startMs: number, open: number, high: number, low: number, close: number, lots: number]

const walk = (length: number) =>
  fc.array(fc.record({ step: fc.integer({ min: -20, max: 20 }), up: fc.nat(10), down: fc.nat(10), lots: fc.nat(500) }), { minLength: length, maxLength: length }).map((steps) => {
    let price = 10_000
    return steps.map(({ step, up, down, lots }, i): Candle => {
      const open = price
      price += step
      return [i * 60_000, open, Math.max(open, price) + up, Math.min(open, price) - down, price, lots]
    })
  })

/** Candles that close at these prices, with a spike of two ticks each, of a hundred lots unless told. */
function closes(prices: readonly number[], lots: Readonly<Record<number, number>> = {}): Candle[] {
  return prices.map((price, i) => [i * 60_000, prices[i - 1] ?? price, Math.max(price, prices[i - 1] ?? price) + 1, Math.min(price, prices[i - 1] ?? price) - 1, price, lots[i] ?? 100])
}

/** Swings three times between about 1000 and about 1100. */
const SWINGS = [1050, 1075, 1100, 1075, 1050, 1025, 1000, 1025, 1050, 1075, 1100, 1075, 1050, 1025, 1000, 1025, 1050, 1075, 1100, 1075, 1050, 1025, 1000, 1025, 1050]

function play(candles: readonly Candle[], change: Partial<typeof settings> = {}): SupportResistance {
  const levels = new SupportResistance({ ...settings, ...change })
  for (const candle of candles) levels.onClosed(...candle)
  return levels
}

/** The definition word by word: grow each cluster from its first core. */
function byDefinition(values: readonly number[], eps: number, minPoints: number): number[] {
  const labels = values.map(() => -1)
  const around = (i: number): number[] => values.flatMap((value, j) => (Math.abs(value - values[i]!) <= eps ? [j] : []))
  let clusters = 0
  for (let i = 0; i < values.length; i++) {
    if (labels[i] !== -1 || around(i).length < minPoints) continue
    const queue = [i]
    while (queue.length > 0) {
      const at = queue.pop()!
      if (labels[at] !== -1) continue
      labels[at] = clusters
      if (around(at).length >= minPoints) queue.push(...around(at).filter((j) => labels[j] === -1))
    }
    clusters++
  }
  return labels
}

describe('clusters on a line', () => {
  it('are those of the definition for any points', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 50 }), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 6 }), (values, eps, minPoints) => {
        const dbscan = new LineDbscan(50)
        dbscan.run(Float64Array.from(values), values.length, eps, minPoints)
        expect([...dbscan.labels.subarray(0, values.length)]).toEqual(byDefinition(values, eps, minPoints))
      }),
      { numRuns: 500 },
    )
  })
})

describe('support and resistance', () => {
  it('after many candles is what the last of them alone say', () => {
    fc.assert(
      fc.property(walk(120), (candles) => {
        const whole = play(candles)
        expect(whole.list()).toEqual(play(candles.slice(-settings.candles)).list())
      }),
      { numRuns: 60 },
    )
  })

  it('keeps to its window: never more levels than swing points can be, strengths between 0 and 1', () => {
    fc.assert(
      fc.property(walk(200), (candles) => {
        const levels = play(candles)
        expect(levels.count).toBeLessThanOrEqual(settings.candles)
        for (const { strength, touches, lowTicks, highTicks, priceTicks } of levels.list()) {
          expect(strength).toBeGreaterThanOrEqual(0)
          expect(strength).toBeLessThanOrEqual(1)
          expect(touches).toBeGreaterThanOrEqual(settings.minTouches)
          expect(priceTicks).toBeGreaterThanOrEqual(lowTicks)
          expect(priceTicks).toBeLessThanOrEqual(highTicks)
        }
        expect(levels.breakouts.list().length).toBeLessThanOrEqual(32)
      }),
      { numRuns: 30 },
    )
  })

  it('answers the nearest levels around a price', () => {
    const levels = play(closes(SWINGS))
    const { support, resistance } = levels.nearest(1050)
    expect(support).toMatchObject({ lowTicks: 999, highTicks: 999 })
    expect(resistance).toMatchObject({ lowTicks: 1101, highTicks: 1101, touches: 3 })
    expect(levels.nearest(900).support).toBeNull()
    expect(levels.nearest(2000).resistance).toBeNull()
  })

  it('more touches, more volume and less age are more strength', () => {
    const strength = (levels: SupportResistance): number => levels.nearest(1050).resistance!.strength
    const plain = strength(play(closes(SWINGS)))
    expect(strength(play(closes(SWINGS.slice(0, 17))))).toBeLessThan(plain)
    expect(strength(play(closes(SWINGS, { 2: 1000, 10: 1000, 18: 1000 })))).toBeGreaterThan(plain)
    expect(strength(play(closes([...SWINGS, ...Array.from({ length: 6 }, () => 1050)])))).toBeLessThan(plain)
  })

  it('a close beyond a level with volume is a confirmed breakout, one that comes back failed, one without volume fails in the end', () => {
    const states = (after: readonly number[], lots: Readonly<Record<number, number>> = {}) => play(closes([...SWINGS, ...after], lots)).breakouts.list()
    const first = SWINGS.length
    expect(states([1075, 1110], { [first + 1]: 300 })).toMatchObject([{ direction: 1, highTicks: 1101, atMs: (first + 1) * 60_000, state: 'confirmed' }])
    expect(states([1075, 1110])).toMatchObject([{ state: 'open' }])
    expect(states([1075, 1110, 1115], { [first + 2]: 300 })).toMatchObject([{ state: 'confirmed' }])
    expect(states([1075, 1110, 1090])).toMatchObject([{ direction: 1, state: 'failed' }])
    expect(states([1075, 1110, 1112, 1114, 1116])).toMatchObject([{ state: 'failed' }])
    expect(states([1025, 990], { [first + 1]: 300 })).toMatchObject([{ direction: -1, lowTicks: 999, state: 'confirmed' }])
  })

  it('never blocks a side, and says in words what it sees', () => {
    const levels = play(closes(SWINGS))
    expect(levels.block(BUY).blocked || levels.block(SELL).blocked).toBe(false)
    expect(levels.status.explanation).toBe('2 levels, the strongest at 999 ticks with 3 touches; no breakout yet')
    expect(new SupportResistance(settings).status.explanation).toBe('no levels yet')
    levels.reset()
    expect(levels.list()).toEqual([])
  })
})
