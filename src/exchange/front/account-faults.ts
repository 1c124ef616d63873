import { BUY, SELL, type Timers } from '../../core/index.ts'
import type { ExchangeOrder, ExchangePort } from '../port.ts'
import { takeCharge, type Charge } from './charges.ts'

/** What happens to an account without its engine: parts of orders fill, positions are closed by hand. */
export class AccountFaults {
  readonly #exchange: ExchangePort
  readonly #accounts: readonly string[]
  readonly #partial: (Charge & { readonly percent: number })[] = []
  readonly #stopListening: () => void

  constructor(exchange: ExchangePort, accounts: readonly string[], timers: Timers) {
    this.#exchange = exchange
    this.#accounts = accounts
    this.#stopListening = exchange.listen({
      onOrder: (order) => {
        if (this.#partial.length === 0 || order.status !== 'New' || order.type !== 'limit' || order.filledLots > 0) return
        const { percent } = takeCharge(this.#partial, () => true)!
        // The command that made the order is still under way.
        timers.after(0, () => this.#fill(order, percent))
      },
    })
  }

  close(): void {
    this.#stopListening()
  }

  /** Each of the next `count` limit orders is filled in this part as soon as it rests. */
  fillNext(count: number, percent: number): void {
    this.#partial.push({ left: count, percent })
  }

  /**
   * Fills a part of one open order at its price, whatever queues before it.
   * @param id order id or client id; "" takes the newest resting order. @returns lots that were filled
   */
  fillOrder(percent: number, symbol = '', id = ''): number {
    for (const account of this.#accounts) {
      const open = this.#exchange.orders(account, symbol === '' ? { open: true } : { symbol, open: true })
      const order = open.find((one) => one.priceTicks !== null && (id === '' || one.orderId === id || one.clientId === id || one.clientId.startsWith(`${id}~`)))
      if (order !== undefined) return this.#fill(order, percent)
    }
    return 0
  }

  /** Closes positions at market, as a person does in the venue's app. @returns orders that were placed */
  closePositions(symbol = ''): number {
    let placed = 0
    for (const account of this.#accounts) {
      for (const position of this.#exchange.positions(account)) {
        if (symbol !== '' && position.symbol !== symbol) continue
        const answer = this.#exchange.place(account, {
          symbol: position.symbol, clientId: '', side: position.signedLots > 0 ? SELL : BUY, type: 'market', priceTicks: null, lots: Math.abs(position.signedLots),
          timeInForce: 'IOC', reduceOnly: true, closeOnTrigger: false,
        })
        if (answer.ok) placed++
      }
    }
    return placed
  }

  /** Cancels open orders by hand. @returns how many */
  cancelOrders(symbol = ''): number {
    return this.#accounts.reduce((sum, account) => sum + this.#exchange.cancelAll(account, symbol === '' ? null : symbol).length, 0)
  }

  heal(): void {
    this.#partial.length = 0
  }

  describe(): Readonly<Record<string, unknown>> {
    return { partialFills: this.#partial.reduce((sum, one) => sum + one.left, 0) }
  }

  // A part of one lot or more, and never the whole unless that is asked for.
  #fill(order: ExchangeOrder, percent: number): number {
    const now = this.#exchange.findOrder(order.account, { orderId: order.orderId })
    if (now === undefined) return 0
    const leavesLots = now.lots - now.filledLots
    const lots = percent >= 100 ? leavesLots : Math.min(leavesLots - 1, Math.max(1, Math.floor((leavesLots * percent) / 100)))
    return lots < 1 ? 0 : this.#exchange.fillOrder(order.account, order.symbol, { orderId: order.orderId }, lots)
  }
}
