import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, NO_ASK, NO_BID, Random, SELL, type Lots, type PriceTicks, type Side } from '../../../src/core/index.ts'
import { MARKET, MatchingBook, type FillSink } from '../../../src/exchange/index.ts'
import { OracleBook, type OracleFill } from './oracle.ts'

const ACCOUNTS = 3
const accountOf = (owner: number): number => owner % ACCOUNTS

class Recorder implements FillSink {
  fills: OracleFill[] = []
  withdrawnOwners: number[] = []
  allow(maker: number, taker: number, lots: Lots): Lots {
    return taker !== MARKET && accountOf(maker) === accountOf(taker) ? 0 : lots
  }
  firm(maker: number, taker: number): boolean {
    return accountOf(maker) !== accountOf(taker)
  }
  fill(maker: number, taker: number, side: Side, ticks: PriceTicks, lots: Lots): void {
    this.fills.push([maker, taker, side, ticks, lots])
  }
  withdrawn(maker: number): void {
    this.withdrawnOwners.push(maker)
  }
}

/** Market-to-market trades of one price in a row are one trade: whether the market's size is one entry or two is no matter. */
function merged(fills: readonly OracleFill[]): OracleFill[] {
  const result: OracleFill[] = []
  for (const fill of fills) {
    const last = result[result.length - 1]
    if (last !== undefined && fill[0] === MARKET && last[0] === MARKET && last[1] === fill[1] && last[2] === fill[2] && last[3] === fill[3]) {
      result[result.length - 1] = [MARKET, last[1], last[2], last[3], last[4] + fill[4]]
    } else result.push(fill)
  }
  return result
}

const bookLevels = (book: MatchingBook, side: Side): [number, number][] => {
  const ticks = new Float64Array(4096)
  const lots = new Float64Array(4096)
  const count = book.copyLevels(side, 4096, ticks, lots)
  return Array.from({ length: count }, (_, i) => [ticks[i], lots[i]])
}

interface Resting {
  readonly owner: number
  readonly side: Side
  readonly entry: number
  lots: Lots
}

/** Runs one random command list on the book and on the oracle and compares everything after every command. */
function duel(seed: number, steps: number, centre: PriceTicks, drift: number): void {
  const random = new Random(seed)
  const sink = new Recorder()
  const book = new MatchingBook(sink)
  const oracle = new OracleBook(accountOf)
  const resting = new Map<number, Resting>()
  let owners = 0
  let middle = centre
  for (let step = 0; step < steps; step++) {
    sink.fills = []
    sink.withdrawnOwners = []
    oracle.fills = []
    oracle.withdrawn = []
    if (random.chance(drift)) middle += random.below(2001) - 1000
    middle = Math.max(60, middle)
    const side: Side = random.chance(0.5) ? BUY : SELL
    const ticks = middle + random.below(41) - 20
    const lots = 1 + random.below(30)
    const kind = random.below(10)
    let what = ''
    if (kind < 3) {
      const wanted = random.chance(0.3) ? 0 : lots
      what = `setLevel ${side} ${ticks} ${wanted}`
      book.setLevel(side, ticks, wanted)
      oracle.setLevel(side, ticks, wanted)
    } else if (kind < 5) {
      what = `take ${side} ${ticks} ${lots}`
      expect(book.take(side, ticks, lots), what).toBe(oracle.submit(0, side, ticks, lots))
    } else if (kind < 8) {
      const owner = ++owners
      const immediate = random.chance(0.25)
      what = `order ${owner} ${side} ${ticks} ${lots}${immediate ? ' FOK' : ''}`
      const fillable = book.fillable(owner, side, ticks, lots)
      expect(fillable, what).toBe(Math.min(lots, oracle.fillable(owner, side, ticks)))
      if (!immediate || fillable === lots) {
        const left = book.submit(owner, side, ticks, lots)
        expect(left, what).toBe(oracle.submit(owner, side, ticks, lots))
        if (immediate) expect(left, what).toBe(0)
        if (left > 0) {
          resting.set(owner, { owner, side, entry: book.rest(owner, side, ticks, left), lots: left })
          oracle.rest(owner, side, ticks, left)
        }
      }
    } else if (kind === 8 && resting.size > 0) {
      const target = [...resting.values()][random.below(resting.size)]
      const part = random.chance(0.5) ? target.lots : 1 + random.below(target.lots)
      what = `shrink ${target.owner} by ${part}`
      book.shrink(target.side, target.entry, part)
      oracle.shrink(target.owner, part)
      target.lots -= part
      if (target.lots === 0) resting.delete(target.owner)
    } else {
      what = `print ${side} ${ticks} ${lots}`
      const shown = book.externalAt(side === BUY ? SELL : BUY, ticks)
      expect(book.print(side, ticks, lots), what).toBe(oracle.print(side, ticks, lots))
      expect(book.externalAt(side === BUY ? SELL : BUY, ticks), what).toBe(shown)
    }
    expect(merged(sink.fills), `${seed}#${step} ${what}`).toEqual(merged(oracle.fills))
    expect(sink.withdrawnOwners, what).toEqual(oracle.withdrawn)
    for (const [maker, , , , part] of sink.fills) {
      const target = resting.get(maker)
      if (target === undefined) continue
      target.lots -= part
      if (target.lots === 0) resting.delete(maker)
    }
    for (const owner of sink.withdrawnOwners) resting.delete(owner)
    expect(bookLevels(book, BUY), what).toEqual(oracle.levels(BUY))
    expect(bookLevels(book, SELL), what).toEqual(oracle.levels(SELL))
    expect(book.bids.best < book.asks.best, `crossed after ${what}`).toBe(true)
    for (const { owner, side: at, entry } of resting.values()) expect(book.side(at).ahead(entry), `queue of ${owner} after ${what}`).toBe(oracle.ahead(owner))
  }
}

describe('matching book', () => {
  it('gives the fills, levels and queue positions of a plain price-time engine', () => {
    fc.assert(fc.property(fc.integer(), (seed) => duel(seed, 120, 1000, 0)), { numRuns: 60 })
  })

  it('stays equal to the plain engine while the price drifts over page borders', () => {
    fc.assert(fc.property(fc.integer(), (seed) => duel(seed, 120, 5 * 1024, 0.2)), { numRuns: 30 })
  })

  it('loses and makes no lots: what came in rests, was traded, or was taken back', () => {
    fc.assert(fc.property(fc.integer(), (seed) => {
      const random = new Random(seed)
      const sink = new Recorder()
      const book = new MatchingBook(sink)
      let placed = 0
      let left = 0
      for (let owner = 1; owner <= 150; owner++) {
        const side: Side = random.chance(0.5) ? BUY : SELL
        const ticks = 1000 + random.below(21) - 10
        const lots = 1 + random.below(50)
        placed += lots
        const rests = book.submit(owner, side, ticks, lots)
        if (rests > 0) book.rest(owner, side, ticks, rests)
      }
      const traded = sink.fills.reduce((sum, fill) => sum + fill[4], 0)
      for (const side of [BUY, SELL] as const) for (const [, lots] of bookLevels(book, side)) left += lots
      // Every traded lot used up one lot of each side; withdrawn orders took their rest with them.
      const withdrawn = placed - left - 2 * traded
      expect(withdrawn).toBeGreaterThanOrEqual(0)
      expect(withdrawn === 0).toBe(sink.withdrawnOwners.length === 0)
    }), { numRuns: 50 })
  })

  it('keeps its memory while the price walks a million ticks', () => {
    const book = new MatchingBook(new Recorder())
    for (let bid = 10_000; bid < 1_010_000; bid += 50) {
      book.setLevel(SELL, bid + 51, 5)
      book.setLevel(BUY, bid + 50, 5)
      book.setLevel(BUY, bid, 0)
      book.setLevel(SELL, bid + 1, 0)
    }
    expect(bookLevels(book, BUY)).toEqual([[1_010_000, 5]])
    expect(book.bids.levels.pages).toBeLessThanOrEqual(8)
    expect(book.bids.pool.used).toBe(1)
    expect(book.bids.pool.capacity).toBe(1024)
  })

  it('keeps one entry per level for the market once account orders have left from between its lots', () => {
    const book = new MatchingBook(new Recorder())
    for (let round = 0; round < 500; round++) {
      const entries: number[] = []
      for (let i = 1; i <= 3; i++) {
        entries.push(book.rest(round * 3 + i, BUY, 1000, 5))
        book.setLevel(BUY, 1000, round * 30 + i * 10)
      }
      for (const entry of [entries[1], entries[0], entries[2]]) book.remove(BUY, entry)
      expect(book.bids.pool.used).toBe(1)
    }
    expect(bookLevels(book, BUY)).toEqual([[1000, 499 * 30 + 30]])
  })

  it('takes levels far outside the touch and finds its way over empty pages', () => {
    const book = new MatchingBook(new Recorder())
    const far: [number, number][] = [[618_002, 3], [618_000, 1], [50_000, 9], [31, 2], [0, 4]]
    for (const [ticks, lots] of far) book.setLevel(BUY, ticks, lots)
    book.setLevel(SELL, 2_000_000_000, 7)
    expect(bookLevels(book, BUY)).toEqual(far)
    expect(bookLevels(book, SELL)).toEqual([[2_000_000_000, 7]])
    book.clearExternal()
    expect([book.bids.best, book.asks.best]).toEqual([NO_BID, NO_ASK])
  })

  it.each([-1, 0.5, Number.NaN, 2 ** 31])('refuses the price %d with a coded error and keeps its levels', (ticks) => {
    const book = new MatchingBook(new Recorder())
    book.setLevel(BUY, 10, 5)
    expect(() => book.setLevel(BUY, ticks, 1)).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_PRICE_RANGE' }))
    expect(bookLevels(book, BUY)).toEqual([[10, 5]])
  })
})

describe('market flow of bad sizes', () => {
  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('a level of %d lots is a coded error and changes nothing', (lots) => {
    const book = new MatchingBook(new Recorder())
    book.setLevel(BUY, 10, 5)
    expect(() => book.setLevel(BUY, 10, lots)).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_LOTS' }))
    expect([bookLevels(book, BUY), book.changes]).toEqual([[[10, 5]], 1])
  })

  it.each([0, -3, Number.NaN])('aggressive orders and prints of %d lots do nothing', (lots) => {
    const sink = new Recorder()
    const book = new MatchingBook(sink)
    book.setLevel(BUY, 10, 5)
    book.rest(1, BUY, 10, 5)
    book.take(SELL, 10, lots)
    book.print(SELL, 10, lots)
    expect([bookLevels(book, BUY), sink.fills]).toEqual([[[10, 10]], []])
  })
})

describe('queue position', () => {
  const open = (): { book: MatchingBook; sink: Recorder; entry: number } => {
    const sink = new Recorder()
    const book = new MatchingBook(sink)
    book.setLevel(SELL, 1010, 50)
    book.setLevel(BUY, 1000, 30)
    const entry = book.rest(1, BUY, 1000, 10)
    return { book, sink, entry }
  }

  it('an increase of the level queues behind the order, a decrease leaves from behind it first', () => {
    const { book, entry } = open()
    book.setLevel(BUY, 1000, 45)
    expect(book.bids.ahead(entry)).toBe(30)
    book.setLevel(BUY, 1000, 32)
    expect(book.bids.ahead(entry)).toBe(30)
    book.setLevel(BUY, 1000, 12)
    expect(book.bids.ahead(entry)).toBe(12)
    expect(book.lotsAt(BUY, 1000)).toBe(22)
  })

  it('aggressive market orders work through what stands before the order, then fill it in part', () => {
    const { book, sink, entry } = open()
    book.take(SELL, 1000, 25)
    expect(book.bids.ahead(entry)).toBe(5)
    book.take(SELL, 1000, 9)
    expect(sink.fills.filter((fill) => fill[0] === 1)).toEqual([[1, MARKET, SELL, 1000, 4]])
    expect(book.bids.ahead(entry)).toBe(0)
  })

  it('a recorded trade moves the queue whether its depth update came before or after it', () => {
    const before = open()
    before.book.print(SELL, 1000, 20)
    before.book.setLevel(BUY, 1000, 10)
    const after = open()
    after.book.setLevel(BUY, 1000, 10)
    after.book.print(SELL, 1000, 20)
    expect([before.book.bids.ahead(before.entry), before.book.lotsAt(BUY, 1000)]).toEqual([10, 20])
    // The update came first and took from the tail; the trade then finds ten lots ahead and fills the order.
    expect([after.sink.fills, after.book.lotsAt(BUY, 1000)]).toEqual([[[1, MARKET, SELL, 1000, 10]], 10])
  })

  it('a recorded trade below the bid of an account fills that bid at its own price', () => {
    const { book, sink } = open()
    expect(book.print(SELL, 998, 4)).toBe(4)
    expect(sink.fills).toEqual([[1, MARKET, SELL, 1000, 4]])
    expect(book.externalAt(BUY, 1000)).toBe(30)
  })

  it('a market level that arrives through an account bid trades against it first and rests with what is left', () => {
    const { book, sink } = open()
    book.setLevel(SELL, 999, 25)
    expect(sink.fills).toEqual([[1, MARKET, SELL, 1000, 10]])
    expect(bookLevels(book, BUY)).toEqual([])
    expect(bookLevels(book, SELL)).toEqual([[999, 15], [1010, 50]])
  })
})
