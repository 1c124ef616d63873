import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { limits } from '../../src/core/index.ts'
import { channelRange, featureNames } from '../../src/features/index.ts'
import { IndicatorColumns } from '../../src/indicators/index.ts'

const DATA = process.env['RINGMASTER_DATA'] ?? join(import.meta.dirname, '../../../shared/data')
const FILES = ['okx_swap/BTC-USDT-SWAP_1m_202601', 'bybit_linear/APEUSDT_5m', 'bybit_linear/SOLUSDT_5m']
const names = featureNames().slice(channelRange('indicator').from)

/** What docs/features.md says of a restart, relative; of prices where the value is a difference of prices. All others are windows, or nearly. */
const documented: Readonly<Record<string, number>> = {
  rsi_28: 6.5e-3, ema_50: 2e-4, adx: 6.5e-5, plus_di: 1.5e-5, minus_di: 1.5e-5, rsi_14: 1.5e-5, atr_14: 1.5e-5, macd: 1.5e-7, macd_signal: 1.5e-7, macd_histogram: 1.5e-7,
}

describe('after a restart from the candles that are held the indicators are as far from those of a life without one as the page says', () => {
  for (const file of FILES) {
    const path = join(DATA, 'candles', `${file}.csv.gz`)
    const absent = !existsSync(path)
    it.skipIf(absent)(`${file}${absent ? ' (skipped: recorded data is absent)' : ''}`, () => {
      const rows = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n').slice(1, 20_001).map((line) => line.split(',').map(Number))
      const column = (place: number): Float64Array => Float64Array.from(rows, (row) => row[place]!)
      const bars = { high: column(2), low: column(3), close: column(4), volume: column(5) }
      const never = new IndicatorColumns(rows.length)
      const again = new IndicatorColumns(rows.length)
      never.compute(bars, 0, rows.length)
      const worst: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]))
      for (let at = 3000; at < rows.length; at += 97) {
        again.compute(bars, at - limits.candlesMax + 1, at + 1)
        for (const [place, name] of names.entries()) {
          const value = never.outputs[place]![at]!
          const least = name.startsWith('macd') ? bars.close[at]! : 1e-3
          worst[name] = Math.max(worst[name]!, Math.abs(again.outputs[place]![at]! - value) / Math.max(Math.abs(value), least))
        }
      }
      for (const name of names) expect(worst[name], name).toBeLessThanOrEqual(documented[name] ?? 1e-8)
      expect(worst['rsi_28']).toBeGreaterThan(1e-4)
    })
  }
})
