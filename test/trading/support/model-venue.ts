import { BUY, money, type Money, type Random, SELL, signOf, type Side, type VirtualTime, ZERO } from '../../../src/core/index.ts'
import type {
  AccountSnapshot,
  CommandOutcome,
  KeptExit,
  OrderEvidence,
  OrderRequest,
  PositionMode,
  Protection,
  TradingHandler,
  TradingPort,
  VenueFill,
  VenueLeverage,
  VenueOrder,
  VenueOrderStatus,
} from '../../../src/venues/index.ts'

/** Chances of each fault, 0 to 1, drawn at every occasion. */
export interface Faults {
  requestLost: number
  requestLate: number
  ackLost: number
  refused: number
  pushLost: number
  pushTwice: number
  queryFails: number
  linkDrops: number
}

export const NO_FAULTS: Faults = { requestLost: 0, requestLate: 0, ackLost: 0, refused: 0, pushLost: 0, pushTwice: 0, queryFails: 0, linkDrops: 0 }
export const ALL_FAULTS: Faults = { requestLost: 0.08, requestLate: 0.08, ackLost: 0.12, refused: 0.05, pushLost: 0.15, pushTwice: 0.15, queryFails: 0.2, linkDrops: 0.01 }

const COMMAND_DEADLINE_MS = 1000
const REQUEST_LATE_MS_MAX = 3000

interface ModelOrder {
  readonly venueId: string
  readonly request: OrderRequest
  filledLots: number
  status: VenueOrderStatus
  reason: string
  updatedMs: number
  readonly kept?: KeptExit
}

/**
 * A small venue that tells the truth late, twice, in the wrong order or not at all. It does not protect anybody: it
 * takes the same client id twice (as OKX does once the first is final) and lets reduce-only orders exceed the
 * position, and writes such things down as violations of the engine.
 */
export class ModelVenue {
  faults: Faults
  readonly violations: string[] = []
  readonly accepts = new Map<string, number>()
  readonly fills: VenueFill[] = []
  readonly orders: ModelOrder[] = []
  readonly positions = new Map<string, number>()
  readonly prices = new Map<string, number>()
  /** Trigger price of the stop that is kept for the position of a symbol; it goes with its position. */
  readonly stops = new Map<string, number>()
  /** The venue takes no stop at all: it says that each is too close. */
  refusesStops = false
  /** Symbols whose position a stop has closed: an exit may be under way that knows nothing of it. */
  readonly #stopped = new Set<string>()
  leverage = '10'
  mode: PositionMode = 'one-way'
  /** Orders below this many lots of every fill. */
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #symbols: readonly string[]
  #connections: Connection[] = []
  #ids = 0

  constructor(time: VirtualTime, random: Random, symbols: readonly string[], faults: Faults) {
    this.#time = time
    this.#random = random
    this.#symbols = symbols
    this.faults = faults
    for (const symbol of symbols) {
      this.positions.set(symbol, 0)
      this.prices.set(symbol, 100_000)
    }
    time.every(20, () => this.#trade())
  }

  bid(symbol: string): number {
    return this.prices.get(symbol)! - 1
  }

  ask(symbol: string): number {
    return this.prices.get(symbol)! + 1
  }

  /** A trading port of one life of the engine. */
  connect(): Connection {
    const connection = new Connection(this, this.#time, this.#random)
    this.#connections.push(connection)
    return connection
  }

  /** Cash of all fills so far, in tick·lots: the profit of the account when it is flat. */
  cash(symbol: string): Money {
    let sum = ZERO
    for (const fill of this.fills) if (fill.symbol === symbol && fill.kind === 'trade') sum = sum.sub(money(fill.priceTicks).mul(fill.lots * signOf(fill.side)))
    return sum
  }

  filledOf(clientId: string): number {
    let lots = 0
    for (const fill of this.fills) if (fill.clientId === clientId) lots += fill.lots
    return lots
  }

  liveOf(symbol: string): ModelOrder[] {
    return this.orders.filter((order) => order.request.symbol === symbol && isLive(order))
  }

  accept(request: OrderRequest): ModelOrder | string {
    if (this.#random.chance(this.faults.refused)) return '110007 no margin'
    const position = this.positions.get(request.symbol)!
    const live = this.liveOf(request.symbol)
    const known = this.accepts.get(request.clientId) ?? 0
    this.accepts.set(request.clientId, known + 1)
    if (known > 0) this.violations.push(`client id ${request.clientId} accepted ${known + 1} times`)
    if (request.reduceOnly && this.#stopped.has(request.symbol) && signOf(request.side) * position >= 0) return '110017 reduce-only without a position'
    if (!request.reduceOnly) this.#stopped.delete(request.symbol)
    if (request.reduceOnly) {
      const closing = live.reduce((sum, order) => sum + (order.request.reduceOnly ? order.request.lots - order.filledLots : 0), 0)
      if (closing + request.lots > Math.abs(position) || signOf(request.side) * position >= 0) this.violations.push(`exit ${request.clientId} of ${request.lots} lots and ${closing} closing on a position of ${position}`)
    } else {
      if (position !== 0) this.violations.push(`entry ${request.clientId} on a position of ${position}`)
      if (live.some((order) => !order.request.reduceOnly)) this.violations.push(`entry ${request.clientId} next to another`)
    }
    const order: ModelOrder = { venueId: `v${++this.#ids}`, request, filledLots: 0, status: 'open', reason: '', updatedMs: this.#time.wallMs() }
    this.orders.push(order)
    this.#push((handler) => handler.onOrder(view(order)))
    if (request.timeInForce === 'IOC') {
      const part = this.#random.below(4)
      const lots = part === 0 ? 0 : part === 1 ? Math.floor(request.lots / 2) : request.lots
      if (lots > 0) this.#fill(order, lots, request.side === BUY ? this.ask(request.symbol) : this.bid(request.symbol))
      if (isLive(order)) this.end(order, 'cancelled', 'ioc remainder')
    }
    return order
  }

  /** Keeps a stop for the position; 0 removes it. @returns the refusal, or null */
  keepStop(symbol: string, ticks: number): string | null {
    const position = this.positions.get(symbol)!
    if (position === 0) return '10001 zero position'
    if (ticks === 0) this.stops.delete(symbol)
    else if (this.refusesStops || (position > 0 ? ticks >= this.bid(symbol) : ticks <= this.ask(symbol))) return '10001 the stop is on the wrong side'
    else if (this.stops.get(symbol) === ticks) return '34040 not modified'
    else this.stops.set(symbol, ticks)
    return null
  }

  /** The market goes to a price. */
  moveTo(symbol: string, ticks: number): void {
    this.prices.set(symbol, ticks)
    this.#checkStop(symbol)
  }

  find(clientId: string): ModelOrder | undefined {
    return this.orders.findLast((order) => order.request.clientId === clientId)
  }

  end(order: ModelOrder, status: VenueOrderStatus, reason: string): void {
    order.status = status
    order.reason = reason
    order.updatedMs = this.#time.wallMs()
    const seen = view(order)
    this.#push((handler) => handler.onOrder(seen))
  }

  snapshot(sinceMs: number): AccountSnapshot {
    return {
      openOrders: [...this.orders.filter(isLive).map(view), ...[...this.stops].map(([symbol, triggerTicks]) => this.#stopView(symbol, triggerTicks))],
      positions: this.#symbols.map((symbol) => ({ symbol, signedLots: this.positions.get(symbol)!, entryPrice: this.positions.get(symbol) === 0 ? '' : '10000', leverage: '10' })),
      fills: this.fills.filter((fill) => fill.timeMs >= sinceMs),
      wallet: { balance: '1000', equity: '1000', marginUsed: '0', marginAvailable: '1000' },
      fillsComplete: true,
    }
  }

  /** A trade by somebody else on the same account. */
  foreignTrade(symbol: string, side: Side, lots: number, told: boolean): void {
    const order: ModelOrder = { venueId: `v${++this.#ids}`, request: { clientId: '', symbol, side, type: 'market', priceTicks: null, lots, timeInForce: 'IOC', reduceOnly: false }, filledLots: 0, status: 'open', reason: '', updatedMs: this.#time.wallMs() }
    this.#fill(order, lots, this.prices.get(symbol)!, told)
  }

  #trade(): void {
    for (const symbol of this.#symbols) {
      this.prices.set(symbol, this.prices.get(symbol)! + this.#random.below(61) - 30)
      this.#checkStop(symbol)
      for (const order of this.liveOf(symbol)) {
        const limit = order.request.priceTicks!
        if (order.request.side === BUY ? this.ask(symbol) > limit : this.bid(symbol) < limit) continue
        const left = order.request.lots - order.filledLots
        this.#fill(order, this.#random.chance(0.5) ? left : 1 + this.#random.below(left), limit)
      }
    }
    for (const connection of this.#connections) if (connection.up && this.#random.chance(this.faults.linkDrops)) connection.drop()
  }

  #checkStop(symbol: string): void {
    const ticks = this.stops.get(symbol)
    const position = this.positions.get(symbol)!
    if (ticks === undefined || position === 0 || (position > 0 ? this.bid(symbol) > ticks : this.ask(symbol) < ticks)) return
    this.#stopped.add(symbol)
    const request: OrderRequest = { clientId: '', symbol, side: position > 0 ? SELL : BUY, type: 'market', priceTicks: null, lots: Math.abs(position), timeInForce: 'IOC', reduceOnly: true }
    const order: ModelOrder = { venueId: `v${++this.#ids}`, request, filledLots: 0, status: 'open', reason: '', updatedMs: this.#time.wallMs(), kept: { kind: 'stop-loss', triggerTicks: ticks } }
    this.stops.delete(symbol)
    this.#fill(order, request.lots, this.prices.get(symbol)!)
  }

  #fill(order: ModelOrder, lots: number, priceTicks: number, told = true): void {
    const { request } = order
    order.filledLots += lots
    order.status = order.filledLots === request.lots ? 'filled' : 'partially-filled'
    order.updatedMs = this.#time.wallMs()
    const before = this.positions.get(request.symbol)!
    const after = before + signOf(request.side) * lots
    if (before * after < 0) this.violations.push(`position of ${request.symbol} went from ${before} through zero to ${after}`)
    this.positions.set(request.symbol, after)
    if (after === 0) this.stops.delete(request.symbol)
    else if (request.attach?.stopLossTicks !== undefined && !this.stops.has(request.symbol)) this.stops.set(request.symbol, request.attach.stopLossTicks)
    const fill: VenueFill = {
      executionId: `e${this.fills.length + 1}`,
      clientId: request.clientId,
      venueId: order.venueId,
      symbol: request.symbol,
      side: request.side,
      priceTicks,
      lots,
      fee: money(priceTicks).mul(lots).mul('0.00000055').toFixed(),
      maker: request.timeInForce !== 'IOC',
      kind: 'trade',
      timeMs: this.#time.wallMs(),
      ...(order.kept === undefined ? {} : { kept: true }),
    }
    this.fills.push(fill)
    if (!told) return
    const seen = view(order)
    this.#push((handler) => handler.onFill(fill))
    this.#push((handler) => handler.onOrder(seen))
    this.#push((handler) => handler.onPosition({ symbol: request.symbol, signedLots: after, entryPrice: '10000', leverage: '10' }))
  }

  #stopView(symbol: string, triggerTicks: number): VenueOrder {
    const position = this.positions.get(symbol)!
    return { clientId: '', venueId: `s-${symbol}`, symbol, side: position > 0 ? SELL : BUY, status: 'untriggered', priceTicks: null, lots: Math.abs(position), filledLots: 0, averagePrice: '', reduceOnly: true, reason: '', updatedMs: this.#time.wallMs(), kept: { kind: 'stop-loss', triggerTicks } }
  }

  #push(tell: (handler: TradingHandler) => void): void {
    for (const connection of this.#connections) connection.push(tell)
  }
}

/** The port of one life: dead it neither sends nor hears. */
export class Connection implements TradingPort {
  up = false
  alive = true
  readonly #venue: ModelVenue
  readonly #time: VirtualTime
  readonly #random: Random
  #handler: TradingHandler | null = null
  #session = 0

  constructor(venue: ModelVenue, time: VirtualTime, random: Random) {
    this.#venue = venue
    this.#time = time
    this.#random = random
  }

  start(handler: TradingHandler): void {
    if (!this.alive) return
    this.#handler = handler
    this.#later(5, 50, () => this.#raise())
  }

  stop(): void {
    this.alive = false
  }

  drop(): void {
    this.up = false
    this.#session++
    this.#later(0, 1, () => this.#handler!.onLink('down', 'dropped'))
    this.#later(50, 500, () => this.#raise())
  }

  push(tell: (handler: TradingHandler) => void): void {
    if (!this.up || !this.alive) return
    const session = this.#session
    const times = this.#random.chance(this.#venue.faults.pushLost) ? 0 : this.#random.chance(this.#venue.faults.pushTwice) ? 2 : 1
    for (let i = 0; i < times; i++)
      this.#later(1, 60, () => {
        if (session === this.#session) tell(this.#handler!)
      })
  }

  place(request: OrderRequest, done: (outcome: CommandOutcome) => void): void {
    this.#command(done, () => {
      const result = this.#venue.accept(request)
      return typeof result === 'string' ? { kind: 'refused', errorClass: 'insufficient-margin', code: result.slice(0, 6), text: result.slice(7) } : { kind: 'accepted', venueId: result.venueId }
    })
  }

  cancel(_symbol: string, clientId: string, done: (outcome: CommandOutcome) => void): void {
    this.#command(done, () => {
      const order = this.#venue.find(clientId)
      if (order === undefined || !isLive(order)) return { kind: 'refused', errorClass: 'not-found', code: '110001', text: 'order not exists or too late to cancel' }
      this.#venue.end(order, 'cancelled', 'by user')
      return { kind: 'accepted', venueId: order.venueId }
    })
  }

  cancelAll(): void {
    throw new Error('the execution actor cancels by client id')
  }

  setLeverage(_symbol: string, leverage: string, done: (outcome: CommandOutcome) => void): void {
    this.#answer(() => {
      this.#venue.leverage = leverage
      done({ kind: 'accepted', venueId: '' })
    })
  }

  leverage(_symbol: string, done: (error: unknown, found: VenueLeverage | null) => void): void {
    this.#answer(() => done(null, { lever: undefined, leverage: this.#venue.leverage, raw: JSON.stringify({ leverage: this.#venue.leverage }) }))
  }

  readonly batchMax = 10

  amend(): void {
    throw new Error('the execution actor cancels and places anew')
  }

  placeBatch(): void {
    throw new Error('the execution actor places one by one')
  }

  cancelBatch(): void {
    throw new Error('the execution actor cancels one by one')
  }

  positionMode(_symbol: string, done: (error: unknown, mode: PositionMode | null) => void): void {
    this.#answer(() => done(null, this.#venue.mode))
  }

  setPositionMode(mode: PositionMode, done: (outcome: CommandOutcome) => void): void {
    this.#answer(() => {
      this.#venue.mode = mode
      done({ kind: 'accepted', venueId: '' })
    })
  }

  fees(): void {
    throw new Error('not used here')
  }

  /** Times that the dead-man switch was set to, ms. */
  readonly armed: number[] = []
  deadManRefusal = ''

  armDeadMan(timeoutMs: number, done: (outcome: CommandOutcome) => void): void {
    this.#command(done, () => {
      if (this.deadManRefusal !== '') return { kind: 'refused', errorClass: 'rejected', code: '10001', text: this.deadManRefusal }
      this.armed.push(timeoutMs)
      return { kind: 'accepted', venueId: '' }
    })
  }

  setProtection(symbol: string, { stopLossTicks }: Protection, done: (outcome: CommandOutcome) => void): void {
    this.#command(done, () => {
      const refusal = this.#venue.keepStop(symbol, stopLossTicks ?? 0)
      if (refusal === null) return { kind: 'accepted', venueId: '' }
      const [code, ...words] = refusal.split(' ')
      return { kind: 'refused', errorClass: code === '34040' ? 'unchanged' : 'rejected', code: code!, text: words.join(' ') }
    })
  }

  evidence(_symbol: string, clientId: string, done: (evidence: OrderEvidence) => void): void {
    if (!this.alive) return
    const fails = this.#random.chance(this.#venue.faults.queryFails)
    this.#later(2, 40, () => {
      const order = this.#venue.find(clientId)
      const answer: OrderEvidence = fails
        ? { kind: 'no-answer', reason: 'timeout' }
        : order === undefined
          ? { kind: 'absent' }
          : { kind: 'found', order: view(order), fills: this.#venue.fills.filter((fill) => fill.clientId === clientId) }
      this.#later(1, 20, () => done(answer))
    })
  }

  snapshot(_symbols: readonly string[], fillsSinceMs: number, done: (error: unknown, snapshot: AccountSnapshot | null) => void): void {
    if (!this.alive) return
    const fails = this.#random.chance(this.#venue.faults.queryFails)
    this.#later(5, 60, () => {
      const snapshot = this.#venue.snapshot(fillsSinceMs)
      this.#later(1, 40, () => (fails ? done(new Error('half an answer'), null) : done(null, snapshot)))
    })
  }

  #raise(): void {
    this.up = true
    this.#session++
    this.#handler!.onLink('up', 'subscribed')
  }

  #command(done: (outcome: CommandOutcome) => void, run: () => CommandOutcome): void {
    if (!this.alive) return
    const { faults } = this.#venue
    const lost = this.#random.chance(faults.requestLost)
    const late = this.#random.chance(faults.requestLate)
    const silent = lost || late || this.#random.chance(faults.ackLost)
    // The request is on its way: it arrives even when its sender dies.
    if (!lost)
      this.#time.after(late ? this.#random.between(500, REQUEST_LATE_MS_MAX) : this.#random.between(1, 30), () => {
        const outcome = run()
        if (!silent) this.#later(1, 40, () => done(outcome))
      })
    if (silent) this.#later(COMMAND_DEADLINE_MS, COMMAND_DEADLINE_MS, () => done({ kind: 'unknown', reason: 'no answer before the deadline' }))
  }

  /** About the account: always the truth, and soon; draws no chance, so that it changes no seed. */
  #answer(run: () => void): void {
    this.#time.after(2, () => {
      if (this.alive) run()
    })
  }

  #later(fromMs: number, toMs: number, run: () => void): void {
    this.#time.after(this.#random.between(fromMs, toMs), () => {
      if (this.alive) run()
    })
  }
}

const isLive = (order: ModelOrder): boolean => order.status === 'open' || order.status === 'partially-filled'

const view = (order: ModelOrder): VenueOrder => ({
  clientId: order.request.clientId,
  venueId: order.venueId,
  symbol: order.request.symbol,
  side: order.request.side,
  status: order.status,
  priceTicks: order.request.priceTicks,
  lots: order.request.lots,
  filledLots: order.filledLots,
  averagePrice: '',
  reduceOnly: order.request.reduceOnly,
  reason: order.reason,
  updatedMs: order.updatedMs,
  ...(order.kept === undefined ? {} : { kept: order.kept }),
})
