import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FEATURES, VECTOR_CACHE_SIZE, VectorCache } from '../../src/features/index.ts'

const vectorOf = (seed: number): Float64Array => Float64Array.from({ length: FEATURES }, (_, i) => seed * 1000 + i)
const at = (cache: VectorCache, place: number): number[] => [...cache.values.subarray(place, place + FEATURES)]

describe('FE-5: the cache of vectors', () => {
  it('holds exactly the last hundred, each under update id, candle, trades and lots of the candle (property)', () => {
    const key = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.constantFrom(-1, 60_000, 120_000), fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 2 }))
    fc.assert(
      fc.property(fc.array(key, { maxLength: 260 }), key, (kept, asked) => {
        const cache = new VectorCache()
        kept.forEach((one, i) => cache.keep(...one, vectorOf(i), 0))
        const same = (one: readonly number[]): boolean => one.every((part, i) => part === asked[i])
        const newest = kept.findLastIndex(same)
        const found = cache.find(...asked)
        const held = newest >= kept.length - VECTOR_CACHE_SIZE && newest >= 0
        expect(found >= 0).toBe(held)
        if (held) expect(at(cache, found)).toEqual([...vectorOf(newest)])
        expect(cache.count).toBe(Math.min(kept.length, VECTOR_CACHE_SIZE))
      }),
    )
  })

  it('copies from any place of a ring, and is empty once it was cleared', () => {
    const cache = new VectorCache()
    const ring = new Float64Array(3 * FEATURES)
    ring.set(vectorOf(7), FEATURES)
    cache.keep(1, 2, 3, 4, ring, FEATURES)
    ring.fill(0)
    expect(at(cache, cache.find(1, 2, 3, 4))).toEqual([...vectorOf(7)])
    cache.clear()
    expect([cache.find(1, 2, 3, 4), cache.count]).toEqual([-1, 0])
  })
})
