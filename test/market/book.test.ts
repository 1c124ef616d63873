import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, NO_ASK, NO_BID, SELL, RingmasterError } from '../../src/core/index.ts'
import { BOOK_PICTURE } from '../../src/memory/index.ts'
import { BOOK_BAD_LEVEL, BOOK_CROSSED, BOOK_FULL, BOOK_OK, BOOK_UNSYNCED, LOTS_MAX, OrderBook } from '../../src/market/index.ts'
import { type Level, PlainSide, update } from './book-oracle.ts'

function levelsOf(book: OrderBook, side: 0 | 1): Level[] {
  const ticks = new Float64Array(8191)
  const lots = new Float64Array(8191)
  const count = book.copyTop(side, 8191, ticks, lots)
  return Array.from({ length: count }, (_, i) => [ticks[i]!, lots[i]!] as const)
}

/** Everything the book says must be what the oracle says. */
function expectSame(book: OrderBook, bids: PlainSide, asks: PlainSide): void {
  expect(levelsOf(book, BUY)).toEqual(bids.sorted())
  expect(levelsOf(book, SELL)).toEqual(asks.sorted())
  expect(book.bestBid).toBe(bids.best() ?? NO_BID)
  expect(book.bestAsk).toBe(asks.best() ?? NO_ASK)
  expect(book.levels(BUY)).toBe(bids.map.size)
  expect(book.levels(SELL)).toBe(asks.map.size)
  expect(book.totalLots(BUY)).toBe(bids.total())
  expect(book.totalLots(SELL)).toBe(asks.total())
}

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return error instanceof RingmasterError ? error.code : String(error)
  }
  return 'no error'
}

describe('an order book', () => {
  // One step: how the mid moves, and levels as (side, distance from mid, size). Far distances exceed the window of
  // 128 ticks many times; jumps of the mid exceed it too, so every kind of move of the window takes place.
  const distance = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 40 }) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 300 }) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 5000 }) })
  const size = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 1000 }) }, { weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(LOTS_MAX) })
  const drift = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -8, max: 8 }) }, { weight: 1, arbitrary: fc.integer({ min: -400, max: 400 }) })
  const step = fc.record({ drift, levels: fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), distance, size), { maxLength: 12 }) })

  it('is level for level what plain sorted arrays say, over deltas, drift, far levels and moves of the window', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
        const book = OrderBook.create({ windowTicks: 128, capacity: 2000 })
        const bids = new PlainSide(true)
        const asks = new PlainSide(false)
        expect(book.apply(update(true, [], []))).toBe(BOOK_OK)
        let mid = 20_000
        steps.forEach((s, id) => {
          mid = Math.max(6000, mid + s.drift)
          const bidLevels: Level[] = []
          const askLevels: Level[] = []
          // What the mid ran over is taken out first, as a venue would.
          for (const ticks of bids.map.keys()) if (ticks >= mid) bidLevels.push([ticks, 0])
          for (const ticks of asks.map.keys()) if (ticks <= mid) askLevels.push([ticks, 0])
          for (const [side, away, lots] of s.levels) (side === 0 ? bidLevels : askLevels).push([side === 0 ? mid - away : mid + away, lots])
          expect(book.apply(update(false, bidLevels, askLevels, id))).toBe(BOOK_OK)
          bidLevels.forEach(([ticks, lots], i) => expect(book.bidLotsBefore[i]).toBe(bids.set(ticks, lots)))
          askLevels.forEach(([ticks, lots], i) => expect(book.askLotsBefore[i]).toBe(asks.set(ticks, lots)))
          expect(book.bestBid).toBe(bids.best() ?? NO_BID)
          expect(book.bestAsk).toBe(asks.best() ?? NO_ASK)
          expect(book.updateId).toBe(id)
        })
        expectSame(book, bids, asks)
        for (const [ticks, lots] of bids.map) expect(book.lotsAt(BUY, ticks)).toBe(lots)
        expect(book.lotsAt(SELL, mid + 5001)).toBe(asks.map.get(mid + 5001) ?? 0)
      }),
      { numRuns: 150, seed: 20_261_121 },
    )
  })

  it('keeps levels that its window cannot hold, and gives them back when the touch comes to them', () => {
    const book = OrderBook.create({ windowTicks: 128 })
    const far: Level[] = Array.from({ length: 50 }, (_, i) => [1000 - 10 * i, i + 1] as const)
    book.apply(update(true, [[5000, 7], ...far], [[5001, 3]]))
    expect(book.farLevels(BUY)).toBe(50)
    expect(book.levels(BUY)).toBe(51)
    expect(book.apply(update(false, [[5000, 0]], []))).toBe(BOOK_OK)
    expect(book.bestBid).toBe(1000)
    expect(levelsOf(book, BUY)).toEqual(far)
    expect(book.totalLots(BUY)).toBe(far.reduce((sum, l) => sum + l[1], 0))
  })

  it('takes levels in any order within a snapshot', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 3000 }), { maxLength: 60 }), (distances) => {
        const book = OrderBook.create({ windowTicks: 128 })
        const bids = new PlainSide(true)
        const asks = new PlainSide(false)
        for (const d of distances) bids.set(4000 - d, d)
        for (const d of distances) asks.set(4000 + d, d)
        expect(book.apply(update(true, [...bids.map], [...asks.map]))).toBe(BOOK_OK)
        expectSame(book, bids, asks)
      }),
      { numRuns: 60, seed: 4 },
    )
  })

  it('lets a message pass through a crossed moment but not end in one', () => {
    const book = OrderBook.create()
    book.apply(update(true, [[100, 1]], [[101, 1]]))
    // The bid moves up over the old ask, which the same message deletes after it.
    expect(book.apply(update(false, [[101, 2]], [[101, 0], [102, 5]], 2))).toBe(BOOK_OK)
    expect(book.apply(update(false, [[102, 2]], [], 3))).toBe(BOOK_CROSSED)
    expect(book.valid).toBe(false)
    expect(new Int32Array(book.buffer)[0]).toBe(0)
  })

  it('counts a locked touch as crossed', () => {
    const book = OrderBook.create()
    expect(book.apply(update(true, [[100, 1]], [[100, 1]]))).toBe(BOOK_CROSSED)
    expect(book.valid).toBe(false)
  })

  it('ignores deltas until a snapshot, after every kind of fault', () => {
    const book = OrderBook.create({ capacity: 4 })
    expect(book.apply(update(false, [[100, 1]], []))).toBe(BOOK_UNSYNCED)
    expect(book.levels(BUY)).toBe(0)
    const good = update(true, [[100, 1]], [[102, 1]])
    const faults: [number, ReturnType<typeof update>][] = [
      [BOOK_CROSSED, update(false, [[102, 1]], [])],
      [BOOK_FULL, update(false, [[99, 1], [98, 1], [97, 1], [96, 1]], [])],
      [BOOK_BAD_LEVEL, update(false, [[Number.NaN, 1]], [])],
      [BOOK_BAD_LEVEL, update(false, [[99.5, 1]], [])],
      [BOOK_BAD_LEVEL, update(false, [[0, 1]], [])],
      [BOOK_BAD_LEVEL, update(false, [[-5, 1]], [])],
      [BOOK_BAD_LEVEL, update(false, [], [[2 ** 53, 1]])],
      [BOOK_BAD_LEVEL, update(false, [], [[Number.POSITIVE_INFINITY, 1]])],
      [BOOK_BAD_LEVEL, update(false, [], [[103, -1]])],
      [BOOK_BAD_LEVEL, update(false, [], [[103, 0.5]])],
      [BOOK_BAD_LEVEL, update(false, [], [[103, Number.NaN]])],
      [BOOK_BAD_LEVEL, update(false, [], [[103, LOTS_MAX + 1]])],
    ]
    for (const [code, bad] of faults) {
      expect(book.apply(good)).toBe(BOOK_OK)
      expect(book.usable).toBe(true)
      expect(book.apply(bad)).toBe(code)
      expect([book.valid, book.usable]).toEqual([false, false])
      expect(book.apply(update(false, [[90, 5]], []))).toBe(BOOK_UNSYNCED)
    }
    expect(book.apply(good)).toBe(BOOK_OK)
    expect(levelsOf(book, BUY)).toEqual([[100, 1]])
  })

  it('stays whole at its very capacity and with levels that swap places', () => {
    const book = OrderBook.create({ capacity: 3, windowTicks: 128 })
    expect(book.apply(update(true, [[100, 1], [99, 1], [98, 1]], []))).toBe(BOOK_OK)
    expect(book.apply(update(false, [[100, 0], [97, 4]], []))).toBe(BOOK_OK)
    expect(book.apply(update(false, [[97, 0], [10, 4]], []))).toBe(BOOK_OK)
    expect(levelsOf(book, BUY)).toEqual([[99, 1], [98, 1], [10, 4]])
    expect(book.apply(update(false, [[9, 1]], []))).toBe(BOOK_FULL)
  })

  it('adds sizes exactly up to the largest it takes', () => {
    const book = OrderBook.create({ capacity: 8191 })
    const bids: Level[] = Array.from({ length: 8191 }, (_, i) => [20_000 - i, LOTS_MAX] as const)
    expect(book.apply(update(true, bids, []))).toBe(BOOK_OK)
    expect(book.totalLots(BUY)).toBe(8191 * LOTS_MAX)
    expect(BigInt(book.totalLots(BUY))).toBe(8191n * BigInt(LOTS_MAX))
  })

  it('is invalid and empty in the hands of a successor, whatever the buffer holds', () => {
    const first = OrderBook.create()
    first.apply(update(true, [[100, 1]], [[101, 1]]))
    const second = new OrderBook(first.buffer)
    expect(second.valid).toBe(false)
    expect(new Int32Array(first.buffer)[0]).toBe(0)
    expect(second.apply(update(true, [[90, 2]], [[91, 2]]))).toBe(BOOK_OK)
    expect(levelsOf(second, BUY)).toEqual([[90, 2]])
    expect(second.lotsAt(BUY, 100)).toBe(0)
  })

  it('writes the best 200 levels of each side as a picture', () => {
    const book = OrderBook.create({ windowTicks: 128 })
    const bids: Level[] = Array.from({ length: 300 }, (_, i) => [10_000 - 3 * i, i + 1] as const)
    const asks: Level[] = Array.from({ length: 120 }, (_, i) => [10_001 + 2 * i, i + 7] as const)
    book.apply(update(true, bids, asks, 77))
    const picture = BOOK_PICTURE.view(new SharedArrayBuffer(BOOK_PICTURE.byteLength))
    book.writePicture(picture, 123, 456)
    expect([picture.updateId, picture.venueTimeMs, picture.receiveNs, picture.bidLevels, picture.askLevels, picture.valid]).toEqual([77, 123, 456, 200, 120, 1])
    const read = (ticks: number, lots: number, n: number): Level[] => Array.from({ length: n }, (_, i) => [picture.f64[ticks + i]!, picture.f64[lots + i]!] as const)
    expect(read(picture.bidTicks, picture.bidLots, 200)).toEqual(bids.slice(0, 200))
    expect(read(picture.askTicks, picture.askLots, 120)).toEqual(asks)
    book.invalidate()
    book.writePicture(picture, 124, 457)
    expect(picture.valid).toBe(0)
  })

  it('refuses sizes that do not fit together, with a coded error', () => {
    expect(codeOf(() => OrderBook.create({ windowTicks: 100 }))).toBe('RM_BOOK_CONFIG')
    expect(codeOf(() => OrderBook.create({ capacity: 0 }))).toBe('RM_BOOK_CONFIG')
    expect(codeOf(() => OrderBook.create({ capacity: 8192 }))).toBe('RM_BOOK_CONFIG')
    expect(codeOf(() => new OrderBook(new SharedArrayBuffer(64)))).toBe('RM_BOOK_CONFIG')
    const book = OrderBook.create()
    expect(codeOf(() => book.copyTop(BUY, 5, new Float64Array(4), new Float64Array(5)))).toBe('RM_BOOK_LEVELS')
    expect(codeOf(() => book.copyTop(BUY, 5, new Float64Array(9), new Float64Array(9), 0, 5))).toBe('RM_BOOK_LEVELS')
  })
})
