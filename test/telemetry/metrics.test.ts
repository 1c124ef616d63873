import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from '../../src/telemetry/index.ts'
import { latencySample, metricName, MetricsPage, type MetricsSnapshot } from '../../src/telemetry/root/index.ts'

const EMPTY: MetricsSnapshot = { counters: [], gauges: [], histograms: [] }

describe('metrics page', () => {
  it('adds up what actors counted, by actor, symbol and label', async () => {
    const page = new MetricsPage()
    page.addCounts([{ actor: 'ingest:BTCUSDT', name: 'framesRead', label: 'book', by: 2 }])
    page.addCounts([
      { actor: 'ingest:BTCUSDT', name: 'framesRead', label: 'book', by: 3 },
      { actor: 'execution', name: 'framesRead', label: '', by: 1 },
    ])
    const lines = (await page.render()).split('\n')
    expect(lines).toContain('# TYPE ringmaster_frames_read_total counter')
    expect(lines).toContain('ringmaster_frames_read_total{actor="ingest",symbol="BTCUSDT",label="book"} 5')
    expect(lines).toContain('ringmaster_frames_read_total{actor="execution"} 1')
  })

  it('shows the newest snapshot of each source, and none of a source that is gone', async () => {
    const page = new MetricsPage()
    const gauge = (value: number) => ({ ...EMPTY, gauges: [{ name: 'ring_depth', help: 'Records waiting', labels: { actor: 'features:BTC"USDT\n' }, value }] })
    page.accept('engine', gauge(1))
    page.accept('engine', gauge(7))
    expect(await page.render()).toContain('ringmaster_ring_depth{actor="features:BTC\\"USDT\\n"} 7')
    page.forget('engine')
    expect(await page.render()).not.toContain('ring_depth')
  })

  it('shows a latency histogram in seconds with rising cumulative buckets', async () => {
    const histogram = new LatencyHistogram()
    for (const ns of [900, 1500, 1500, 2_000_000, 60e9]) histogram.record(ns)
    const page = new MetricsPage()
    page.accept('engine', { ...EMPTY, histograms: [latencySample('decide', histogram)] })
    const text = await page.render()
    const buckets = [...text.matchAll(/hop_latency_seconds_bucket\{hop="decide",le="([^"]+)"\} (\d+)/g)].map(([, bound, count]) => [bound, Number(count)])
    expect(text).toContain('# TYPE ringmaster_hop_latency_seconds histogram')
    expect(new Map(buckets as [string, number][]).get('0.000001')).toBe(1)
    expect(new Map(buckets as [string, number][]).get('0.0000025')).toBe(3)
    expect(new Map(buckets as [string, number][]).get('0.0025')).toBe(4)
    expect(buckets.at(-1)).toEqual(['+Inf', 5])
    expect(buckets.map(([, count]) => count)).toEqual(buckets.map(([, count]) => count as number).toSorted((a, b) => a - b))
    expect(text).toContain('ringmaster_hop_latency_seconds_count{hop="decide"} 5')
    expect(text).toMatch(/ringmaster_hop_latency_seconds_sum\{hop="decide"\} 60\.0020039/)
  })

  it('refuses what Prometheus would refuse when it is told, so that the page always renders', async () => {
    const page = new MetricsPage()
    expect(() => page.accept('a', { ...EMPTY, gauges: [{ name: 'Bad-Name', help: '', labels: {}, value: 1 }] })).toThrow(/RM_METRIC_NAME/)
    expect(() => page.accept('a', { ...EMPTY, counters: [{ name: 'down', help: '', labels: {}, value: -1 }] })).toThrow(/RM_METRIC_VALUE/)
    expect(() => page.addCounts([{ actor: 'x', name: '—', label: '', by: 1 }])).toThrow(/RM_METRIC_NAME/)
    expect(() => page.addCounts([{ actor: 'x', name: 'a', label: '', by: Number.NaN }])).toThrow(/RM_METRIC_VALUE/)
    expect((await page.render()).trim()).toBe('')
  })

  it('turns the words of a counter into a metric name', () => {
    expect(['framesRead', 'dead letters', 'RM_RING_BATCH', 'l2-gaps', '__x__'].map(metricName)).toEqual(['frames_read', 'dead_letters', 'rm_ring_batch', 'l2_gaps', 'x'])
  })
})
