import { describe, expect, it } from 'vitest'
import { BookMetrics, OrderBook } from '../../src/market/index.ts'
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
