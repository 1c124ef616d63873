import { ZERO, type Money, type WallMs } from '../../core/index.ts'
import type { Execution, ExchangeOrder, ExchangePort, Position } from '../port.ts'

/** Orders whose sums are remembered; older ones are summed up again from their executions. */
const ORDERS_MAX = 10_000

/** Running sums of realised results that the exchange does not keep: per order, and per position since it was opened. */
export class Realised {
  readonly #exchange: ExchangePort
  readonly #sinceMs: WallMs
  readonly #orders = new Map<string, Money>()
  readonly #positions = new Map<string, { readonly openedMs: WallMs; sum: Money }>()
  #forgotten = false
  readonly #stopListening: () => void

  /** Must listen before whoever asks it in a listener of his own. */
  constructor(exchange: ExchangePort, nowMs: WallMs) {
    this.#exchange = exchange
    this.#sinceMs = nowMs
    this.#stopListening = exchange.listen({ onExecution: (execution) => this.#note(execution) })
  }

  close(): void {
    this.#stopListening()
  }

  /** Cash result of the closing fills of an order so far, without fees. */
  ofOrder(order: ExchangeOrder): Money {
    if (order.filledLots === 0) return ZERO
    const known = this.#orders.get(order.orderId)
    if (known !== undefined) return known
    if (order.createdMs >= this.#sinceMs && !this.#forgotten) return ZERO
    return this.#exchange.executions(order.account, { orderId: order.orderId }).reduce((sum, one) => sum.plus(one.realisedPnl), ZERO)
  }

  /** Result of a position since it was opened, fees and funding included; zero when flat. */
  ofPosition(position: Position): Money {
    if (position.signedLots === 0) return ZERO
    const key = `${position.account} ${position.symbol} ${position.leg}`
    let known = this.#positions.get(key)
    if (known === undefined || known.openedMs !== position.openedMs) {
      const rows = this.#exchange.executions(position.account, { symbol: position.symbol, sinceMs: position.openedMs }).filter((one) => one.leg === position.leg)
      known = { openedMs: position.openedMs, sum: rows.reduce((sum, one) => sum.plus(one.realisedPnl).minus(one.fee), ZERO) }
      this.#positions.set(key, known)
    }
    return known.sum
  }

  #note(execution: Execution): void {
    const position = this.#positions.get(`${execution.account} ${execution.symbol} ${execution.leg}`)
    if (position !== undefined) position.sum = position.sum.plus(execution.realisedPnl).minus(execution.fee)
    if (execution.realisedPnl.isZero()) return
    const sum = this.#orders.get(execution.orderId) ?? ZERO
    this.#orders.delete(execution.orderId)
    this.#orders.set(execution.orderId, sum.plus(execution.realisedPnl))
    if (this.#orders.size > ORDERS_MAX) {
      this.#orders.delete(this.#orders.keys().next().value!)
      this.#forgotten = true
    }
  }
}
