import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DecimalStep } from '../../src/core/index.ts'
import { BASIC_FEATURES, BasicFeatures, FEATURE_TABLE, LEVELS_NEEDED, channelRange, featureNames, firstNonFinite, offenders } from '../../src/features/index.ts'
import { FEATURES_MAX, TICK } from '../../src/memory/index.ts'

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

function record(book: Case, levels = 10, askLevels = levels) {
  const tick = TICK.view(new ArrayBuffer(TICK.byteLength))
  for (let i = 0; i < 10; i++) {
    tick.f64[tick.bidTicks + i] = i < levels ? book.bidTicks[i]! : -1
    tick.f64[tick.bidLots + i] = i < levels ? book.bidLots[i]! : 0
    tick.f64[tick.askTicks + i] = i < askLevels ? book.askTicks[i]! : -1
    tick.f64[tick.askLots + i] = i < askLevels ? book.askLots[i]! : 0
  }
  tick.bidLevels = levels
  tick.askLevels = askLevels
  tick.bidLotsTotal = book.bidLotsTotal
  tick.askLotsTotal = book.askLotsTotal
  return tick
}

const computed = (book: Case, levels?: number, askLevels?: number): Float64Array => {
  const out = new Float64Array(BASIC_FEATURES + 2).fill(7)
  new BasicFeatures({ tick: new DecimalStep(book.tick), lot: new DecimalStep(book.lot) }).compute(record(book, levels, askLevels), out, 1)
  expect([out[0], out[BASIC_FEATURES + 1]]).toEqual([7, 7])
  return out.slice(1, -1)
}

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
    expect(channelRange('orderbook').from).toBe(0)
    expect(new Set(featureNames()).size).toBe(featureNames().length)
    expect(FEATURE_TABLE.length).toBeLessThanOrEqual(FEATURES_MAX)
  })

  it('are documented: formula, unit, levels, warm-up, zero division and source of each', () => {
    for (const entry of FEATURE_TABLE) for (const text of [entry.formula, entry.unit, entry.warmUp, entry.zeroDivision, entry.source]) expect(text.length).toBeGreaterThan(2)
    expect(LEVELS_NEEDED).toBe(10)
  })

  it('have no value, rather than a made-up one, where the book lacks the levels the table asks for', () => {
    const book = golden.cases[0]!
    for (const levels of [0, 1, 4, 5, 9]) {
      const values = computed(book, levels)
      FEATURE_TABLE.slice(0, BASIC_FEATURES).forEach((entry, i) => expect([entry.name, Number.isFinite(values[i]!)]).toEqual([entry.name, levels >= entry.levels]))
      for (let i = 0; i < BASIC_FEATURES; i++) if (levels >= FEATURE_TABLE[i]!.levels) expect(values[i]).toBe(computed(book)[i])
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
