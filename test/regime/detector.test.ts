import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RegimeDetector, regimeDefaults, REGIMES_SEEN, type RegimeSettings } from '../../src/regime/index.ts'

/** Candles of a straight rise, whose choppiness is low, or of a market on the spot, whose choppiness is high. */
const straight = (i: number): readonly [high: number, low: number, close: number] => [1001 + i * 2, 1000 + i * 2, 1001 + i * 2]
const onTheSpot = (i: number): readonly [high: number, low: number, close: number] => [1001, 1000, 1000.2 + (i % 2) * 0.6]

function make(change: Partial<RegimeSettings> = {}) {
  const detector = new RegimeDetector({ ...regimeDefaults, ...change })
  const told: string[] = []
  let at = 0
  const play = (count: number, adx: number, shape: typeof straight = straight, atr = 1): string | null => {
    for (let i = 0; i < count; i++, at++) if (detector.onCandle(...shape(at), adx, atr)) told.push(`${at} ${detector.regime}`)
    return detector.regime
  }
  return { detector, told, play }
}

describe('the regime of a market', () => {
  it('is trending with a strong straight movement, ranging with a weak one, choppy on the spot', () => {
    expect(make().play(30, 40)).toBe('trending')
    expect(make().play(30, 15)).toBe('ranging')
    expect(make().play(30, 40, onTheSpot)).toBe('choppy')
  })

  it('is choppy without a trend when single candles are wide, unless the settings take no notice of that', () => {
    expect(make().play(30, 15, straight, 20)).toBe('choppy')
    expect(make({ volatilePercent: 0 }).play(30, 15, straight, 20)).toBe('ranging')
    expect(make().play(30, 40, straight, 20)).toBe('trending')
  })

  it('is not known before every number is there', () => {
    const { detector, play } = make()
    expect(play(14, 40)).toBeNull()
    expect(play(1, Number.NaN)).toBeNull()
    expect(detector.confidence).toBe(0)
    expect(play(1, 40)).toBe('trending')
  })

  it('changes only after three candles in a row have said so, and is left at a softer bound than it is entered', () => {
    const { told, play } = make()
    play(30, 40)
    play(2, 10)
    play(1, 40)
    play(2, 10)
    expect(play(1, 22)).toBe('trending')
    expect(play(20, 21)).toBe('trending')
    expect(play(3, 19.9)).toBe('ranging')
    expect(play(20, 24.9)).toBe('ranging')
    expect(play(3, 25)).toBe('trending')
    expect(told.map((one) => one.split(' ')[1])).toEqual(['trending', 'ranging', 'trending'])
  })

  it('is as new after candles began anew', () => {
    const { detector, play } = make()
    play(30, 40)
    detector.reset()
    expect([detector.regime, detector.confidence, detector.adx]).toEqual([null, 0, Number.NaN])
    expect(play(10, 10)).toBeNull()
    expect(play(20, 10)).toBe('ranging')
  })

  it('has a confidence from 0.5 to 1 whatever the market does, and never changes more often than every third candle', () => {
    const candle = fc.tuple(fc.double({ min: 0, max: 100, noNaN: true }), fc.double({ min: 0, max: 50, noNaN: true }), fc.double({ min: 900, max: 1100, noNaN: true }), fc.double({ min: 0, max: 20, noNaN: true }))
    fc.assert(
      fc.property(fc.array(candle, { minLength: 20, maxLength: 120 }), (candles) => {
        const detector = new RegimeDetector(regimeDefaults)
        let changedAt = Number.NEGATIVE_INFINITY
        for (const [i, [adx, atr, close, width]] of candles.entries()) {
          const before = detector.regime
          if (detector.onCandle(close + width, close - width, close, adx, atr)) {
            if (before !== null) expect(i - changedAt).toBeGreaterThanOrEqual(regimeDefaults.confirmCandles)
            changedAt = i
          }
          if (detector.regime === null) continue
          expect(REGIMES_SEEN).toContain(detector.regime)
          expect(detector.confidence).toBeGreaterThanOrEqual(0.5)
          expect(detector.confidence).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  it.each([
    ['adxEnter', { adxEnter: 0 }],
    ['adxLeave', { adxLeave: 26 }],
    ['choppyEnter', { choppyEnter: 100 }],
    ['choppyLeave', { choppyLeave: 62 }],
    ['volatilePercent', { volatilePercent: -1 }],
    ['confirmCandles', { confirmCandles: 0.5 }],
  ])('is refused with a %s that cannot be used', (setting, change) => {
    expect(() => make(change)).toThrow(expect.objectContaining({ code: 'RM_REGIME_CONFIG', message: expect.stringContaining(setting) }))
  })
})
