import { fail, money, type Clock, type Lots, type PriceTicks, type Side, type Timer, type Timers, type WallMs } from '../core/index.ts'
import type { Account } from './accounts/account.ts'
import { Accounts } from './accounts/accounts.ts'
import { positionMargin, walletOf, type PositionMargin } from './accounts/margin.ts'
import type { OrderRecord } from './accounts/order-record.ts'
import { Clearing } from './clearing.ts'
import { ContractMath } from './contract.ts'
import { Cycle } from './cycle.ts'
import type { Ledger } from './ledger/facts.ts'
import { Market } from './market/market.ts'
import type { MarketSource } from './market/source.ts'
import { OrderDesk } from './order-desk.ts'
import type { Answer, Candle, Contract, ExchangeListener, ExchangeOrder, ExchangePort, Execution, ExecutionKind, MarketSummary, NewOrder, OrderKey, Position, PublicTrade, Refusal, Wallet } from './port.ts'
import { rules } from './rules.ts'
import { SymbolFlow } from './symbol-flow.ts'

export interface ExchangeOptions {
  readonly clock: Clock
  readonly timers: Timers
  /** One source per symbol. */
  readonly markets: readonly MarketSource[]
  readonly ledger: Ledger
  /** Quote currency that a new account starts with, decimal text. */
  readonly startingBalance: string
  /** Accounts that start with another balance. */
  readonly balances?: Readonly<Record<string, string>>
  /** Leverage of a position that nobody has set, decimal text; capped by the contract. */
  readonly defaultLeverage: string
}

/**
 * The built-in exchange. Deterministic: time and timers come from outside, chance only from its sources' seeds; on virtual
 * time two runs of the same commands are equal event by event.
 *
 * The constructor rebuilds the state from the ledger; `start` opens the markets (resting orders re-enter at the tail of
 * their level; what the market moved through meanwhile fills); `stop` ends flow and timers and closes the ledger.
 */
export class Exchange implements ExchangePort {
  readonly contracts: readonly Contract[]
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #ledger: Ledger
  readonly #sources: readonly MarketSource[]
  readonly #markets = new Map<string, Market>()
  readonly #resume = new Map<string, PriceTicks>()
  readonly #accounts: Accounts
  readonly #clearing: Clearing
  readonly #desk: OrderDesk
  readonly #startNumber: number
  #cycle: Cycle | null = null
  #timer: Timer | null = null
  #state: 'built' | 'running' | 'stopped' = 'built'

  /** @throws RM_EXCHANGE_SETUP for contradicting options, RM_EXCHANGE_LEDGER_* for a ledger that cannot be used. */
  constructor(options: ExchangeOptions) {
    this.#clock = options.clock
    this.#timers = options.timers
    this.#ledger = options.ledger
    this.#sources = options.markets
    this.contracts = options.markets.map((source) => source.contract)
    check(options)
    const maths = new Map<string, ContractMath>()
    const accounts = new Accounts(maths, options.defaultLeverage)
    this.#accounts = accounts
    this.#clearing = new Clearing(options.clock, options.ledger, this.#markets, accounts, (name) => options.balances?.[name] ?? options.startingBalance)
    this.#desk = new OrderDesk(this.#clearing, this.#markOf)
    let start = 0
    const funding: { symbol: string; rate: number; timeMs: WallMs }[] = []
    for (const contract of this.contracts) maths.set(contract.symbol, new ContractMath(contract))
    options.ledger.replay((facts) => {
      for (const fact of facts) {
        if (fact.t === 'start') start = fact.start
        else if (fact.t === 'price') this.#resume.set(fact.symbol, fact.ticks)
        else if (fact.t === 'funding') funding.push({ symbol: fact.symbol, rate: fact.rate, timeMs: fact.ms })
        else accounts.apply(fact)
      }
    })
    this.#startNumber = start + 1
    for (const contract of this.contracts) {
      const market: Market = new Market(maths.get(contract.symbol)!, this.#startNumber, this.#clearing.sink(() => market))
      this.#markets.set(contract.symbol, market)
      const resume = this.#resume.get(contract.symbol)
      if (resume !== undefined) market.mark.reset(resume)
    }
    for (const { symbol, rate, timeMs } of funding) this.#markets.get(symbol)?.addFunding(rate, timeMs)
  }

  /** Opens the markets. Listeners that want to hear fills of the opening must listen before. */
  start(): void {
    if (this.#state !== 'built') fail('RM_EXCHANGE_SETUP', { what: `start of an exchange that is ${this.#state}` })
    this.#state = 'running'
    this.#clearing.note({ t: 'start', start: this.#startNumber, ms: this.#clock.wallMs() })
    this.#clearing.finish(null)
    for (const source of this.#sources) {
      const market = this.#market(source.contract.symbol)
      for (const record of this.#openOrders(market)) {
        this.#clearing.own(record)
        record.entry = market.book.rest(record.owner, record.side, record.priceTicks!, record.leavesLots)
      }
      const requeue = (): void => this.#requeue(market)
      source.start(new SymbolFlow(market, this.#clearing, this.#clock, this.#timers, this.#startNumber, this.#resume.get(source.contract.symbol) ?? null, requeue))
      requeue()
      if (market.midTicks > 0) market.mark.reset(market.midTicks)
      this.#clearing.finish(market)
    }
    const cycle = new Cycle(this.#clock, this.#clearing, this.#markets, this.#markOf)
    this.#cycle = cycle
    this.#timer = this.#timers.every(rules.tickMs, () => cycle.run())
  }

  /** Stops every source and closes the ledger; harmless when called again. */
  stop(): void {
    if (this.#state === 'stopped') return
    const ran = this.#state === 'running'
    this.#state = 'stopped'
    this.#timer?.cancel()
    for (const source of this.#sources) source.stop()
    try {
      if (ran) {
        this.#cycle?.notePrices()
        this.#clearing.finish(null)
      }
    } finally {
      this.#ledger.close()
    }
  }

  contract(symbol: string): Contract | undefined {
    return this.#markets.get(symbol)?.contract
  }

  listen(listener: ExchangeListener): () => void {
    return this.#clearing.outbox.listen(listener)
  }

  levels(symbol: string, side: Side, depth: number, outTicks: Float64Array, outLots: Float64Array): number {
    return this.#market(symbol).book.copyLevels(side, Math.min(depth, outTicks.length, outLots.length), outTicks, outLots)
  }

  sequence(symbol: string): number {
    return this.#market(symbol).sequence
  }

  summary(symbol: string): MarketSummary {
    let longs = 0
    for (const account of this.#accounts.all.values()) longs += Math.max(0, account.positions.get(symbol)?.signedLots ?? 0)
    return this.#market(symbol).summary(longs)
  }

  /** Newest last; the last candle is still forming. @throws RM_EXCHANGE_SETUP for an interval that is no whole minutes of a day. */
  candles(symbol: string, intervalMin: number, count: number): readonly Candle[] {
    if (!Number.isInteger(intervalMin) || intervalMin < 1 || 1440 % intervalMin !== 0) fail('RM_EXCHANGE_SETUP', { what: `candle interval of ${intervalMin} minutes` })
    const { candles } = this.#market(symbol)
    candles.rollTo(this.#clock.wallMs())
    return candles.view(intervalMin, count)
  }

  /** Newest last. */
  recentTrades(symbol: string, count: number): readonly PublicTrade[] {
    return this.#market(symbol).tape.recent(count)
  }

  /** Newest last. */
  fundingHistory(symbol: string, count: number): readonly { readonly rate: number; readonly timeMs: WallMs }[] {
    return count <= 0 ? [] : this.#market(symbol).funding.slice(-count)
  }

  place(accountName: string, order: NewOrder): Answer<ExchangeOrder> {
    const market = this.#markets.get(order.symbol)
    if (market === undefined) return unknownSymbol(order.symbol)
    return this.#answer(market, () => this.#desk.place(this.#clearing.account(accountName), market, order))
  }

  amend(accountName: string, symbol: string, id: OrderKey, change: { readonly priceTicks?: PriceTicks; readonly lots?: Lots }): Answer<ExchangeOrder> {
    const market = this.#markets.get(symbol)
    if (market === undefined) return unknownSymbol(symbol)
    return this.#answer(market, () => this.#desk.amend(this.#clearing.account(accountName), market, id, change))
  }

  cancel(accountName: string, symbol: string, id: OrderKey): Answer<ExchangeOrder> {
    const market = this.#markets.get(symbol)
    if (market === undefined) return unknownSymbol(symbol)
    return this.#answer(market, () => this.#desk.cancel(this.#clearing.account(accountName), market, id))
  }

  /** Cancels every open order of the account, of one symbol or of all; oldest first. */
  cancelAll(accountName: string, symbol: string | null): readonly ExchangeOrder[] {
    return this.#cancelWhere(accountName, symbol, 'user')
  }

  setLeverage(accountName: string, symbol: string, leverage: string): Answer<Position> {
    const market = this.#markets.get(symbol)
    if (market === undefined) return unknownSymbol(symbol)
    this.#clearing.guard()
    const account = this.#clearing.account(accountName)
    const refused = this.#desk.setLeverage(account, market, leverage)
    this.#clearing.finish(null)
    return refused ?? { ok: true, value: this.position(accountName, symbol) }
  }

  findOrder(accountName: string, id: OrderKey): ExchangeOrder | undefined {
    const account = this.#accounts.all.get(accountName)
    return account === undefined ? undefined : this.#accounts.find(account, id)?.snapshot()
  }

  orders(accountName: string, filter: { readonly symbol?: string; readonly open?: boolean }): readonly ExchangeOrder[] {
    const account = this.#accounts.all.get(accountName)
    if (account === undefined) return []
    const found: OrderRecord[] = []
    const wanted = (record: OrderRecord): boolean => filter.symbol === undefined || record.symbol === filter.symbol
    if (filter.open !== false) for (const record of account.open.values()) if (wanted(record)) found.push(record)
    if (filter.open !== true) for (let i = 0; i < account.final.length; i++) if (wanted(account.final.newest(i))) found.push(account.final.newest(i))
    return found.sort((a, b) => b.number - a.number).map((record) => record.snapshot())
  }

  executions(accountName: string, filter: { readonly symbol?: string; readonly clientId?: string; readonly orderId?: string; readonly sinceMs?: WallMs; readonly untilMs?: WallMs; readonly kind?: ExecutionKind }): readonly Execution[] {
    const account = this.#accounts.all.get(accountName)
    const found: Execution[] = []
    if (account === undefined) return found
    for (let i = 0; i < account.executions.length; i++) {
      const row = account.executions.newest(i)
      if (filter.sinceMs !== undefined && row.timeMs < filter.sinceMs) continue
      if (filter.untilMs !== undefined && row.timeMs > filter.untilMs) continue
      if (filter.symbol !== undefined && row.symbol !== filter.symbol) continue
      if (filter.clientId !== undefined && row.clientId !== filter.clientId) continue
      if (filter.orderId !== undefined && row.orderId !== filter.orderId) continue
      if (filter.kind !== undefined && row.kind !== filter.kind) continue
      found.push(row)
    }
    return found
  }

  /** Positions that are not flat. */
  positions(accountName: string): readonly Position[] {
    const account = this.#accounts.all.get(accountName)
    if (account === undefined) return []
    return [...account.positions.values()].filter((position) => position.signedLots !== 0).map((position) => position.snapshot())
  }

  /** The position, flat ones included. @throws RM_EXCHANGE_SYMBOL */
  position(accountName: string, symbol: string): Position {
    return this.#positionState(accountName, symbol).snapshot()
  }

  wallet(accountName: string): Wallet {
    return walletOf(this.#opened(accountName), this.#markOf)
  }

  positionMargin(accountName: string, symbol: string): PositionMargin {
    return positionMargin(this.#positionState(accountName, symbol), this.#market(symbol).mark.markTicks)
  }

  /** Lots before a resting order at its price; undefined when it does not rest. */
  queueAheadLots(accountName: string, id: OrderKey): Lots | undefined {
    const account = this.#accounts.all.get(accountName)
    const record = account === undefined ? undefined : this.#accounts.find(account, id)
    return record === undefined || record.entry < 0 ? undefined : this.#market(record.symbol).book.side(record.side).ahead(record.entry)
  }

  /** Operator: halts or resumes order entry of a symbol; resting orders stay and may still be cancelled. */
  halt(symbol: string, halted: boolean): void {
    this.#market(symbol).halted = halted
  }

  /** Operator: cancels an account's orders with the reason 'admin'. */
  cancelByOperator(accountName: string, symbol: string | null): readonly ExchangeOrder[] {
    return this.#cancelWhere(accountName, symbol, 'admin')
  }

  /** Operator: the market trades with a resting order at its price, whatever queues before it. @returns lots that were filled */
  fillOrder(accountName: string, symbol: string, id: OrderKey, lots: Lots): Lots {
    const market = this.#market(symbol)
    this.#clearing.guard()
    const account = this.#accounts.all.get(accountName)
    const record = account === undefined ? undefined : this.#accounts.find(account, id)
    const filled = record === undefined || record.symbol !== symbol || record.entry < 0 ? 0 : market.book.fill(record.side, record.entry, lots)
    this.#clearing.finish(market)
    return filled
  }

  /** Market part of a price level, without account orders. */
  externalLots(symbol: string, side: Side, ticks: PriceTicks): Lots {
    return this.#market(symbol).book.externalAt(side, ticks)
  }

  readonly #markOf = (symbol: string): PriceTicks => this.#market(symbol).mark.markTicks

  #market(symbol: string): Market {
    return this.#markets.get(symbol) ?? fail('RM_EXCHANGE_SYMBOL', { symbol })
  }

  #opened(accountName: string): Account {
    const known = this.#accounts.all.get(accountName)
    if (known !== undefined) return known
    this.#clearing.guard()
    const account = this.#clearing.account(accountName)
    this.#clearing.finish(null)
    return account
  }

  #positionState(accountName: string, symbol: string) {
    const { math } = this.#market(symbol)
    return this.#opened(accountName).position(math, this.#accounts.leverageOf(math))
  }

  #answer(market: Market, command: () => Answer<OrderRecord>): Answer<ExchangeOrder> {
    this.#clearing.guard()
    const answer = command()
    const value = answer.ok ? answer.value.snapshot() : null
    this.#clearing.finish(market)
    return answer.ok ? { ok: true, value: value! } : answer
  }

  #cancelWhere(accountName: string, symbol: string | null, reason: 'user' | 'admin'): readonly ExchangeOrder[] {
    this.#clearing.guard()
    const account = this.#accounts.all.get(accountName)
    if (account === undefined) return []
    const ended = [...account.open.values()].filter((record) => symbol === null || record.symbol === symbol)
    for (const record of ended) this.#clearing.end(record, reason)
    for (const market of this.#markets.values()) this.#clearing.finish(market)
    return ended.map((record) => record.snapshot())
  }

  /** Open limit orders of a symbol, in order of acceptance. */
  #openOrders(market: Market): OrderRecord[] {
    const found: OrderRecord[] = []
    for (const account of this.#accounts.all.values()) {
      for (const record of account.open.values()) if (record.symbol === market.contract.symbol && record.priceTicks !== null) found.push(record)
    }
    return found.sort((a, b) => a.number - b.number)
  }

  #requeue(market: Market): void {
    for (const record of this.#openOrders(market)) {
      if (record.entry < 0) continue
      market.book.remove(record.side, record.entry)
      record.entry = market.book.rest(record.owner, record.side, record.priceTicks!, record.leavesLots)
    }
  }
}

function check(options: ExchangeOptions): void {
  const seen = new Set<string>()
  for (const { contract } of options.markets) {
    if (seen.has(contract.symbol)) fail('RM_EXCHANGE_SETUP', { what: `two markets for ${contract.symbol}` })
    seen.add(contract.symbol)
  }
  if (seen.size === 0) fail('RM_EXCHANGE_SETUP', { what: 'no markets' })
  if (!(Number(options.defaultLeverage) >= 1)) fail('RM_EXCHANGE_SETUP', { what: `default leverage "${options.defaultLeverage}"` })
  for (const [account, text] of Object.entries({ ...options.balances, startingBalance: options.startingBalance })) {
    if (!/^\d+(\.\d+)?$/.test(text) || !money(text).isFinite()) fail('RM_EXCHANGE_SETUP', { what: `balance "${text}" of ${account}` })
  }
}

const unknownSymbol = (symbol: string): { readonly ok: false; readonly refusal: Refusal; readonly text: string } => ({ ok: false, refusal: 'unknown-symbol', text: `the exchange does not list ${symbol}` })
