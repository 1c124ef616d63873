import { apply, createState, type OrderIntended, type TradingRecord, type TradingState } from '../../src/trading/index.ts'

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
  readonly executions = new Set<string>()
  /** Σ of unique executions by client id, also of orders that the log does not list. */
  readonly booked = new Map<string, number>()
  /** Signed lots of unique executions and adoptions, by symbol. */
  readonly lots = new Map<string, number>()
  readonly feesBySymbol = new Map<string, string[]>()
  /** Symbols whose position was taken over from the venue at least once. */
  readonly adopted = new Set<string>()
  readonly frozen = new Map<string, string>()
  /** Every freeze ever, by symbol. */
  readonly everFrozen = new Map<string, Set<string>>()
  readonly foreignLots = new Map<string, number>()
  epoch = 0
  epochs = 0
  records = 0
  lastKind = ''

  /** The log was cut: reads it anew. */
  reset(): void {
    this.state = createState()
    for (const part of [this.orders, this.booked, this.executions, this.lots, this.feesBySymbol, this.adopted, this.frozen, this.foreignLots]) part.clear()
    this.epoch = this.records = 0
  }

  lotsOf(symbol: string): number {
    return this.lots.get(symbol) ?? 0
  }

  add(record: TradingRecord): void {
    this.records++
    this.lastKind = record.kind
    apply(this.state, record)
    switch (record.kind) {
      case 'epoch-started':
        this.epoch = record.epoch
        this.epochs++
        return
      case 'order-intended':
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
        if (this.executions.has(record.executionId)) return
        this.executions.add(record.executionId)
        const signed = record.side === 0 ? record.lots : -record.lots
        this.lots.set(record.symbol, this.lotsOf(record.symbol) + signed)
        this.booked.set(record.clientId, (this.booked.get(record.clientId) ?? 0) + record.lots)
        this.#fee(record.symbol, record.fee)
        if (record.note === 'foreign' || record.note === 'venue') this.foreignLots.set(record.symbol, (this.foreignLots.get(record.symbol) ?? 0) + record.lots)
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
      case 'symbol-frozen': {
        this.frozen.set(record.symbol, record.code)
        const ever = this.everFrozen.get(record.symbol) ?? new Set()
        this.everFrozen.set(record.symbol, ever.add(record.code))
        return
      }
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
