import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { BookChain, type ChainVerdict, FOLLOWS, GAP, OLD, ORPHAN } from '../../../src/venues/okx/book-chain.ts'
import { createOkxRecords, NO_SEQUENCE, SNAPSHOT_PREVIOUS } from '../../../src/venues/okx/decode/index.ts'

const { book } = createOkxRecords()

function take(chain: BookChain, previous: number, number: number, timeMs = 1): ChainVerdict {
  book.snapshot = previous === SNAPSHOT_PREVIOUS
  book.updateId = number
  book.venueTimeMs = timeMs
  return chain.take(book, previous)
}

/** What the venue may do next to a book that it keeps, and what the way to us may do to its messages. */
type Step =
  | { readonly kind: 'change'; readonly by: number }
  | { readonly kind: 'life' }
  | { readonly kind: 'reset'; readonly to: number }
  | { readonly kind: 'snapshot'; readonly to: number }
  | { readonly kind: 'lost'; readonly by: number }
  | { readonly kind: 'repeat' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('change' as const), by: fc.integer({ min: 1, max: 50 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'life' } as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset' as const), to: fc.integer({ min: 0, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('snapshot' as const), to: fc.integer({ min: 0, max: 5000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lost' as const), by: fc.integer({ min: 1, max: 50 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'repeat' } as const) },
)

describe('the chain of numbers', () => {
  it('takes exactly what continues the venue\'s own book, whatever is lost, repeated, reset or begun anew', () => {
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const chain = new BookChain('books')
      // The venue's number, and the one that our book stands at: the judges of every verdict.
      let venue = 1000
      let held = Number.NaN
      let lastPrevious = Number.NaN
      for (const one of steps) {
        const before = venue
        if (one.kind === 'snapshot') {
          venue = one.to
          expect(take(chain, SNAPSHOT_PREVIOUS, venue)).toBe(FOLLOWS)
          held = venue
          lastPrevious = SNAPSHOT_PREVIOUS
        } else if (one.kind === 'lost') {
          venue += one.by
        } else if (one.kind === 'repeat') {
          if (Number.isNaN(lastPrevious) || lastPrevious === SNAPSHOT_PREVIOUS) continue
          // A repeated sign of life continues, a repeated change says nothing new; neither is a gap.
          const wasValid = chain.valid
          expect(take(chain, lastPrevious, held)).toBe(!wasValid ? ORPHAN : lastPrevious === held ? FOLLOWS : OLD)
        } else {
          venue = one.kind === 'change' ? venue + one.by : one.kind === 'reset' ? Math.min(one.to, venue) : venue
          const wasValid = chain.valid
          const verdict = take(chain, before, venue)
          if (!wasValid) expect(verdict).toBe(ORPHAN)
          else if (held === before) {
            expect(verdict).toBe(FOLLOWS)
            held = venue
            lastPrevious = before
          } else expect(verdict).toBe(GAP)
        }
        if (chain.valid) expect(chain.last).toBe(held)
      }
    }), { numRuns: 400 })
  })

  it('after a lost message nothing is built on the book until a snapshot, when numbers only grow', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }), (lost, steps) => {
      const chain = new BookChain('books')
      take(chain, SNAPSHOT_PREVIOUS, 100)
      let venue = 100 + lost
      const verdicts = steps.map((by) => {
        const verdict = take(chain, venue, venue + by)
        venue += by
        return verdict
      })
      expect(verdicts).toEqual(steps.map((_by, i) => (i === 0 ? GAP : ORPHAN)))
      expect(take(chain, SNAPSHOT_PREVIOUS, venue)).toBe(FOLLOWS)
      expect(take(chain, venue, venue + 1)).toBe(FOLLOWS)
    }))
  })

  it('a change without a number is a gap, and forgetting leaves nothing to build on', () => {
    const chain = new BookChain('books')
    take(chain, SNAPSHOT_PREVIOUS, 1)
    expect(take(chain, NO_SEQUENCE, NO_SEQUENCE)).toBe(GAP)
    take(chain, SNAPSHOT_PREVIOUS, 1)
    chain.forget()
    expect(take(chain, 1, 2)).toBe(ORPHAN)
  })

  it.each(['books5', 'bbo-tbt'])('%s: a smaller number is late when its time is not newer, and a reset when it is', (channel) => {
    const chain = new BookChain(channel)
    const small = (number: number, timeMs: number): ChainVerdict => {
      book.snapshot = true
      book.updateId = number
      book.venueTimeMs = timeMs
      return chain.take(book, NO_SEQUENCE)
    }
    expect([small(10, 5), small(12, 6), small(11, 6), small(12, 6), small(3, 7), small(4, 7)]).toEqual([FOLLOWS, FOLLOWS, OLD, FOLLOWS, FOLLOWS, FOLLOWS])
  })
})
