import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AlertLog, type ApiServer, AuditLog, type Candle, DecisionLog, type Desk, Gate, hashPassword, JournalBooks, MarketView, Operator, OrderQueries, RegistryShelf, RootCache, type AskKind, type RootAsks, type RootLine, type RootPicture, Sessions, startServer } from '../../src/api/index.ts'
import type { FeedMessage, FeedSymbol } from '../../src/api/link/index.ts'
import { SystemClock } from '../../src/core/index.ts'
import { featureNames } from '../../src/features/index.ts'
import { STRATEGY_NAMES } from '../../src/memory/index.ts'
import { type ExitPlan, FileJournal, type TradingRecord } from '../../src/trading/index.ts'
import { snapshot } from '../health/fixture.ts'

export const PASSWORD = 'correct horse battery'
export const SECRET = 'venue-secret-4711'
export const STRANGER = 'https://evil.example'
export const FRIEND = 'https://desk.example.org'

const stamp = (n: number): { atMs: number; atNs: number } => ({ atMs: Date.UTC(2026, 0, 2, 3, 4, 5) + n * 1000, atNs: n * 1e9 })
const byPercent = { percent: '1', atrMultiplier: null, by: 'percent' } as const
const plan: ExitPlan = { takeProfitPercent: '1', stopLossPercent: '1', holdMsMax: 1000, source: 'test', regime: 'choppy', atrTicks: null, takeProfit: byPercent, stopLoss: byPercent, trailing: null }
const basis = { reason: 'single', vectorSequence: 7, votes: { imbalance: 0.7 }, leftOut: [], model: null, config: '0000abcd' } as const

/** Opens, fills and closes a position `n`; the last of them stays open. */
export function story(positions: number): TradingRecord[] {
  const records: TradingRecord[] = [
    { kind: 'epoch-started', ...stamp(0), epoch: 1, account: 'test', plan, planBySymbol: {} },
    { kind: 'instrument-seen', ...stamp(0), symbol: 'BTCUSDT', symbolIndex: 0, tick: '0.10', lot: '0.001' },
    { kind: 'equity-seen', ...stamp(0), day: 20_000, equity: '1000', realised: '0', unrealised: '0', unexplained: '0' },
  ]
  let at = 1
  for (let id = 1; id <= positions; id++) {
    const entry = `rmtestE1D0S${id.toString(36)}A0`
    const exit = `rmtestE1X${id.toString(36)}N0A0`
    const order = { symbol: 'BTCUSDT', positionId: id, type: 'limit', timeInForce: 'GTC', ttlMs: 0, trace: `BTCUSDT/${id}/${id}` } as const
    records.push(
      { kind: 'order-intended', ...stamp(at++), clientId: entry, ...order, purpose: 'entry', side: 0, priceTicks: 600_000, referenceTicks: 600_000, lots: 2, reduceOnly: false, why: 'test', decisionSequence: id, plan, reason: null, terms: { regime: 'choppy', offsetPercent: '0.05', offsetSource: 'default', confidence: 0.7, sizedBy: 'fixed', equity: '1000', leverage: '10' }, basis },
      { kind: 'order-accepted', ...stamp(at++), clientId: entry, venueId: `v${id}` },
      { kind: 'fill-booked', ...stamp(at++), executionId: `e${id}`, clientId: entry, venueId: `v${id}`, symbol: 'BTCUSDT', side: 0, priceTicks: 600_000, priceText: null, lots: 2, fee: '0.024', feeCoin: null, realised: null, maker: true, type: 'trade', timeMs: stamp(at).atMs, beforeLots: 0, afterLots: 2, note: '', source: 'stream' },
    )
    if (id === positions) break
    records.push(
      { kind: 'order-intended', ...stamp(at++), clientId: exit, ...order, purpose: 'exit', side: 1, priceTicks: 601_000, referenceTicks: 601_000, lots: 2, reduceOnly: true, why: 'take-profit', decisionSequence: -1, plan: null, reason: 'take-profit', terms: null },
      { kind: 'order-accepted', ...stamp(at++), clientId: exit, venueId: `w${id}` },
      { kind: 'fill-booked', ...stamp(at++), executionId: `x${id}`, clientId: exit, venueId: `w${id}`, symbol: 'BTCUSDT', side: 1, priceTicks: 601_000, priceText: null, lots: 2, fee: '0.024', feeCoin: null, realised: null, maker: false, type: 'trade', timeMs: stamp(at).atMs, beforeLots: 2, afterLots: 0, note: '', source: 'stream' },
    )
  }
  return records
}

export const feedSymbol = (more: Partial<FeedSymbol> = {}): FeedSymbol => ({
  index: 0, bidTicks: 602_000, bidLots: 30, askTicks: 602_001, askLots: 10, lastTicks: 602_000, markTicks: 602_000.5, venueTimeMs: 1, ageMs: 10, source: 'stream', bookValid: true, integrity: 1, entries: 'open', volume24h: 100, turnover24h: 6e6, high24h: 61_000, low24h: 59_000,
  open24h: 60_000, openInterest: 5, fundingRate: 0.0001, nextFundingMs: 2, status: 'trading', regime: 'choppy', buying: null, selling: { detector: 'spoofing', confidence: 0.8 }, support: { ticks: 600_000.5, strength: 0.4 }, resistance: null, ...more,
})

export const feedStory: readonly FeedMessage[] = [
  { type: 'hello', instruments: [{ index: 0, symbol: 'BTCUSDT', tick: '0.10', lot: '0.001' }], featureNames: featureNames() },
  { type: 'symbols', atMs: 1, symbols: [feedSymbol()] },
  { type: 'books', atMs: 1, books: [{ index: 0, valid: true, updateId: 9, venueTimeMs: 1, bids: [602_000, 30, 601_999, 5], asks: [602_001, 10] }] },
  { type: 'account', balance: 1000.5, used: 12, available: 988.5, ageMs: 5 },
]

/** A desk over a journal and a feed of its own, with a supervisor that takes everything down. */
export class ApiFixture {
  readonly dir = mkdtempSync(join(tmpdir(), 'ringmaster-api-'))
  readonly asked: { readonly kind: AskKind; readonly give: unknown }[] = []
  readonly said: string[] = []
  readonly journal: FileJournal
  readonly market = new MarketView(() => this.nowMs())
  readonly alerts = new AlertLog()
  desk!: Desk
  server!: ApiServer
  /** Added to both clocks. */
  skewMs = 0
  /** What the supervisor answers, by question; an error stands for one that does not answer. */
  answers: Partial<{ [Kind in AskKind]: RootAsks[Kind]['get'] | Error }> = {}

  private constructor(records: readonly TradingRecord[]) {
    this.journal = new FileJournal(join(this.dir, 'test.journal'))
    this.journal.append(records)
    this.journal.flush()
  }

  static async start(records: readonly TradingRecord[] = story(5), more: { readonly attempts?: number; readonly callsPerMinute?: number } = {}): Promise<ApiFixture> {
    const fixture = new ApiFixture(records)
    await fixture.#open(more)
    return fixture
  }

  nowMs(): number {
    return performance.now() + this.skewMs
  }

  get url(): string {
    return this.server.url
  }

  async login(password = PASSWORD): Promise<{ readonly status: number; readonly token: string; readonly cookie: string }> {
    const response = await this.server.app.inject({ method: 'POST', url: '/auth/login', payload: { password } })
    const cookie = response.cookies.find(({ name }) => name === 'ringmaster_refresh')
    return { status: response.statusCode, token: String((response.json() as { accessToken?: string }).accessToken), cookie: cookie === undefined ? '' : `ringmaster_refresh=${cookie.value}` }
  }

  async close(): Promise<void> {
    await this.server.close()
    this.desk.books.close()
    this.journal.close()
    rmSync(this.dir, { recursive: true, force: true })
  }

  readonly #line: RootLine = {
    ask: async (kind, give) => {
      this.asked.push({ kind, give })
      const answer = this.answers[kind]
      if (answer instanceof Error) throw answer
      return (answer ?? DEFAULTS[kind]) as never
    },
  }

  async #open({ attempts = 1000, callsPerMinute = 1_000_000 }: { readonly attempts?: number; readonly callsPerMinute?: number }): Promise<void> {
    const wallMs = (): number => Date.now() + this.skewMs
    const nowMs = (): number => this.nowMs()
    // A cheap hash: what it costs is not what is tested.
    const kept = { version: 1, hash: await hashPassword(PASSWORD, { memoryKib: 64, passes: 1 }), configured: null, seed: 'A'.repeat(43), changedMs: 0 }
    writeFileSync(join(this.dir, 'gateway.operator.json'), JSON.stringify(kept), { mode: 0o600 })
    const { operator } = await Operator.open(this.dir, 'auto', 'auto', wallMs(), { memoryKib: 64, passes: 1 })
    const books = new JournalBooks(join(this.dir, 'test.journal'), 1000)
    while (books.poll() !== null);
    for (const message of feedStory) this.market.hear(message)
    this.market.onLink(true)
    this.alerts.add({ severity: 'warning', atMs: 1, source: 'test', title: 'RM_TEST: something', text: '', resolved: false })
    const item: Candle = { startMs: 300_000, open: '1', high: '2', low: '1', close: '2', volume: '3', closed: true }
    this.desk = {
      facts: { version: '0.0.0', mode: 'paper', venue: 'bybit', symbols: ['BTCUSDT'], settings: [{ path: 'exchange.api_secret', value: '***', source: 'default', meaning: '', secret: true }], modelFolder: join(this.dir, 'models'), modelRole: 'decides' },
      books,
      orders: new OrderQueries(() => books.orders, () => books.version),
      market: this.market,
      decisions: new DecisionLog(10, 1),
      alerts: this.alerts,
      audit: new AuditLog(join(this.dir, 'audit.jsonl'), (words) => this.said.push(words)),
      root: new RootCache(this.#line, nowMs),
      line: this.#line,
      gate: new Gate({ operator, sessions: new Sessions(this.dir, 3_600_000, wallMs), accessS: 600, attempts, lockMs: 60_000, wallMs, nowMs, onEndAll: () => this.server.hub.endAll() }),
      klines: { klines: async (_live, _interval, limit) => [item].slice(0, limit) },
      models: new RegistryShelf(join(this.dir, 'models'), new SystemClock(0n)),
      faults: { list: async () => ({ venue: 'bybit', actions: [], state: {} }), arm: async (action, fields) => ({ action, ...fields }) },
      interest: { book: () => {}, features: () => {} },
      nowMs,
      wallMs,
    }
    this.server = await startServer(this.desk, { host: '127.0.0.1', port: 0, corsOrigins: [FRIEND], callsPerMinute, socketsMax: 8, dashboard: join(this.dir, 'dashboard'), say: (level, words, data) => this.said.push(`${level} ${words} ${JSON.stringify(data ?? {})}`) })
  }
}

const picture: RootPicture = {
  snapshot: snapshot({ mode: 'paper' }),
  recovery: null,
  strategies: STRATEGY_NAMES.map((name) => ({ name, enabled: true, weight: 1, changed: [], outcome: null, parameters: [{ name: 'x', value: 1, configured: 2 }] })),
}

const DEFAULTS: { readonly [Kind in AskKind]: RootAsks[Kind]['get'] } = {
  picture,
  metrics: { contentType: 'text/plain; version=0.0.4', text: 'x 1\n' },
  kill: { id: 'k1', kept: true, told: true },
  release: { kind: 'released' },
  'restart-actor': { kind: 'accepted' },
  'reset-breaker': { kind: 'accepted' },
  recover: { kind: 'accepted', request: 'recovery-1' },
  'set-limit': null,
  'set-strategy': null,
  'close-position': { kind: 'accepted' },
  'cancel-order': { kind: 'accepted' },
  plant: { kind: 'accepted' },
}
