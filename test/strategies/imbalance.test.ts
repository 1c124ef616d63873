import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, SELL } from '../../src/core/index.ts'
import { FEATURE_VECTOR } from '../../src/memory/index.ts'
import { emptySignal, imbalanceDefaults, ImbalanceStrategy, type ImbalanceConfig } from '../../src/strategies/index.ts'

const names = ['mid_price', 'depth_bid_5', 'depth_ask_5', 'depth_bid_10', 'depth_ask_10']
const vector = FEATURE_VECTOR.view(new ArrayBuffer(FEATURE_VECTOR.byteLength))
const MS = 1e6

function depth(bid: number, ask: number, bid10 = 1, ask10 = 1): typeof vector {
  for (const [i, value] of [100, bid, ask, bid10, ask10].entries()) vector.f64[vector.values + i] = value
  return vector
}

function make(config: Partial<ImbalanceConfig> = {}): { at: (ms: number, bid: number, ask: number) => string; strategy: ImbalanceStrategy } {
  const strategy = new ImbalanceStrategy({ ...imbalanceDefaults, ...config }, names)
  const vote = emptySignal()
  return { strategy, at: (ms, bid, ask) => (strategy.evaluate(depth(bid, ask), ms * MS, vote) ? `${vote.side === BUY ? 'buy' : 'sell'} ${vote.confidence}` : 'none') }
}

describe('order-book imbalance', () => {
  it('buys at the buy threshold, sells at the sell threshold, and does nothing between them', () => {
    expect(make().at(0, 3, 1)).toBe('buy 0.75')
    expect(make().at(0, 1, 3)).toBe('sell 0.75')
    expect(make().at(0, 2.99, 1)).toBe('none')
    expect(make().at(0, 1, 2.99)).toBe('none')
    expect(make().at(0, 1, 1)).toBe('none')
  })

  it('is as confident as the heavy side is heavy: max(B, A) / (B + A)', () => {
    expect(make().at(0, 9, 1)).toBe('buy 0.9')
    expect(make().at(0, 5, 0)).toBe('buy 1')
    expect(make().at(0, 0, 7)).toBe('sell 1')
  })

  it('votes once for a visit, however many ticks it lasts', () => {
    const { at } = make({ repeatMs: 0, cooldownMs: 0 })
    const answers = Array.from({ length: 1000 }, (_, ms) => at(ms, 4, 1))
    expect(answers.filter((answer) => answer !== 'none')).toEqual(['buy 0.8'])
  })

  it('does not vote again for a share that trembles around its threshold', () => {
    const { at } = make({ repeatMs: 0, cooldownMs: 0, hysteresis: 0.05 })
    expect(at(0, 76, 24)).toBe('buy 0.76')
    expect(at(1, 71, 29)).toBe('none')
    expect(at(2, 76, 24)).toBe('none')
    expect(at(3, 69, 31)).toBe('none')
    expect(at(4, 76, 24)).toBe('buy 0.76')
  })

  it('votes for the other side without waiting for the middle', () => {
    const { at } = make({ repeatMs: 0, cooldownMs: 0 })
    expect(at(0, 3, 1)).toBe('buy 0.75')
    expect(at(1, 1, 3)).toBe('sell 0.75')
  })

  it('holds two votes the cool-down apart, and keeps a vote that the cool-down held back', () => {
    const { at } = make({ repeatMs: 0, cooldownMs: 250 })
    expect(at(0, 3, 1)).toBe('buy 0.75')
    expect(at(1, 1, 3)).toBe('none')
    expect(at(249, 1, 3)).toBe('none')
    expect(at(250, 1, 3)).toBe('sell 0.75')
  })

  it('repeats its vote for a long visit every repeatMs', () => {
    const { at } = make({ repeatMs: 2000, cooldownMs: 250 })
    expect([0, 1000, 1999, 2000, 3999, 4000].map((ms) => at(ms, 3, 1))).toEqual(['buy 0.75', 'none', 'none', 'buy 0.75', 'none', 'buy 0.75'])
  })

  it('does not repeat while the share is inside its threshold, though the visit lasts', () => {
    const { at } = make({ repeatMs: 100, cooldownMs: 0 })
    expect(at(0, 76, 24)).toBe('buy 0.76')
    expect(at(500, 72, 28)).toBe('none')
    expect(at(501, 76, 24)).toBe('buy 0.76')
  })

  it('keeps the visit up to date while nobody asks for a vote', () => {
    const { at, strategy } = make({ repeatMs: 0, cooldownMs: 0 })
    expect(at(0, 3, 1)).toBe('buy 0.75')
    strategy.observe(depth(1, 1))
    expect(at(1, 3, 1)).toBe('buy 0.75')
  })

  it('sums the levels that its config names', () => {
    const strategy = new ImbalanceStrategy({ ...imbalanceDefaults, depthLevels: 10 }, names)
    const vote = emptySignal()
    expect(strategy.evaluate(depth(9, 1, 1, 9), 0, vote)).toBe(true)
    expect(vote.side).toBe(SELL)
  })

  it.each([
    [0, 0],
    [Number.NaN, 1],
    [1, Number.NaN],
    [-1, 3],
    [Number.POSITIVE_INFINITY, 1],
  ])('has no opinion on depths %s and %s, and forgets the visit', (bid, ask) => {
    const { at, strategy } = make({ repeatMs: 0, cooldownMs: 0 })
    at(0, 3, 1)
    expect(at(1, bid, ask)).toBe('none')
    expect(strategy.share).toBeNaN()
    expect(at(2, 3, 1)).toBe('buy 0.75')
  })

  it('never votes against the book, nor out of 0..1, nor closer than the cool-down', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.double({ min: 0, max: 1e9, noNaN: true }), fc.integer({ min: 0, max: 400 })), { maxLength: 60 }), (ticks) => {
        const strategy = new ImbalanceStrategy({ ...imbalanceDefaults, repeatMs: 300 }, names)
        const vote = emptySignal()
        let ms = 0
        let last = Number.NEGATIVE_INFINITY
        for (const [bid, ask, wait] of ticks) {
          ms += wait
          if (!strategy.evaluate(depth(bid, ask), ms * MS, vote)) continue
          expect(vote.side === BUY ? bid > ask : ask > bid).toBe(true)
          expect(vote.confidence).toBeGreaterThanOrEqual(0.75)
          expect(vote.confidence).toBeLessThanOrEqual(1)
          expect(ms - last).toBeGreaterThanOrEqual(250)
          last = ms
        }
      }),
    )
  })

  it.each<[Partial<ImbalanceConfig>, string]>([
    [{ buyThreshold: 0.5 }, 'buyThreshold'],
    [{ buyThreshold: 1.01 }, 'buyThreshold'],
    [{ buyThreshold: Number.NaN }, 'buyThreshold'],
    [{ sellThreshold: 0.5 }, 'sellThreshold'],
    [{ sellThreshold: -0.1 }, 'sellThreshold'],
    [{ hysteresis: 0.3 }, 'hysteresis'],
    [{ hysteresis: -0.01 }, 'hysteresis'],
    [{ depthLevels: 7 as 5 }, 'depthLevels'],
    [{ cooldownMs: -1 }, 'cooldownMs'],
    [{ repeatMs: Number.POSITIVE_INFINITY }, 'repeatMs'],
  ])('refuses %o at start', (config, setting) => {
    expect(() => make(config)).toThrow(expect.objectContaining({ code: 'RM_STRATEGY_CONFIG', details: expect.objectContaining({ setting }) }))
  })

  it('takes a new config while running, and keeps the old one when the new one is refused', () => {
    const { at, strategy } = make({ repeatMs: 0, cooldownMs: 0 })
    expect(() => strategy.configure({ ...imbalanceDefaults, buyThreshold: 2 })).toThrow(expect.objectContaining({ code: 'RM_STRATEGY_CONFIG' }))
    expect(at(0, 74, 26)).toBe('none')
    strategy.configure({ ...strategy.config, buyThreshold: 0.7 })
    expect(at(1, 74, 26)).toBe('buy 0.74')
    strategy.configure({ ...strategy.config, depthLevels: 10 })
    expect(strategy.evaluate(depth(9, 1, 1, 9), 2 * MS, emptySignal())).toBe(true)
  })

  it('refuses to start without the features it reads', () => {
    expect(() => new ImbalanceStrategy(imbalanceDefaults, ['depth_bid_5'])).toThrow(expect.objectContaining({ code: 'RM_STRATEGY_FEATURE', message: expect.stringContaining('depth_ask_5') }))
  })
})
