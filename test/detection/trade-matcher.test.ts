import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, SELL, type Side } from '../../src/core/index.ts'
import { type MatchSink, NO_ORDER, TradeMatcher } from '../../src/detection/index.ts'

const WINDOW_MS = 250

interface Step {
  readonly kind: 'book' | 'trade'
  readonly timeMs: number
  readonly ticks: number
  readonly lots: number
  readonly order: number
}

const byOrder = (lots: ReadonlyMap<number, number>): [number, number][] => [...lots].sort((a, b) => a[0] - b[0])

/** What became of each order's size, and of all size. */
class Outcome implements MatchSink {
  readonly traded = new Map<number, number>()
  readonly cancelled = new Map<number, number>()
  readonly matcher = new TradeMatcher(WINDOW_MS, this)

  onTraded(order: number, lots: number): void {
    this.traded.set(order, (this.traded.get(order) ?? 0) + lots)
  }

  onCancelled(order: number, lots: number): void {
    this.cancelled.set(order, (this.cancelled.get(order) ?? 0) + lots)
  }

  play(steps: readonly Step[]): this {
    let nowMs = 0
    for (const { kind, timeMs, ticks, lots, order } of steps) {
      nowMs = Math.max(nowMs, timeMs)
      this.matcher.advance(nowMs)
      if (kind === 'book') this.matcher.decrease(BUY, ticks, lots, timeMs, order, order === NO_ORDER ? 0 : lots)
      else this.matcher.trade(SELL, ticks, lots, timeMs)
    }
    this.matcher.advance(nowMs + 10 * WINDOW_MS)
    return this
  }

  get sums() {
    const { matcher } = this
    return { traded: matcher.tradedLots[BUY], cancelled: matcher.cancelledLots[BUY], hidden: matcher.hiddenLots[BUY], byOrder: byOrder(this.traded), cancelledByOrder: byOrder(this.cancelled) }
  }
}

/** The same by hand: both queues of a price as lists, compared head by head. */
function fromScratch(steps: readonly Step[]) {
  const sums = { traded: 0, cancelled: 0, hidden: 0 }
  for (const ticks of new Set(steps.map((step) => step.ticks))) {
    const book = steps.filter((step) => step.kind === 'book' && step.ticks === ticks).map((step) => ({ ...step }))
    const trades = steps.filter((step) => step.kind === 'trade' && step.ticks === ticks).map((step) => ({ ...step }))
    while (book.length > 0 && trades.length > 0) {
      const apartMs = book[0]!.timeMs - trades[0]!.timeMs
      if (apartMs > WINDOW_MS) sums.hidden += trades.shift()!.lots
      else if (apartMs < -WINDOW_MS) sums.cancelled += book.shift()!.lots
      else {
        const part = Math.min(book[0]!.lots, trades[0]!.lots)
        sums.traded += part
        for (const queue of [book, trades]) {
          queue[0] = { ...queue[0]!, lots: queue[0]!.lots - part }
          if (queue[0].lots === 0) queue.shift()
        }
      }
    }
    for (const left of book) sums.cancelled += left.lots
    for (const left of trades) sums.hidden += left.lots
  }
  return sums
}

const stream = (kind: Step['kind']) =>
  fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 400 }), ticks: fc.integer({ min: 1, max: 3 }), lots: fc.integer({ min: 1, max: 20 }) }), { maxLength: 60 }).map((steps) => {
    let timeMs = 0
    return steps.map(({ waitMs, ticks, lots }, i): Step => ({ kind, timeMs: (timeMs += waitMs), ticks, lots, order: kind === 'book' ? i : NO_ORDER }))
  })

/** Steps in the order in which they arrive when each is late by its own delay; each stream keeps its order. */
function arrivals(book: readonly Step[], trades: readonly Step[], bookLateMs: readonly number[], tradeLateMs: readonly number[]): Step[] {
  const late = (steps: readonly Step[], delays: readonly number[]): { readonly step: Step; readonly atMs: number }[] => {
    let atMs = 0
    return steps.map((step, i) => ({ step, atMs: (atMs = Math.max(atMs, step.timeMs + (delays[i % Math.max(1, delays.length)] ?? 0))) }))
  }
  return [...late(book, bookLateMs), ...late(trades, tradeLateMs)].sort((a, b) => a.atMs - b.atMs).map(({ step }) => step)
}

const delays = fc.array(fc.integer({ min: 0, max: WINDOW_MS }), { minLength: 1, maxLength: 20 })

describe('matching of trades with the book', () => {
  it('says the same whichever of trade and book message comes first, as long as both are within the window', () => {
    fc.assert(
      fc.property(stream('book'), stream('trade'), delays, delays, delays, delays, (book, trades, a, b, c, d) => {
        const first = new Outcome().play(arrivals(book, trades, a, b)).sums
        expect(new Outcome().play(arrivals(book, trades, c, d)).sums).toEqual(first)
      }),
      { numRuns: 300 },
    )
  })

  it('is what two lists compared head by head say', () => {
    fc.assert(
      fc.property(stream('book'), stream('trade'), delays, delays, (book, trades, a, b) => {
        const { traded, cancelled, hidden } = new Outcome().play(arrivals(book, trades, a, b)).sums
        expect({ traded, cancelled, hidden }).toEqual(fromScratch([...book, ...trades]))
      }),
      { numRuns: 300 },
    )
  })

  it('loses no lot: what left was traded or cancelled, each order its own', () => {
    fc.assert(
      fc.property(stream('book'), stream('trade'), (book, trades) => {
        const outcome = new Outcome().play(arrivals(book, trades, [0], [0]))
        const left = book.reduce((sum, step) => sum + step.lots, 0)
        expect(outcome.sums.traded! + outcome.sums.cancelled!).toBe(left)
        for (const { order, lots } of book) expect((outcome.traded.get(order) ?? 0) + (outcome.cancelled.get(order) ?? 0)).toBe(lots)
      }),
    )
  })

  it('keeps to its memory however much comes at once, and counts what it settled early', () => {
    const outcome = new Outcome()
    for (let i = 0; i < 20_000; i++) outcome.matcher.decrease(BUY, 1 + (i % 9000), 1, i / 1000, NO_ORDER, 0)
    expect(outcome.matcher.waiting).toBeLessThanOrEqual(4096)
    expect(outcome.matcher.overflow).toBe(20_000 - 4096)
    expect(outcome.matcher.cancelledLots[BUY]).toBe(20_000 - 4096)
  })

  it('a buyer takes from the asks only', () => {
    const outcome = new Outcome()
    outcome.matcher.decrease(BUY, 5, 10, 0, 1, 10)
    outcome.matcher.decrease(SELL, 5, 10, 0, 2, 10)
    outcome.matcher.trade(BUY, 5, 10, 0)
    outcome.matcher.advance(10_000)
    expect([...outcome.traded]).toEqual([[2, 10]])
    expect([...outcome.cancelled]).toEqual([[1, 10]])
  })

  it.each([0, -1, Number.NaN, 1e9])('a window of %d ms is a coded error', (windowMs) => {
    const sink: MatchSink = { onTraded: () => {}, onCancelled: () => {} }
    expect(() => new TradeMatcher(windowMs, sink)).toThrow(expect.objectContaining({ code: 'RM_DETECTION_CONFIG' }))
  })

  it.each([BUY, SELL] as const)('forgets what waits when it is dropped, side %d', (side: Side) => {
    const outcome = new Outcome()
    outcome.matcher.decrease(side, 5, 10, 0, 1, 10)
    outcome.matcher.drop()
    outcome.matcher.trade(side === BUY ? SELL : BUY, 5, 10, 0)
    outcome.matcher.advance(10_000)
    expect(outcome.matcher.hiddenLots[side]).toBe(10)
    expect(outcome.traded.size).toBe(0)
  })
})
