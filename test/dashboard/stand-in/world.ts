import type { Alert, BotStatus, ActorTree, Candle, OrderRow, PairState, PositionRow, Signal, StrategyState, TradeRow } from '../../../src/api/contract/index.ts'

/** Numbers between 0 and 1, the same for a seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const PAIRS: readonly (readonly [symbol: string, price: number, digits: number])[] = [
  ['BTCUSDT', 64_210, 1],
  ['ETHUSDT', 3120, 2],
  ['SOLUSDT', 152, 3],
  ['XRPUSDT', 0.6, 4],
  ['BNBUSDT', 571, 2],
  ['DOGEUSDT', 0.13, 5],
  ['ADAUSDT', 0.44, 4],
  ['AVAXUSDT', 28.1, 3],
  ['LINKUSDT', 14.2, 3],
  ['DOTUSDT', 6.1, 4],
  ['LTCUSDT', 71.5, 2],
  ['NEARUSDT', 5.1, 4],
  ['APTUSDT', 7.4, 4],
  ['ARBUSDT', 0.81, 4],
]
const STRATEGIES = ['imbalance', 'momentum', 'sar_wave', 'super_trend', 'volume_profile'] as const
const STATUSES = ['filled', 'filled', 'filled', 'cancelled', 'cancelled', 'rejected', 'failed'] as const
const CANDLE_MS = 300_000

/** A made-up market with orders and positions, for tests of the page alone. */
export class World {
  readonly random: () => number
  readonly pairs: PairState[]
  readonly candles = new Map<string, Candle[]>()
  readonly orders: OrderRow[] = []
  positions: PositionRow[] = []
  readonly trades: TradeRow[] = []
  readonly signals: Signal[] = []
  readonly alerts: Alert[]
  status: BotStatus
  actors: ActorTree
  strategies: StrategyState[]
  #digits = new Map<string, number>()

  constructor({ orders = 10_000, seed = 7, nowMs = Date.now() } = {}) {
    this.random = chance(seed)
    this.pairs = PAIRS.map(([symbol, price, digits]) => this.#pair(symbol, price, digits))
    for (const pair of this.pairs) this.candles.set(pair.symbol, this.#history(pair, nowMs))
    for (let i = 0; i < orders; i++) this.orders.push(this.#order(i, nowMs - (orders - i) * 9000))
    for (const symbol of ['BTCUSDT', 'SOLUSDT', 'DOGEUSDT']) this.#open(symbol, nowMs)
    for (let i = 0; i < 24; i++) this.trades.push(this.#trade(i, nowMs - i * 420_000))
    for (let i = 0; i < 30; i++) this.signals.push(this.#signal(i, nowMs - i * 8000))
    this.alerts = ['order book of XRPUSDT was rebuilt: its update 88120 follows 88117', 'the venue answers slowly: 812 ms against 500 ms', 'actor inference:SOLUSDT died and was restarted at sequence 18220'].map((title, i) => ({
      id: String(i + 1),
      atMs: nowMs - i * 260_000,
      severity: (['warning', 'info', 'critical'] as const)[i]!,
      source: ['ingest:XRPUSDT', 'venue', 'engine'][i]!,
      code: ['RM_BOOK_GAP', null, 'RM_ACTOR_DIED'][i]!,
      title,
      text: i === 2 ? 'its successor goes on at the same record' : '',
      resolved: false,
    }))
    this.status = {
      state: 'trading', mode: 'paper', venue: 'bybit', version: '0.1.0', status: 'ok', reasons: [], ready: true, symbols: PAIRS.map(([symbol]) => symbol), uptimeMs: 8_100_000, epoch: 3,
      kill: { engaged: false, by: '', code: '', reason: '', sinceMs: null, flatten: false, values: {}, dayLoss: 0, drawdownPercent: 0.4 },
      watchdog: { state: 'watching', silentMs: 90, flatten: false, lastAction: '' },
    }
    this.actors = this.#tree()
    this.strategies = STRATEGIES.map((name, i) => ({
      name, enabled: i !== 3, weight: 1 + i / 4, outcome: i === 4 ? null : { trades: 8 * i + 3, wins: 4 * i + 2, net: (i === 2 ? -31.2 : 42.1 * i + 7).toFixed(2) }, votes: { buy: 90 * i + 30, sell: 80 * i + 21, none: 4000, leftOut: i === 2 ? 3 : 0 },
      parameters: [{ name: 'enabled', value: i !== 3, configured: true, changed: i === 3 }, { name: 'weight', value: 1 + i / 4, configured: 1, changed: i > 0 }, { name: 'threshold', value: 0.6, configured: 0.6, changed: false }, { name: 'lookback', value: 20 + i, configured: 20, changed: i > 0 }, { name: 'confirm', value: true, configured: true, changed: false }],
    }))
  }

  price(symbol: string, value: number): string {
    return value.toFixed(this.#digits.get(symbol)!)
  }

  /** Prices move a little; candles and open positions with them. */
  step(nowMs: number): void {
    for (const [i, pair] of this.pairs.entries()) {
      const last = Number(pair.price) * (1 + (this.random() - 0.5) * 0.0006)
      const [price, spread] = [this.price(pair.symbol, last), Number(pair.tick)]
      this.pairs[i] = { ...pair, price, bid: this.price(pair.symbol, last - spread), ask: this.price(pair.symbol, last + spread), imbalance: Math.min(0.98, Math.max(0.02, pair.imbalance! + (this.random() - 0.5) * 0.06)), priceAgeMs: Math.round(this.random() * 60) }
      const list = this.candles.get(pair.symbol)!
      const startMs = Math.floor(nowMs / CANDLE_MS) * CANDLE_MS
      const candle = list.at(-1)!
      if (candle.startMs < startMs) list.push({ startMs, open: price, high: price, low: price, close: price, volume: '0', closed: false })
      else list[list.length - 1] = { ...candle, close: price, high: Number(price) > Number(candle.high) ? price : candle.high, low: Number(price) < Number(candle.low) ? price : candle.low }
    }
    this.positions = this.positions.map((row) => this.#priced(row))
  }

  #priced(row: PositionRow): PositionRow {
    const price = this.pairs.find((pair) => pair.symbol === row.symbol)!.price!
    const unrealised = (Number(price) - Number(row.entryPrice)) * Number(row.size) * (row.side === 'long' ? 1 : -1)
    return { ...row, price, priceAgeMs: Math.round(this.random() * 40), unrealised: unrealised.toFixed(4), unrealisedPercent: (unrealised / (Number(row.entryPrice) * Number(row.size))) * 100 }
  }

  #pair(symbol: string, price: number, digits: number): PairState {
    this.#digits.set(symbol, digits)
    const r = this.random
    const tick = (10 ** -digits).toFixed(digits)
    const at = (value: number): string => value.toFixed(digits)
    return {
      symbol, tick, lot: '0.001', price: at(price), bid: at(price - Number(tick)), ask: at(price + Number(tick)), mark: at(price), priceAgeMs: 12, priceSource: 'stream', bookValid: symbol !== 'ARBUSDT',
      spreadPercent: (2 * Number(tick) * 100) / price, imbalance: r(), changePercent24h: (r() - 0.45) * 9, volume24h: (1e6 * r()) / price + 10, turnover24h: 2e9 * r() ** 3 + 1e6, high24h: at(price * 1.03), low24h: at(price * 0.97),
      fundingRate: (r() - 0.4) * 0.0003, nextFundingMs: 1_900_000_000_000, openInterest: 1e5 * r(), regime: ['trending', 'ranging', 'choppy'][Math.floor(r() * 3)]!,
      signal: r() < 0.3 ? null : { side: r() < 0.5 ? 'buy' : 'sell', confidence: 0.5 + r() / 2, atMs: Date.now() - 4000, reason: 'consensus of imbalance and momentum' },
      manipulation: { buying: symbol === 'DOGEUSDT' ? 'spoofing' : null, selling: symbol === 'APTUSDT' ? 'layering' : null }, position: 'flat', status: 'Trading',
    }
  }

  #history({ symbol, price }: PairState, nowMs: number): Candle[] {
    const list: Candle[] = []
    let close = Number(price)
    for (let startMs = Math.floor(nowMs / CANDLE_MS) * CANDLE_MS; list.length < 200; startMs -= CANDLE_MS) {
      const open = close * (1 + (this.random() - 0.5) * 0.006)
      const [high, low] = [Math.max(open, close) * (1 + this.random() * 0.001), Math.min(open, close) * (1 - this.random() * 0.001)]
      list.unshift({ startMs, open: this.price(symbol, open), high: this.price(symbol, high), low: this.price(symbol, low), close: this.price(symbol, close), volume: '10', closed: list.length > 0 })
      close = open
    }
    return list
  }

  #order(i: number, createdMs: number): OrderRow {
    const r = this.random
    const [symbol, at] = PAIRS[Math.floor(r() * PAIRS.length)]!
    const status = i % 997 === 3 ? 'placed' : i % 991 === 5 ? 'pending' : i % 1499 === 7 ? 'partially_filled' : STATUSES[Math.floor(r() * STATUSES.length)]!
    const price = this.price(symbol, at * (0.98 + r() * 0.04))
    const filled = status === 'filled'
    const exit = r() < 0.4
    return {
      id: `rm-${1000 + i}`, venueId: `v-${i}`, symbol, purpose: exit ? 'exit' : 'entry', positionId: `p-${i}`, side: r() < 0.5 ? 'buy' : 'sell', type: exit && r() < 0.5 ? 'market' : 'limit', reduceOnly: exit, price,
      size: (r() * 3 + 0.01).toFixed(3), filled: filled ? '1.000' : '0', averagePrice: filled ? price : null, takeProfit: exit ? null : this.price(symbol, Number(price) * 1.01), stopLoss: exit ? null : this.price(symbol, Number(price) * 0.993), status,
      unknown: false, createdMs, updatedMs: createdMs + 800, endedMs: createdMs + 800, why: exit ? 'take profit' : 'consensus of imbalance and momentum', reason: status === 'rejected' ? 'not enough margin' : '',
      strategies: exit ? [] : [STRATEGIES[Math.floor(r() * 5)]!], fee: filled ? (r() * 0.4).toFixed(4) : '0', realised: filled && exit ? ((r() - 0.45) * 30).toFixed(4) : '0',
    }
  }

  #open(symbol: string, nowMs: number): void {
    const pair = this.pairs.find((one) => one.symbol === symbol)!
    const id = `open-${symbol}`
    const side = symbol === 'SOLUSDT' ? 'short' : 'long'
    const order = { ...this.#order(this.orders.length, nowMs - 400_000), id: `rm-open-${symbol}`, symbol, positionId: id, purpose: 'entry' as const, side: side === 'long' ? ('buy' as const) : ('sell' as const), status: 'filled' as const, size: '1.500', filled: '1.500', price: pair.price, averagePrice: pair.price, strategies: ['imbalance' as const, 'momentum' as const] }
    this.orders.push(order)
    this.pairs[this.pairs.indexOf(pair)] = { ...pair, position: side }
    const at = Number(pair.price)
    this.positions.push(
      this.#priced({
        id, symbol, side, state: 'open', size: '1.500', entryPrice: pair.price!, price: pair.price, priceAgeMs: 10, priceSource: 'stream', unrealised: '0', unrealisedPercent: 0, realised: '-0.2100', fees: '0.2100', funding: '0',
        takeProfit: this.price(symbol, at * (side === 'long' ? 1.01 : 0.99)), stopLoss: this.price(symbol, at * (side === 'long' ? 0.995 : 1.005)), stopAtVenue: { price: this.price(symbol, at * (side === 'long' ? 0.995 : 1.005)), state: 'resting', alarm: false },
        exitPlan: 'entry', openedMs: nowMs - 400_000, entryOrderId: order.id, strategies: order.strategies,
      }),
    )
  }

  #trade(i: number, closedMs: number): TradeRow {
    const net = ((this.random() - 0.42) * 40).toFixed(2)
    return { id: `t-${i}`, symbol: PAIRS[i % PAIRS.length]![0], side: i % 2 === 0 ? 'long' : 'short', openedMs: closedMs - 900_000, closedMs, heldMs: 900_000, realised: net, fees: '0.2200', funding: '0', net, exitReason: ['take_profit', 'trailing_stop', 'stop_loss'][i % 3]!, strategies: ['imbalance'] }
  }

  #signal(i: number, atMs: number): Signal {
    const pair = this.pairs[i % this.pairs.length]!
    return { id: `s-${i}`, atMs, symbol: pair.symbol, kind: i % 5 === 0 ? 'exit' : 'entry', side: i % 2 === 0 ? 'buy' : 'sell', by: i % 3 === 0 ? 'fallback' : 'consensus', confidence: 0.6 + this.random() * 0.4, reason: 'weighted_vote', votes: { imbalance: 0.8, momentum: 0.4, sar_wave: null, super_trend: 0, volume_profile: -0.2 }, model: null, block: i % 11 === 4 ? { kind: 'spoofing', confidence: 0.8 } : null, bid: pair.bid!, ask: pair.ask! }
  }

  #tree(): ActorTree {
    const actor = (kind: string, symbol: string | null, thread: string, i: number): ActorTree['threads'][number]['actors'][number] => ({ id: symbol === null ? kind : `${kind}:${symbol}`, kind, symbol, thread, state: 'ready', note: kind === 'execution' ? 'reconciled, epoch 3' : 'following the ring', restarts: i % 7 === 3 ? 1 : 0, lives: i % 7 === 3 ? 2 : 1, heartbeatAgeMs: 12 + i, handled: 40_000 + 917 * i, sequence: 88_000 + i, ringDepth: i % 3, ringLagMs: 0, lastError: null })
    const shard = (name: string, symbols: readonly string[]): ActorTree['threads'][number] => ({ name, actors: symbols.flatMap((symbol, i) => ['ingest', 'features', 'inference'].map((kind, k) => actor(kind, symbol, name, i * 3 + k))) })
    const process = (name: string, i: number): ActorTree['processes'][number] => ({ name, pid: 4100 + i, state: 'running', restarts: 0, heartbeatAgeMs: 40 + i, rssBytes: 90e6 + i * 2e7, cpuSeconds: 12 + i, lastError: null })
    const hop = (p50: number) => ({ count: 120_000, p50, p90: p50 * 3, p99: p50 * 9, max: p50 * 60 })
    return {
      processes: ['engine', 'exchange', 'archive', 'watchdog', 'gateway'].map(process),
      threads: [shard('shard-0', ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']), shard('shard-1', ['XRPUSDT', 'BNBUSDT']), { name: 'execution', actors: [actor('execution', null, 'execution', 0)] }],
      latencyNs: { wire_to_tick: hop(38_000), tick_to_features: hop(61_000), features_to_decision: hop(22_000), decision_to_order: hop(140_000), tick_to_order: hop(290_000) },
    }
  }
}
