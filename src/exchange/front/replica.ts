import { BUY, SELL, type Clock, type Side, type Timer, type Timers, type WallMs } from '../../core/index.ts'
import type { ExchangeOrder, ExchangePort, MarketSummary, Position, PublicTrade, Wallet } from '../port.ts'

/** Samples that cover the lag: an answer is as old as asked for, or up to this part of it older. */
const SAMPLES = 8
const PERIOD_MIN_MS = 10
/** Levels of a side in a sample: as deep as the deepest book that REST shows. */
const DEPTH = 500

interface Ladder {
  readonly ticks: Float64Array
  readonly lots: Float64Array
  readonly count: number
}

interface MarketSample {
  readonly sequence: number
  readonly summary: MarketSummary
  readonly sides: readonly [Ladder, Ladder]
}

interface AccountSample {
  readonly open: readonly ExchangeOrder[]
  readonly waiting: readonly ExchangeOrder[]
  readonly positions: readonly Position[]
  readonly wallet: Wallet
}

interface Sample {
  readonly wallMs: WallMs
  readonly markets: ReadonlyMap<string, MarketSample>
  readonly accounts: ReadonlyMap<string, AccountSample>
}

/**
 * What a lagging replica behind REST knows: reads answer with the state of `lagMs` ago (with that of the start of the lag
 * until so much time has passed), writes and everything it keeps no history of go to the exchange itself. History is
 * bounded: about ten samples of each book (500 levels), of open orders, positions and wallets. Orders that have ended,
 * executions, trades and funding are cut at the time of the sample; of candles only those that had closed by then are shown.
 */
export class StaleReplica {
  /** The exchange as REST queries see it. */
  readonly port: ExchangePort
  readonly #exchange: ExchangePort
  readonly #accounts: readonly string[]
  readonly #clock: Clock
  readonly #timers: Timers
  #samples: Sample[] = []
  #lagMs = 0
  #timer: Timer | null = null

  /** @param accounts that can sign in. */
  constructor(exchange: ExchangePort, accounts: readonly string[], clock: Clock, timers: Timers) {
    this.#exchange = exchange
    this.#accounts = accounts
    this.#clock = clock
    this.#timers = timers
    this.port = this.#view()
  }

  get lagMs(): number {
    return this.#lagMs
  }

  /** @param lagMs how far REST is behind from now on; 0 ends it. */
  lag(lagMs: number): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#samples = []
    this.#lagMs = lagMs
    if (lagMs === 0) return
    this.#sample()
    this.#timer = this.#timers.every(Math.max(PERIOD_MIN_MS, Math.ceil(lagMs / SAMPLES)), () => this.#sample())
  }

  #sample(): void {
    const exchange = this.#exchange
    this.#samples.push({
      wallMs: this.#clock.wallMs(),
      markets: new Map(exchange.contracts.map(({ symbol }) => [symbol, { sequence: exchange.sequence(symbol), summary: { ...exchange.summary(symbol) }, sides: [this.#ladder(symbol, BUY), this.#ladder(symbol, SELL)] }])),
      accounts: new Map(this.#accounts.map((account) => [account, {
        open: exchange.orders(account, { open: true }).map((order) => ({ ...order })), waiting: exchange.orders(account, { open: true, conditional: true }).map((order) => ({ ...order })), positions: exchange.positions(account).map((position) => ({ ...position })), wallet: exchange.wallet(account),
      }])),
    })
    // The newest one that is old enough stays, with all that are younger.
    while (this.#samples.length > 1 && this.#samples[1]!.wallMs <= this.#clock.wallMs() - this.#lagMs) this.#samples.shift()
  }

  #ladder(symbol: string, side: Side): Ladder {
    const ticks = new Float64Array(DEPTH)
    const lots = new Float64Array(DEPTH)
    const count = this.#exchange.levels(symbol, side, DEPTH, ticks, lots)
    return { ticks: ticks.slice(0, count), lots: lots.slice(0, count), count }
  }

  /** The sample to answer from; null while there is no lag. */
  #now(): Sample | null {
    const dueMs = this.#clock.wallMs() - this.#lagMs
    let found: Sample | null = this.#samples[0] ?? null
    for (const sample of this.#samples) if (sample.wallMs <= dueMs) found = sample
    return found
  }

  // Whatever else the exchange can do goes through as it is, so that only what is kept a history of stands here.
  #view(): ExchangePort {
    const exchange = this.#exchange
    const stale = this.#reads()
    return new Proxy(exchange, {
      get: (target, name) => {
        const own = this.#samples.length > 0 && Object.hasOwn(stale, name) ? stale[name as keyof typeof stale] : undefined
        if (own !== undefined) return own
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
  }

  #reads(): Pick<ExchangePort, 'levels' | 'sequence' | 'summary' | 'candles' | 'recentTrades' | 'fundingHistory' | 'findOrder' | 'orders' | 'executions' | 'positions' | 'position' | 'wallet'> {
    const exchange = this.#exchange
    const market = (symbol: string): MarketSample | undefined => this.#now()?.markets.get(symbol)
    const account = (name: string): AccountSample | undefined => this.#now()?.accounts.get(name)
    const upTo = (): WallMs => this.#now()?.wallMs ?? Number.POSITIVE_INFINITY
    const orderOf = (name: string, order: ExchangeOrder): ExchangeOrder | undefined => {
      if (order.updatedMs <= upTo()) return order
      const known = account(name)
      return known?.open.find((one) => one.orderId === order.orderId) ?? known?.waiting.find((one) => one.orderId === order.orderId)
    }
    return {
      levels: (symbol, side, depth, outTicks, outLots) => {
        const ladder = market(symbol)?.sides[side]
        if (ladder === undefined) return exchange.levels(symbol, side, depth, outTicks, outLots)
        const count = Math.min(depth, ladder.count, outTicks.length, outLots.length)
        outTicks.set(ladder.ticks.subarray(0, count))
        outLots.set(ladder.lots.subarray(0, count))
        return count
      },
      sequence: (symbol) => market(symbol)?.sequence ?? exchange.sequence(symbol),
      summary: (symbol) => market(symbol)?.summary ?? exchange.summary(symbol),
      candles: (symbol, intervalMin, count) => exchange.candles(symbol, intervalMin, count).filter((candle) => candle.startMs + intervalMin * 60_000 <= upTo()),
      recentTrades: (symbol, count) => shortly<PublicTrade>(exchange.recentTrades(symbol, count), upTo()),
      fundingHistory: (symbol, count) => shortly(exchange.fundingHistory(symbol, count), upTo()),
      findOrder: (name, id) => {
        const order = exchange.findOrder(name, id)
        return order === undefined ? undefined : orderOf(name, order)
      },
      orders: (name, filter) => {
        const known = account(name)
        if (known === undefined) return exchange.orders(name, filter)
        const ended = filter.open === true ? [] : exchange.orders(name, { ...filter, open: false }).filter((order) => order.updatedMs <= upTo())
        const open = filter.open === false ? [] : (filter.conditional === true ? known.waiting : known.open).filter((order) => filter.symbol === undefined || order.symbol === filter.symbol)
        return [...open, ...ended].sort((a, b) => b.createdMs - a.createdMs)
      },
      executions: (name, filter) => exchange.executions(name, { ...filter, untilMs: Math.min(filter.untilMs ?? Number.POSITIVE_INFINITY, upTo()) }),
      positions: (name) => account(name)?.positions ?? exchange.positions(name),
      position: (name, symbol, leg) => {
        const known = account(name)
        const now = exchange.position(name, symbol, leg)
        if (known === undefined) return now
        return known.positions.find((one) => one.symbol === symbol && one.leg === now.leg) ?? { ...now, signedLots: 0, entryPrice: now.entryPrice.times(0) }
      },
      wallet: (name) => account(name)?.wallet ?? exchange.wallet(name),
    }
  }
}

const shortly = <T extends { readonly timeMs: WallMs }>(rows: readonly T[], upToMs: WallMs): readonly T[] => rows.filter((row) => row.timeMs <= upToMs)
