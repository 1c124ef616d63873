import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyLabel, HORIZON_MS, HORIZONS, labelDefaults, type LabelRow, labelRun } from '../../../src/model/index.ts'

const row = (timestampMs: number, midPrice: number): LabelRow => emptyLabel({ timestampMs, midPrice, spread: 1, imbalance: 0, signalType: 'hold', signalConfidence: 0, features: new Float32Array() })
const rows = (pairs: readonly (readonly [number, number])[]): LabelRow[] => pairs.map(([atS, price]) => row(1_000_000 + atS * 1000, price))

describe('labels', () => {
  it('are the movement to the first price at or after the horizon, and its direction beyond the threshold', () => {
    const made = rows([[0, 100], [5, 200], [9.9, 300], [10.5, 100.2], [30, 99.8], [60, 100.05]])
    expect(labelRun(made, { ...labelDefaults, gapMs: 40_000 })).toBe(4)
    expect([made[0]!.future_movement_10s, made[0]!.future_direction_10s]).toEqual([(100.2 - 100) / 100, 1])
    expect([made[0]!.future_movement_30s, made[0]!.future_direction_30s]).toEqual([(99.8 - 100) / 100, -1])
    expect(made[0]!.future_direction_60s).toBe(0)
    expect(made[5]!.future_movement_10s).toBeNull()
  })

  it('are null across a gap, and where the price came too late', () => {
    const gap = rows([[0, 100], [4, 100], [8, 100], [30, 101], [34, 101], [38, 101], [42, 101]])
    labelRun(gap)
    expect(gap.map((one) => one.future_movement_10s)).toEqual([null, null, null, 0, null, null, null])
    const late = rows([[0, 100], [9, 100], [17, 101]])
    labelRun(late, { ...labelDefaults, toleranceMs: 6999 })
    expect(late[0]!.future_movement_10s).toBeNull()
    labelRun(late, { ...labelDefaults, toleranceMs: 7000 })
    expect(late[0]!.future_movement_10s).toBe(0.01)
  })

  it('never know a price from before the horizon, nor one from behind a gap: as plain search says', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 90, max: 110 })), { minLength: 1, maxLength: 60 }), (steps) => {
        let at = 1_000_000
        const made = steps.map(([step, price]) => row((at += step), price))
        labelRun(made)
        for (const [i, one] of made.entries()) {
          for (const horizon of HORIZONS) {
            const due = one.timestamp + HORIZON_MS[horizon]
            const found = made.findIndex((other) => other.timestamp >= due)
            const whole = found >= 0 && made.slice(i, found + 1).every((other, k, all) => k === 0 || other.timestamp - all[k - 1]!.timestamp <= labelDefaults.gapMs)
            const known = whole && made[found]!.timestamp - due <= labelDefaults.toleranceMs
            expect(one[`future_movement_${horizon}`]).toBe(known ? (made[found]!.current_mid_price - one.current_mid_price) / one.current_mid_price : null)
          }
        }
      }),
    )
  })

  it('can be scaled by how much the market moves', () => {
    const made = rows(Array.from({ length: 60 }, (_, i) => [i * 5, 100 + (i % 2 === 0 ? 0.01 : 0) + (i === 20 ? 5 : 0)]))
    labelRun(made, { ...labelDefaults, volatilityScale: 1 })
    const moves = made.map((one) => one.future_direction_10s)
    expect(moves[18]).toBe(1)
    expect(moves.filter((one) => one === 1 || one === -1)).toHaveLength(2)
  })

  it.each([
    ['a time that goes back', () => labelRun(rows([[1, 100], [1, 100]])), 'the time of sample 1'],
    ['a price of 0', () => labelRun(rows([[1, 0]])), 'the mid price of sample 0'],
    ['a threshold of NaN', () => labelRun([], { ...labelDefaults, threshold: Number.NaN }), 'the threshold'],
    ['a gap of 0', () => labelRun([], { ...labelDefaults, gapMs: 0 }), 'the gap'],
  ])('are refused for %s', (_what, act, words) => {
    expect(act).toThrow(words)
  })
})
