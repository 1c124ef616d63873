import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TickOutlet } from '../../src/market/index.ts'
import { Ring, TICK } from '../../src/memory/index.ts'

describe('the way of ticks into their ring', () => {
  it('keeps every record it took, whole and in order, however slow the reader; says no beyond its bound', () => {
    // Steps: publish n records, let the reader take n, or flush; room may appear long before anyone flushes.
    const step = fc.record({ act: fc.constantFrom('write', 'read', 'flush'), n: fc.integer({ min: 1, max: 40 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 150 }), (steps, stagedMax) => {
        const ring = Ring.create(8, TICK.byteLength)
        ring.open(0, 'gating')
        const reader = ring.gatingConsumer(0)
        const view = TICK.view(ring.buffer)
        let now = 0
        const published: number[] = []
        const outlet = new TickOutlet(ring.producer(), stagedMax, () => ++now, (receiveNs) => void published.push(receiveNs))
        const taken: number[] = []
        const got: number[] = []
        let next = 0
        const read = (n: number): void => {
          const count = Math.min(n, reader.available())
          for (let i = 0; i < count; i++) {
            const t = view.at(reader.slot(i))
            expect([t.sequence, t.askLevels, t.f64[t.askLots + 9], t.publishNs]).toEqual([got.length, t.lots % 11, t.lots, got.length + 1])
            got.push(t.lots)
          }
          reader.advance(count)
        }
        for (const s of steps) {
          if (s.act === 'read') read(s.n)
          if (s.act === 'flush') expect(outlet.flush()).toBe(outlet.staged === 0)
          if (s.act !== 'write') continue
          for (let i = 0; i < s.n; i++, next++) {
            const t = outlet.open()
            if (t === null) {
              expect(outlet.staged).toBe(stagedMax)
              continue
            }
            t.lots = next
            t.receiveNs = next
            t.askLevels = next % 11
            t.f64[t.askLots + 9] = next
            outlet.commit()
            taken.push(next)
          }
        }
        while (!outlet.flush()) read(8)
        read(8)
        expect(got).toEqual(taken)
        expect(published).toEqual(taken)
        expect(outlet.published).toBe(taken.length)
      }),
      { numRuns: 100, seed: 12 },
    )
  })

  it('does not start on a ring of other records', () => {
    expect(() => new TickOutlet(Ring.create(4, 64).producer(), 1, () => 0, () => {})).toThrow('RM_FEATURE_WIRING')
  })
})
