import type { Clock, Random, Timer, Timers, WallMs } from '../../core/index.ts'
import { Lane } from '../front/lane.ts'
import type { FrontCounters } from '../front/counters.ts'
import type { FrontLatency } from '../front/latency.ts'
import type { ExchangeOrder, ExchangePort, Execution, ExecutionKind, Leg, Position } from '../port.ts'
import { neverFired, type AlgoBook } from './algo-book.ts'
import type { AlgoRows } from './algo-rows.ts'
import type { OkxFaults } from './faults.ts'
import type { Listing, Listings } from './listing.ts'
import type { OrderNotes } from './order-notes.ts'
import type { Rows } from './rows.ts'
import type { OkxLimits } from './settings.ts'

interface AccountChannelKind {
  readonly service: 'private' | 'business'
  /** Asked for by type of instrument. */
  readonly typed: boolean
  /** Repeated in its period unless the client wants events only. */
  readonly periodic: boolean
}

/** Channels about an account and the path that serves them. */
export const ACCOUNT_CHANNELS = {
  orders: { service: 'private', typed: true, periodic: false },
  fills: { service: 'private', typed: false, periodic: false },
  account: { service: 'private', typed: false, periodic: true },
  positions: { service: 'private', typed: true, periodic: true },
  balance_and_position: { service: 'private', typed: false, periodic: false },
  'liquidation-warning': { service: 'private', typed: true, periodic: false },
  'orders-algo': { service: 'business', typed: true, periodic: false },
} as const satisfies Record<string, AccountChannelKind>
export type AccountChannel = keyof typeof ACCOUNT_CHANNELS

/** A private connection that is logged in. */
export interface PrivateListener {
  readonly account: string
  /** Whether it subscribed the channel, in whatever scope. */
  hears(channel: AccountChannel): boolean
  /** @param listing the instrument that subscriptions may be bound to; null for whole accounts. @param data rows as JSON. */
  push(channel: AccountChannel, listing: Listing | null, eventType: string | null, data: string): void
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
  readonly algos: AlgoBook
  readonly algoRows: AlgoRows
  readonly nowMs: () => WallMs
}

/** What `balance_and_position` calls the cause of a push; the gravest first. */
const EVENTS: readonly (readonly [ExecutionKind, string])[] = [['Liquidation', 'liquidation'], ['Adl', 'adl'], ['Settlement', 'delivered'], ['Trade', 'filled'], ['Funding', 'funding_fee']]
/** Equity over maintenance margin at which an account is warned. */
const WARNING_RATIO = 3
const WARNING_EVERY_MS = 1_000

interface Burst {
  /** Order rows by account, in order. */
  readonly orders: { readonly channel: 'orders' | 'orders-algo'; readonly account: string; readonly listing: Listing; readonly data: string }[]
  readonly fills: Map<string, Execution[]>
}

interface Dirty {
  /** Legs that changed, by symbol and leg. */
  readonly positions: Map<string, { readonly symbol: string; readonly leg: Leg }>
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
  #watch: Timer | null = null
  readonly #warned = new Set<string>()
  #commandDelayMs = 0

  constructor(parts: PrivateHubParts) {
    this.#parts = parts
    this.#lane = new Lane(parts.clock, parts.timers, (burst) => this.#deliver(burst))
    this.#stopListening = parts.exchange.listen({
      onOrder: (order) => this.#onOrder(order),
      onExecution: (execution) => this.#onExecution(execution),
      onPosition: (position) => this.#touch(position.account, position),
      onWallet: (account) => this.#touch(account, null),
    })
  }

  add(listener: PrivateListener): void {
    let set = this.#listeners.get(listener.account)
    if (set === undefined) this.#listeners.set(listener.account, (set = new Set()))
    set.add(listener)
    this.#watch ??= this.#parts.timers.every(WARNING_EVERY_MS, () => this.#warn())
  }

  remove(listener: PrivateListener): void {
    const set = this.#listeners.get(listener.account)
    if (set?.delete(listener) === true && set.size === 0) this.#listeners.delete(listener.account)
    if (this.#listeners.size > 0) return
    this.#watch?.cancel()
    this.#watch = null
  }

  /** Connections of the account that subscribed the channel. */
  connections(account: string, channel: AccountChannel): number {
    let count = 0
    for (const listener of this.#listeners.get(account) ?? []) if (listener.hears(channel)) count++
    return count
  }

  close(): void {
    this.#stopListening()
    this.#lane.close()
    this.#watch?.cancel()
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
    if (order.trigger !== null && (order.status === 'Triggered' || order.cancelReason === 'margin-at-trigger' || neverFired(order))) return this.#onTrigger(order, listing, amended)
    this.#burst().orders.push({ channel: 'orders', account: order.account, listing, data: JSON.stringify(this.#parts.rows.orderPush(order, fill, amended)) })
    // Margin of resting orders is part of the account.
    this.#touch(order.account, null)
  }

  // One push for an algo order, whatever number of orders it is made of: its last one speaks, and one that fires or is amended.
  #onTrigger(order: ExchangeOrder, listing: Listing, amended: string | null): void {
    const { algoRows, algos, notes } = this.#parts
    if (notes.isSilent(order.clientId) || (amended === null && notes.wasTold(order.orderId))) return
    const algo = algos.of(order)
    if (algo === undefined || (neverFired(order) && amended === null && algo.orders.at(-1)!.orderId !== order.orderId)) return
    // The other half of a pair that fired is no news.
    if (order.cancelReason === 'one-cancels-other') return
    this.#burst().orders.push({ channel: 'orders-algo', account: order.account, listing, data: JSON.stringify(algoRows.push(algo, amended)) })
  }

  #onExecution(execution: Execution): void {
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
  #touch(account: string, position: Position | null): void {
    if (!this.#heard(account)) return
    let dirty = this.#dirty.get(account)
    if (dirty === undefined) {
      const delayMs = Math.max(this.#commandDelayMs, this.#parts.latency.pushMs) + this.#parts.limits.stateLagMs
      dirty = { positions: new Map(), timer: this.#parts.timers.after(delayMs, () => this.#pushState(account)) }
      this.#dirty.set(account, dirty)
    }
    if (position !== null) dirty.positions.set(`${position.symbol} ${position.leg}`, { symbol: position.symbol, leg: position.leg })
  }

  #pushState(account: string): void {
    const dirty = this.#dirty.get(account)
    this.#dirty.delete(account)
    if (dirty === undefined) return
    const { exchange, listings, rows } = this.#parts
    for (const { symbol, leg } of dirty.positions.values()) this.#push(account, 'positions', listings.bySymbol(symbol), 'event_update', () => JSON.stringify(rows.position(exchange.position(account, symbol, leg))))
    this.#push(account, 'account', null, 'event_update', () => JSON.stringify(rows.account(account)))
  }

  // Told once while the account stays in danger: the mark moves without anything happening to the account.
  #warn(): void {
    const { exchange, listings, rows } = this.#parts
    for (const account of this.#listeners.keys()) {
      const { equity, maintenanceMargin } = exchange.wallet(account)
      const endangered = maintenanceMargin.greaterThan(0) && equity.div(maintenanceMargin).lessThan(WARNING_RATIO)
      if (!endangered) this.#warned.delete(account)
      else if (!this.#warned.has(account)) {
        this.#warned.add(account)
        for (const position of exchange.positions(account)) this.#push(account, 'liquidation-warning', listings.bySymbol(position.symbol), null, () => JSON.stringify(rows.warning(position)))
      }
    }
  }

  #deliver(burst: Burst): void {
    if (this.#open === burst) this.#open = null
    const { exchange, listings, rows } = this.#parts
    for (const [account, fills] of burst.fills) {
      for (const fill of fills) if (fill.kind === 'Trade') this.#push(account, 'fills', listings.bySymbol(fill.symbol), null, () => JSON.stringify(rows.fillPush(fill)))
    }
    for (const { channel, account, listing, data } of burst.orders) this.#push(account, channel, listing, null, () => data)
    for (const [account, fills] of burst.fills) {
      const legs = new Map(fills.map((fill) => [`${fill.symbol} ${fill.leg}`, fill]))
      const kind = EVENTS.find(([name]) => fills.some((fill) => fill.kind === name))!
      const trades = fills.filter((fill) => fill.kind !== 'Funding')
      this.#push(account, 'balance_and_position', null, null, () => JSON.stringify(rows.balanceAndPosition(account, kind[1], [...legs.values()].map((fill) => exchange.position(account, fill.symbol, fill.leg)), trades)))
    }
  }

  #push(account: string, channel: AccountChannel, listing: Listing | null, eventType: string | null, data: () => string): void {
    const hearing = [...(this.#listeners.get(account) ?? [])].filter((listener) => listener.hears(channel))
    if (hearing.length === 0) return
    const copies = this.#parts.faults.takePushCopies()
    if (copies === 0) return
    const text = data()
    this.#parts.counters.framesBuilt++
    for (const listener of hearing) for (let i = 0; i < copies; i++) listener.push(channel, listing, eventType, text)
  }
}
