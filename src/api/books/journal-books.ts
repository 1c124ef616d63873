import { statSync } from 'node:fs'
import { DecimalStep, money, type Money, RingmasterError, ZERO } from '../../core/index.ts'
import { JournalFollower } from '../../storage/index.ts'
import { checkpointPath, usable } from '../../storage/checkpoint/index.ts'
import { apply, createState, type FillBooked, isFinal, type JournalEntry, type Order, type OrderIntended, type Position, type TradingRecord, type TradingState, votersOf } from '../../trading/index.ts'
import { addOffset, blankSums, type OrderEntry, type PositionEntry, type TradeEntry } from './entries.ts'
import { OrderList } from './order-list.ts'

/** A journal that is longer is read from its checkpoint on: what is older is in the database. */
const WHOLE_BYTES_MAX = 64 << 20
const EQUITY_KEPT = 2000

export interface EquityPoint {
  readonly atMs: number
  readonly equity: string
  readonly realised: string
  readonly unrealised: string
}

/** Sums over everything that was read. */
export interface BookSums {
  orders: number
  entries: number
  entriesFilled: number
  fills: number
  makerFills: number
  lateFills: number
  fees: Money
  realised: Money
  funding: Money
  trades: number
  wins: number
  net: Money
  sinceMs: number | null
}

/** What changed while records were taken. */
export interface BookNews {
  readonly orders: Set<OrderEntry>
  readonly trades: TradeEntry[]
  /** A position may look otherwise. */
  positions: boolean
}

/**
 * The books of the engine as its journal tells them: the same fold as execution's, and beside it the lists that people look
 * at. Nobody is asked, so it tells the same with the engine dead.
 */
export class JournalBooks {
  readonly path: string
  readonly #kept: number
  readonly #wholeBytesMax: number
  #follower: JournalFollower
  #state: TradingState
  #orders: OrderList
  #positions = new Map<number, PositionEntry>()
  #trades: TradeEntry[] = []
  #equity: EquityPoint[] = []
  #sums: BookSums = blankBook()
  #grids = new Map<string, { readonly tick: DecimalStep; readonly lot: DecimalStep }>()
  #numbers = 0
  #version = 0
  #caughtUp = false
  #news: BookNews = noNews()

  /** @param path of a journal, which may not exist yet @param kept orders and closed positions that are kept */
  constructor(path: string, kept: number, wholeBytesMax = WHOLE_BYTES_MAX) {
    this.path = path
    this.#kept = kept
    this.#wholeBytesMax = wholeBytesMax
    this.#orders = new OrderList(kept)
    this.#state = createState()
    this.#follower = new JournalFollower(path)
    this.#beginAtCheckpoint()
  }

  get state(): TradingState {
    return this.#state
  }

  get orders(): OrderList {
    return this.#orders
  }

  /** Oldest first. */
  get trades(): readonly TradeEntry[] {
    return this.#trades
  }

  get equity(): readonly EquityPoint[] {
    return this.#equity
  }

  get sums(): Readonly<BookSums> {
    return this.#sums
  }

  /** Rises with every record. */
  get version(): number {
    return this.#version
  }

  /** Whether everything that was there has been read. */
  get caughtUp(): boolean {
    return this.#caughtUp
  }

  position(id: number): PositionEntry | undefined {
    return this.#positions.get(id)
  }

  grid(symbol: string): { readonly tick: DecimalStep; readonly lot: DecimalStep } | null {
    return this.#grids.get(symbol) ?? null
  }

  /**
   * Takes what the journal has gained, a megabyte at most.
   * @returns what changed; null when nothing was left to read
   * @throws what the disk says, RM_JOURNAL_CORRUPT, and what the books say to a record that does not fit them; the next call begins anew
   */
  poll(): BookNews | null {
    let entries: readonly JournalEntry[]
    try {
      entries = this.#follower.read()
    } catch (error) {
      if (!(error instanceof RingmasterError) || error.code !== 'RM_JOURNAL_REWOUND') throw error
      this.#restart()
      return noNews(true)
    }
    if (entries.length === 0) {
      this.#caughtUp = true
      return null
    }
    this.#news = noNews()
    try {
      for (const { record, offset } of entries) this.#take(record, offset)
    } catch (error) {
      // What was read and not taken would be missing for ever.
      this.#restart()
      throw error
    }
    return this.#news
  }

  close(): void {
    this.#follower.close()
  }

  #restart(): void {
    this.#follower.close()
    this.#follower = new JournalFollower(this.path)
    this.#state = createState()
    this.#orders = new OrderList(this.#kept)
    this.#positions.clear()
    this.#trades = []
    this.#equity = []
    this.#sums = blankBook()
    this.#grids.clear()
    this.#caughtUp = false
    this.#version++
  }

  #beginAtCheckpoint(): void {
    if ((statSync(this.path, { throwIfNoEntry: false })?.size ?? 0) <= this.#wholeBytesMax) return
    const { checkpoint, state } = usable(checkpointPath(this.path))
    if (checkpoint === null || state === null) return
    const follower = new JournalFollower(this.path, checkpoint.place)
    try {
      follower.read()
    } catch {
      // It is one of another journal: everything is read.
      return follower.close()
    }
    follower.close()
    this.#state = state
    this.#follower = new JournalFollower(this.path, checkpoint.place)
    for (const { symbol, tick, lot } of state.symbols.values()) if (tick !== '') this.#grids.set(symbol, { tick: new DecimalStep(tick), lot: new DecimalStep(lot) })
    for (const order of [...state.orders.values()].toSorted((a, b) => a.intendedMs - b.intendedMs)) this.#adopt(order)
    for (const { position, ledger } of state.symbols.values()) if (position !== null) this.#ofPosition(position).long = ledger.signedLots === 0 ? null : ledger.signedLots > 0
  }

  #take(record: TradingRecord, offset: number): void {
    const state = this.#state
    this.#version++
    this.#sums.sinceMs ??= record.atMs
    const name = 'symbol' in record ? record.symbol : 'clientId' in record ? (state.orders.get(record.clientId)?.symbol ?? '') : ''
    const before = name === '' ? null : (state.symbols.get(name)?.position ?? null)
    const closesBefore = before?.closes.length ?? 0
    const isNews = (record.kind !== 'fill-booked' && record.kind !== 'funding-booked') || !state.seen.has(record.executionId)
    apply(state, record)
    if (record.kind === 'instrument-seen') this.#grids.set(record.symbol, { tick: new DecimalStep(record.tick), lot: new DecimalStep(record.lot) })
    if (record.kind === 'equity-seen') {
      this.#equity.push({ atMs: record.atMs, equity: record.equity, realised: record.realised, unrealised: record.unrealised })
      // Older ones are thinned out: half of the points of the older half.
      if (this.#equity.length > EQUITY_KEPT) this.#equity = this.#equity.filter((_one, i) => i >= EQUITY_KEPT >> 1 || i % 2 === 0)
    }
    const order = 'clientId' in record && record.clientId !== '' ? this.#order(record, offset) : null
    if (name === '') return
    const symbol = state.symbols.get(name)
    const after = symbol?.position ?? null
    if (after !== null) this.#look(after, symbol!.ledger.signedLots)
    if (record.kind === 'fill-booked' && isNews) this.#fill(record, order, before, closesBefore)
    if (record.kind === 'funding-booked' && isNews) this.#sums.funding = this.#sums.funding.add(record.fee)
    const touched = after ?? before
    if (touched !== null && ('positionId' in record || record.kind === 'position-adopted' || record.kind === 'funding-booked')) addOffset(this.#ofPosition(touched).offsets, offset)
    if (before !== null && after !== before) this.#end(before, record)
    if (before !== null || after !== null) this.#news.positions = true
  }

  #order(record: TradingRecord & { readonly clientId: string }, offset: number): OrderEntry | null {
    const order = this.#state.orders.get(record.clientId)
    const known = this.#orders.get(record.clientId)
    const entry = known ?? (order === undefined ? null : this.#adopt(order, record.kind === 'order-intended' ? record : undefined))
    if (entry === null) return null
    addOffset(entry.offsets, offset)
    this.#news.orders.add(entry)
    if (order === undefined) return entry
    const wasFinal = isFinal(entry.state)
    entry.state = order.state
    entry.lots = order.lots
    entry.filledLots = order.filledLots
    entry.venueId = order.venueId
    entry.unknown = order.unknown !== ''
    entry.updatedMs = record.atMs
    if (!isFinal(order.state)) return entry
    if (!wasFinal && entry.purpose === 'entry' && entry.filledLots > 0) this.#sums.entriesFilled++
    if (!wasFinal) entry.endedMs = record.atMs
    if (record.kind === 'order-refused') entry.reason = `${record.code} ${record.text}`
    else if (entry.filledLots === 0 || entry.filledLots < entry.lots) entry.reason = order.history.at(-1)?.why ?? ''
    return entry
  }

  /** A new entry of the list. */
  #adopt(order: Order, intent?: OrderIntended): OrderEntry {
    const { clientId: id, symbol, purpose, positionId, side, type, reduceOnly, priceTicks, intendedMs, why, venueId, lots, filledLots, state, unknown, endedMs } = order
    const grid = this.#grids.get(symbol)
    const position = this.#state.symbols.get(symbol)?.position
    const owner = position?.id === positionId ? position : null
    const own = intent?.basis === undefined ? 0 : votersOf(intent.basis, side)
    const entry: OrderEntry = {
      id, number: this.#numbers++, symbol, purpose, positionId, side, type, reduceOnly, priceTicks, tick: grid?.tick ?? null, lot: grid?.lot ?? null, createdMs: intendedMs, why, venueId, lots, filledLots, state, unknown: unknown !== '',
      updatedMs: intendedMs, endedMs, reason: '', voters: purpose === 'entry' && own !== 0 ? own : (owner?.voters ?? own), ...blankSums(), offsets: [],
    }
    this.#orders.add(entry)
    this.#sums.orders++
    if (purpose === 'entry') this.#sums.entries++
    if (owner !== null) this.#ofPosition(owner).orders.push(id)
    else this.#positions.get(positionId)?.orders.push(id)
    return entry
  }

  #ofPosition(position: Position): PositionEntry {
    let entry = this.#positions.get(position.id)
    if (entry === undefined) {
      const { id, symbol, voters, takeProfitTicks, stopLossTicks } = position
      entry = { id, symbol, tick: this.#grids.get(symbol)?.tick ?? null, long: null, voters, position, takeProfitTicks, stopLossTicks, exitReason: null, orders: [], offsets: [] }
      this.#positions.set(id, entry)
    }
    return entry
  }

  /** What of a living position outlives it here. */
  #look(position: Position, signedLots: number): void {
    const entry = this.#ofPosition(position)
    entry.position = position
    entry.voters = position.voters
    entry.exitReason = position.exitReason
    if (signedLots === 0) return
    entry.long = signedLots > 0
    entry.takeProfitTicks = position.takeProfitTicks
    entry.stopLossTicks = position.stopLossTicks
  }

  #fill(record: FillBooked, order: OrderEntry | null, before: Position | null, closesBefore: number): void {
    const sums = this.#sums
    sums.fills++
    if (record.maker) sums.makerFills++
    if (record.note === 'late' || record.note === 'overfill') sums.lateFills++
    const fee = record.feeCoin === null ? money(record.fee) : ZERO
    sums.fees = sums.fees.add(fee)
    const close = before !== null && before.closes.length > closesBefore ? before.closes.at(-1)! : null
    const realised = close === null ? ZERO : money(close.realised)
    sums.realised = sums.realised.add(realised)
    if (order === null) return
    order.fills++
    order.fee = order.fee.add(fee)
    order.realised = order.realised.add(realised)
    order.valuedLots += record.lots
    const price = record.priceText === null ? (order.tick === null ? ZERO : money(order.tick.text).mul(record.priceTicks)) : money(record.priceText)
    order.filledValue = order.filledValue.add(price.mul(record.lots))
  }

  #end(position: Position, record: TradingRecord): void {
    const entry = this.#ofPosition(position)
    entry.exitReason = position.exitReason ?? (record.kind === 'fill-booked' ? (record.note === '' ? record.type : record.note) : record.kind)
    // One that never filled is no trade.
    if (position.firstFillMs === 0) return this.#forget(entry)
    const trade: TradeEntry = { number: this.#numbers++, entry, position, closedMs: record.atMs }
    this.#trades.push(trade)
    this.#news.trades.push(trade)
    const net = position.realised.sub(position.fees).sub(position.funding)
    this.#sums.trades++
    if (net.gt(0)) this.#sums.wins++
    this.#sums.net = this.#sums.net.add(net)
    if (this.#trades.length > this.#kept) this.#forget(this.#trades.shift()!.entry)
  }

  /** Its orders may still be in the list: they keep what they say of themselves. */
  #forget({ id }: PositionEntry): void {
    this.#positions.delete(id)
  }
}

const noNews = (positions = false): BookNews => ({ orders: new Set(), trades: [], positions })
const blankBook = (): BookSums => ({ orders: 0, entries: 0, entriesFilled: 0, fills: 0, makerFills: 0, lateFills: 0, fees: ZERO, realised: ZERO, funding: ZERO, trades: 0, wins: 0, net: ZERO, sinceMs: null })
