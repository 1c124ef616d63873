import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DecimalStep } from '../../src/core/index.ts'
import { BASIC_FEATURES, basicFeatures, channelRange, FEATURE_TABLE, featureNames, firstNonFinite, GridScale, LEVELS_NEEDED, offenders, TopLevels } from '../../src/features/index.ts'
import { FEATURES_MAX } from '../../src/memory/index.ts'

interface Case {
  readonly tick: string
  readonly lot: string
  readonly bidTicks: number[]
  readonly bidLots: number[]
  readonly askTicks: number[]
  readonly askLots: number[]
  readonly bidLotsTotal: number
  readonly askLotsTotal: number
  readonly values: number[]
}
const golden = JSON.parse(readFileSync(new URL('../golden/basic_features.json', import.meta.url), 'utf8')) as { names: string[]; cases: Case[] }

function topOf(book: Case, levels = 10, askLevels = levels): TopLevels {
  const top = new TopLevels()
  top.bidTicks.set(book.bidTicks)
  top.bidLots.set(book.bidLots)
  top.askTicks.set(book.askTicks)
  top.askLots.set(book.askLots)
  top.bidLevels = levels
  top.askLevels = askLevels
  top.bidTotalLots = book.bidLotsTotal
  top.askTotalLots = book.askLotsTotal
  return top
}

const computed = (book: Case, levels?: number, askLevels?: number): Float64Array => {
  const out = new Float64Array(BASIC_FEATURES + 2).fill(7)
  basicFeatures(topOf(book, levels, askLevels), new GridScale({ tick: new DecimalStep(book.tick), lot: new DecimalStep(book.lot) }), out, 1)
  expect([out[0], out[BASIC_FEATURES + 1]]).toEqual([7, 7])
  return out.slice(1, -1)
}

/** Levels a side that a basic feature needs, as its row of the table says. */
const levelsOf = (warmUp: string): number => Number(/^(\d+) levels/.exec(warmUp)?.[1] ?? 1)

describe('the basic order-book features', () => {
  it('agree with an independent NumPy computation to 1e-12, on every grid and book of the golden file', () => {
    expect(golden.cases.length).toBe(48)
    let worst = 0
    for (const book of golden.cases) {
      const ours = computed(book)
      book.values.forEach((expected, i) => (worst = Math.max(worst, Math.abs(ours[i]! - expected) / Math.abs(expected))))
    }
    expect(worst).toBeLessThan(1e-12)
    expect(Number.isFinite(worst)).toBe(true)
  })

  it('carry the names of the golden file in its order, which is the order of the specification', () => {
    expect(featureNames().slice(0, BASIC_FEATURES)).toEqual(golden.names)
    expect(Object.isFrozen(featureNames())).toBe(true)
    expect([channelRange('orderbook'), channelRange('candle'), channelRange('indicator')]).toEqual([{ from: 0, count: 50 }, { from: 50, count: 25 }, { from: 75, count: 35 }])
    expect(new Set(featureNames()).size).toBe(featureNames().length)
    expect(FEATURE_TABLE.length).toBe(FEATURES_MAX)
  })

  it('are documented: formula, unit, window, warm-up, range, zero division and source of each', () => {
    for (const entry of FEATURE_TABLE) for (const text of [entry.unit, entry.window, entry.warmUp, entry.range, entry.zeroDivision, entry.source]) expect(text.length, entry.name).toBeGreaterThan(2)
    expect(LEVELS_NEEDED).toBe(10)
  })

  it('have no value, rather than a made-up one, where the book lacks the levels the table asks for', () => {
    const book = golden.cases[0]!
    for (const levels of [0, 1, 4, 5, 9]) {
      const values = computed(book, levels)
      FEATURE_TABLE.slice(0, BASIC_FEATURES).forEach((entry, i) => expect([entry.name, Number.isFinite(values[i]!)]).toEqual([entry.name, levels >= levelsOf(entry.warmUp)]))
      for (let i = 0; i < BASIC_FEATURES; i++) if (levels >= levelsOf(FEATURE_TABLE[i]!.warmUp)) expect(values[i]).toBe(computed(book)[i])
    }
  })

  it('need both sides: an empty one takes the touch features away and names them', () => {
    const values = computed(golden.cases[0]!, 10, 0)
    expect(offenders(values, 0, BASIC_FEATURES)).toEqual([
      'bid_ask_spread_abs', 'bid_ask_spread_rel', 'mid_price', 'micro_price', 'vwap_ask_5', 'vwap_ask_10', 'depth_ask_5', 'depth_ask_10', 'total_ask_volume', 'book_depth_ratio',
    ])
    expect(firstNonFinite(values, 0, BASIC_FEATURES)).toBe(0)
    expect(firstNonFinite(computed(golden.cases[0]!), 0, BASIC_FEATURES)).toBe(-1)
  })

  it('follow the written rule where a division by zero would be', () => {
    expect(computed({ ...golden.cases[0]!, askLotsTotal: 0 })[14]).toBe(0)
  })
})
