import type { WallMs } from '../../core/index.ts'
import type { ExchangePort } from '../port.ts'

export interface PriceCandle {
  readonly startMs: WallMs
  open: number
  high: number
  low: number
  close: number
}

interface History {
  readonly mark: PriceCandle[]
  readonly index: PriceCandle[]
}

/** Minutes kept per symbol. */
const MINUTES_MAX = 1_440

/** Mark and index prices by the minute, sampled with every candle update (the mark itself moves once a second) since this front started. */
export class MarkHistory {
  readonly #exchange: ExchangePort
  readonly #nowMs: () => WallMs
  readonly #symbols = new Map<string, History>()
  readonly #stopListening: () => void

  constructor(exchange: ExchangePort, nowMs: () => WallMs) {
    this.#exchange = exchange
    this.#nowMs = nowMs
    this.#stopListening = exchange.listen({ onCandle: (symbol) => this.#sample(symbol) })
  }

  close(): void {
    this.#stopListening()
  }

  /** Oldest first, the running one included. */
  candles(symbol: string, of: 'mark' | 'index', minutes: number): readonly PriceCandle[] {
    this.#sample(symbol)
    const spanMs = minutes * 60_000
    const merged: PriceCandle[] = []
    for (const one of this.#symbols.get(symbol)?.[of] ?? []) {
      const startMs = Math.floor(one.startMs / spanMs) * spanMs
      const last = merged.at(-1)
      if (last === undefined || last.startMs !== startMs) merged.push({ ...one, startMs })
      else {
        last.high = Math.max(last.high, one.high)
        last.low = Math.min(last.low, one.low)
        last.close = one.close
      }
    }
    return merged
  }

  #sample(symbol: string): void {
    let history = this.#symbols.get(symbol)
    if (history === undefined) this.#symbols.set(symbol, (history = { mark: [], index: [] }))
    const summary = this.#exchange.summary(symbol)
    const startMs = Math.floor(this.#nowMs() / 60_000) * 60_000
    add(history.mark, startMs, summary.markPrice)
    add(history.index, startMs, summary.indexPrice)
  }
}

function add(candles: PriceCandle[], startMs: WallMs, price: number): void {
  if (!Number.isFinite(price)) return
  const last = candles.at(-1)
  if (last === undefined || last.startMs !== startMs) {
    candles.push({ startMs, open: price, high: price, low: price, close: price })
    if (candles.length > MINUTES_MAX) candles.shift()
    return
  }
  if (price > last.high) last.high = price
  if (price < last.low) last.low = price
  last.close = price
}
