import type { RouteAnswer, RouteName } from '../../../src/api/contract/index.ts'
import type { World } from './world.ts'

interface Asked {
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

export class Refusal extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

const found = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Refusal(404, 'RM_API_NOT_FOUND', 'there is none of that name')
  return value
}

const pageOf = <T>(all: readonly T[], { cursor, limit }: Readonly<Record<string, string>>): { items: T[]; total: number; next: string | null } => {
  const from = Number(cursor ?? 0)
  const to = from + Number(limit ?? 100)
  return { items: all.slice(from, to), total: all.length, next: to < all.length ? String(to) : null }
}

const hop = { count: 50_000, p50: 290_000, p90: 700_000, p99: 1_900_000, max: 9_000_000 }

/** What a gateway would say of a world. Commands change it at once. */
export const answers = {
  health: (world) => ({
    status: 'ok', reasons: [], ready: true, live: true, version: '0.1.0', mode: 'paper', startedAt: new Date().toISOString(), uptimeMs: 1000, ageMs: 10, processes: world.actors.processes, actors: [], latencyNs: {},
    prices: world.pairs.map(({ symbol, bookValid }, i) => ({ symbol, order: { stream: 900, rest: 0, refused: 0 }, exit: { stream: 4000, rest: 40 * i, refused: i % 4 }, signal: { stream: 9000, rest: 0, refused: 0 }, other: { stream: 10, rest: 1, refused: 0 }, priceAgeMs: 20, priceSource: bookValid ? 'stream' : 'rest', bookValid })),
  }),
  restartActor: (world, { params }) => {
    const threads = world.actors.threads.map((thread) => ({ ...thread, actors: thread.actors.map((actor) => (actor.id === params['id'] ? { ...actor, lives: actor.lives + 1 } : actor)) }))
    world.actors = { ...world.actors, threads }
    return { accepted: true }
  },
  audit: () => ({ items: [{ id: '1', atMs: Date.now() - 60_000, user: 'operator', action: 'strategy', target: 'momentum.weight', why: 'less of it in a choppy market', answer: '202', requestId: 'r-1', ip: '127.0.0.1' }], total: 1, next: null }),
  botConfig: () => ({
    settings: [
      { path: 'mode', value: 'paper', source: 'default', meaning: 'What the engine trades on', secret: false },
      { path: 'exchange.api_secret', value: '***', source: 'environment', meaning: 'Secret of the key', secret: true },
      { path: 'trading_pairs', value: ['BTCUSDT', 'ETHUSDT'], source: 'config/local.yaml', meaning: 'Pairs that are traded', secret: false },
    ],
  }),
  kill: (world, { body }) => {
    world.status = { ...world.status, state: 'stopped', kill: { ...world.status.kill, engaged: true, by: 'api', code: 'OPERATOR', reason: body['why'] as string, sinceMs: Date.now(), flatten: body['flatten'] === true } }
    if (body['flatten'] === true) world.positions = []
    return { accepted: true, id: 'k-1', kept: true, told: true }
  },
  killRelease: (world) => {
    world.status = { ...world.status, state: 'trading', kill: { ...world.status.kill, engaged: false, by: '', code: '', reason: '', sinceMs: null } }
    return { released: true }
  },
  klines: (world, { params }) => ({ symbol: params['symbol']!, interval: '5', items: found(world.candles.get(params['symbol']!)).slice(-200) }),
  equity: (world) => {
    let equity = 100_000
    return { items: Array.from({ length: 300 }, (_, i) => ({ atMs: Date.now() - (300 - i) * 60_000, equity: (equity += (Math.sin(i / 17) + 0.25) * 9).toFixed(2), realised: '0', unrealised: '0' })).slice(0, world.pairs.length * 100) }
  },
  closePosition: (world, { params }) => {
    const position = found(world.positions.find((row) => row.symbol === params['symbol']))
    setTimeout(() => (world.positions = world.positions.filter((row) => row !== position && row.id !== position.id)), 700)
    return { accepted: true, action: 'close-position', symbol: position.symbol, positionId: position.id }
  },
  riskStatus: () => ({
    limits: [
      { name: 'max_positions', value: '5', configured: '5' },
      { name: 'max_exposure_percent', value: '40', configured: '50' },
      { name: 'max_daily_loss', value: '1000', configured: '1000' },
    ],
    exposure: { long: '96315.20', short: '228.10', total: '96543.30', positions: 3 },
    refusals: [{ symbol: 'ETHUSDT', limit: 'max_exposure_percent', found: '41.2', allowed: '40', atMs: Date.now() - 61_000, times: 14 }],
    blocked: [{ symbol: 'ARBUSDT', why: 'its book is not valid' }],
    dust: [],
  }),
  executionStats: (world) => ({ orders: world.orders.length, byStatus: {}, fills: 4000, makerFills: 3000, lateFills: 0, entries: 3000, entriesFilled: 1500, fillRate: 0.5, fees: '812.20', realised: '2210.10', funding: '-3.10', trades: 24, wins: 14, winRate: 14 / 24, net: '1394.80', sinceMs: 0, caughtUp: true, latencyNs: { tick_to_order: hop } }),
  orders: (world, { query }) => ({ ...pageOf(world.orders.toReversed(), query), counts: { total: world.orders.length, active: 0, filled: 0, cancelled: 0, rejected: 0 }, caughtUp: true }),
  order: (world, { params }) => {
    const order = found(world.orders.find((row) => row.id === params['id']))
    const position = world.positions.find((row) => row.id === order.positionId) ?? null
    const isEntry = order.purpose === 'entry'
    return {
      order, position, trade: null, siblings: [order], canClose: position !== null, closeRefusal: position === null ? 'its position is closed' : '',
      fills: order.filled === '0' ? [] : [{ id: 'f-1', atMs: order.updatedMs, side: order.side, price: order.averagePrice!, size: order.filled, fee: order.fee, feeCoin: 'USDT', realised: null, maker: true, kind: 'trade', note: '' }],
      decision: isEntry
        ? {
            sequence: 88_120, traceId: 'a3f9c2', reason: 'weighted_vote', vectorSequence: 18_220, votes: [{ strategy: 'imbalance', vote: 0.82 }, { strategy: 'momentum', vote: 0.41 }, { strategy: 'sar_wave', vote: null }, { strategy: 'super_trend', vote: 0 }, { strategy: 'volume_profile', vote: -0.21 }], model: { sell: 0.11, hold: 0.21, buy: 0.68, confidence: 0.68 },
            configHash: '9e1a617', features: Object.fromEntries(Array.from({ length: 110 }, (_, i) => [`feature_${String(i).padStart(3, '0')}`, Math.sin(i) * 3])), prices: { bid: order.price!, ask: order.price!, last: order.price, source: 'stream', venueTimeMs: order.createdMs, receivedAgoUs: 310, tickToDecisionUs: 420, integrity: 0.98, entries: 'open' }, block: null,
          }
        : null,
      risk: isEntry ? { regime: 'ranging', offsetPercent: '0.02', offsetSource: 'regime.ranging', confidence: 0.74, sizedBy: 'risk_percent', equity: '101210.20', leverage: '5', exitSource: 'regime.ranging' } : null,
      chain: ['decision', 'order_intent', 'order_sent', 'order_accepted', 'fill'].map((kind, i) => ({ sequence: 88_120 + i, atMs: order.createdMs + i * 70, kind, words: `${kind.replaceAll('_', ' ')} of ${order.side} ${order.size} ${order.symbol} at ${order.price ?? 'market'}` })),
    }
  },
  closeOrder: (world, { params }) => {
    const order = found(world.orders.find((row) => row.id === params['id']))
    world.orders[world.orders.indexOf(order)] = { ...order, status: 'cancelled', updatedMs: Date.now() }
    return { accepted: true, action: 'cancel-order', symbol: order.symbol, positionId: order.positionId }
  },
  mlStatus: () => ({ active: '2026-03-tcn', folder: 'models', role: 'validates', decisions: 512, runs: 500, fallbackRate: 0.012, agreementRate: 0.71, inferenceNs: hop, sinceMs: Date.now() - 7e6, refused: null,
    drift: { severity: 'medium', recommendation: 'watch it', features: 0.09, worst: [{ name: 'spread_percent', distance: 0.41 }, { name: 'volume_ratio', distance: 0.33 }], predictionPsi: 0.17, accuracy: 0.52, testAccuracy: 0.55 },
    shadow: { version: '2026-02-tcn', answers: 4100, agreement: 0.83, matured: 3900, accuracy: 0.53, activeAccuracy: 0.52 } }),
  models: () => ({
    items: ['2026-03-tcn', '2026-02-tcn', '2026-01-gru'].map((version, i) => ({ version, active: i === 0, problem: i === 2 ? 'feature 14 is spread_bps, the engine has spread_percent' : null, created: `2026-0${3 - i}-01T06:00:00Z`, sha256: 'b7e23ec29af22b0b4e41da31e868d57226121c84', features: 110, inputShape: [1, 30, 110], thresholds: { minProbability: 0.55, minConfidence: 0.6 } })),
    active: '2026-03-tcn',
  }),
  activateModel: (_, { params }) => ({ version: params['version']!, inForce: 'restart' }),
  srLevels: (world, { params }) => {
    const { price, symbol } = found(world.pairs.find((pair) => pair.symbol === params['symbol']))
    return { symbol, price, levels: [{ kind: 'support', price: world.price(symbol, Number(price) * 0.992), strength: 0.7, distancePercent: -0.8 }, { kind: 'resistance', price: world.price(symbol, Number(price) * 1.007), strength: 0.5, distancePercent: 0.7 }] }
  },
  strategiesStatus: (world) => ({ strategies: world.strategies, consensus: { decisions: 512, consensus: 350, single: 120, model: 42, conflicts: 33, blocked: 9, consensusRate: 0.683, sinceMs: Date.now() - 7e6 } }),
  setStrategy: (world, { params, body }) => {
    const value = body['value'] as number | boolean
    const { strategy, setting } = params as { strategy: string; setting: string }
    world.strategies = world.strategies.map((one) =>
      one.name !== strategy ? one : { ...one, ...(setting === 'enabled' ? { enabled: value === true } : setting === 'weight' ? { weight: Number(value) } : {}), parameters: one.parameters.map((parameter) => (parameter.name === setting ? { ...parameter, value, changed: value !== parameter.configured } : parameter)) },
    )
    return { accepted: true }
  },
  recoveryStatus: () => ({ running: false, ready: true, last: { reason: 'start', outcome: 'clean', epoch: 3, requests: [], hanging: [], frozen: [], report: {} } }),
  recoveryTrigger: () => ({ accepted: true, request: 'rec-1' }),
  breakers: () => ({ banMs: 0, ageMs: 20, groups: [{ group: 'orders', breaker: 'closed', failures: 0, openings: 0, opensInMs: 0, utilisation: 0.12, waiting: 0 }, { group: 'market', breaker: 'half-open', failures: 5, openings: 2, opensInMs: 4000, utilisation: 0.86, waiting: 2 }] }),
  faults: () => ({
    venue: 'bybit', state: { silence: false, dropFrames: 0 },
    actions: [
      { name: 'silence', says: 'Sockets stay open and say nothing', fields: [{ name: 'seconds', is: 'number', needed: true, otherwise: undefined }] },
      { name: 'drop-frames', says: 'Leaves out frames of the order book', fields: [{ name: 'count', is: 'number', needed: false, otherwise: 1 }, { name: 'symbol', is: 'text', needed: false, otherwise: null }] },
      { name: 'reject-orders', says: 'Refuses the next orders with a code', fields: [{ name: 'count', is: 'number', needed: false, otherwise: 1 }] },
    ],
  }),
  armFault: () => ({ accepted: true, answer: {} }),
  killActor: () => ({ accepted: true }),
  invariants: () => ({ items: [{ name: 'Positions of engine and venue agree', holds: true, found: '3 on both sides' }, { name: 'Every position has a stop at the venue', holds: true, found: '3 of 3' }, { name: 'No two orders of one intent', holds: false, found: 'intent 12 has 2' }] }),
} satisfies { readonly [Name in RouteName]?: (world: World, asked: Asked) => RouteAnswer<Name> }
