import { BUY, fail, SELL, ZERO, type Clock, type Lots, type Money, type PriceTicks, type Side, type Timer, type Timers, type WallMs } from '../core/index.ts'
import { INSURANCE, legKey, type Account } from './accounts/account.ts'
import { Accounts } from './accounts/accounts.ts'
import { listExecutions, listOrders } from './accounts/listing.ts'
import { liquidationPrice, positionMargin, walletOf } from './accounts/margin.ts'
import type { OrderRecord } from './accounts/order-record.ts'
import { Clearing } from './clearing.ts'
import { ContractMath } from './contract.ts'
import { Cycle } from './cycle.ts'
import { Deleveraging } from './deleveraging.ts'
import { contractAfter, Instruments } from './instruments.ts'
import type { Ledger } from './ledger/facts.ts'
import { Liquidator } from './liquidator.ts'
import { Market } from './market/market.ts'
import type { MarketSource } from './market/source.ts'
import { bandOf } from './band.ts'
import { Operator } from './operator.ts'
import { OrderDesk } from './order-desk.ts'
import type { Answer, CancelAllOptions, CancelReason, Candle, Contract, ExchangeListener, ExchangeOrder, ExchangePort, Execution, ExecutionFilter, Leg, MarketSummary, NewOrder, OrderChange, OrderFilter, OrderKey, Position, PositionMargin, PositionMode, ProtectionChange, PublicTrade, Wallet } from './port.ts'
import { checkOptions, type ExchangeOptions } from './options.ts'
import { Protections } from './protections.ts'
import { refused, type Refused } from './refused.ts'
import { rules } from './rules.ts'
import { SymbolFlow } from './symbol-flow.ts'
import { Triggers } from './triggers.ts'

/**
 * The built-in exchange. Deterministic: time and timers come from outside, chance only from its sources' seeds; on virtual
 * time two runs of the same commands are equal event by event.
 *
 * The constructor rebuilds the state from the ledger; `start` opens the markets (resting orders re-enter at the tail of
 * their level; what the market moved through meanwhile fills); `stop` ends flow and timers and closes the ledger.
 */
export class Exchange implements ExchangePort {
  /** The hand of the owner and of the venue: instrument changes, liquidation, deleveraging, fills and rejects on demand. */
  readonly operator: Operator
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #ledger: Ledger
  readonly #sources: readonly MarketSource[]
  readonly #markets = new Map<string, Market>()
  readonly #resume = new Map<string, PriceTicks>()
  readonly #accounts: Accounts
  readonly #clearing: Clearing
  readonly #desk: OrderDesk
  readonly #protections: Protections
  readonly #triggers: Triggers
  readonly #deleveraging: Deleveraging
  readonly #liquidator: Liquidator
  readonly #instruments: Instruments
  readonly #flows = new Map<string, SymbolFlow>()
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
    checkOptions(options)
    const maths = new Map<string, ContractMath>()
    const accounts = new Accounts(maths, options.defaultLeverage)
    this.#accounts = accounts
    this.#clearing = new Clearing(options.clock, options.ledger, this.#markets, accounts, (name) => (name === INSURANCE ? (options.insurance ?? rules.insuranceStart) : options.balances?.[name] ?? options.startingBalance))
    this.#desk = new OrderDesk(this.#clearing, this.#markOf)
    this.#protections = new Protections(this.#clearing, this.#markets)
    this.#clearing.follower = this.#protections
    this.#triggers = new Triggers(this.#clearing, this.#desk, this.#markOf)
    this.#deleveraging = new Deleveraging(this.#clearing, this.#markOf)
    this.#liquidator = new Liquidator(options.clock, this.#clearing, this.#markets, this.#markOf, this.#deleveraging)
    this.#instruments = new Instruments(options.clock, this.#clearing, this.#markets, this.#flows)
    this.operator = new Operator({
      clearing: this.#clearing, markets: this.#markets, desk: this.#desk, liquidator: this.#liquidator, deleveraging: this.#deleveraging, instruments: this.#instruments,
      run: (market, command) => this.#run(market, command), wallMs: () => options.clock.wallMs(),
    })
    let start = 0
    const funding: { symbol: string; rate: number; timeMs: WallMs }[] = []
    const rates = new Map<string, number | null>()
    for (const { contract } of options.markets) maths.set(contract.symbol, new ContractMath(contract))
    options.ledger.replay((facts) => {
      for (const fact of facts) {
        if (fact.t === 'start') start = fact.start
        else if (fact.t === 'price') this.#resume.set(fact.symbol, fact.ticks)
        else if (fact.t === 'funding') funding.push({ symbol: fact.symbol, rate: fact.rate, timeMs: fact.ms })
        else if (fact.t === 'rate') rates.set(fact.symbol, fact.rate)
        else if (fact.t === 'contract' || fact.t === 'announce') {
          const math = maths.get(fact.symbol)
          math?.revise(contractAfter(math.contract, fact))
        } else accounts.apply(fact)
      }
    })
    this.#startNumber = start + 1
    for (const { contract } of options.markets) {
      const market: Market = new Market(maths.get(contract.symbol)!, this.#startNumber, this.#clearing.sink(() => market))
      this.#markets.set(contract.symbol, market)
      const resume = this.#resume.get(contract.symbol)
      if (resume !== undefined) market.mark.reset(resume)
      market.mark.override = rates.get(contract.symbol) ?? null
    }
    for (const { symbol, rate, timeMs } of funding) this.#markets.get(symbol)?.addFunding(rate, timeMs)
  }

  get contracts(): readonly Contract[] {
    return [...this.#markets.values()].map((market) => market.contract)
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
      for (const account of this.#accounts.all.values()) {
        for (const record of account.waiting.values()) if (record.symbol === source.contract.symbol) market.watch.set(record.number, record)
      }
      const requeue = (): void => this.#requeue(market)
      const flow = new SymbolFlow({
        market, clearing: this.#clearing, triggers: this.#triggers, clock: this.#clock, timers: this.#timers, start: this.#startNumber, resumeTicks: this.#resume.get(source.contract.symbol) ?? null, requeue,
      })
      this.#flows.set(source.contract.symbol, flow)
      source.start(flow)
      requeue()
      if (market.midTicks > 0) market.mark.reset(market.midTicks)
      this.#clearing.finish(market)
    }
    const cycle = new Cycle({ clock: this.#clock, clearing: this.#clearing, markets: this.#markets, triggers: this.#triggers, liquidator: this.#liquidator, instruments: this.#instruments })
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
    for (const account of this.#accounts.all.values()) {
      longs += Math.max(0, account.positions.get(symbol)?.signedLots ?? 0) + (account.positions.get(legKey(symbol, 'long'))?.signedLots ?? 0)
    }
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

  amend(accountName: string, symbol: string, id: OrderKey, change: OrderChange): Answer<ExchangeOrder> {
    const market = this.#markets.get(symbol)
    if (market === undefined) return unknownSymbol(symbol)
    return this.#answer(market, () => this.#desk.amend(this.#clearing.account(accountName), market, id, change))
  }

  cancel(accountName: string, symbol: string, id: OrderKey, reason: CancelReason = 'user'): Answer<ExchangeOrder> {
    const market = this.#markets.get(symbol)
    if (market === undefined) return unknownSymbol(symbol)
    return this.#answer(market, () => this.#desk.cancel(this.#clearing.account(accountName), market, id, reason))
  }

  /** Cancels every open and waiting order of the account, of one symbol or of all; oldest first. */
  cancelAll(accountName: string, symbol: string | null, options: CancelAllOptions = {}): readonly ExchangeOrder[] {
    return this.#cancelWhere(accountName, symbol, options.kinds ?? 'all', options.reason ?? 'user')
  }

  setLeverage(accountName: string, symbol: string, leverage: string): Answer<Position> {
    const market = this.#markets.get(symbol)
    if (market === undefined) return unknownSymbol(symbol)
    this.#clearing.guard()
    const account = this.#clearing.account(accountName)
    const problem = this.#desk.setLeverage(account, market, leverage)
    this.#clearing.finish(null)
    return problem ?? { ok: true, value: this.position(accountName, symbol, account.mode(symbol) === 'hedge' ? 'long' : 'net') }
  }

  setPositionMode(accountName: string, symbol: string | null, mode: PositionMode): Answer<PositionMode> {
    if (symbol !== null && !this.#markets.has(symbol)) return unknownSymbol(symbol)
    this.#clearing.guard()
    const account = this.#clearing.account(accountName)
    const problem = this.#desk.setMode(account, symbol === null ? [...this.#markets.keys()] : [symbol], mode)
    if (problem === null) {
      const fact = { t: 'mode', account: accountName, symbol, mode, ms: this.#clock.wallMs() } as const
      this.#accounts.switchMode(fact)
      this.#clearing.note(fact)
    }
    this.#clearing.finish(null)
    return problem ?? { ok: true, value: mode }
  }

  positionMode(accountName: string, symbol: string): PositionMode {
    return this.#accounts.all.get(accountName)?.mode(symbol) ?? 'one-way'
  }

  setProtection(accountName: string, symbol: string, leg: Leg, change: ProtectionChange): Answer<Position> {
    const market = this.#markets.get(symbol)
    if (market === undefined) return unknownSymbol(symbol)
    const account = this.#opened(accountName)
    const position = this.#positionState(accountName, symbol, leg)
    const problem = this.#run(market, () => this.#protections.set(account, market, position, change))
    return problem ?? { ok: true, value: account.describe(position) }
  }

  setting(accountName: string, name: string): string {
    return this.#accounts.all.get(accountName)?.settings.get(name) ?? ''
  }

  keepSetting(accountName: string, name: string, value: string): void {
    this.#clearing.guard()
    const fact = { t: 'setting', account: accountName, name, value, ms: this.#clock.wallMs() } as const
    this.#clearing.account(accountName).settings.set(name, value)
    this.#clearing.note(fact)
    this.#clearing.finish(null)
  }

  preview(accountName: string, order: NewOrder): Answer<Wallet> {
    const market = this.#markets.get(order.symbol)
    if (market === undefined) return unknownSymbol(order.symbol)
    const account = this.#opened(accountName)
    const margin = this.#desk.preview(account, market, order)
    if ('ok' in margin) return margin
    const wallet = walletOf(account, this.#markOf)
    const free = wallet.available.minus(margin.minus(wallet.orderMargin))
    return { ok: true, value: { ...wallet, orderMargin: margin, available: free.isNegative() ? ZERO : free } }
  }

  findOrder(accountName: string, id: OrderKey): ExchangeOrder | undefined {
    const account = this.#accounts.all.get(accountName)
    return account === undefined ? undefined : this.#accounts.find(account, id)?.snapshot()
  }

  orders(accountName: string, filter: OrderFilter): readonly ExchangeOrder[] {
    const account = this.#accounts.all.get(accountName)
    return account === undefined ? [] : listOrders(account, filter)
  }

  executions(accountName: string, filter: ExecutionFilter): readonly Execution[] {
    const account = this.#accounts.all.get(accountName)
    return account === undefined ? [] : listExecutions(account, filter)
  }

  /** Legs that are not flat. */
  positions(accountName: string): readonly Position[] {
    const account = this.#accounts.all.get(accountName)
    if (account === undefined) return []
    return [...account.positions.values()].filter((position) => position.signedLots !== 0).map((position) => account.describe(position))
  }

  /** The position, flat ones included. @throws RM_EXCHANGE_SYMBOL */
  position(accountName: string, symbol: string, leg: Leg = 'net'): Position {
    return this.#opened(accountName).describe(this.#positionState(accountName, symbol, leg))
  }

  wallet(accountName: string): Wallet {
    return walletOf(this.#opened(accountName), this.#markOf)
  }

  positionMargin(accountName: string, symbol: string, leg: Leg = 'net'): PositionMargin {
    return positionMargin(this.#positionState(accountName, symbol, leg), this.#market(symbol).mark.markTicks)
  }

  liquidationPrice(accountName: string, symbol: string, leg: Leg): Money | null {
    return liquidationPrice(this.#opened(accountName), symbol, this.#positionState(accountName, symbol, leg), this.#markOf)
  }

  adlRank(accountName: string, symbol: string, leg: Leg): number {
    return this.#deleveraging.rank(this.#market(symbol), this.#positionState(accountName, symbol, leg))
  }

  priceBand(symbol: string): { readonly highestBuyTicks: PriceTicks; readonly lowestSellTicks: PriceTicks } {
    const market = this.#market(symbol)
    return { highestBuyTicks: bandOf(market, BUY).highest, lowestSellTicks: bandOf(market, SELL).lowest }
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
    return this.#cancelWhere(accountName, symbol, 'all', 'admin')
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

  #positionState(accountName: string, symbol: string, leg: Leg) {
    const { math } = this.#market(symbol)
    return this.#opened(accountName).position(math, this.#accounts.leverageOf(math), leg)
  }

  #answer(market: Market, command: () => Answer<OrderRecord>): Answer<ExchangeOrder> {
    return this.#run(market, () => {
      const answer = command()
      return answer.ok ? { ok: true, value: answer.value.snapshot() } : answer
    })
  }

  /** One command: what it sets off fires, what it did is written, then told. */
  #run<T>(market: Market | null, command: () => T): T {
    this.#clearing.guard()
    const answer = command()
    if (market !== null) this.#triggers.check(market)
    else for (const one of this.#markets.values()) this.#triggers.check(one)
    this.#clearing.finish(market)
    if (market === null) for (const one of this.#markets.values()) this.#clearing.finish(one)
    return answer
  }

  #cancelWhere(accountName: string, symbol: string | null, kinds: 'orders' | 'conditional' | 'all', reason: CancelReason): readonly ExchangeOrder[] {
    this.#clearing.guard()
    const account = this.#accounts.all.get(accountName)
    if (account === undefined) return []
    const ended: OrderRecord[] = []
    if (kinds !== 'conditional') for (const record of account.open.values()) if (symbol === null || record.symbol === symbol) ended.push(record)
    if (kinds !== 'orders') for (const record of account.waiting.values()) if (symbol === null || record.symbol === symbol) ended.push(record)
    ended.sort((a, b) => a.number - b.number)
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

const unknownSymbol = (symbol: string): Refused => refused('unknown-symbol', `the exchange does not list ${symbol}`)
