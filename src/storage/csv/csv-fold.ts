import { type Money, money, sideName, ZERO } from '../../core/index.ts'
import { apply, BookGrids, createState, type FillBooked, ORDER_STATES, type Order, type Position, POSITION_STATES, symbolState, traceOf, type TradingRecord, type TradingState } from '../../trading/index.ts'
import { type Cells, cellsOf, type CsvTable } from './tables.ts'

/** A row and where it belongs. */
export interface CsvRow {
  readonly table: CsvTable
  /** UTC day of the record, such as 2026-11-24. */
  readonly day: string
  readonly cells: readonly string[]
}

/** What entered and left a position so far, in tick·lots. */
interface Turnover {
  inLots: number
  inValue: Money
  outLots: number
  outValue: Money
  exitReason: string
}

const AVERAGE_DECIMALS = 12
const isoOf = (ms: number): string => new Date(ms).toISOString()

/** Turns records into rows, by the books as they stand before and after each. The same journal gives the same rows. */
export class CsvFold {
  readonly #venue: string
  readonly #state: TradingState = createState()
  readonly #grids = new BookGrids(this.#state)
  readonly #turnovers = new Map<number, Turnover>()
  #rows: CsvRow[] = []
  #day = ''

  constructor(venue: string) {
    this.#venue = venue
  }

  /** Applies a record. @returns its rows, in the order in which they are to be written */
  take(record: TradingRecord): readonly CsvRow[] {
    this.#rows = []
    const state = this.#state
    const day = isoOf(record.atMs).slice(0, 10)
    const name = 'symbol' in record ? record.symbol : 'clientId' in record ? (state.orders.get(record.clientId)?.symbol ?? '') : ''
    const before = name === '' ? null : (state.symbols.get(name) ?? null)
    const positionBefore = before?.position ?? null
    const lotsBefore = before?.ledger.signedLots ?? 0
    const stateBefore = positionBefore?.state ?? -1
    const orderBefore = 'clientId' in record ? (state.orders.get(record.clientId)?.state ?? -1) : -1
    const lastClosed = state.closed.at(-1)
    const fundingBefore = positionBefore?.funding
    const closesBefore = positionBefore?.closes.length ?? 0
    const unitBefore = before?.unit ?? ZERO
    const lotBefore = before?.lot ?? ''
    const news = record.kind !== 'fill-booked' && record.kind !== 'funding-booked' ? true : !state.seen.has(record.executionId)

    apply(state, record)
    if (day > this.#day) this.#carryOver(day, record.atMs)
    if (!news) return []
    this.#order(record, day, orderBefore)
    if (name === '') return this.#rows
    if (record.kind === 'instrument-seen') {
      // The same sizes, counted otherwise: nothing to tell.
      if (positionBefore !== null && lotBefore !== '') this.#recount(positionBefore.id, money(lotBefore).div(record.lot), unitBefore.div(symbolState(state, name).unit))
      return this.#rows
    }
    const { position, ledger } = symbolState(state, name)
    const closed = state.closed.at(-1)
    if (record.kind === 'fill-booked') this.#turn(record, lotsBefore, positionBefore, position)
    if (record.kind === 'position-adopted' && position !== null) this.#turnover(position.id).inValue = ledger.costTickLots
    if (record.kind === 'position-adopted' && position !== null) this.#turnover(position.id).inLots = Math.abs(record.toLots)

    if (positionBefore !== null && record.kind === 'fill-booked' && positionBefore.closes.length > closesBefore) this.#close(record, day, positionBefore, position !== positionBefore)
    else if (closed !== lastClosed && closed === positionBefore && positionBefore !== null) this.#end(record, day, positionBefore, lotsBefore)
    const late = record.kind === 'funding-booked' && (position === null || position.funding === fundingBefore)
    if (late) {
      const paid = state.closed.findLast((one) => one.symbol === name && one.firstFillMs <= record.timeMs && record.timeMs <= one.lastFillMs)
      if (paid !== undefined) this.#late(day, record.atMs, paid, record.fee)
    }

    if (positionBefore !== null && position !== positionBefore && (lotsBefore !== 0 || positionBefore.firstFillMs > 0)) this.#position(record, day, positionBefore, 'closed', lotsBefore, 0)
    if (position === null) return this.#rows
    const lots = ledger.signedLots
    if (position !== positionBefore ? lots !== 0 : stateBefore === 0 && position.state !== 0) this.#position(record, day, position, 'opened', 0, lots)
    else if (lots !== lotsBefore) this.#position(record, day, position, Math.abs(lots) > Math.abs(lotsBefore) ? 'increased' : 'reduced', lotsBefore, lots)
    else if (record.kind === 'funding-booked' && !late) this.#position(record, day, position, 'funding', lots, lots)
    else if (position.state !== stateBefore && lots !== 0) this.#position(record, day, position, POSITION_STATES[position.state]!.toLowerCase(), lots, lots)
    return this.#rows
  }

  /** Every open position stands in the file of every day. */
  #carryOver(day: string, atMs: number): void {
    const first = this.#day === ''
    this.#day = day
    if (first) return
    for (const { position, ledger } of this.#state.symbols.values())
      if (position !== null && ledger.signedLots !== 0) this.#position({ atMs }, day, position, 'carried-over', ledger.signedLots, ledger.signedLots)
  }

  #push<T extends CsvTable>(table: T, day: string, cells: Cells<T>): void {
    this.#rows.push({ table, day, cells: cellsOf(table, cells) })
  }

  #order(record: TradingRecord, day: string, stateBefore: number): void {
    const common = { time: isoOf(record.atMs), venue: this.#venue, event: record.kind }
    if (record.kind === 'fill-booked') {
      const order = this.#state.orders.get(record.clientId)
      const { trace, correlation } = traceOf(record, this.#state)
      return this.#push('orders', day, {
        ...common, ...(order === undefined ? { symbol: record.symbol, order_id: record.venueId, client_id: record.clientId } : this.#ofOrder(order, stateBefore)), side: sideName(record.side),
        execution_id: record.executionId, fill_time: isoOf(record.timeMs), fill_price: record.priceText ?? this.#price(record.symbol, record.priceTicks), fill_size: this.#size(record.symbol, record.lots), fee: record.fee, fee_coin: record.feeCoin ?? '',
        realised: record.realised ?? '', maker: String(record.maker), fill_kind: record.type, position_before: this.#size(record.symbol, record.beforeLots), position_after: this.#size(record.symbol, record.afterLots), note: record.note,
        reason: `by ${record.source}`, trace_id: trace, correlation_id: correlation,
      })
    }
    if (!('clientId' in record)) return
    const order = this.#state.orders.get(record.clientId)
    if (order === undefined) return
    this.#push('orders', day, { ...common, ...this.#ofOrder(order, stateBefore), reason: reasonOf(record) })
  }

  #ofOrder(order: Order, stateBefore: number): Cells<'orders'> {
    const { symbol } = order
    return {
      symbol, order_id: order.venueId, client_id: order.clientId, purpose: order.purpose, side: sideName(order.side), type: order.type, reduce_only: String(order.reduceOnly), price: order.priceTicks === null ? '' : this.#price(symbol, order.priceTicks),
      size: this.#size(symbol, order.lots), filled: this.#size(symbol, order.filledLots), state: ORDER_STATES[order.state]!, state_before: ORDER_STATES[stateBefore] ?? '', trace_id: order.trace, correlation_id: order.positionId < 0 ? '' : `position/${order.positionId}`,
    }
  }

  #recount(positionId: number, lots: Money, values: Money): void {
    const turnover = this.#turnover(positionId)
    turnover.inLots = lots.mul(turnover.inLots).toNumber()
    turnover.outLots = lots.mul(turnover.outLots).toNumber()
    turnover.inValue = values.mul(turnover.inValue)
    turnover.outValue = values.mul(turnover.outValue)
  }

  #turnover(id: number): Turnover {
    let found = this.#turnovers.get(id)
    if (found === undefined) this.#turnovers.set(id, (found = { inLots: 0, inValue: ZERO, outLots: 0, outValue: ZERO, exitReason: '' }))
    return found
  }

  #turn(record: FillBooked, lotsBefore: number, before: Position | null, after: Position | null): void {
    const signed = this.#state.symbols.get(record.symbol)!.ledger.signedLots
    const price = record.priceText === null ? money(record.priceTicks) : money(record.priceText).div(this.#state.symbols.get(record.symbol)!.tick)
    const closing = lotsBefore * (signed - lotsBefore) < 0 ? Math.min(Math.abs(lotsBefore), record.lots) : 0
    if (closing > 0 && before !== null) {
      const out = this.#turnover(before.id)
      out.outLots += closing
      out.outValue = out.outValue.add(price.mul(closing))
      const order = this.#state.orders.get(record.clientId)
      out.exitReason = order?.purpose === 'exit' ? order.why : record.note === 'foreign' ? 'by hand or by a stranger' : record.type === 'trade' ? record.note : record.type
    }
    const owner = after ?? before
    if (record.lots > closing && owner !== null) {
      const into = this.#turnover(owner.id)
      into.inLots += record.lots - closing
      into.inValue = into.inValue.add(price.mul(record.lots - closing))
    }
  }

  /** A fill that reduced a position. The one that ends it brings the sums of the whole; while an entry still lives, even a flat position goes on. */
  #close(record: FillBooked, day: string, position: Position, whole: boolean): void {
    const close = position.closes.at(-1)!
    const { symbol } = position
    this.#push('trades', day, {
      ...this.#ofTrade(record.atMs, position, close.beforeLots), event: whole ? 'close' : 'partial-close', size_before: this.#size(symbol, close.beforeLots), size_after: this.#size(symbol, close.afterLots),
      close_size: this.#size(symbol, Math.abs(close.beforeLots - close.afterLots)), close_price: close.priceText ?? this.#price(symbol, close.priceTicks), close_kind: close.type, close_realised: close.realised, close_fee: close.fee,
      execution_id: record.executionId, client_id: record.clientId, ...(whole ? sums(position) : {}),
    })
    if (whole) this.#turnovers.delete(position.id)
  }

  /** A position that ended without a fill of this moment: the venue has it no more, or its last entry ended when it was flat. One that never filled is no trade. */
  #end(record: TradingRecord, day: string, position: Position, lotsBefore: number): void {
    if (lotsBefore !== 0 || position.firstFillMs > 0) {
      const sizes = { size_before: this.#size(position.symbol, lotsBefore), size_after: this.#size(position.symbol, 0) }
      const adopted = lotsBefore === 0 ? {} : { close_kind: 'adopted', exit_reason: reasonOf(record) }
      this.#push('trades', day, { ...this.#ofTrade(record.atMs, position, lotsBefore || (position.closes.at(-1)?.beforeLots ?? 0)), event: 'close', ...sizes, ...adopted, ...sums(position) })
    }
    this.#turnovers.delete(position.id)
  }

  /** Funding that was told after its position had closed: the sums of that position once more, as they are now. */
  #late(day: string, atMs: number, position: Position, fee: string): void {
    this.#push('trades', day, { ...this.#ofTrade(atMs, position, 0), ...sums(position), event: 'late-funding', close_kind: 'funding', close_fee: fee })
  }

  #ofTrade(atMs: number, position: Position, lots: number): Cells<'trades'> {
    const { symbol, plan } = position
    const turned = this.#turnovers.get(position.id)
    return {
      time: isoOf(atMs), venue: this.#venue, position_id: String(position.id), symbol, side: sideOf(lots), opened: isoOf(position.openedMs), held_s: money(Math.max(0, atMs - position.openedMs)).div(1000).toFixed(), closes: String(position.closes.length),
      ...(turned === undefined ? {} : { entry_size: this.#size(symbol, turned.inLots), entry_price: this.#average(symbol, turned.inValue, turned.inLots), exit_price: this.#average(symbol, turned.outValue, turned.outLots), exit_reason: turned.exitReason }),
      plan: `tp ${plan.takeProfitPercent} % sl ${plan.stopLossPercent} % from ${plan.source}`, trace_id: position.trace, correlation_id: `position/${position.id}`,
    }
  }

  #position(record: Pick<TradingRecord, 'atMs'> & Partial<TradingRecord>, day: string, position: Position, event: string, before: number, after: number): void {
    const { symbol } = position
    const { ledger } = this.#state.symbols.get(symbol)!
    this.#push('positions_open', day, {
      time: isoOf(record.atMs), venue: this.#venue, event, position_id: String(position.id), symbol, side: sideOf(after === 0 ? before : after), state: event === 'closed' ? 'Closed' : POSITION_STATES[position.state]!, size_before: this.#size(symbol, before), size: this.#size(symbol, after),
      ...(after === 0 ? {} : { entry_price: this.#average(symbol, ledger.costTickLots, Math.abs(after)), take_profit: this.#price(symbol, position.takeProfitTicks), stop_loss: this.#price(symbol, position.stopLossTicks) }),
      ...pnl(position), opened: isoOf(position.openedMs), reason: position.history.at(-1)?.why ?? '', trace_id: position.trace, correlation_id: `position/${position.id}`,
    })
  }

  #price(symbol: string, ticks: number): string {
    return this.#grids.of({ kind: 'symbol-resumed', atMs: 0, atNs: 0, symbol, why: '' })?.tick.format(ticks) ?? ''
  }

  #size(symbol: string, lots: number): string {
    return this.#grids.of({ kind: 'symbol-resumed', atMs: 0, atNs: 0, symbol, why: '' })?.lot.format(lots) ?? ''
  }

  /** Average price, exact where it ends within twelve digits. */
  #average(symbol: string, tickLots: Money, lots: number): string {
    return lots === 0 ? '' : tickLots.div(lots).mul(this.#state.symbols.get(symbol)!.tick).toDecimalPlaces(AVERAGE_DECIMALS).toFixed()
  }
}

const sideOf = (lots: number): string => (lots === 0 ? '' : lots > 0 ? 'long' : 'short')

const pnl = ({ realised, fees, funding }: Position) => ({ gross_pnl: realised.toFixed(), fees: fees.toFixed(), funding: funding.toFixed(), net_pnl: realised.sub(fees).sub(funding).toFixed() })

const sums = (position: Position) => ({ ...pnl(position), other_fees: [...position.otherFees].map(([coin, fee]) => `${fee.toFixed()} ${coin}`).join(' + ') })

function reasonOf(record: TradingRecord): string {
  if ('why' in record) return record.why
  if ('reason' in record) return record.reason
  if (!('text' in record)) return ''
  return `${'code' in record ? record.code : record.trouble} ${record.text}`
}
