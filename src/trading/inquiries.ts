import type { Timer, Timers } from '../core/index.ts'
import type { OrderEvidence, TradingPort } from '../venues/index.ts'
import { doubled } from './risk.ts'
import { needsEvidence, type TradingState } from './state.ts'

interface Inquiry {
  readonly symbol: string
  /** Questions asked in a row without settling the order. */
  asked: number
  always: boolean
  filledLots: number
  /** null while a question is at the venue. */
  timer: Timer | null
}

/**
 * Questions to the venue about single orders: one at a time for each order, with growing pauses for as long as
 * something about it is open. Time alone never settles anything here; only an answer does.
 */
export class Inquiries {
  readonly #port: TradingPort
  readonly #timers: Timers
  readonly #state: TradingState
  readonly #pauseMs: number
  readonly #pauseMsMax: number
  readonly #answered: (clientId: string, evidence: OrderEvidence) => void
  readonly #open = new Map<string, Inquiry>()
  #stopped = false

  constructor(port: TradingPort, timers: Timers, state: TradingState, pauseMs: number, pauseMsMax: number, answered: (clientId: string, evidence: OrderEvidence) => void) {
    this.#port = port
    this.#timers = timers
    this.#state = state
    this.#pauseMs = pauseMs
    this.#pauseMsMax = pauseMsMax
    this.#answered = answered
  }

  /** Orders being asked about. */
  get size(): number {
    return this.#open.size
  }

  ask(symbol: string, clientId: string, afterMs: number, filledLots: number, always: boolean): void {
    if (this.#stopped) return
    const found = this.#open.get(clientId)
    if (found !== undefined) {
      found.always ||= always
      found.filledLots = Math.max(found.filledLots, filledLots)
      return
    }
    const inquiry: Inquiry = { symbol, asked: 0, always, filledLots, timer: null }
    this.#open.set(clientId, inquiry)
    this.#later(clientId, inquiry, afterMs)
  }

  stop(): void {
    this.#stopped = true
    for (const inquiry of this.#open.values()) inquiry.timer?.cancel()
    this.#open.clear()
  }

  #later(clientId: string, inquiry: Inquiry, afterMs: number): void {
    inquiry.timer = this.#timers.after(afterMs, () => this.#send(clientId, inquiry))
  }

  #send(clientId: string, inquiry: Inquiry): void {
    inquiry.timer = null
    if (!this.#wanted(clientId, inquiry)) return void this.#open.delete(clientId)
    inquiry.always = false
    inquiry.asked++
    this.#port.evidence(inquiry.symbol, clientId, (evidence) => {
      if (this.#stopped) return
      this.#answered(clientId, evidence)
      // The answer was decided on and applied by now: what is still open is asked again.
      if (this.#wanted(clientId, inquiry)) this.#later(clientId, inquiry, doubled(this.#pauseMs, this.#pauseMsMax, inquiry.asked - 1))
      else this.#open.delete(clientId)
    })
  }

  #wanted(clientId: string, inquiry: Inquiry): boolean {
    const order = this.#state.orders.get(clientId)
    if (order === undefined) return false
    return inquiry.always || needsEvidence(order) || order.filledLots < inquiry.filledLots
  }
}
