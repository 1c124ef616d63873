import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, SELL } from '../../src/core/index.ts'
import { keyOf, PriceTable } from '../../src/detection/index.ts'

describe('numbers by price', () => {
  it('answers like a map under any sequence of changes, also when prices collide', () => {
    const key = fc.tuple(fc.constantFrom(BUY, SELL), fc.integer({ min: 0, max: 40 })).map(([side, n]) => keyOf(side, n * 1024))
    const steps = fc.array(fc.tuple(fc.boolean(), key, fc.nat(100)), { maxLength: 200 })
    fc.assert(
      fc.property(steps, (changes) => {
        const table = new PriceTable(128)
        const map = new Map<number, number>()
        for (const [put, at, value] of changes) {
          if (put) {
            table.set(at, value)
            map.set(at, value)
          } else {
            table.delete(at)
            map.delete(at)
          }
          expect(table.size).toBe(map.size)
          expect(table.get(at)).toBe(map.get(at) ?? -1)
        }
        for (const [at, value] of map) expect(table.get(at)).toBe(value)
      }),
    )
  })

  it('refuses what it has no place for, and changes nothing', () => {
    const table = new PriceTable(2)
    const taken = Array.from({ length: 50 }, (_, i) => table.set(keyOf(BUY, i), i))
    expect(taken.filter(Boolean).length).toBeGreaterThanOrEqual(2)
    expect(table.size).toBe(taken.filter(Boolean).length)
    expect(table.get(keyOf(BUY, 49))).toBe(-1)
  })
})
