import { Counter, Gauge, Registry, type Metric } from 'prom-client'
import { fail } from '../../core/index.ts'
import type { LatencyHistogram } from '../latency.ts'

type Labels = Readonly<Record<string, string>>

export interface MetricSample {
  /** Without the `ringmaster_` in front; a counter's `_total` is added. */
  readonly name: string
  readonly help: string
  readonly labels: Labels
  readonly value: number
}

export interface HistogramSample {
  readonly name: string
  readonly help: string
  readonly labels: Labels
  /** Upper bounds, rising, in the unit of the name. */
  readonly bounds: readonly number[]
  /** Records at or below each bound: cumulative. */
  readonly cumulative: readonly number[]
  readonly sum: number
  readonly count: number
}

/** What one source (a process, the supervisor) measured, as plain data. Counters are totals since that source began. */
export interface MetricsSnapshot {
  readonly counters: readonly MetricSample[]
  readonly gauges: readonly MetricSample[]
  readonly histograms: readonly HistogramSample[]
}

/** What a counter of an actor grew by since it was last told. */
export interface CountGrowth {
  readonly actor: string
  readonly name: string
  readonly label: string
  readonly by: number
}

const NAME = /^[a-z][a-z0-9_]*$/
const PREFIX = 'ringmaster_'

/** Adds up the growth of counters and renders it, with snapshots of other sources, as a Prometheus page. */
export class MetricsPage {
  readonly #counts = new Map<string, { readonly actor: string; readonly name: string; readonly label: string; total: number }>()
  readonly #snapshots = new Map<string, MetricsSnapshot>()

  /** @throws RM_METRIC_NAME, RM_METRIC_VALUE for what Prometheus would refuse; nothing of the batch after it is counted. */
  addCounts(growths: readonly CountGrowth[]): void {
    for (const { actor, name, label, by } of growths) {
      if (!NAME.test(metricName(name))) fail('RM_METRIC_NAME', { name })
      if (!(by >= 0)) fail('RM_METRIC_VALUE', { name, value: by })
      const key = `${actor}\n${name}\n${label}`
      const held = this.#counts.get(key)
      if (held === undefined) this.#counts.set(key, { actor, name, label, total: by })
      else held.total += by
    }
  }

  /**
   * Replaces what a source said before.
   * @throws RM_METRIC_NAME, RM_METRIC_VALUE for what Prometheus would refuse: the last good snapshot stays
   */
  accept(source: string, snapshot: MetricsSnapshot): void {
    for (const { name } of [...snapshot.counters, ...snapshot.gauges, ...snapshot.histograms]) if (!NAME.test(name)) fail('RM_METRIC_NAME', { name })
    for (const { name, value } of snapshot.counters) if (!(value >= 0)) fail('RM_METRIC_VALUE', { name, value })
    this.#snapshots.set(source, snapshot)
  }

  forget(source: string): void {
    this.#snapshots.delete(source)
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE

  /** The page in Prometheus text format. */
  async render(): Promise<string> {
    const registry = new Registry()
    const all = [this.#ownCounts(), ...this.#snapshots.values()]
    addValues(registry, 'counter', all.flatMap((snapshot) => snapshot.counters))
    addValues(registry, 'gauge', all.flatMap((snapshot) => snapshot.gauges))
    for (const [name, samples] of byName(all.flatMap((snapshot) => snapshot.histograms))) registry.registerMetric(histogramMetric(name, samples))
    return registry.metrics()
  }

  #ownCounts(): MetricsSnapshot {
    const counters = [...this.#counts.values()].map(({ actor, name, label, total }) => {
      const colon = actor.indexOf(':')
      const labels: Record<string, string> = colon < 0 ? { actor } : { actor: actor.slice(0, colon), symbol: actor.slice(colon + 1) }
      if (label !== '') labels['label'] = label
      return { name: metricName(name), help: `${name}, counted by actors`, labels, value: total }
    })
    return { counters, gauges: [], histograms: [] }
  }
}

/** Words and camel case of a counter as a Prometheus name. */
export function metricName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase()
}

function byName<T extends { readonly name: string }>(samples: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const sample of samples) {
    groups.set(sample.name, [...(groups.get(sample.name) ?? []), sample])
  }
  return groups
}

function addValues(registry: Registry, kind: 'counter' | 'gauge', samples: readonly MetricSample[]): void {
  for (const [name, group] of byName(samples)) {
    const labelNames = [...new Set(group.flatMap((sample) => Object.keys(sample.labels)))]
    const help = group[0]!.help
    if (kind === 'counter') {
      const counter = new Counter({ name: `${PREFIX}${name}_total`, help, labelNames, registers: [registry] })
      for (const sample of group) counter.inc({ ...sample.labels }, sample.value)
    } else {
      const gauge = new Gauge({ name: `${PREFIX}${name}`, help, labelNames, registers: [registry] })
      for (const sample of group) gauge.set({ ...sample.labels }, sample.value)
    }
  }
}

/** prom-client's own histogram can only observe; this one shows buckets that were counted elsewhere. */
function histogramMetric(name: string, samples: readonly HistogramSample[]): Metric {
  const full = `${PREFIX}${name}`
  const values = samples.flatMap((sample) => [
    ...sample.bounds.map((bound, i) => ({ metricName: `${full}_bucket`, labels: { ...sample.labels, le: bound }, value: sample.cumulative[i]! })),
    { metricName: `${full}_bucket`, labels: { ...sample.labels, le: '+Inf' }, value: sample.count },
    { metricName: `${full}_sum`, labels: { ...sample.labels }, value: sample.sum },
    { metricName: `${full}_count`, labels: { ...sample.labels }, value: sample.count },
  ])
  const answer = { name: full, help: samples[0]!.help, type: 'histogram', aggregator: 'sum', values }
  return { name: full, get: () => Promise.resolve(answer) } as unknown as Metric
}

const LATENCY_BOUNDS_S = [1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A hop's histogram in seconds, as Prometheus wants durations. */
export function latencySample(hop: string, histogram: LatencyHistogram): HistogramSample {
  const cumulative = LATENCY_BOUNDS_S.map((bound) => histogram.countUpTo(bound * 1e9))
  return {
    name: 'hop_latency_seconds',
    help: 'Time from one stage of the engine to the next',
    labels: { hop },
    bounds: LATENCY_BOUNDS_S,
    cumulative,
    sum: histogram.sumNs / 1e9,
    // The writer may be between the bucket and the count.
    count: Math.max(histogram.count, cumulative.at(-1)!),
  }
}
