import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BenchCase, type BenchResult, inProcess, metText, number, ratioText, spreadOf, summarise } from '../../bench/harness.ts'
import { BEGIN, END, replaceSection, section } from '../../bench/report.ts'

const side = (name: string): BenchCase['ours'] => ({ name, measure: () => 1 })
const spec = (part: Partial<BenchCase>): BenchCase => ({ name: 'case', unit: 'x/s', better: 'higher', ours: side('ours'), peer: side('peer'), goal: { ratio: 2 }, ...part })

describe('bench harness', () => {
  test('has half of the samples on each side of the median, and all between the ends', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 20 }), (samples) => {
        const { median, min, max } = spreadOf(samples)
        expect(samples.filter((x) => x < median).length).toBeLessThanOrEqual(samples.length / 2)
        expect(samples.filter((x) => x > median).length).toBeLessThanOrEqual(samples.length / 2)
        expect([min, max]).toEqual([Math.min(...samples), Math.max(...samples)])
      }),
    )
  })

  test('takes ratios within a round and turns them so that above 1 is better', () => {
    const higher = summarise(spec({}), [10, 40, 30], [5, 10, 15])
    expect(higher.ratio).toEqual({ median: 2, min: 2, max: 4 })
    expect(higher.met).toBe(true)
    const lower = summarise(spec({ better: 'lower' }), [10, 40, 30], [5, 10, 15])
    expect(lower.ratio).toEqual({ median: 0.5, min: 0.25, max: 0.5 })
    expect(lower.met).toBe(false)
  })

  test('judges a bound by our median alone, and wants a peer for a ratio', () => {
    const { peer, ...alone } = spec({ goal: { atMost: 5 }, unit: 'us' })
    expect(peer).toBeDefined()
    expect(summarise(alone, [4, 5, 9], [])).toMatchObject({ met: true, ratio: null, peer: null, goal: '≤ 5.00 us' })
    expect(summarise({ ...alone, goal: { atLeast: 6 } }, [4, 5, 9], [])).toMatchObject({ met: false })
    expect(() => summarise({ ...alone, goal: { ratio: 2 } }, [1], [])).toThrow('needs a peer')
  })

  test('judges a case without a goal by nothing: neither met nor missed', () => {
    const { peer, ...alone } = spec({ goal: null })
    expect(peer).toBeDefined()
    const result = summarise(alone, [4, 5, 9], [])
    expect(result).toMatchObject({ goal: '–', met: null })
    expect([true, false, result.met].map((met) => metText(met, 'NO'))).toEqual(['yes', 'NO', '–'])
  })

  test('writes numbers with three digits and their thousands', () => {
    expect([0.01234, 1.5, 12.34, 123.4, 1234, 54_321_000, 2.5e9].map(number)).toEqual(['0.012', '1.50', '12.3', '123', '1.23 k', '54.3 M', '2.50 G'])
    expect(ratioText(null)).toBe('–')
  })

  test('puts one row for each case between the markers and leaves the rest of the page alone', () => {
    const result: BenchResult = {
      name: 'b|1', date: '2026-01-02T03:04:05.000Z', node: 'v24', cpu: 'CPU', cores: 2, load: [0.5, 1], rounds: 3,
      cases: [summarise(spec({}), [10], [5]), summarise(spec({ name: 'second' }), [10], [20])],
    }
    const page = `before\n${BEGIN}\nold\n${END}\nafter\n`
    const once = replaceSection(page, section([result]))
    expect(once.startsWith(`before\n${BEGIN}\n`) && once.endsWith(`\n${END}\nafter\n`)).toBe(true)
    expect(once).not.toContain('old')
    const rows = once.split('\n').filter((line) => line.includes('2026-01-02'))
    expect(rows).toHaveLength(2)
    expect(rows[0]).toBe('| b\\|1: case | ours: 10.0 x/s [10.0–10.0] | peer: 5.00 x/s [5.00–5.00] | 2.00× [2.00–2.00] | ≥ 2× | yes | 2026-01-02 | CPU ×2, load 0.5 | v24 |')
    expect(rows[1]).toContain('| **no** |')
    expect(replaceSection(once, section([result]))).toBe(once)
    expect(() => replaceSection('no markers', 'x')).toThrow(BEGIN)
  })

  test('measures a body in this thread as things per second', async () => {
    let calls = 0
    const rate = await inProcess('body', () => void calls++, { perCall: 10, timeMs: 10, warmupMs: 1 }).measure()
    expect(calls).toBeGreaterThan(0)
    expect(rate).toBeGreaterThan(0)
  })

  test('keeps the rows of benchmarks that this machine did not run, in order, and replaces the rows of those that it did', () => {
    const result: BenchResult = { name: 'bee', date: '2026-01-02T03:04:05.000Z', node: 'v24', cpu: 'CPU', cores: 2, load: [0.5, 1], rounds: 3, cases: [summarise(spec({}), [10], [5]), summarise(spec({ name: 'second' }), [10], [20])] }
    const page = replaceSection(`${BEGIN}\n${END}`, section([result, { ...result, name: 'zebra' }, { ...result, name: 'ape' }]))
    const again = replaceSection(page, section([{ ...result, name: 'zebra', node: 'v99' }], page))
    const names = [...again.matchAll(/^\| ([a-z-]+): /gm)].map((match) => match[1])
    expect(new Set(names)).toEqual(new Set(['ape', result.name, 'zebra']))
    expect(names).toEqual(names.toSorted())
    expect(again.split('\n').filter((line) => line.endsWith('| v99 |')).every((line) => line.startsWith('| zebra: '))).toBe(true)
    expect(again).toContain('v99')
    expect(names.length).toBe(3 * result.cases.length)
  })
})
