import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, Random, RingmasterError, SELL, type Side, VirtualTime } from '../../src/core/index.ts'
import { AUDIT_LEVELS, type AuditOutcome, type AuditProof, BookAudit, BookPictures, OrderBook } from '../../src/market/index.ts'
import type { MarketQueries, RestBook } from '../../src/venues/index.ts'
import { type Level, update } from './book-oracle.ts'
import { WALL_ORIGIN_MS, btcusdt, handContext } from './hand-context.ts'

type BookCall = Parameters<MarketQueries['book']>

function restBook(number: number, bids: readonly Level[], asks: readonly Level[], by: RestBook['by'] = 'sequence'): RestBook {
  return {
    number, by, venueTimeMs: WALL_ORIGIN_MS,
    bidTicks: Float64Array.from(bids, (l) => l[0]), bidLots: Float64Array.from(bids, (l) => l[1]),
    askTicks: Float64Array.from(asks, (l) => l[0]), askLots: Float64Array.from(asks, (l) => l[1]),
  }
}

function bench(by: RestBook['by'] = 'sequence') {
  const time = new VirtualTime(WALL_ORIGIN_MS)
  const context = handContext('ingest', time)
  const book = OrderBook.create()
  const calls: BookCall[] = []
  const outcomes: [AuditOutcome, AuditProof | null][] = []
  const queries = { book: (...args: BookCall) => void calls.push(args) }
  const audit = new BookAudit(context, new Random(3), queries, btcusdt, book, { periodMs: 60_000, deadlineMs: 1500 }, { onOutcome: (outcome, proof) => void outcomes.push([outcome, proof]) })
  return {
    time, context, book, audit, calls, outcomes,
    /** One message of the stream, `number` in both numberings. */
    stream: (snapshot: boolean, bids: readonly Level[], asks: readonly Level[], number: number) => {
      const message = { ...update(snapshot, bids, asks, by === 'updateId' ? number : number + 1_000_000), sequence: by === 'sequence' ? number : -1 }
      expect(book.apply(message)).toBe(0)
      audit.onBook(message)
    },
    answer: (rest: RestBook) => calls.at(-1)![3](null, rest),
    words: () => outcomes.map(([outcome]) => outcome),
  }
}

const ms = (b: { time: VirtualTime }, delay: number): void => b.time.runUntil(b.time.nowNs() + delay * 1e6)

describe.each(['sequence', 'updateId'] as const)('the audit of a book by REST, by %s', (by) => {
  const [bids, asks] = [[[100, 5], [99, 6]] as const, [[101, 7], [103, 8]] as const]

  it('compares at the same number: an equal book is equal, however the stream went on meanwhile', () => {
    const b = bench(by)
    b.stream(true, bids, asks, 10)
    expect(b.audit.begin()).toBe(true)
    b.stream(false, [[100, 9]], [], 11)
    b.stream(false, [[100, 4]], [[102, 3]], 12)
    b.answer(restBook(11, [[100, 9], [99, 6]], asks, by))
    expect(b.words()).toEqual(['equal'])
    expect(b.audit.open).toBe(false)
  })

  it('asks with its deadline, for as many levels as it compares, one audit at a time', () => {
    const b = bench(by)
    expect(b.audit.begin()).toBe(false)
    b.stream(true, bids, asks, 10)
    expect([b.audit.begin(), b.audit.begin()]).toEqual([true, false])
    expect(b.calls.map(([instrument, levels, deadlineMs]) => [instrument.symbol, levels, deadlineMs])).toEqual([['BTCUSDT', AUDIT_LEVELS, 1500]])
  })

  it('proves a mismatch with both sides, the number and the first level that differs', () => {
    const b = bench(by)
    b.stream(true, bids, asks, 10)
    b.audit.begin()
    b.answer(restBook(10, bids, [[101, 7], [102, 1], [103, 8]], by))
    expect(b.outcomes).toEqual([['mismatch', {
      by, number: 10, difference: { side: 'ask', level: 1, ours: [103, 8], theirs: [102, 1] },
      ours: { bids: [[100, 5], [99, 6]], asks: [[101, 7], [103, 8]] }, theirs: { bids: [[100, 5], [99, 6]], asks: [[101, 7], [102, 1], [103, 8]] },
    }]])
  })

  it('waits for the stream to reach a number that REST told first', () => {
    const b = bench(by)
    b.stream(true, bids, asks, 10)
    b.audit.begin()
    b.answer(restBook(12, [[100, 1], [99, 6]], asks, by))
    b.stream(false, [[100, 2]], [], 11)
    expect(b.words()).toEqual([])
    b.stream(false, [[100, 1]], [], 12)
    expect(b.words()).toEqual(['equal'])
  })

  it('does not blame the book for a replica that is behind everything kept', () => {
    const b = bench(by)
    b.stream(true, bids, asks, 10)
    b.audit.begin()
    b.answer(restBook(9, [[90, 1]], [[91, 1]], by))
    expect(b.words()).toEqual(['stale'])
  })

  it('is inconclusive when numbers never meet, after three questions', () => {
    const b = bench(by)
    b.stream(true, bids, asks, 10)
    b.audit.begin()
    for (let question = 1; question <= 3; question++) {
      expect(b.calls.length).toBe(question)
      b.stream(false, [[100, question]], [], 10 + 2 * question)
      b.answer(restBook(9 + 2 * question, [[90, 1]], [[91, 1]], by))
      ms(b, 500)
    }
    expect(b.words()).toEqual(['inconclusive'])
    expect(b.calls.length).toBe(3)
  })

  it('does not wait for ever for a number that never comes', () => {
    const b = bench(by)
    b.stream(true, bids, asks, 10)
    b.audit.begin()
    for (let question = 1; question <= 3; question++) {
      b.answer(restBook(1000, bids, asks, by))
      ms(b, 1500)
    }
    expect(b.words()).toEqual(['inconclusive'])
  })
})

describe('the audit of a book by REST', () => {
  it('counts a question without an answer, and goes on with the next period', () => {
    const b = bench()
    b.stream(true, [[100, 5]], [[101, 7]], 10)
    b.audit.start()
    for (let period = 1; period <= 3; period++) {
      ms(b, 75_000)
      b.calls.at(-1)![3](new RingmasterError('RM_VENUE_REQUEST', { method: 'GET', path: '/x', reason: 'no answer' }), null)
    }
    expect(b.words()).toEqual(['no-answer', 'no-answer', 'no-answer'])
    expect(b.context.counts.get('book_audit_failures RM_VENUE_REQUEST')).toBe(3)
    b.audit.stop()
    ms(b, 300_000)
    expect(b.calls.length).toBe(3)
  })

  it('audits every period with jitter: never two symbols in step', () => {
    const starts = [1, 2, 3].map((seed) => {
      const time = new VirtualTime(WALL_ORIGIN_MS)
      const context = handContext('ingest', time)
      const book = OrderBook.create()
      book.apply(update(true, [[100, 5]], [[101, 7]], 1))
      const atMs: number[] = []
      const queries = { book: (...args: BookCall) => (atMs.push(time.nowNs() / 1e6), args[3](new Error('no'), null)) }
      new BookAudit(context, new Random(seed), queries, btcusdt, book, { periodMs: 60_000, deadlineMs: 1500 }, { onOutcome: () => {} }).start()
      time.runUntil(600e9)
      for (let i = 1; i < atMs.length; i++) expect(atMs[i]! - atMs[i - 1]!).toSatisfy((gap: number) => gap >= 45_000 && gap <= 75_001)
      expect(atMs.length).toBeGreaterThanOrEqual(8)
      return atMs[0]!
    })
    expect(new Set(starts).size).toBe(3)
  })

  it('gives up what it kept when the book is lost: a late answer proves nothing', () => {
    const b = bench()
    b.stream(true, [[100, 5]], [[101, 7]], 10)
    b.audit.begin()
    b.audit.onInvalid()
    b.stream(true, [[100, 6]], [[101, 7]], 11)
    b.answer(restBook(10, [[100, 99]], [[101, 7]]))
    expect(b.words()).toEqual(['inconclusive'])
  })

  it('takes an answer without a number for no proof', () => {
    const b = bench()
    b.stream(true, [[100, 5]], [[101, 7]], 10)
    for (const number of [-1, Number.NaN]) {
      b.audit.begin()
      b.answer(restBook(number, [[1, 1]], [[2, 2]]))
    }
    expect(b.words()).toEqual(['inconclusive', 'inconclusive'])
  })

  it('compares only what both views hold: a deeper REST book is no mismatch, nor a shallower one', () => {
    const b = bench()
    const deep = (n: number): Level[] => Array.from({ length: n }, (_, i) => [100 - i, i + 1] as const)
    const high = (n: number): Level[] => Array.from({ length: n }, (_, i) => [101 + i, i + 1] as const)
    b.stream(true, deep(40), high(40), 10)
    for (const levels of [200, 25, 3]) {
      b.audit.begin()
      b.answer(restBook(10, deep(levels).filter(([price]) => price > 0), high(levels)))
    }
    expect(b.words()).toEqual(['equal', 'equal', 'equal'])
  })
})

describe('pictures of a book', () => {
  it('find the book of any of the last updates, and say of older ones that they are older', () => {
    const message = fc.record({ side: fc.boolean(), price: fc.integer({ min: 1, max: 30 }), lots: fc.integer({ min: 0, max: 9 }) })
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (messages, slots) => {
        const book = OrderBook.create()
        book.apply(update(true, [[50, 1]], [[60, 1]], 0))
        const pictures = new BookPictures(4, slots)
        const truth: { bids: Level[]; asks: Level[] }[] = []
        const top = (side: Side): Level[] => {
          const [ticks, lots] = [new Float64Array(4), new Float64Array(4)]
          const count = book.copyTop(side, 4, ticks, lots)
          return Array.from({ length: count }, (_, i) => [ticks[i]!, lots[i]!] as const)
        }
        messages.forEach(({ side, price, lots }, i) => {
          book.apply(update(false, side ? [[price, lots]] : [], side ? [] : [[60 + price, lots]], i))
          pictures.keep(book, 10 * i)
          truth.push({ bids: top(BUY), asks: top(SELL) })
        })
        const oldest = Math.max(0, messages.length - slots)
        expect([pictures.first('updateId'), pictures.last('updateId'), pictures.first('sequence'), pictures.last('sequence')]).toEqual([oldest, messages.length - 1, 10 * oldest, 10 * (messages.length - 1)])
        truth.forEach(({ bids, asks }, i) => {
          const slot = pictures.find('sequence', 10 * i)
          if (i < oldest) return expect(slot).toBe(-1)
          expect(pictures.compare(slot, restBook(i, bids, asks))).toBeNull()
          expect(pictures.compare(slot, restBook(i, [[bids[0]![0], bids[0]![1] + 1], ...bids.slice(1)], asks))).toMatchObject({ side: 'bid', level: 0 })
        })
      }),
      { numRuns: 60 },
    )
  })
})
