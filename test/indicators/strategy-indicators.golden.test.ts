import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Choppiness, ParabolicSar, SuperTrend, VolumeProfile } from '../../src/indicators/index.ts'

type Bar = readonly [open: number, high: number, low: number, close: number, volume: number]

interface Series {
  readonly bars?: readonly Bar[]
  readonly file?: string
  readonly from?: number
  readonly count?: number
  readonly rows: readonly number[]
  readonly values: Readonly<Record<string, readonly (number | null)[]>>
}

const DATA = process.env['RINGMASTER_DATA'] ?? join(import.meta.dirname, '../../../shared/data')
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/strategy_indicators.json'), 'utf8')) as { readonly series: readonly Series[] }

function barsOf(series: Series): readonly Bar[] {
  if (series.bars !== undefined) return series.bars
  const lines = gunzipSync(readFileSync(join(DATA, series.file!))).toString('utf8').split('\n')
  return lines.slice(1 + series.from!, 1 + series.from! + series.count!).map((line) => line.split(',').slice(1, 6).map(Number) as unknown as Bar)
}

/** What each says after every bar. */
function columnsOf(bars: readonly Bar[]): Record<string, number[]> {
  const sar = new ParabolicSar()
  const fast = new ParabolicSar(0.05, 0.3)
  const trend = new SuperTrend(10, 3)
  const near = new SuperTrend(7, 1.5)
  const choppiness = new Choppiness(14)
  const profile = new VolumeProfile(60, 24)
  const out: Record<string, number[]> = { sar: [], sar_fast: [], super_trend: [], super_trend_near: [], choppiness: [], point_of_control: [], value_low: [], value_high: [] }
  for (const [, high, low, close, volume] of bars) {
    sar.push(high, low)
    fast.push(high, low)
    trend.push(high, low, close)
    near.push(high, low, close)
    choppiness.push(high, low, close)
    profile.push(high, low, volume)
    const values = { sar: sar.value, sar_fast: fast.value, super_trend: trend.line, super_trend_near: near.line, choppiness: choppiness.value, point_of_control: profile.pointOfControl, value_low: profile.valueLow, value_high: profile.valueHigh }
    for (const [name, value] of Object.entries(values)) out[name]!.push(value)
  }
  return out
}

describe('indicators of the strategies equal TA-Lib and the Python references', () => {
  for (const series of golden.series) {
    const absent = series.file !== undefined && !existsSync(join(DATA, series.file))
    it.skipIf(absent)(`${series.file ?? 'made from a seed'}${absent ? ' (skipped: recorded data is absent)' : ''}`, () => {
      const bars = barsOf(series)
      const columns = columnsOf(bars)
      expect(Object.keys(series.values).toSorted()).toEqual(Object.keys(columns).toSorted())
      for (const [name, expected] of Object.entries(series.values)) {
        let compared = 0
        for (const [i, row] of series.rows.entries()) {
          const actual = columns[name]![row]!
          if (expected[i] === null) {
            expect(actual, `${name} at ${row}`).toBeNaN()
            continue
          }
          compared++
          expect(Math.abs(actual - expected[i]!) / Math.max(Math.abs(expected[i]!), 1e-3), `${name} at ${row}: ${actual} is ${expected[i]}`).toBeLessThan(1e-10)
        }
        expect(compared).toBeGreaterThan(50)
      }
    })
  }
})

describe('indicators of the strategies', () => {
  const [series] = golden.series
  it('are as new after a reset', () => {
    const bars = barsOf(series!)
    const [sar, trend, choppiness, profile] = [new ParabolicSar(), new SuperTrend(), new Choppiness(), new VolumeProfile(60, 24)]
    const told = (): number[] => {
      for (const [, high, low, close, volume] of bars) {
        sar.push(high, low)
        trend.push(high, low, close)
        choppiness.push(high, low, close)
        profile.push(high, low, volume)
      }
      return [sar.value, sar.next, trend.line, trend.age, choppiness.value, profile.pointOfControl, profile.valueHigh]
    }
    const first = told()
    for (const one of [sar, trend, choppiness, profile]) one.reset()
    expect(told()).toEqual(first)
  })

  it.each([
    ['an acceleration of 0', () => new ParabolicSar(0), 'RM_INDICATOR_FACTOR'],
    ['an acceleration above its maximum', () => new ParabolicSar(0.3, 0.2), 'RM_INDICATOR_FACTOR'],
    ['a multiplier that is no number', () => new SuperTrend(10, Number.NaN), 'RM_INDICATOR_FACTOR'],
    ['a period of one bar', () => new SuperTrend(1), 'RM_INDICATOR_PERIOD'],
    ['half a bar', () => new Choppiness(2.5), 'RM_INDICATOR_PERIOD'],
    ['two bins', () => new VolumeProfile(60, 2), 'RM_INDICATOR_PERIOD'],
    ['a value area of everything', () => new VolumeProfile(60, 24, 1), 'RM_INDICATOR_FACTOR'],
  ])('refuse %s', (_what, make, code) => {
    expect(make).toThrow(expect.objectContaining({ code }))
  })

  it('say that a market without movement goes nowhere, and has no profile', () => {
    const choppiness = new Choppiness(5)
    const profile = new VolumeProfile(5, 10)
    for (let i = 0; i < 10; i++) {
      choppiness.push(100, 100, 100)
      profile.push(100, 100, 3)
    }
    expect(choppiness.value).toBe(100)
    expect(profile.warm).toBe(false)
    expect(profile.pointOfControl).toBeNaN()
  })
})
