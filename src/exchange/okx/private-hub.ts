import type { Clock, Random, Timer, Timers, WallMs } from '../../core/index.ts'
import { Lane } from '../front/lane.ts'
import type { FrontCounters } from '../front/counters.ts'
import type { FrontLatency } from '../front/latency.ts'
import type { ExchangeOrder, ExchangePort, Execution } from '../port.ts'
import type { OkxFaults } from './faults.ts'
import type { Listing, Listings } from './listing.ts'
import type { OrderNotes } from './order-notes.ts'
import type { Rows } from './rows.ts'
import type { OkxLimits } from './settings.ts'

export const PRIVATE_CHANNELS = ['orders', 'account', 'positions', 'balance_and_position'] as const
export type PrivateChannel = (typeof PRIVATE_CHANNELS)[number]

/** A private connection that is logged in. */
export interface PrivateListener {
  readonly account: string
  /** Whether it subscribed the channel, in whatever scope. */
  hears(channel: PrivateChannel): boolean
  /** @param listing the instrument that subscriptions may be bound to; null for whole accounts. @param data rows as JSON. */
  push(channel: PrivateChannel, listing: Listing | null, eventType: string | null, data: string): void
}

export interface PrivateHubParts {
  readonly exchange: ExchangePort
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly latency: FrontLatency
  readonly limits: OkxLimits
  readonly faults: OkxFaults
  readonly counters: FrontCounters
  readonly listings: Listings
  readonly rows: Rows
  readonly notes: OrderNotes
  readonly nowMs: () => WallMs
}

interface Burst {
  /** Order rows by account, in order. */
  readonly orders: { readonly account: string; readonly listing: Listing; readonly data: string }[]
  readonly fills: Map<string, Execution[]>
}

interface Dirty {
  readonly listings: Set<Listing>
  timer: Timer
}

/**
 * What happens to accounts. Order changes are gathered in bursts and pushed after their latency, never before the answer
 * to the command that caused them; `balance_and_position` comes with the fills; positions and account follow a little later, as on the venue.
 */
export class PrivateHub {
  readonly #parts: PrivateHubParts
  readonly #listeners = new Map<string, Set<PrivateListener>>()
  readonly #lane: Lane<Burst>
  readonly #dirty = new Map<string, Dirty>()
  readonly #fillOf = new Map<string, Execution>()
  readonly #stopListening: () => void
  #open: Burst | null = null
  #commandDelayMs = 0

  constructor(parts: PrivateHubParts) {
    this.#parts = parts
    this.#lane = new Lane(parts.clock, parts.timers, (burst) => this.#deliver(burst))
    this.#stopListening = parts.exchange.listen({
      onOrder: (order) => this.#onOrder(order),
      onExecution: (execution) => this.#onExecution(execution),
      onPosition: (position) => this.#touch(position.account, position.symbol),
      onWallet: (account) => this.#touch(account, null),
    })
  }

  add(listener: PrivateListener): void {
    let set = this.#listeners.get(listener.account)
    if (set === undefined) this.#listeners.set(listener.account, (set = new Set()))
    set.add(listener)
  }

  remove(listener: PrivateListener): void {
    this.#listeners.get(listener.account)?.delete(listener)
  }

  /** Connections of the account that subscribed the channel. */
  connections(account: string, channel: PrivateChannel): number {
    let count = 0
    for (const listener of this.#listeners.get(account) ?? []) if (listener.hears(channel)) count++
    return count
  }

  close(): void {
    this.#stopListening()
    this.#lane.close()
    for (const dirty of this.#dirty.values()) dirty.timer.cancel()
    this.#dirty.clear()
  }

  /**
   * Runs a command. What it causes is held together and pushed no sooner than `answerMs` from now: `run` must have
   * handed the answer to its connection before it returns.
   */
  command(answerMs: number, run: () => void): void {
    const burst: Burst = { orders: [], fills: new Map() }
    this.#open = burst
    // A microsecond behind the answer: two timers of the same instant have no order that could be relied on.
    this.#commandDelayMs = Math.max(answerMs + 0.001, this.#delay())
    const delayMs = this.#commandDelayMs
    try {
      run()
    } finally {
      this.#open = null
      this.#commandDelayMs = 0
      if (burst.orders.length > 0 || burst.fills.size > 0) this.#lane.push(burst, delayMs)
    }
  }

  #onOrder(order: ExchangeOrder): void {
    const fill = this.#fillOf.get(order.orderId) ?? null
    this.#fillOf.delete(order.orderId)
    const amended = this.#parts.notes.takeAmendment(order.orderId)
    if (!this.#heard(order.account)) return
    const listing = this.#parts.listings.bySymbol(order.symbol)
    this.#burst().orders.push({ account: order.account, listing, data: JSON.stringify(this.#parts.rows.orderPush(order, fill, amended)) })
    // Margin of resting orders is part of the account.
    this.#touch(order.account, null)
  }

  #onExecution(execution: Execution): void {
    if (execution.kind === 'Liquidation' && execution.orderId !== '') this.#parts.notes.noteLiquidation(execution.orderId)
    // The exchange tells the order right behind its execution.
    if (execution.orderId !== '') this.#fillOf.set(execution.orderId, execution)
    if (!this.#heard(execution.account)) return
    const { fills } = this.#burst()
    const list = fills.get(execution.account)
    if (list === undefined) fills.set(execution.account, [execution])
    else list.push(execution)
  }

  #heard(account: string): boolean {
    return (this.#listeners.get(account)?.size ?? 0) > 0
  }

  #burst(): Burst {
    if (this.#open === null) {
      this.#open = { orders: [], fills: new Map() }
      this.#lane.push(this.#open, this.#delay())
    }
    return this.#open
  }

  #delay(): number {
    const { pushMs, jitterMs } = this.#parts.latency
    return jitterMs > 0 ? pushMs + this.#parts.random.between(0, jitterMs) : pushMs
  }

  // The newest state tells everything: one push for all that changed in the meantime.
  #touch(account: string, symbol: string | null): void {
    if (!this.#heard(account)) return
    let dirty = this.#dirty.get(account)
    if (dirty === undefined) {
      const delayMs = Math.max(this.#commandDelayMs, this.#parts.latency.pushMs) + this.#parts.limits.stateLagMs
      dirty = { listings: new Set(), timer: this.#parts.timers.after(delayMs, () => this.#pushState(account)) }
      this.#dirty.set(account, dirty)
    }
    if (symbol !== null) dirty.listings.add(this.#parts.listings.bySymbol(symbol))
  }

  #pushState(account: string): void {
    const dirty = this.#dirty.get(account)
    this.#dirty.delete(account)
    if (dirty === undefined) return
    for (const listing of dirty.listings) this.#push(account, 'positions', listing, 'event_update', () => JSON.stringify(this.#parts.rows.position(account, listing)))
    this.#push(account, 'account', null, 'event_update', () => JSON.stringify(this.#parts.rows.account(account)))
  }

  #deliver(burst: Burst): void {
    if (this.#open === burst) this.#open = null
    for (const { account, listing, data } of burst.orders) this.#push(account, 'orders', listing, null, () => data)
    for (const [account, fills] of burst.fills) {
      const listings = [...new Set(fills.map((fill) => this.#parts.listings.bySymbol(fill.symbol)))]
      const eventType = fills.some((fill) => fill.kind === 'Liquidation') ? 'liquidation' : fills.every((fill) => fill.kind === 'Funding') ? 'funding_fee' : 'filled'
      const trades = fills.filter((fill) => fill.kind !== 'Funding')
      this.#push(account, 'balance_and_position', null, null, () => JSON.stringify(this.#parts.rows.balanceAndPosition(account, eventType, listings, trades)))
    }
  }

  #push(account: string, channel: PrivateChannel, listing: Listing | null, eventType: string | null, data: () => string): void {
    const hearing = [...(this.#listeners.get(account) ?? [])].filter((listener) => listener.hears(channel))
    if (hearing.length === 0) return
    const copies = this.#parts.faults.takePushCopies()
    if (copies === 0) return
    const text = data()
    this.#parts.counters.framesBuilt++
    for (const listener of hearing) for (let i = 0; i < copies; i++) listener.push(channel, listing, eventType, text)
  }
}
