import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecimalStep } from '../../src/core/index.ts'
import { BOOK_FEATURES, BookFeatures, FEATURE_TABLE } from '../../src/features/index.ts'
import { bookUpdate, captureEvents } from './capture-events.ts'
import { BookReference } from './reference.ts'
import { WildMarket } from './wild-market.ts'

const GRID = { tick: new DecimalStep('0.001'), lot: new DecimalStep('0.01') }
const CLUSTER = 2000
const names = FEATURE_TABLE.slice(0, BOOK_FEATURES).map((entry) => entry.name)
const path = join(process.env['RINGMASTER_DATA'] ?? join(import.meta.dirname, '../../../shared/data'), 'l2_binance_raw/binance_spot_nexousdt_20240723.raw.gz')
const absent = !existsSync(path)

function differences(out: Float64Array, expected: readonly number[], where: string): string[] {
  const wrong: string[] = []
  for (let i = 0; i < BOOK_FEATURES; i++) {
    const [a, b] = [out[i]!, expected[i]!]
    if (!(Number.isNaN(b) ? Number.isNaN(a) : Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(b), 1e-4))) wrong.push(`${names[i]} ${where}: ${a} instead of ${b}`)
  }
  return wrong
}

describe('book features', () => {
  it.skipIf(absent)(`equal a plain reference at every record of a recorded market${absent ? ' (skipped: recorded data is absent)' : ''}`, () => {
    const features = new BookFeatures(GRID, { minClusterValue: CLUSTER })
    features.illiquidity = 0
    const reference = new BookReference(GRID.tick.value, GRID.lot.value, CLUSTER)
    const out = new Float64Array(BOOK_FEATURES)
    const wrong: string[] = []
    let records = 0
    for (const event of captureEvents(path, GRID.tick, GRID.lot)) {
      if (event.kind === 'trade') {
        features.onTrade(event.side, event.priceTicks, event.lots, event.timeMs)
        reference.trade(event.timeMs, event.side === 0 ? 1 : -1, event.priceTicks, event.lots)
        continue
      }
      features.onBook(event.update)
      reference.book(event.update)
      if (++records < 25) continue
      features.compute(out, 0)
      wrong.push(...differences(out, reference.values(), `at record ${records}`))
      if (records % 50 === 0) reference.forget()
    }
    expect(wrong.slice(0, 10)).toEqual([])
    expect(records).toBe(1189)
  })

  it('equal values taken from scratch after a million random level changes', { timeout: 60_000 }, () => {
    const market = new WildMarket(11)
    const features = new BookFeatures(GRID, { minClusterValue: CLUSTER })
    features.illiquidity = 0
    const reference = new BookReference(GRID.tick.value, GRID.lot.value, CLUSTER)
    const out = new Float64Array(BOOK_FEATURES)
    features.onBook(market.snapshot())
    let changes = 0
    // The reference keeps lists: it joins for the end, from a snapshot of the same book, long enough for every window.
    let joined = false
    for (let message = 0; changes < 1_000_000; message++) {
      const update = market.delta()
      changes += update.bidCount + update.askCount
      features.onBook(update)
      if (!joined && changes > 990_000) {
        joined = true
        reference.book(market.snapshot())
      } else if (joined) reference.book(update)
      for (let i = Math.floor(market.random() * 3); i > 0; i--) {
        const { sign, ticks, lots } = market.trade()
        features.onTrade(sign > 0 ? 0 : 1, ticks, lots, market.timeMs)
        if (joined) reference.trade(market.timeMs, sign, ticks, lots)
      }
      if (joined && message % 200 === 0) reference.forget()
    }
    features.onBook(bookUpdate(false, market.timeMs, 2, [], []))
    reference.book(bookUpdate(false, market.timeMs, 2, [], []))
    features.compute(out, 0)
    expect(differences(out, reference.values(), 'after a million changes')).toEqual([])
  })

  it('equal the reference over random short markets, whatever their seed', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.integer({ min: 30, max: 140 }), (seed, messages) => {
        const market = new WildMarket(seed)
        const features = new BookFeatures(GRID, { minClusterValue: CLUSTER })
        features.illiquidity = 0
        const reference = new BookReference(GRID.tick.value, GRID.lot.value, CLUSTER)
        const out = new Float64Array(BOOK_FEATURES)
        const first = market.snapshot()
        features.onBook(first)
        reference.book(first)
        for (let i = 0; i < messages; i++) {
          const { sign, ticks, lots } = market.trade()
          features.onTrade(sign > 0 ? 0 : 1, ticks, lots, market.timeMs)
          reference.trade(market.timeMs, sign, ticks, lots)
          const update = market.delta()
          features.onBook(update)
          reference.book(update)
        }
        if (market.timeMs - 1_700_000_000_000 < 1000) return
        features.compute(out, 0)
        expect(differences(out, reference.values(), `seed ${seed}`)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('have no value that stems from before a gap', () => {
    const market = new WildMarket(3)
    const used = new BookFeatures(GRID, { minClusterValue: CLUSTER })
    used.illiquidity = 0
    const fresh = new BookFeatures(GRID, { minClusterValue: CLUSTER })
    fresh.illiquidity = 0
    used.onBook(market.snapshot())
    for (let i = 0; i < 300; i++) used.onBook(market.delta())
    used.gap()
    expect(used.onBook(market.delta())).toBe(false)
    const again = market.snapshot()
    const [a, b] = [new Float64Array(BOOK_FEATURES), new Float64Array(BOOK_FEATURES)]
    for (const one of [used, fresh]) one.onBook(again)
    for (let i = 0; i < 120; i++) {
      const update = market.delta()
      for (const one of [used, fresh]) one.onBook(update)
    }
    used.compute(a, 0)
    fresh.compute(b, 0)
    // Trades are no part of the book: their windows go on, and here there were none.
    expect([...a]).toEqual([...b])
  })

  it('are not finite while a side is empty or thin, and name themselves', () => {
    const features = new BookFeatures(GRID, { minClusterValue: CLUSTER })
    features.illiquidity = 0
    const out = new Float64Array(BOOK_FEATURES)
    features.onBook(bookUpdate(true, 1000, 1, [[10, 5]], []))
    features.compute(out, 0)
    expect(out[names.indexOf('mid_price')]).toBeNaN()
    features.onBook(bookUpdate(true, 1100, 2, [[10, 5]], [[12, 5]]))
    features.compute(out, 0)
    expect(out[names.indexOf('mid_price')]).toBeCloseTo(0.011, 12)
    for (const name of ['vwap_bid_5', 'imbalance_5', 'price_pressure', 'support_level_1', 'liquidity_bid_5', 'depth_imbalance_ratio']) expect(out[names.indexOf(name)], name).toBeNaN()
  })
})
