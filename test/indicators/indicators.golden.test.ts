import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { INDICATOR_OUTPUTS, INDICATOR_WARM_UP_BARS, IndicatorColumns, IndicatorSet } from '../../src/indicators/index.ts'

type Bar = readonly [open: number, high: number, low: number, close: number, volume: number]

interface Series {
  readonly bars?: readonly Bar[]
  readonly file?: string
  readonly from?: number
  readonly count?: number
  readonly first: Readonly<Record<string, number>>
  readonly rows: readonly number[]
  readonly values: Readonly<Record<string, readonly number[]>>
}

const DATA = process.env['RINGMASTER_DATA'] ?? join(import.meta.dirname, '../../../shared/data')
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/indicators.json'), 'utf8')) as { readonly talib: string; readonly series: readonly Series[] }

function barsOf(series: Series): readonly Bar[] {
  if (series.bars !== undefined) return series.bars
  const lines = gunzipSync(readFileSync(join(DATA, series.file!))).toString('utf8').split('\n')
  return lines.slice(1 + series.from!, 1 + series.from! + series.count!).map((line) => line.split(',').slice(1, 6).map(Number) as unknown as Bar)
}

/**
 * Relative to the value, or to the price where the value is a difference of prices: that is where the reference itself has
 * no more digits. Volumes lines cancel too: relative to the volume of their window.
 */
function scaleOf(name: string, expected: number, [, high, , , volume]: Bar, volumeSum: number): number {
  if (['macd', 'macd_signal', 'macd_histogram', 'momentum_10', 'atr_14', 'bollinger_upper', 'bollinger_lower'].includes(name)) return Math.max(Math.abs(expected), high)
  if (['obv', 'ad_line', 'vpt'].includes(name)) return Math.max(Math.abs(expected), volumeSum, volume, 1)
  return Math.max(Math.abs(expected), 1e-3)
}

/** Bar by bar, and over columns: what each says of every bar. */
const ways: readonly (readonly [string, (bars: readonly Bar[]) => Float64Array[]])[] = [
  ['bar by bar', (bars) => {
    const set = new IndicatorSet()
    return bars.map(([, high, low, close, volume]) => {
      const out = new Float64Array(INDICATOR_OUTPUTS)
      set.preview(high, low, close, volume, out, 0)
      set.commit(high, low, close, volume)
      return out
    })
  }],
  ['over columns', (bars) => {
    const column = (place: number): Float64Array => Float64Array.from(bars, (bar) => bar[place]!)
    const columns = new IndicatorColumns(bars.length)
    columns.compute({ high: column(1), low: column(2), close: column(3), volume: column(4) }, 0, bars.length)
    return bars.map((_, i) => {
      const out = new Float64Array(INDICATOR_OUTPUTS)
      columns.row(i, out, 0)
      return out
    })
  }],
]

describe(`the 35 indicators equal native TA-Lib ${golden.talib} and NumPy to 1e-9 after warm-up, and start where they do`, () => {
  for (const series of golden.series) {
    const name = series.file ?? 'a made series with a flat, silent stretch and a jump'
    const absent = series.file !== undefined && !existsSync(join(DATA, series.file))
    it.skipIf(absent).each(ways)(`${name}, %s${absent ? ' (skipped: recorded data is absent)' : ''}`, (_way, run) => {
      const bars = barsOf(series)
      const outputs = run(bars)
      const names = Object.keys(series.first)
      expect(names).toHaveLength(INDICATOR_OUTPUTS)
      const first: Record<string, number> = {}
      const wrong: string[] = []
      bars.forEach((bar, i) => {
        const out = outputs[i]!
        const volumes = bars.slice(Math.max(0, i - 49), i + 1).reduce((sum, one) => sum + one[4], 0)
        const row = series.rows.indexOf(i)
        names.forEach((output, at) => {
          if (!Number.isNaN(out[at]!)) first[output] ??= i
          if (row < 0) return
          const expected = series.values[output]![row]!
          const error = Math.abs(out[at]! - expected) / scaleOf(output, expected, bar, volumes)
          if (!(error <= 1e-9)) wrong.push(`${output} at bar ${i}: ${out[at]} instead of ${expected} (${error})`)
        })
      })
      expect(wrong.slice(0, 20)).toEqual([])
      expect(first).toEqual(series.first)
      expect(Math.max(...Object.values(first))).toBe(INDICATOR_WARM_UP_BARS - 1)
    })
  }
})
