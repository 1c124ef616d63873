import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FeatureWindow } from '../../src/model/index.ts'

describe('feature window', () => {
  it('always shows the last rows, oldest first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 }), (steps, features, pushes) => {
        const window = new FeatureWindow(steps, features)
        const rows: number[][] = []
        for (let r = 0; r < pushes; r++) {
          const row = Array.from({ length: features }, (_, i) => r * 10 + i)
          rows.push(row)
          window.push(Float64Array.from([-1, ...row]), 1)
          expect(window.full).toBe(rows.length >= steps)
          if (window.full) expect([...window.view]).toEqual(rows.slice(-steps).flat())
        }
      }),
      { numRuns: 50 },
    )
  })

  it('shows nothing from before a clear', () => {
    const window = new FeatureWindow(2, 1)
    for (const value of [1, 2, 3]) window.push(Float64Array.of(value), 0)
    window.clear()
    window.push(Float64Array.of(4), 0)
    expect(window.full).toBe(false)
    expect(() => window.view).toThrow(expect.objectContaining({ code: 'RM_ASSERT' }))
    window.push(Float64Array.of(5), 0)
    expect([...window.view]).toEqual([4, 5])
  })
})
