import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LineDbscan, type PriceLevel, SupportResistance } from '../../src/detection/index.ts'
import { detection } from './settings.ts'

type Candle = readonly [startMs: number, open: number, high: number, low: number, close: number, lots: number]
interface Golden {
  readonly lists: readonly { readonly values: readonly number[]; readonly eps: number; readonly minPoints: number; readonly labels: readonly number[] }[]
  readonly recorded: readonly { readonly name: string; readonly candles: readonly Candle[]; readonly swings: number; readonly levels: readonly PriceLevel[] }[]
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/dbscan.json'), 'utf8')) as Golden

describe('price levels against scikit-learn', () => {
  it('clusters, noise and their numbers are those of its DBSCAN, label by label', () => {
    expect(golden.lists.length).toBeGreaterThan(50)
    for (const { values, eps, minPoints, labels } of golden.lists) {
      const dbscan = new LineDbscan(values.length)
      expect(dbscan.run(Float64Array.from(values), values.length, eps, minPoints)).toBe(Math.max(-1, ...labels) + 1)
      expect([...dbscan.labels]).toEqual(labels)
    }
  })

  it.each(golden.recorded)('levels of $name are its clusters of the swing points, with their strength', ({ candles, levels }) => {
    expect(levels.length).toBeGreaterThan(3)
    const ours = new SupportResistance(detection.levels)
    for (const candle of candles) ours.onClosed(...candle)
    expect(ours.count).toBe(levels.length)
    for (const [i, level] of levels.entries()) {
      const { strength, volume, priceTicks, ...whole } = level
      const at = ours.at(i)
      expect(at).toMatchObject(whole)
      expect(at.priceTicks).toBeCloseTo(priceTicks, 9)
      expect(at.volume).toBeCloseTo(volume, 12)
      expect(at.strength).toBeCloseTo(strength, 12)
    }
  })
})
