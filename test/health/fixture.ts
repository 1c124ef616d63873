import type { ActorHealth, HealthSnapshot } from '../../src/runtime/health/index.ts'

export const actor = (id: string, more: Partial<ActorHealth> = {}): ActorHealth => ({
  id,
  kind: id.split(':')[0]!,
  symbol: id.split(':')[1] ?? null,
  thread: 'shard-1',
  state: 'ready',
  note: '',
  restarts: 0,
  heartbeatAgeMs: 12,
  handled: 1000,
  sequence: 1000,
  ringDepth: 0,
  ringLagMs: 0,
  lastError: null,
  ...more,
})

export const snapshot = (more: Partial<HealthSnapshot> = {}): HealthSnapshot => ({
  status: 'ok',
  reasons: [],
  ready: true,
  version: '0.1.0',
  mode: 'paper',
  startedAt: '2026-03-04T12:00:00.000Z',
  uptimeMs: 3_723_000,
  processes: [{ name: 'engine', pid: 42, state: 'running', restarts: 0, heartbeatAgeMs: 80, rssBytes: 1e8, cpuSeconds: null, lastError: null }],
  actors: [actor('ingest:BTCUSDT'), actor('features:BTCUSDT'), actor('inference:BTCUSDT'), actor('execution', { thread: 'execution' })],
  symbols: [{ symbol: 'BTCUSDT', lastPrice: 97_123.5, priceAgeMs: 40, bookValid: true, clockOffsetMs: 1.25, regime: 'ranging', position: { side: 'long', size: '0.05', entryPrice: '97000' } }],
  latencyNs: { 'tick to decision': { p50: 120_000, p90: 300_000, p99: 1_250_000, max: 9_000_000, count: 5000 } },
  ...more,
})
