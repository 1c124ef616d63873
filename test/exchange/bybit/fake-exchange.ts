import { BUY, DecimalStep, money, opposite, SELL, signOf, ZERO, type Clock, type Side } from '../../../src/core/index.ts'
import type {
  Answer, CancelReason, Candle, Contract, Execution, ExchangeListener, ExchangeOrder, ExchangePort, MarketSummary, NewOrder, OrderFilter, OrderKey, Position, PositionMode, PublicTrade, Refusal, Wallet,
} from '../../../src/exchange/port.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export function contract(symbol: string, tick = '0.10', lot = '0.001'): Contract {
  return {
    symbol, baseCoin: symbol.replace('USDT', ''), quoteCoin: 'USDT', tick: new DecimalStep(tick), lot: new DecimalStep(lot), minLots: 1, maxLots: 1_190_000, maxMarketLots: 500_000,
    minNotional: '5', maxLeverage: 100, makerFeeRate: '0.0002', takerFeeRate: '0.00055', maintenanceRate: '0.005', fundingIntervalMin: 480, launchMs: 1_585_526_400_000, tickSteps: 1, lotSteps: 1, status: 'Trading', upcoming: null,
  }
}

/**
 * A scripted venue for tests of the protocol front: the test says what stands in the book, orders that cross it fill at
 * once, others rest until the test fills them. No margin, no queue: those are matters of the real exchange.
 */
export class FakeExchange implements ExchangePort {
  readonly contracts: readonly Contract[]
  readonly #clock: Clock
  readonly #listeners = new Set<ExchangeListener>()
  readonly #books = new Map<string, readonly [Map<number, number>, Map<number, number>]>()
  readonly #sequences = new Map<string, number>()
  readonly #orders: Mutable<ExchangeOrder>[] = []
  readonly #executions: Execution[] = []
  readonly #positions = new Map<string, Mutable<Position>>()
  readonly #trades: PublicTrade[] = []
  readonly #settings = new Map<string, string>()
  #next = 1
  /** Refuses the next command. */
  refuseNext: Refusal | null = null
  /** Throws in the next command. */
  breakNext = false
  candlesOf: Candle[] = []
  summaryOf: Partial<MarketSummary> = {}

  constructor(clock: Clock, contracts: readonly Contract[] = [contract('BTCUSDT'), contract('ETHUSDT', '0.01', '0.01')]) {
    this.#clock = clock
    this.contracts = contracts
    for (const one of contracts) this.#books.set(one.symbol, [new Map(), new Map()])
  }

  /** Replaces the size at a price; 0 removes it. */
  setLevel(symbol: string, side: Side, ticks: number, lots: number): void {
    const book = this.#books.get(symbol)![side]!
    if (lots === 0) book.delete(ticks)
    else book.set(ticks, lots)
    this.#tick(symbol)
    this.#tell((l) => l.onBookChanged?.(symbol))
  }

  trade(symbol: string, side: Side, ticks: number, lots: number): void {
    const trade: PublicTrade = { symbol, tradeId: `t${this.#next++}`, priceTicks: ticks, lots, side, timeMs: this.#clock.wallMs(), sequence: this.#tick(symbol) }
    this.#trades.push(trade)
    this.#tell((l) => l.onTrade?.(trade))
  }

  /** Fills a resting order as maker. */
  fill(orderId: string, lots: number): void {
    const order = this.#orders.find((one) => one.orderId === orderId)!
    this.#fill(order, order.priceTicks!, lots, true)
  }

  fillOrder(_account: string, _symbol: string, id: OrderKey, lots: number): number {
    const order = this.#orders.find((one) => ('orderId' in id ? one.orderId === id.orderId : one.clientId === id.clientId))
    if (order === undefined || order.priceTicks === null || order.filledLots === order.lots) return 0
    this.#fill(order, order.priceTicks, lots, true)
    return lots
  }

  endCandle(symbol: string): void {
    this.#tell((l) => l.onCandle?.(symbol, this.candlesOf.at(-1)!, true))
  }

  seam(symbol: string): void {
    this.#tell((l) => l.onSeam?.(symbol, 'test'))
  }

  fund(account: string, symbol: string, amount: string): void {
    const position = this.position(account, symbol)
    const execution: Execution = {
      executionId: `f${this.#next++}`, account, kind: 'Funding', orderId: 'funding-1', clientId: '', symbol, leg: 'net', side: position.signedLots > 0 ? BUY : SELL, priceTicks: 0, price: money('65000.5'),
      lots: Math.abs(position.signedLots), value: ZERO, fee: money(amount), feeRate: '0.0001', maker: false, closedLots: 0, realisedPnl: ZERO, leavesLots: 0, sequence: this.#tick(symbol), timeMs: this.#clock.wallMs(),
    }
    this.#executions.push(execution)
    this.#tell((l) => l.onExecution?.(execution))
  }

  contract(symbol: string): Contract | undefined {
    return this.contracts.find((one) => one.symbol === symbol)
  }

  listen(listener: ExchangeListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  levels(symbol: string, side: Side, depth: number, outTicks: Float64Array, outLots: Float64Array): number {
    const rows = [...this.#books.get(symbol)![side]!].sort((a, b) => (side === BUY ? b[0] - a[0] : a[0] - b[0])).slice(0, depth)
    rows.forEach(([ticks, lots], i) => {
      outTicks[i] = ticks
      outLots[i] = lots
    })
    return rows.length
  }

  sequence(symbol: string): number {
    return this.#sequences.get(symbol) ?? 1
  }

  summary(symbol: string): MarketSummary {
    const bid = this.#best(symbol, BUY)
    const ask = this.#best(symbol, SELL)
    const mid = this.contract(symbol)!.tick.toNumber((bid[0] + ask[0]) / 2)
    return {
      symbol, lastTicks: this.#trades.at(-1)?.priceTicks ?? bid[0], bidTicks: bid[0], bidLots: bid[1], askTicks: ask[0], askLots: ask[1], markPrice: mid, indexPrice: mid, fundingRate: 0.0001,
      nextFundingMs: 1_700_006_400_000, high24hTicks: ask[0] + 100, low24hTicks: Math.max(0, bid[0] - 100), open24hTicks: bid[0], volume24hLots: 1000, turnover24h: 12345.6789, openInterestLots: 57_798_137, ...this.summaryOf,
    }
  }

  candles(_symbol: string, _intervalMin: number, count: number): readonly Candle[] {
    return this.candlesOf.slice(-count)
  }

  recentTrades(symbol: string, count: number): readonly PublicTrade[] {
    return this.#trades.filter((one) => one.symbol === symbol).slice(-count)
  }

  fundingHistory(): readonly { rate: number; timeMs: number }[] {
    return [{ rate: 0.0001, timeMs: 1_699_977_600_000 }, { rate: -0.00005, timeMs: 1_700_006_400_000 }]
  }

  place(account: string, request: NewOrder): Answer<ExchangeOrder> {
    const refusal = this.#refusal()
    if (refusal !== null) return refusal
    if ((request.leg ?? 'net') !== 'net') return refused('leg-mismatch')
    if (request.clientId !== '' && this.#orders.some((one) => one.account === account && one.clientId === request.clientId)) return refused('duplicate-client-id')
    const now = this.#clock.wallMs()
    const order: Mutable<ExchangeOrder> = {
      orderId: `order-${this.#next++}`, clientId: request.clientId, account, symbol: request.symbol, side: request.side, type: request.type, timeInForce: request.timeInForce, reduceOnly: request.reduceOnly,
      closeOnTrigger: request.closeOnTrigger, leg: request.leg ?? 'net', origin: 'user', trigger: null, protection: request.protection ?? null, createdMs: now, priceTicks: request.priceTicks, lots: request.lots, filledLots: 0, filledValue: ZERO, fee: ZERO, status: 'New', cancelReason: null, updatedMs: now,
    }
    this.#orders.push(order)
    const [ticks, lots] = this.#best(request.symbol, opposite(request.side))
    const crosses = lots > 0 && (request.priceTicks === null || (request.side === BUY ? request.priceTicks >= ticks : request.priceTicks <= ticks))
    if (crosses && request.timeInForce === 'PostOnly') this.#end(order, 'post-only-would-take')
    else if (crosses) {
      this.#tell((l) => l.onOrder?.(order))
      this.#fill(order, ticks, Math.min(request.lots, lots), false)
    } else if (request.timeInForce === 'GTC' || request.timeInForce === 'PostOnly') this.#tell((l) => l.onOrder?.(order))
    if (order.filledLots < order.lots && order.status !== 'Cancelled' && request.timeInForce !== 'GTC' && request.timeInForce !== 'PostOnly') this.#end(order, 'ioc-remainder')
    return { ok: true, value: order }
  }

  amend(account: string, _symbol: string, id: OrderKey, change: { priceTicks?: number; lots?: number }): Answer<ExchangeOrder> {
    const refusal = this.#refusal()
    if (refusal !== null) return refusal
    const order = this.findOrder(account, id)
    if (order === undefined) return refused('order-not-found')
    if (change.priceTicks !== undefined) order.priceTicks = change.priceTicks
    if (change.lots !== undefined) order.lots = change.lots
    order.updatedMs = this.#clock.wallMs()
    this.#tell((l) => l.onOrder?.(order))
    return { ok: true, value: order }
  }

  cancel(account: string, _symbol: string, id: OrderKey): Answer<ExchangeOrder> {
    const refusal = this.#refusal()
    if (refusal !== null) return refusal
    const order = this.findOrder(account, id)
    if (order === undefined) return refused('order-not-found')
    if (order.status !== 'New' && order.status !== 'PartiallyFilled') return refused('order-already-final')
    this.#end(order, 'user')
    return { ok: true, value: order }
  }

  cancelAll(account: string, symbol: string | null): readonly ExchangeOrder[] {
    const open = this.#orders.filter((one) => one.account === account && (symbol === null || one.symbol === symbol) && (one.status === 'New' || one.status === 'PartiallyFilled'))
    for (const order of open) this.#end(order, 'user')
    return open
  }

  setLeverage(account: string, symbol: string, leverage: string): Answer<Position> {
    const position = this.#position(account, symbol)
    if (position.leverage === leverage) return refused('leverage-unchanged')
    position.leverage = leverage
    this.#tell((l) => l.onPosition?.(position))
    return { ok: true, value: position }
  }

  setting(account: string, name: string): string {
    return this.#settings.get(`${account} ${name}`) ?? ''
  }

  keepSetting(account: string, name: string, value: string): void {
    this.#settings.set(`${account} ${name}`, value)
  }

  preview(account: string): Answer<Wallet> {
    const refusal = this.#refusal()
    return refusal ?? { ok: true, value: this.wallet(account) }
  }

  setPositionMode(): Answer<PositionMode> {
    return refused('mode-unchanged')
  }

  positionMode(): PositionMode {
    return 'one-way'
  }

  setProtection(): Answer<Position> {
    return refused('protection-no-position')
  }

  liquidationPrice(): null {
    return null
  }

  adlRank(): number {
    return 0
  }

  priceBand(symbol: string): { highestBuyTicks: number; lowestSellTicks: number } {
    const mark = this.contract(symbol)!.tick.floor(this.summary(symbol).markPrice)
    return { highestBuyTicks: Math.floor(mark * 1.05), lowestSellTicks: Math.ceil(mark * 0.95) }
  }

  findOrder(account: string, id: OrderKey): Mutable<ExchangeOrder> | undefined {
    return this.#orders.find((one) => one.account === account && ('orderId' in id ? one.orderId === id.orderId : one.clientId === id.clientId))
  }

  orders(account: string, filter: OrderFilter): readonly ExchangeOrder[] {
    if (filter.conditional === true) return []
    return this.#orders.filter((one) => {
      const open = one.status === 'New' || one.status === 'PartiallyFilled'
      return one.account === account && (filter.symbol === undefined || one.symbol === filter.symbol) && (filter.open === undefined || filter.open === open)
    }).reverse()
  }

  executions(account: string, filter: Parameters<ExchangePort['executions']>[1]): readonly Execution[] {
    return this.#executions.filter((one) =>
      one.account === account && (filter.symbol === undefined || one.symbol === filter.symbol) && (filter.orderId === undefined || one.orderId === filter.orderId) && (filter.clientId === undefined || one.clientId === filter.clientId)
      && (filter.kind === undefined || one.kind === filter.kind) && one.timeMs >= (filter.sinceMs ?? 0) && one.timeMs <= (filter.untilMs ?? Number.MAX_SAFE_INTEGER)).reverse()
  }

  positions(account: string): readonly Position[] {
    return [...this.#positions.values()].filter((one) => one.account === account)
  }

  position(account: string, symbol: string): Position {
    return this.#position(account, symbol)
  }

  wallet(account: string): Wallet {
    let balance = money(10_000)
    for (const one of this.#executions) if (one.account === account) balance = balance.plus(one.realisedPnl).minus(one.fee)
    return { account, balance, equity: balance, unrealisedPnl: ZERO, positionMargin: ZERO, orderMargin: ZERO, maintenanceMargin: ZERO, available: balance, realisedPnl: balance.minus(10_000) }
  }

  positionMargin(): { initial: typeof ZERO; maintenance: typeof ZERO; unrealised: typeof ZERO; value: typeof ZERO } {
    return { initial: ZERO, maintenance: ZERO, unrealised: ZERO, value: ZERO }
  }

  #fill(order: Mutable<ExchangeOrder>, ticks: number, lots: number, maker: boolean): void {
    const one = this.contract(order.symbol)!
    const value = money(one.tick.format(ticks)).times(one.lot.format(lots))
    const position = this.#position(order.account, order.symbol)
    const before = position.signedLots
    const signed = lots * signOf(order.side)
    const closed = before !== 0 && before > 0 !== signed > 0 ? Math.min(lots, Math.abs(before)) : 0
    const price = money(one.tick.format(ticks))
    const realised = closed === 0 ? ZERO : price.minus(position.entryPrice).times(one.lot.format(closed)).times(Math.sign(before))
    const fee = value.times(maker ? one.makerFeeRate : one.takerFeeRate)
    order.filledLots += lots
    order.filledValue = order.filledValue.plus(value)
    order.fee = order.fee.plus(fee)
    order.status = order.filledLots === order.lots ? 'Filled' : 'PartiallyFilled'
    order.updatedMs = this.#clock.wallMs()
    const execution: Execution = {
      executionId: `e${this.#next++}`, account: order.account, kind: 'Trade', orderId: order.orderId, clientId: order.clientId, symbol: order.symbol, leg: order.leg, side: order.side, priceTicks: ticks, price, lots, value, fee,
      feeRate: maker ? one.makerFeeRate : one.takerFeeRate, maker, closedLots: closed, realisedPnl: realised, leavesLots: order.lots - order.filledLots, sequence: this.#tick(order.symbol), timeMs: this.#clock.wallMs(),
    }
    this.#executions.push(execution)
    position.signedLots = before + signed
    if (position.signedLots === 0) position.entryPrice = ZERO
    else if (before === 0 || before > 0 !== position.signedLots > 0) position.entryPrice = price
    else if (closed === 0) position.entryPrice = position.entryPrice.times(Math.abs(before)).plus(price.times(lots)).div(Math.abs(before) + lots)
    position.realisedPnl = position.realisedPnl.plus(realised).minus(fee)
    position.sequence = execution.sequence
    this.#tell((l) => l.onExecution?.(execution))
    this.#tell((l) => l.onOrder?.(order))
    this.#tell((l) => l.onPosition?.(position))
    this.#tell((l) => l.onWallet?.(order.account))
  }

  #end(order: Mutable<ExchangeOrder>, reason: CancelReason): void {
    order.status = 'Cancelled'
    order.cancelReason = reason
    order.updatedMs = this.#clock.wallMs()
    this.#tell((l) => l.onOrder?.(order))
  }

  #position(account: string, symbol: string): Mutable<Position> {
    const key = `${account} ${symbol}`
    let position = this.#positions.get(key)
    if (position === undefined) {
      position = { account, symbol, leg: 'net', takeProfit: null, stopLoss: null, trailing: null, signedLots: 0, entryPrice: ZERO, leverage: '10', realisedPnl: ZERO, openedMs: this.#clock.wallMs(), updatedMs: this.#clock.wallMs(), sequence: 0 }
      this.#positions.set(key, position)
    }
    return position
  }

  #best(symbol: string, side: Side): readonly [number, number] {
    const ticks = new Float64Array(1)
    const lots = new Float64Array(1)
    return this.levels(symbol, side, 1, ticks, lots) === 0 ? [0, 0] : [ticks[0]!, lots[0]!]
  }

  #refusal(): { ok: false; refusal: Refusal; text: string } | null {
    if (this.breakNext) {
      this.breakNext = false
      throw new Error('scripted defect')
    }
    const refusal = this.refuseNext
    this.refuseNext = null
    return refusal === null ? null : refused(refusal)
  }

  #tick(symbol: string): number {
    const next = this.sequence(symbol) + 3
    this.#sequences.set(symbol, next)
    return next
  }

  #tell(say: (listener: ExchangeListener) => void): void {
    for (const listener of [...this.#listeners]) say(listener)
  }
}

const refused = (refusal: Refusal): { ok: false; refusal: Refusal; text: string } => ({ ok: false, refusal, text: 'refused by the test' })
