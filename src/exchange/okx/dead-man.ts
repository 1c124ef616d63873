import type { Timer, Timers, WallMs } from '../../core/index.ts'
import type { Fields } from '../front/json.ts'
import type { ExchangePort } from '../port.ts'
import { missing, refuse, wrong } from './codes.ts'
import { clientNameOf } from './ids.ts'
import type { Row } from './row.ts'
import { tagOf, textOf } from './fields.ts'

export interface DeadManParts {
  readonly exchange: ExchangePort
  readonly timers: Timers
  readonly nowMs: () => WallMs
}

/** Cancel-all-after: cancels an account's orders (all of them, or those with a tag) unless it is armed again in time. Algo orders wait on. */
export class DeadMan {
  readonly #parts: DeadManParts
  readonly #armed = new Map<string, Timer>()

  constructor(parts: DeadManParts) {
    this.#parts = parts
  }

  /** @param fields `timeOut` in seconds: 0 disarms, 10 to 120 arms anew. @throws Refused for any other time. */
  arm(account: string, fields: Fields): Row {
    const { timers, nowMs } = this.#parts
    const tag = tagOf(fields)
    const given = textOf(fields, 'timeOut')
    if (given === '') refuse(missing('timeOut'))
    const seconds = /^\d{1,3}$/.test(given) ? Number(given) : Number.NaN
    if (!(seconds === 0 || (seconds >= 10 && seconds <= 120))) refuse(wrong('timeOut'))
    const key = `${account} ${tag}`
    this.#armed.get(key)?.cancel()
    this.#armed.delete(key)
    const now = Math.floor(nowMs() / 1_000)
    if (seconds > 0) this.#armed.set(key, timers.after(seconds * 1_000, () => this.#fire(key, account, tag)))
    return { triggerTime: seconds === 0 ? '0' : String(now + seconds), tag, ts: String(now) }
  }

  close(): void {
    for (const timer of this.#armed.values()) timer.cancel()
    this.#armed.clear()
  }

  #fire(key: string, account: string, tag: string): void {
    const { exchange } = this.#parts
    this.#armed.delete(key)
    for (const order of exchange.orders(account, { open: true })) {
      if (tag !== '' && clientNameOf(order.clientId).tag !== tag) continue
      exchange.cancel(account, order.symbol, { orderId: order.orderId }, 'dead-man')
    }
  }
}
