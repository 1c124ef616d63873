import type { ActorHealth, GroupHealth, HealthSnapshot, KillAnswer, ReleaseAnswer, SymbolHealth, WayHealth } from '../../src/runtime/health/index.ts'

export const actor = (id: string, more: Partial<ActorHealth> = {}): ActorHealth => ({
  id,
  kind: id.split(':')[0]!,
  symbol: id.split(':')[1] ?? null,
  thread: 'shard-1',
  state: 'ready',
  note: '',
  restarts: 0,
  lives: 1,
  heartbeatAgeMs: 12,
  handled: 1000,
  sequence: 1000,
  ringDepth: 0,
  ringLagMs: 0,
  lastError: null,
  ...more,
})

const NO_READS = { stream: 0, rest: 0, refused: 0 }

export const symbolHealth = (symbol: string, more: Partial<SymbolHealth> = {}): SymbolHealth => ({
  symbol,
  lastPrice: 97_123.5,
  priceAgeMs: 40,
  priceSource: 'stream',
  bookValid: true,
  clockOffsetMs: 1.25,
  clockRoundTripMs: 3.5,
  regime: 'ranging',
  regimeSource: 'fixed',
  detection: { buying: { detector: 'spoofing', confidence: 0.9 }, selling: null, patterns: 3, support: 96_500, resistance: null, running: ['spoofing', 'layering', 'levels'], missing: ['layering'], ageMs: 50 },
  book: { integrity: 0.99, entries: 'open', rebuilds: 2, audits: { equal: 7, mismatch: 1, stale: 3, inconclusive: 2, noAnswer: 4 }, auditAgeMs: 12_000, reconnects: 1 },
  reads: { order: { stream: 5, rest: 0, refused: 1 }, exit: { stream: 90, rest: 9, refused: 1 }, signal: NO_READS, other: NO_READS },
  market: {
    price: 97_123.5, markPrice: 97_123, indexPrice: 97_120, volume: 1000, volumeCcy: 97e6, high24h: 98_000, low24h: 96_000, open24h: 97_000, openInterest: 50_000,
    fundingRate: 0.0001, nextFundingMs: 1_772_640_000_000, fundingIntervalMs: 28_800_000, highestBuy: 99_000, lowestSell: 95_000, status: 'trading', source: 'stream', updatedMs: 1_772_625_600_000,
  },
  position: { side: 'long', size: '0.05', entryPrice: '97000', exitPlan: 'entry', stop: { price: '96500', state: 'resting', alarm: false } },
  ...more,
})

export const way = (trade: Partial<GroupHealth> = {}, banMs = 0): WayHealth => ({
  banMs,
  ageMs: 40,
  groups: ['trade', 'position', 'account', 'market', 'other'].map((group) => ({ group, breaker: 'closed', failures: 0, openings: 0, opensInMs: 0, utilisation: 0.25, waiting: 0, ...(group === 'trade' ? trade : {}) })),
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
  symbols: [symbolHealth('BTCUSDT')],
  models: null,
  account: { balance: 1000, used: 20, available: 980, total: 1000, ageMs: 900, deadMan: 'armed' },
  kill: { engaged: false, by: '', code: '', reason: '', since: null, flatten: false, values: {}, dayLoss: 12.5, drawdownPercent: 0.5 },
  watchdog: null,
  archive: null,
  risk: {
    limits: [{ name: 'max_exposure_usdt', value: '5000', configured: '10000' }],
    exposure: { long: '4850', short: '0', total: '4850', positions: 1 },
    refusals: [{ symbol: 'BTCUSDT', limit: 'limit-exposure', found: '5100', allowed: '5000', atMs: 1_772_625_600_000, times: 3 }],
    blocked: [],
    dust: [],
  },
  restInFlight: 1,
  way: way(),
  latencyNs: { 'tick to decision': { p50: 120_000, p90: 300_000, p99: 1_250_000, max: 9_000_000, count: 5000 } },
  ...more,
})

/** Commands of the kill switch that write down what they were asked. A release with the reason "stands" is refused. */
export const killCommands = (asked: unknown[] = [], answer: KillAnswer = { id: 'R1', kept: true, told: true }) => ({
  kill: (why: string, flatten: boolean): KillAnswer => {
    asked.push(['kill', why, flatten])
    return answer
  },
  release: (why: string, force: boolean): Promise<ReleaseAnswer> => {
    asked.push(['release', why, force])
    return Promise.resolve(why === 'stands' && !force ? { kind: 'refused', reason: 'its cause stands: the day has lost 12' } : { kind: 'released' })
  },
})
