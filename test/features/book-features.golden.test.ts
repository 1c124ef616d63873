import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { DecimalStep } from '../../src/core/index.ts'
import { BOOK_FEATURES, BookFeatures, FEATURE_TABLE } from '../../src/features/index.ts'
import { captureEvents } from './capture-events.ts'

interface Golden {
  readonly file: string
  readonly tick: string
  readonly lot: string
  readonly minClusterValue: number
  readonly rows: readonly { readonly record: number; readonly values: Readonly<Record<string, number | null>> }[]
}
const golden = JSON.parse(readFileSync(new URL('../golden/book_features.json', import.meta.url), 'utf8')) as Golden
const path = join(process.env['RINGMASTER_DATA'] ?? join(import.meta.dirname, '../../../shared/data'), golden.file)
const names = FEATURE_TABLE.slice(0, BOOK_FEATURES).map((entry) => entry.name)
const absent = !existsSync(path)

it.skipIf(absent)(`all 50 book features of a recorded market equal an independent reference, computed from scratch in NumPy, to 1e-9${absent ? ' (skipped: recorded data is absent)' : ''}`, () => {
  const instrument = { tick: new DecimalStep(golden.tick), lot: new DecimalStep(golden.lot) }
  const features = new BookFeatures(instrument, { minClusterValue: golden.minClusterValue })
  features.illiquidity = 0
  const rows = new Map(golden.rows.map((row) => [row.record, row.values]))
  const out = new Float64Array(BOOK_FEATURES)
  const wrong: string[] = []
  let depths = -1
  let compared = 0
  for (const event of captureEvents(path, instrument.tick, instrument.lot)) {
    if (event.kind === 'trade') {
      features.onTrade(event.side, event.priceTicks, event.lots, event.timeMs)
      continue
    }
    expect(features.onBook(event.update)).toBe(true)
    depths++
    const values = rows.get(depths)
    if (values === undefined) continue
    // Amihud comes from candles: handed over here, held against NumPy with the candles.
    features.compute(out, 0)
    expect(Object.keys(values).length).toBe(BOOK_FEATURES - 1)
    for (const [at, name] of names.entries()) {
      if (name === 'amihud_illiquidity') continue
      compared++
      const expected = values[name] ?? Number.NaN
      const actual = out[at]!
      const same = Number.isNaN(expected) ? Number.isNaN(actual) : Math.abs(actual - expected) <= 1e-9 * Math.max(Math.abs(expected), 1e-4)
      if (!same) wrong.push(`${name} at record ${depths}: ${actual} instead of ${expected}`)
    }
  }
  expect(wrong.slice(0, 20)).toEqual([])
  expect(compared).toBe(golden.rows.length * (BOOK_FEATURES - 1))
})
