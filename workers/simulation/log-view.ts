import { apply, createState, parseClientId, type OrderIntended, type TradingRecord, type TradingState } from '../../src/trading/index.ts'

const POSITION_EVENTS: ReadonlySet<TradingRecord['kind']> = new Set(['fill-booked', 'funding-booked', 'position-adopted', 'order-adopted'])

/** An intent as the log tells its story, told apart from the engine's own fold. */
export interface LoggedOrder {
  readonly clientId: string
  readonly symbol: string
  readonly intent: OrderIntended | null
  /** Written down as having no known outcome, and nothing since. */
  unknown: boolean
  /** '' while the log does not say that it ended. */
  ended: string
  /** Σ of unique executions. */
  filledLots: number
  cancelNs: number
}

/**
 * What the bytes of the journal say. Two readings of the same records: the engine's fold, which is its opinion, and
 * plain sums over unique executions, which are ours.
 */
export class LogView {
  /** The engine's fold. */
  state: TradingState = createState()
  readonly orders = new Map<string, LoggedOrder>()
  /** Names that stops were given: with an entry, or by themselves. */
  readonly stops = new Set<string>()
  readonly executions = new Set<string>()
  /** Σ of unique executions by client id, also of orders that the log does not list. */
  readonly booked = new Map<string, number>()
  /** Signed lots of unique executions and adoptions, by symbol. */
  readonly lots = new Map<string, number>()
  readonly feesBySymbol = new Map<string, string[]>()
  /** Symbols whose position was taken over from the venue at least once. */
  readonly adopted = new Set<string>()
  readonly frozen = new Map<string, string>()
  /** Lots of unique executions by orders that are not ours, by symbol. */
  readonly strangeLots = new Map<string, number>()
  /** Kinds of records that change positions, since somebody last emptied it. */
  readonly events: string[] = []
  epoch = 0
  records = 0
  /** Whether the record before this moment booked an execution that was booked already. */
  repeated = false

  /** The log was cut: reads it anew. */
  reset(): void {
    this.state = createState()
    for (const part of [this.orders, this.stops, this.booked, this.executions, this.lots, this.feesBySymbol, this.adopted, this.frozen, this.strangeLots]) part.clear()
    this.epoch = this.records = 0
  }

  lotsOf(symbol: string): number {
    return this.lots.get(symbol) ?? 0
  }

  add(record: TradingRecord): void {
    this.records++
    if (POSITION_EVENTS.has(record.kind)) this.events.push(record.kind)
    this.repeated = false
    apply(this.state, record)
    switch (record.kind) {
      case 'epoch-started':
        this.epoch = record.epoch
        return
      case 'protection-intended':
        if (record.clientId !== '') this.stops.add(record.clientId)
        return
      case 'order-intended':
        if (record.stop !== undefined && record.stop.clientId !== '') this.stops.add(record.stop.clientId)
        this.orders.set(record.clientId, { clientId: record.clientId, symbol: record.symbol, intent: record, unknown: false, ended: '', filledLots: 0, cancelNs: -1 })
        return
      case 'order-adopted':
        this.orders.set(record.clientId, { clientId: record.clientId, symbol: record.symbol, intent: null, unknown: false, ended: '', filledLots: 0, cancelNs: -1 })
        return
      case 'order-unknown':
        return this.#on(record.clientId, (order) => void (order.unknown = order.ended === ''))
      case 'order-hanging':
        return this.#on(record.clientId, (order) => void (order.unknown ||= order.ended === '' && record.issue === 'not-open'))
      case 'order-accepted':
        return this.#on(record.clientId, (order) => void (order.unknown = false))
      case 'order-refused':
      case 'order-unsent':
      case 'order-absent':
        return this.#on(record.clientId, (order) => {
          order.unknown = false
          order.ended ||= record.kind
        })
      case 'order-seen':
        return this.#on(record.clientId, (order) => {
          order.unknown = false
          if (record.status === 'cancelled' || record.status === 'rejected' || record.status === 'filled') order.ended ||= `seen ${record.status}`
        })
      case 'cancel-intended':
        return this.#on(record.clientId, (order) => void (order.cancelNs = record.atNs))
      case 'fill-booked': {
        this.repeated = this.executions.has(record.executionId)
        if (this.repeated) return
        this.executions.add(record.executionId)
        const signed = record.side === 0 ? record.lots : -record.lots
        this.lots.set(record.symbol, this.lotsOf(record.symbol) + signed)
        this.booked.set(record.clientId, (this.booked.get(record.clientId) ?? 0) + record.lots)
        this.#fee(record.symbol, record.fee)
        if (parseClientId(record.clientId) === null) this.strangeLots.set(record.symbol, (this.strangeLots.get(record.symbol) ?? 0) + record.lots)
        return this.#on(record.clientId, (order) => {
          order.filledLots += record.lots
          order.unknown = false
          if (order.intent !== null && order.filledLots >= order.intent.lots) order.ended ||= 'filled'
        })
      }
      case 'funding-booked':
        if (this.executions.has(record.executionId)) return
        this.executions.add(record.executionId)
        return this.#fee(record.symbol, record.fee)
      case 'position-adopted':
        this.lots.set(record.symbol, record.toLots)
        this.adopted.add(record.symbol)
        return
      case 'symbol-frozen':
        this.frozen.set(record.symbol, record.code)
        return
      case 'symbol-released':
        this.frozen.delete(record.symbol)
        return
      default:
    }
  }

  #on(clientId: string, change: (order: LoggedOrder) => void): void {
    const order = this.orders.get(clientId)
    if (order !== undefined) change(order)
  }

  #fee(symbol: string, fee: string): void {
    const fees = this.feesBySymbol.get(symbol)
    if (fees === undefined) this.feesBySymbol.set(symbol, [fee])
    else fees.push(fee)
  }
}
