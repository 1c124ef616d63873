import type { Candle, Contract, ExchangeListener, ExchangeOrder, Execution, Position, PublicLiquidation, PublicTrade } from './port.ts'

type Event =
  | { readonly kind: 'trade'; readonly trade: PublicTrade }
  | { readonly kind: 'order'; readonly order: ExchangeOrder }
  | { readonly kind: 'execution'; readonly execution: Execution }
  | { readonly kind: 'position'; readonly position: Position }
  | { readonly kind: 'wallet'; readonly account: string }
  | { readonly kind: 'book'; readonly symbol: string }
  | { readonly kind: 'candle'; readonly symbol: string; readonly candle: Candle; readonly closed: boolean }
  | { readonly kind: 'liquidation'; readonly liquidation: PublicLiquidation }
  | { readonly kind: 'instrument'; readonly contract: Contract }
  | { readonly kind: 'seam'; readonly symbol: string; readonly reason: string }

/**
 * Events of the exchange on their way to its listeners. They wait here until the command that caused them has finished its
 * work and its facts are in the ledger; a listener may give commands of its own, whose events follow behind.
 */
export class Outbox {
  /** Whether anybody hears public trades, so that the market path makes no objects for nobody. */
  wantsTrades = false
  wantsBooks = false
  #listeners: readonly ExchangeListener[] = []
  readonly #queue: Event[] = []
  #delivering = false

  listen(listener: ExchangeListener): () => void {
    this.#use([...this.#listeners, listener])
    return () => this.#use(this.#listeners.filter((other) => other !== listener))
  }

  push(event: Event): void {
    this.#queue.push(event)
  }

  get length(): number {
    return this.#queue.length
  }

  /** Forgets what waits: the ledger refused it, so it did not happen for anybody outside. */
  drop(): void {
    this.#queue.length = 0
  }

  /** Tells the listeners in order. An exception of a listener passes through; what waits behind it is told next time. */
  deliver(): void {
    if (this.#delivering || this.#queue.length === 0) return
    this.#delivering = true
    let told = 0
    try {
      while (told < this.#queue.length) {
        const event = this.#queue[told++]
        for (const listener of this.#listeners) tell(listener, event)
      }
    } finally {
      this.#queue.splice(0, told)
      this.#delivering = false
    }
  }

  #use(listeners: readonly ExchangeListener[]): void {
    this.#listeners = listeners
    this.wantsTrades = listeners.some((listener) => listener.onTrade !== undefined)
    this.wantsBooks = listeners.some((listener) => listener.onBookChanged !== undefined)
  }
}

function tell(listener: ExchangeListener, event: Event): void {
  switch (event.kind) {
    case 'trade':
      listener.onTrade?.(event.trade)
      break
    case 'order':
      listener.onOrder?.(event.order)
      break
    case 'execution':
      listener.onExecution?.(event.execution)
      break
    case 'position':
      listener.onPosition?.(event.position)
      break
    case 'wallet':
      listener.onWallet?.(event.account)
      break
    case 'book':
      listener.onBookChanged?.(event.symbol)
      break
    case 'candle':
      listener.onCandle?.(event.symbol, event.candle, event.closed)
      break
    case 'liquidation':
      listener.onLiquidation?.(event.liquidation)
      break
    case 'instrument':
      listener.onInstrument?.(event.contract)
      break
    case 'seam':
      listener.onSeam?.(event.symbol, event.reason)
      break
  }
}
