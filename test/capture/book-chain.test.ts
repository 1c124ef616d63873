import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BookChain, type BookEvent, type ChainGap, type ChainRule } from '../../src/capture/index.ts'

const event = (more: Partial<BookEvent>): BookEvent => ({ kind: 'book', stream: 's', snapshot: false, sync: 'stream', rule: 'next', previousId: -1, firstId: 0, lastId: 0, bids: [], asks: [], checksum: null, symbol: 'X', receiveS: -1, receiveNs: 0, venueMs: Number.NaN, line: 1, ...more })

function run(events: readonly BookEvent[], finish = true): { readonly applied: number[]; readonly gaps: ChainGap[]; readonly chain: BookChain } {
  const applied: number[] = []
  const gaps: ChainGap[] = []
  const chain = new BookChain({ apply: (one) => applied.push(one.lastId), gap: (gap) => gaps.push(gap) })
  for (const one of events) chain.take(one)
  if (finish) chain.finish()
  return { applied, gaps, chain }
}

/** A gapless stream of deltas as a venue with the rule sends them, ids from 100 on; spans of ids when `wide`. */
function stream(rule: 'next' | 'follows', sync: 'stream' | 'rest', widths: readonly number[]): BookEvent[] {
  let last = 99
  return widths.map((width) => {
    const made = event({ rule, sync, previousId: last, firstId: last + 1, lastId: last + width })
    last += width
    return made
  })
}

const rules = fc.constantFrom<'next' | 'follows'>('next', 'follows')
const widths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 40 })

describe('the chain of a recorded book', () => {
  it('finds its place behind a REST snapshot wherever that stands, drops exactly what it contains, and reports nothing', () => {
    fc.assert(fc.property(rules, widths, fc.nat(), fc.nat(), (rule, spans, at, of) => {
      const deltas = stream(rule, 'rest', spans)
      // Of any delta but the last, anywhere inside it; told before, between or after the deltas.
      const { firstId, lastId } = deltas[of % (deltas.length - 1)]!
      const id = firstId + (of % (lastId - firstId + 1))
      const place = at % (deltas.length + 1)
      // Told later than what it contains, never earlier than the first delta behind it.
      const snapshot = event({ snapshot: true, sync: 'rest', rule: 'none', firstId: id, lastId: id })
      const { applied, gaps, chain } = run([...deltas.slice(0, place), snapshot, ...deltas.slice(place)])
      expect(gaps).toEqual([])
      const first = rule === 'follows' ? id : id + 1
      expect(applied).toEqual([id, ...deltas.map((one) => one.lastId).filter((last) => last >= first)])
      expect(chain.contained + applied.length - 1).toBe(deltas.length)
    }))
  })

  it('reports each removed message as one gap at the message behind it, and goes on', () => {
    fc.assert(fc.property(rules, fc.constantFrom<'stream' | 'rest'>('stream', 'rest'), widths, fc.nat(), (rule, sync, spans, which) => {
      const deltas = stream(rule, sync, spans)
      const removed = 1 + (which % (deltas.length - 2))
      const snapshot = event({ snapshot: true, sync, rule: 'none', firstId: 99, lastId: 99 })
      const { applied, gaps } = run([snapshot, ...deltas.filter((_, i) => i !== removed)])
      expect(gaps).toHaveLength(1)
      const [gap] = gaps
      expect(gap!.event).toBe(deltas[removed + 1])
      expect([gap!.expected, gap!.actual]).toEqual(rule === 'follows' ? [String(deltas[removed - 1]!.lastId), String(deltas[removed]!.lastId)] : [String(deltas[removed]!.firstId), String(deltas[removed + 1]!.firstId)])
      expect(applied).toHaveLength(deltas.length)
    }))
  })

  it('a stream snapshot begins anew whenever it comes, a later REST snapshot changes nothing', () => {
    const again = run([event({ snapshot: true, lastId: 5 }), event({ firstId: 6, lastId: 6 }), event({ snapshot: true, lastId: 1 }), event({ firstId: 2, lastId: 2 })])
    expect([again.applied, again.gaps]).toEqual([[5, 6, 1, 2], []])
    const audit = run([event({ snapshot: true, sync: 'rest', lastId: 5 }), event({ sync: 'rest', firstId: 6, lastId: 6 }), event({ snapshot: true, sync: 'rest', lastId: 9 }), event({ sync: 'rest', firstId: 7, lastId: 7 })])
    expect([audit.applied, audit.gaps]).toEqual([[5, 6, 7], []])
  })

  it('behind a lost connection nothing is a gap until the next snapshot, and nothing is applied', () => {
    const { chain, applied, gaps } = run([event({ snapshot: true, lastId: 5 })])
    chain.lost()
    chain.take(event({ firstId: 9, lastId: 9 }))
    expect([applied, gaps, chain.orphans, chain.synced]).toEqual([[5], [], 1, false])
    chain.take(event({ snapshot: true, lastId: 20 }))
    chain.take(event({ firstId: 21, lastId: 21 }))
    expect([applied, gaps]).toEqual([[5, 20, 21], []])
  })

  it.each<[ChainRule, number, number]>([['rising', 7, 0], ['rising', 5, 1], ['none', 1, 0]])('rule %s: id %i after 5 gives %i gaps', (rule, id, expected) => {
    expect(run([event({ snapshot: true, lastId: 5 }), event({ rule, firstId: id, lastId: id })]).gaps).toHaveLength(expected)
  })

  it('deltas that never meet a snapshot are checked against each other', () => {
    const deltas = stream('next', 'rest', [1, 1, 1, 1])
    expect(run(deltas).gaps).toEqual([])
    const { gaps, applied } = run(deltas.filter((_, i) => i !== 2))
    expect([gaps.length, applied]).toEqual([1, []])
  })

  it('a snapshot that is too old to be followed is a gap', () => {
    const { gaps } = run([event({ snapshot: true, sync: 'rest', lastId: 5 }), event({ sync: 'rest', firstId: 8, lastId: 9 })])
    expect(gaps).toMatchObject([{ expected: 'an update that contains 6', actual: '8 to 9' }])
  })
})
