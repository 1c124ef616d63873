import { describe, expect, it } from 'vitest'
import { BookIntegrity, BookMetrics, OrderBook } from '../../src/market/index.ts'
import { update } from './book-oracle.ts'

describe('book metrics', () => {
  it('say spread, mid, micro price, imbalance, depth, delta and the largest clusters', () => {
    const book = OrderBook.create()
    book.apply(update(true, [[100, 30], [99, 5], [90, 400]], [[104, 10], [105, 500], [106, 200]]))
    const m = new BookMetrics(100, 2).measure(book)
    expect([m.spreadTicks, m.midTicks, m.bidDepthLots, m.askDepthLots, m.deltaLots]).toEqual([4, 102, 35, 510, 435 - 710])
    // 30 wanted against 10 offered: the price leans to the ask, three quarters of the way.
    expect(m.microTicks).toBe(103)
    expect(m.imbalance).toBeCloseTo((35 - 510) / 545, 15)
    expect([m.bidClusterTicks, m.bidClusterLots, m.askClusterTicks, m.askClusterLots]).toEqual([90, 400, 105, 500])
    expect(new BookMetrics(501).measure(book).askClusterTicks).toBe(-1)
  })

  it('have no numbers of a book that may not be used', () => {
    const book = OrderBook.create()
    book.apply(update(true, [[100, 30]], []))
    const m = new BookMetrics(1).measure(book)
    for (const value of [m.spreadTicks, m.midTicks, m.microTicks, m.imbalance, m.deltaLots, m.bidDepthLots]) expect(value).toBeNaN()
    expect(() => new BookMetrics(0)).toThrow('RM_CLUSTER_VOLUME')
    expect(() => new BookMetrics(Number.NaN)).toThrow('RM_CLUSTER_VOLUME')
  })
})

describe('the integrity of a book', () => {
  it('grows while it is valid, falls while it is not, and counts rebuilds', () => {
    const integrity = new BookIntegrity(0)
    expect(integrity.score(60e9)).toBe(0)
    integrity.turn(true, 60e9)
    expect(integrity.score(60e9 + 300e9)).toBeCloseTo(1 - Math.exp(-1), 12)
    expect(integrity.score(1e15)).toBeCloseTo(1, 9)
    integrity.turn(false, 1e15)
    expect(integrity.score(1e15 + 300e9)).toBeCloseTo(Math.exp(-1), 9)
    integrity.turn(false, 1e15 + 1)
    integrity.turn(true, 1e15 + 2)
    integrity.turn(false, 1e15 + 3)
    expect(integrity.rebuilds).toBe(2)
  })
})
