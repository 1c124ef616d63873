import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RingmasterError } from '../../src/core/index.ts'
import * as memory from '../../src/memory/index.ts'
import { defineLayout, type Field, field, fields, type FieldType, type Layout } from '../../src/memory/index.ts'

const codeOf = (body: () => unknown): string => {
  try {
    body()
  } catch (error) {
    return (error as RingmasterError).code
  }
  return 'no error'
}

const SIZE: Record<FieldType, number> = { f64: 8, f32: 4, i32: 4, u32: 4 }

/** Bytes that each field takes, from its own offset; fails where two meet. */
function bytesTaken(layout: Layout): Map<number, string> {
  const taken = new Map<number, string>()
  for (const [name, { type, count }] of Object.entries(layout.fields)) {
    const offset = layout.offsets[name]!
    expect(offset % SIZE[type]).toBe(0)
    for (let b = offset; b < offset + SIZE[type] * count; b++) {
      expect(taken.get(b), `byte ${b} of ${layout.name}.${name}`).toBeUndefined()
      taken.set(b, name)
    }
  }
  return taken
}

const isLayout = (value: unknown): value is Layout => typeof value === 'object' && value !== null && 'byteLength' in value && 'offsets' in value
const declared = (Object.values(memory) as unknown[]).filter(isLayout)

const types: fc.Arbitrary<FieldType> = fc.constantFrom('f64', 'f32', 'i32', 'u32')
const table = fc.dictionary(
  fc.stringMatching(/^[a-z][a-zA-Z0-9_]{0,8}$/).filter((key) => !['at', 'f64', 'f32', 'i32', 'u32', 'constructor'].includes(key)),
  fc.oneof(types.map((type): Field => field(type, 'x')), fc.tuple(types, fc.integer({ min: 1, max: 9 })).map(([type, count]): Field => fields(type, count, 'x'))),
  { minKeys: 1, maxKeys: 20 },
)

const fits = (type: FieldType, value: number): number =>
  type === 'f64' ? value : type === 'f32' ? Math.fround(value) : type === 'i32' ? value | 0 : value >>> 0

describe('layout', () => {
  test('lays no field over another, aligns each to its size and each record to a cache line', () => {
    fc.assert(
      fc.property(table, (spec) => {
        const layout = defineLayout('any', spec)
        const taken = bytesTaken(layout)
        expect(layout.byteLength % 64).toBe(0)
        expect(Math.max(...taken.keys())).toBeLessThan(layout.byteLength)
        expect(layout.byteLength - taken.size).toBeLessThan(64)
      }),
    )
  })

  test('gives back what was written to each field, beside all others, in neighbouring records', () => {
    fc.assert(
      fc.property(table, fc.infiniteStream(fc.double({ noNaN: true, min: -3e9, max: 5e9 })), (spec, numbers) => {
        const layout = defineLayout('any', spec)
        const buffer = new SharedArrayBuffer(layout.byteLength * 3)
        const view = layout.view(buffer)
        const record = view as unknown as Record<string, number>
        const expected: [record: number, key: string, element: number, value: number][] = []
        for (let r = 0; r < 3; r++) {
          view.at(r * layout.byteLength)
          for (const [key, { type, count, run }] of Object.entries(spec)) {
            for (let i = 0; i < count; i++) {
              const value = fits(type, numbers.next().value!)
              if (run === true) view[type][record[key]! + i] = value
              else record[key] = value
              expected.push([r, key, i, value])
            }
          }
        }
        for (const [r, key, i, value] of expected) {
          view.at(r * layout.byteLength)
          const { type, run } = spec[key]!
          expect(run === true ? view[type][record[key]! + i] : record[key]).toBe(value)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('puts every declared record of the engine on a grid of whole cache lines without overlap', () => {
    expect(declared.length).toBeGreaterThanOrEqual(8)
    for (const layout of declared) {
      const taken = bytesTaken(layout)
      expect(layout.byteLength % 64).toBe(0)
      expect(Math.max(...taken.keys())).toBeLessThan(layout.byteLength)
      for (const { unit } of Object.values(layout.fields)) expect(unit.length).toBeGreaterThan(0)
    }
    expect(new Set(declared.map((layout) => layout.name)).size).toBe(declared.length)
  })

  test('answers an index for a run of numbers, also for a run of one', () => {
    const layout = defineLayout('runs', { a: field('f64', 'x'), one: fields('f64', 1, 'x'), two: fields('u32', 2, 'x') })
    const view = layout.view(new ArrayBuffer(layout.byteLength * 2)).at(layout.byteLength)
    expect([view.one, view.two]).toEqual([layout.byteLength / 8 + 1, layout.byteLength / 4 + 4])
  })

  test('refuses tables that cannot be laid out', () => {
    for (const key of ['at', 'f64', 'constructor', '9a', 'a b', '__proto__', '_byte', 'a-b', '', 'x){}'])
      expect(codeOf(() => defineLayout('bad', Object.fromEntries([[key, field('f64', 'x')]])))).toBe('RM_LAYOUT_FIELD')
    for (const count of [0, -1, 1.5, Number.NaN]) expect(codeOf(() => defineLayout('bad', { a: fields('f64', count, 'x') }))).toBe('RM_LAYOUT_FIELD')
    expect(codeOf(() => defineLayout('bad', { a: field('u8' as FieldType, 'x') }))).toBe('RM_LAYOUT_FIELD')
    expect(codeOf(() => defineLayout('bad', {}))).toBe('RM_LAYOUT_FIELD')
  })

  test('refuses a window off the grid or past the end of the buffer, and stays where it was', () => {
    const layout = defineLayout('window', { a: field('f64', 'x') })
    const view = layout.view(new ArrayBuffer(192)).at(64)
    view.a = 5
    for (const byte of [4, -8, 136, 192, 0.5, Number.NaN, 2 ** 40]) expect(codeOf(() => view.at(byte))).toBe('RM_LAYOUT_PLACE')
    expect(view.a).toBe(5)
    expect(view.at(128).a).toBe(0)
    expect(codeOf(() => layout.view(new ArrayBuffer(56)))).toBe('RM_LAYOUT_PLACE')
  })
})
