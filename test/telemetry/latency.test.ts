import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { build } from 'hdr-histogram-js'
import { describe, expect, it } from 'vitest'
import { RingmasterError } from '../../src/core/index.ts'
import { LatencyHistogram, LatencyTable } from '../../src/telemetry/index.ts'

const PERCENTILES = [1, 10, 50, 90, 99, 99.9, 100]

/** The independent implementation: two significant digits give it the same 256 sub-buckets. */
function hdrOf(values: readonly number[]) {
  const hdr = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 2, lowestDiscernibleValue: 1, highestTrackableValue: 2 ** 41, autoResize: false, useWebAssembly: false })
  for (const value of values) hdr.recordValue(value)
  return hdr
}

const histogramOf = (values: readonly number[]): LatencyHistogram => {
  const histogram = new LatencyHistogram()
  for (const value of values) histogram.record(value)
  return histogram
}

// Every magnitude alike, and the edges of the buckets.
const duration = fc.oneof(
  fc.double({ min: 0, max: 40, maxExcluded: true, noNaN: true }).map((bits) => Math.floor(2 ** bits)),
  fc.tuple(fc.integer({ min: 0, max: 39 }), fc.integer({ min: -1, max: 1 })).map(([bits, by]) => Math.max(0, 2 ** bits + by)),
)

describe('latency histogram', () => {
  it('gives the percentiles of hdr-histogram-js on any durations', () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 400 }), (values) => {
        const histogram = histogramOf(values)
        const hdr = hdrOf(values)
        const max = Math.max(...values)
        for (const percent of PERCENTILES) expect([percent, histogram.percentile(percent)]).toEqual([percent, Math.min(max, hdr.getValueAtPercentile(percent))])
        expect(histogram.maxNs).toBe(max)
        expect(histogram.count).toBe(values.length)
      }),
      { numRuns: 60 },
    )
  })

  it('is never below the exact percentile and at most 0.8 % above it', () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 300 }), (values) => {
        const histogram = histogramOf(values)
        const sorted = values.toSorted((a, b) => a - b)
        for (const percent of [50, 90, 99]) {
          const exact = sorted[Math.ceil((percent / 100) * sorted.length) - 1]!
          const found = histogram.percentile(percent)
          expect(found).toBeGreaterThanOrEqual(exact)
          expect(found).toBeLessThanOrEqual(exact * (1 + 1 / 128))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('counts impossible durations at the nearest end, and NaN not at all', () => {
    const histogram = histogramOf([-5, Number.NaN, 0.9, Number.POSITIVE_INFINITY])
    expect(histogram.count).toBe(3)
    expect(histogram.percentile(50)).toBe(0)
    expect(histogram.maxNs).toBe(2 ** 40 - 1)
    expect(new LatencyHistogram().summary()).toEqual({ p50: 0, p90: 0, p99: 0, max: 0, count: 0 })
  })

  it('adds up to the same as recording everything into one', () => {
    fc.assert(
      fc.property(fc.array(duration), fc.array(duration), (a, b) => {
        const sum = histogramOf(a)
        sum.add(histogramOf(b))
        expect(sum.summary()).toEqual(histogramOf([...a, ...b]).summary())
        expect(sum.sumNs).toBe([...a, ...b].reduce((total, value) => total + value, 0))
      }),
      { numRuns: 30 },
    )
  })

  it('counts up to a bound without the buckets that reach beyond it', () => {
    const histogram = histogramOf([100, 1000, 1001, 10_000])
    expect([99, 100, 999, 1100, 1e9].map((bound) => histogram.countUpTo(bound))).toEqual([0, 1, 1, 3, 4])
  })

  it('shows the supervisor what other threads record in shared memory, each thread in its own row', async () => {
    const table = new LatencyTable(['decode', 'decide'], 3)
    const source = `
      import { workerData } from 'node:worker_threads'
      const { LatencyTable } = await import(workerData.module)
      const histogram = new LatencyTable(['decode', 'decide'], 3, workerData.buffer).at(workerData.thread, 'decide')
      for (let i = 1; i <= 50_000; i++) histogram.record(i)
    `
    const module = new URL('../../src/telemetry/latency.ts', import.meta.url).href
    const run = (thread: number) =>
      new Promise<void>((resolve, reject) => {
        const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { workerData: { module, buffer: table.buffer, thread } })
        worker.once('error', reject)
        worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`))))
      })
    await Promise.all([run(1), run(2)])
    const { decide, decode } = table.summaries()
    expect(decode).toBeUndefined()
    expect(decide).toMatchObject({ count: 100_000, max: 50_000 })
    expect(table.at(0, 'decide').count).toBe(0)
    expect(table.at(1, 'decide').summary()).toEqual(table.at(2, 'decide').summary())
  })

  it('refuses memory, hops and threads that do not fit', () => {
    const table = new LatencyTable(['a'], 1)
    for (const wrong of [() => new LatencyHistogram(new Float64Array(3)), () => table.at(0, 'b'), () => table.at(1, 'a'), () => new LatencyTable(['a', 'b'], 1, table.buffer)]) expect(wrong).toThrow(RingmasterError)
  })
})
