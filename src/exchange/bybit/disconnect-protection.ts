import type { Timer, Timers } from '../../core/index.ts'
import type { ExchangePort } from '../port.ts'
import { field, type Fields } from '../front/json.ts'
import { refuse, wrong } from './codes.ts'
import { textOf } from './texts.ts'

const WINDOW_S_MIN = 3
const WINDOW_S_MAX = 300
const WINDOW_S_DEFAULT = 10
/** Name of the setting that keeps the window of an account, seconds. */
const WINDOW = 'bybit-dcp-window'

/**
 * Disconnect protection: when the last connection of an account that hears `dcp.future` is gone for the account's window,
 * every order of the account is cancelled. A connection that subscribes again in time stops the clock.
 */
export class DisconnectProtection {
  readonly #exchange: ExchangePort
  readonly #timers: Timers
  readonly #connections = new Map<string, Set<object>>()
  readonly #running = new Map<string, Timer>()

  constructor(exchange: ExchangePort, timers: Timers) {
    this.#exchange = exchange
    this.#timers = timers
  }

  /** @param fields `product` DERIVATIVES and `timeWindow` in seconds. @throws Refused. */
  set(account: string, fields: Fields): void {
    const product = textOf(fields, 'product')
    if (product !== 'DERIVATIVES') refuse(wrong('product only supports DERIVATIVES'))
    const seconds = field(fields, 'timeWindow')
    if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < WINDOW_S_MIN || seconds > WINDOW_S_MAX) refuse(wrong(`timeWindow must be ${WINDOW_S_MIN} to ${WINDOW_S_MAX}`))
    this.#exchange.keepSetting(account, WINDOW, String(seconds))
  }

  windowSeconds(account: string): number {
    const kept = this.#exchange.setting(account, WINDOW)
    return kept === '' ? WINDOW_S_DEFAULT : Number(kept)
  }

  /** Whether a connection of the account is protected now. */
  active(account: string): boolean {
    return (this.#connections.get(account)?.size ?? 0) > 0
  }

  join(account: string, connection: object): void {
    let set = this.#connections.get(account)
    if (set === undefined) this.#connections.set(account, (set = new Set()))
    set.add(connection)
    this.#running.get(account)?.cancel()
    this.#running.delete(account)
  }

  /** Unsubscribed: the connection asks for no protection any more. */
  leave(account: string, connection: object): void {
    this.#connections.get(account)?.delete(connection)
  }

  /** The connection is gone. */
  lost(account: string, connection: object): void {
    const set = this.#connections.get(account)
    if (set === undefined || !set.delete(connection) || set.size > 0) return
    this.#running.get(account)?.cancel()
    this.#running.set(account, this.#timers.after(this.windowSeconds(account) * 1_000, () => {
      this.#running.delete(account)
      this.#exchange.cancelAll(account, null, { reason: 'dead-man' })
    }))
  }

  close(): void {
    for (const timer of this.#running.values()) timer.cancel()
    this.#running.clear()
  }
}
