import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { DecimalStep } from '../../src/core/index.ts'
import { CANDLE_FEATURES, CandleFeatures, channelRange, FEATURE_TABLE, INDICATOR_OUTPUTS } from '../../src/features/index.ts'

interface Series {
  readonly tick: string
  readonly lot: string
  readonly bars?: readonly (readonly number[])[]
  readonly file?: string
  readonly from?: number
  readonly count?: number
  readonly rows: readonly number[]
  readonly values: readonly Readonly<Record<string, number>>[]
}
const golden = JSON.parse(readFileSync(new URL('../golden/candle_features.json', import.meta.url), 'utf8')) as { readonly series: readonly Series[] }
const DATA = process.env['RINGMASTER_DATA'] ?? join(import.meta.dirname, '../../../shared/data')
const names = FEATURE_TABLE.slice(channelRange('candle').from, channelRange('candle').from + CANDLE_FEATURES).map((entry) => entry.name)

function barsOf(series: Series): readonly (readonly number[])[] {
  if (series.bars !== undefined) return series.bars
  const lines = gunzipSync(readFileSync(join(DATA, series.file!))).toString('utf8').split('\n')
  return lines.slice(1 + series.from!, 1 + series.from! + series.count!).map((line) => line.split(',').slice(1, 6).map(Number))
}

describe('the 25 candle features and Amihud illiquidity equal NumPy to 1e-9, Parkinson and Garman-Klass among them', () => {
  for (const series of golden.series) {
    const absent = series.file !== undefined && !existsSync(join(DATA, series.file))
    it.skipIf(absent)(`${series.file ?? 'made candles with a flat, silent stretch'}${absent ? ' (skipped: recorded data is absent)' : ''}`, () => {
      const tick = new DecimalStep(series.tick)
      const lot = new DecimalStep(series.lot)
      const features = new CandleFeatures({ tick, lot })
      const out = new Float64Array(CANDLE_FEATURES + INDICATOR_OUTPUTS)
      const wrong: string[] = []
      barsOf(series).forEach((bar, i) => {
        const steps = bar.map((value, at) => Math.round(value / (at === 4 ? lot : tick).value)) as [number, number, number, number, number]
        features.compute(...steps, out, 0)
        const row = series.rows.indexOf(i)
        if (row >= 0) {
          const expected = series.values[row]!
          for (const [name, actual] of [...names.map((one, at) => [one, out[at]!] as const), ['amihud_illiquidity', features.illiquidity] as const]) {
            // Volume sums cancel: what is below the last digit of the volumes is nothing.
            const scale = Math.max(Math.abs(expected[name]!), name === 'price_volume_trend' ? 1e-3 * Math.max(...bar) : 1e-5)
            if (!(Math.abs(actual - expected[name]!) <= 1e-9 * scale)) wrong.push(`${name} at candle ${i}: ${actual} instead of ${expected[name]}`)
          }
        }
        features.close(...steps)
      })
      expect(wrong.slice(0, 20)).toEqual([])
    })
  }
})
