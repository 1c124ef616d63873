import { createHash } from 'node:crypto'
import { type Money, money, ZERO } from '../../core/index.ts'
import {
  apply, BookGrids, CLOSED, CLOSING, createState, type FillBooked, type FundingBooked, type Grid, isFinal, OPENING, type Order, ORDER_STATES, type OrderIntended, OPEN,
  type Position, type TradingRecord, type TradingState, traceOf,
} from '../../trading/index.ts'
import type { Texts } from '../database/texts.ts'
import { auditTexts, orderPicture, positionPicture, signalType } from './audit-entry.ts'
import { AuditLines } from './audit-lines.ts'
import type { ArchiveBatch } from './batch.ts'
import { cleanText, jsonbText } from './jsonb-text.ts'
import { timeText } from './time-text.ts'

/** What the books do not keep of an order. */
interface OrderNotes {
  readonly grid: Grid | null
  readonly timeInForce: string | null
  readonly decision: string | null
  readonly exitReason: string | null
}

/** What the books do not keep of a position: what came in and went out, in lots and tick·lots. */
interface PositionNotes {
  readonly grid: Grid | null
  inLots: number
  inValue: Money
  outLots: number
  outValue: Money
  side: 'long' | 'short' | null
  exitReason: string
  signal: string
  confidence: number | null
  closedMs: number
}

const AVERAGE_DECIMALS = 12
const POSITION_WORDS: Readonly<Record<number, string>> = { [OPENING]: 'opening', [OPEN]: 'open', [CLOSING]: 'closing', [CLOSED]: 'closed' }
/** As the enum of the tables has it. */
const ORDER_WORDS = ORDER_STATES.map((name) => name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase())

/** Names a record: equal for equal records. */
export const recordFingerprint = (record: TradingRecord): string => createHash('sha256').update(JSON.stringify(record)).digest('hex')

/** Turns records into rows of the tables, by the books before and after each. The same journal gives the same rows. */
export class ArchiveFold {
  readonly #retentionMs: number
  readonly #state: TradingState = createState()
  readonly #grids = new BookGrids(this.#state)
  readonly #orderNotes = new WeakMap<Order, OrderNotes>()
  readonly #positionNotes = new WeakMap<Position, PositionNotes>()
  /** Ids that have a row: what a fill names and the journal never had cannot be pointed at. */
  readonly #knownOrders = new Set<string>()
  readonly #knownPositions = new Set<number>()
  #orders = new Map<Order, number>()
  #positions = new Map<Position, number>()
  #audit = new AuditLines()
  #trades: Texts[] = []
  #funding: Texts[] = []
  #from = 0
  #next = 0
  #last: TradingRecord | null = null

  /** @param retentionMs how long the outcome of an order stays in the idempotency cache after its end */
  constructor(retentionMs: number) {
    this.#retentionMs = retentionMs
  }

  /** Records taken and not yet drained. */
  get waiting(): number {
    return this.#next - this.#from
  }

  /** The books after the records taken so far. */
  get state(): TradingState {
    return this.#state
  }

  /** Takes the next record of the journal. */
  take(record: TradingRecord): void {
    const state = this.#state
    const sequence = this.#next++
    this.#last = record
    const clientId = 'clientId' in record ? record.clientId : ''
    const orderBefore = clientId === '' ? undefined : state.orders.get(clientId)
    const name = 'symbol' in record ? record.symbol : (orderBefore?.symbol ?? '')
    const bookBefore = name === '' ? undefined : state.symbols.get(name)
    const positionBefore = bookBefore?.position ?? null
    const lotsBefore = bookBefore?.ledger.signedLots ?? 0
    // The values of an order's records are those of the order.
    const ofOrder = clientId !== '' && !record.kind.startsWith('protection')
    const before = ofOrder ? orderPicture(orderBefore) : positionPicture(positionBefore, lotsBefore)
    const isNews = (record.kind !== 'fill-booked' && record.kind !== 'funding-booked') || !state.seen.has(record.executionId)

    apply(state, record)

    const order = clientId === '' ? undefined : state.orders.get(clientId)
    const book = name === '' ? undefined : state.symbols.get(name)
    const position = book?.position ?? null
    const lots = book?.ledger.signedLots ?? 0
    if (order !== undefined) this.#noteOrder(order, record, sequence)
    if (position !== null) this.#notePosition(position, record, sequence, lots)
    if (positionBefore !== null && positionBefore !== position) this.#noteEnd(positionBefore, record, sequence)
    if (isNews && record.kind === 'fill-booked') this.#fill(record, sequence, order, positionBefore, position, lotsBefore, lots)
    if (isNews && record.kind === 'funding-booked') this.#fund(record, sequence, position)
    if (record.kind === 'position-adopted' && position !== null) {
      const notes = this.#positionNotes.get(position)!
      notes.inLots = Math.abs(record.toLots)
      notes.inValue = book!.ledger.costTickLots
    }
    this.#audit.add(auditTexts(sequence, record, state, before, ofOrder ? orderPicture(order) : positionPicture(position ?? positionBefore, lots)))
  }

  /** What was taken since the last call, as rows; null when nothing was. */
  drain(): ArchiveBatch | null {
    if (this.#last === null || this.waiting === 0) return null
    const ordered = [...this.#orders]
    const batch: ArchiveBatch = {
      from: this.#from,
      to: this.#next,
      lastRecord: recordFingerprint(this.#last),
      lastMs: this.#last.atMs,
      audit: this.#audit,
      positions: [...this.#positions].map(([position, sequence]) => this.#positionRow(position, sequence)),
      orders: ordered.map(([order, sequence]) => this.#orderRow(order, sequence)),
      idempotency: ordered.map(([order]) => this.#idempotencyRow(order)),
      trades: this.#trades,
      funding: this.#funding,
    }
    this.#clear()
    return batch
  }

  /** Forgets what was taken since the last drain: its rows are in the tables already. @returns fingerprint of the last record, '' before the first */
  skip(): string {
    this.#clear()
    return this.#last === null ? '' : recordFingerprint(this.#last)
  }

  #clear(): void {
    this.#from = this.#next
    this.#orders = new Map()
    this.#positions = new Map()
    this.#audit = new AuditLines()
    this.#trades = []
    this.#funding = []
  }

  #noteOrder(order: Order, record: TradingRecord, sequence: number): void {
    this.#orders.set(order, sequence)
    if (this.#orderNotes.has(order)) return
    const intent: OrderIntended | null = record.kind === 'order-intended' ? record : null
    this.#knownOrders.add(order.clientId)
    this.#orderNotes.set(order, {
      grid: this.#grids.of(record),
      timeInForce: intent?.timeInForce ?? null,
      decision: intent === null || intent.decisionSequence < 0 ? null : String(intent.decisionSequence),
      exitReason: intent?.reason ?? null,
    })
  }

  #notePosition(position: Position, record: TradingRecord, sequence: number, lots: number): void {
    this.#positions.set(position, sequence)
    let notes = this.#positionNotes.get(position)
    if (notes === undefined) {
      const entry = record.kind === 'order-intended' && record.purpose === 'entry' ? record : null
      notes = {
        grid: this.#grids.of(record), inLots: 0, inValue: ZERO, outLots: 0, outValue: ZERO, side: null, exitReason: '', closedMs: 0,
        signal: entry === null ? (record.kind === 'position-adopted' ? 'adopted' : 'none') : signalType(entry.why), confidence: entry?.terms?.confidence ?? null,
      }
      this.#knownPositions.add(position.id)
      this.#positionNotes.set(position, notes)
    }
    if (lots !== 0) notes.side = lots > 0 ? 'long' : 'short'
  }

  #noteEnd(position: Position, record: TradingRecord, sequence: number): void {
    this.#positions.set(position, sequence)
    const notes = this.#positionNotes.get(position)!
    notes.closedMs = record.atMs
    if (record.kind === 'position-adopted') notes.exitReason = 'adopted'
  }

  #fill(record: FillBooked, sequence: number, order: Order | undefined, before: Position | null, after: Position | null, lotsBefore: number, lots: number): void {
    const grid = this.#grids.of(record)
    const price = record.priceText === null ? money(record.priceTicks) : money(record.priceText).div(grid?.tick.text ?? '1')
    const closing = lotsBefore * (lots - lotsBefore) < 0 ? Math.min(Math.abs(lotsBefore), record.lots) : 0
    if (closing > 0 && before !== null) {
      const out = this.#positionNotes.get(before)!
      out.outLots += closing
      out.outValue = out.outValue.add(price.mul(closing))
      out.exitReason = exitReasonOf(record, order, before)
    }
    const owner = after ?? before
    if (record.lots > closing && owner !== null) {
      const into = this.#positionNotes.get(owner)!
      into.inLots += record.lots - closing
      into.inValue = into.inValue.add(price.mul(record.lots - closing))
    }
    const id = (closing > 0 ? before : owner)?.id
    this.#trades.push({
      execution_id: cleanText(record.executionId), sequence: String(sequence), client_id: this.#knownOrders.has(record.clientId) ? record.clientId : null,
      position_id: id !== undefined && this.#knownPositions.has(id) ? String(id) : null, venue_order_id: cleanText(record.venueId), symbol: cleanText(record.symbol), side: sideText(record.side),
      price: record.priceText ?? priceText(grid, record.priceTicks), size: sizeText(grid, record.lots), fee: record.fee, fee_coin: record.feeCoin, realised: record.realised, maker: String(record.maker),
      kind: record.type, note: record.note, source: record.source, position_before: sizeText(grid, record.beforeLots), position_after: sizeText(grid, record.afterLots),
      trace_id: cleanText(traceOf(record, this.#state).trace), executed_at: timeText(record.timeMs), booked_at: timeText(record.atMs),
    })
  }

  #fund(record: FundingBooked, sequence: number, position: Position | null): void {
    const { state } = this
    const grid = this.#grids.of(record)
    // As the books do: a payment that is told after its position has closed belongs to that one.
    const paid = position !== null && (position.firstFillMs === 0 || position.firstFillMs <= record.timeMs) ? position : (state.closed.findLast((one) => one.symbol === record.symbol && one.firstFillMs <= record.timeMs && record.timeMs <= one.lastFillMs) ?? position)
    if (paid !== null && this.#positionNotes.has(paid)) this.#positions.set(paid, sequence)
    this.#funding.push({
      execution_id: cleanText(record.executionId), sequence: String(sequence), position_id: paid === null || !this.#knownPositions.has(paid.id) ? null : String(paid.id), symbol: cleanText(record.symbol), fee: record.fee, rate: record.rate,
      size: record.lots === null ? null : sizeText(grid, record.lots), price: record.priceText, paid_at: timeText(record.timeMs), booked_at: timeText(record.atMs),
    })
  }

  #orderRow(order: Order, sequence: number): Texts {
    const notes = this.#orderNotes.get(order)!
    const { grid } = notes
    return {
      client_id: cleanText(order.clientId), venue_order_id: cleanText(order.venueId), symbol: cleanText(order.symbol), purpose: order.purpose, side: sideText(order.side), type: order.type, status: ORDER_WORDS[order.state]!,
      price: order.priceTicks === null ? null : priceText(grid, order.priceTicks), size: sizeText(grid, order.lots), filled: sizeText(grid, order.filledLots), reduce_only: String(order.reduceOnly), time_in_force: notes.timeInForce,
      ttl_ms: String(order.ttlMs), position_id: this.#knownPositions.has(order.positionId) ? String(order.positionId) : null, decision_sequence: notes.decision, why: cleanText(order.why), exit_reason: notes.exitReason,
      unknown_why: cleanText(order.unknown), hanging: String(order.hanging), terms: order.terms === null ? null : jsonbText(order.terms), trace_id: cleanText(order.trace),
      intended_at: timeText(order.intendedMs), ended_at: isFinal(order.state) ? timeText(order.endedMs) : null, changed_sequence: String(sequence),
    }
  }

  #positionRow(position: Position, sequence: number): Texts {
    const notes = this.#positionNotes.get(position)!
    const { grid } = notes
    const book = this.#state.symbols.get(position.symbol)!
    const isOpen = book.position === position
    const lots = isOpen ? Math.abs(book.ledger.signedLots) : 0
    const isEnded = position.state === CLOSED
    const level = (ticks: number): string | null => (ticks === 0 ? null : priceText(grid, ticks))
    const average = (value: Money, count: number): string | null => (count === 0 || grid === null ? null : value.div(count).mul(grid.tick.text).toDecimalPlaces(AVERAGE_DECIMALS).toFixed())
    return {
      position_id: String(position.id), symbol: cleanText(position.symbol), status: isEnded && position.firstFillMs === 0 && notes.inLots === 0 ? 'abandoned' : POSITION_WORDS[position.state]!, side: notes.side, size: sizeText(grid, lots),
      entry_size: sizeText(grid, notes.inLots), entry_price: average(notes.inValue, notes.inLots), exit_price: average(notes.outValue, notes.outLots), take_profit: level(position.takeProfitTicks), stop_loss: level(position.stopLossTicks),
      opened_at: timeText(position.openedMs), first_fill_at: position.firstFillMs === 0 ? null : timeText(position.firstFillMs), closed_at: isEnded ? timeText(notes.closedMs) : null,
      realised: position.realised.toFixed(), fees: position.fees.toFixed(), funding: position.funding.toFixed(), other_fees: jsonbText(Object.fromEntries([...position.otherFees].map(([coin, fee]) => [coin, fee.toFixed()]))),
      closes: String(position.closes.length), exit_reason: notes.exitReason, signal_type: notes.signal, confidence: notes.confidence === null ? null : String(notes.confidence), regime: position.plan.regime,
      plan: jsonbText(position.plan), trace_id: cleanText(position.trace), changed_sequence: String(sequence),
    }
  }

  /** The same intent again finds what came of the first one. */
  #idempotencyRow(order: Order): Texts {
    const ended = isFinal(order.state)
    const status = ORDER_WORDS[order.state]!
    return {
      scope: 'order', key: cleanText(order.clientId), state: ended ? 'done' : 'claimed', result: jsonbText({ status, filledLots: order.filledLots, venueId: order.venueId }),
      claimed_at: timeText(order.intendedMs), expires_at: timeText((ended ? order.endedMs : order.intendedMs) + this.#retentionMs),
    }
  }
}

const sideText = (side: number): string => (side === 0 ? 'buy' : 'sell')
/** Of a symbol whose grid nobody has told, ticks and lots stand for themselves: the columns take numbers only. */
const priceText = (grid: Grid | null, ticks: number): string => (grid === null ? String(ticks) : grid.tick.format(ticks))
const sizeText = (grid: Grid | null, lots: number): string => (grid === null ? String(lots) : grid.lot.format(lots))

function exitReasonOf(record: FillBooked, order: Order | undefined, position: Position): string {
  if (order?.purpose === 'exit') return position.exitReason ?? 'exit'
  if (record.note === 'stop') return 'venue-stop'
  if (record.note === 'watchdog' || record.note === 'foreign') return record.note
  return record.type === 'trade' ? 'other' : record.type
}
