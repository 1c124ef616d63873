import { opposite, type Clock, type Lots, type PriceTicks, type Side, type WallMs } from '../core/index.ts'
import type { Account } from './accounts/account.ts'
import type { Accounts } from './accounts/accounts.ts'
import type { OrderRecord } from './accounts/order-record.ts'
import type { PositionState } from './accounts/position.ts'
import { legKey } from './accounts/account.ts'
import type { AmendFact, ExecutionFact, Fact, FireFact, Ledger, OrderFact } from './ledger/facts.ts'
import type { Market } from './market/market.ts'
import type { FillSink } from './matching/matching-book.ts'
import { Outbox } from './outbox.ts'
import type { CancelReason, Execution, ExecutionKind, Leg } from './port.ts'

/** What must follow a position that changed: its take-profit and stop-loss orders. */
export interface PositionFollower {
  /** Ends what the position no longer needs. */
  follow(account: Account, position: PositionState): void
  /** The order opened lots and brings its own protection. */
  opened(account: Account, record: OrderRecord, lots: Lots): void
}

/**
 * Between matching and the accounts: turns fills into executions, keeps the table of live orders, collects the facts of a
 * command and, at `finish`, writes them in one batch before anybody hears of them.
 */
export class Clearing {
  readonly accounts: Accounts
  readonly outbox = new Outbox()
  /** Set once by the exchange, before anything trades. */
  follower: PositionFollower | null = null
  readonly #clock: Clock
  readonly #ledger: Ledger
  readonly #markets: ReadonlyMap<string, Market>
  readonly #balanceOf: (account: string) => string
  readonly #live: (OrderRecord | null)[] = [null]
  readonly #freeOwners: number[] = []
  #batch: Fact[] = []
  readonly #touched = new Set<PositionState>()
  /** Lots that orders with protection opened in this command. */
  readonly #opened = new Map<OrderRecord, Lots>()
  #failure: unknown = null

  constructor(clock: Clock, ledger: Ledger, markets: ReadonlyMap<string, Market>, accounts: Accounts, balanceOf: (account: string) => string) {
    this.#clock = clock
    this.#ledger = ledger
    this.#markets = markets
    this.#balanceOf = balanceOf
    this.accounts = accounts
  }

  /** The account of that name, opened with its starting balance when it is new. */
  account(name: string): Account {
    const found = this.accounts.all.get(name)
    if (found !== undefined) return found
    const fact = { t: 'account', account: name, balance: this.#balanceOf(name) } as const
    const account = this.accounts.create(fact)
    this.note(fact)
    return account
  }

  /** Adds a fact that changes no account to the batch. */
  note(fact: Fact): void {
    this.#batch.push(fact)
  }

  /** Throws the ledger's error again: nothing is accepted after it. */
  guard(): void {
    if (this.#failure !== null) throw this.#failure
  }

  accept(order: Omit<OrderFact, 't' | 'n' | 'ms'>): OrderRecord {
    const fact: OrderFact = { t: 'order', n: this.accounts.orderLast + 1, ...order, ms: this.#clock.wallMs() }
    const record = this.accounts.accept(fact)
    this.note(fact)
    if (record.waiting) {
      this.#markets.get(record.symbol)!.watch.set(record.number, record)
      this.#touch(record)
    } else this.own(record)
    this.outbox.push({ kind: 'order', order: record.snapshot() })
    return record
  }

  /** A conditional order fires: it is told as triggered, and is an open order of `lots` from here on. */
  fire(record: OrderRecord, lots: Lots): void {
    const fact: FireFact = { t: 'fire', n: record.number, lots, ms: this.#clock.wallMs() }
    this.accounts.fire(fact)
    this.note(fact)
    this.#markets.get(record.symbol)!.watch.delete(record.number)
    this.#touch(record)
    this.own(record)
    this.outbox.push({ kind: 'order', order: record.snapshot('Triggered') })
    this.outbox.push({ kind: 'order', order: record.snapshot() })
  }

  /** Moves the trigger of a waiting order. */
  move(record: OrderRecord, ticks: PriceTicks): void {
    const fact = { t: 'move', n: record.number, ticks, ms: this.#clock.wallMs() } as const
    this.accounts.move(fact)
    this.note(fact)
    this.#touch(record)
    this.outbox.push({ kind: 'order', order: record.snapshot() })
  }

  // A position is told with what protects it.
  #touch(record: OrderRecord): void {
    if (record.origin === 'protection') this.#touched.add(this.#positionOf(record))
  }

  /** Gives a live order its place in the owner table. */
  own(record: OrderRecord): void {
    record.owner = this.#freeOwners.pop() ?? this.#live.length
    this.#live[record.owner] = record
  }

  amend(record: OrderRecord, ticks: PriceTicks | null, lots: Lots): void {
    const fact: AmendFact = { t: 'amend', n: record.number, ticks, lots, ms: this.#clock.wallMs() }
    this.accounts.amend(fact)
    this.note(fact)
    this.outbox.push({ kind: 'order', order: record.snapshot() })
  }

  /** Ends an open order, and takes it out of the book when it rests there. */
  end(record: OrderRecord, reason: CancelReason): void {
    if (record.entry >= 0) {
      this.#markets.get(record.symbol)!.book.remove(record.side, record.entry)
      record.entry = -1
    }
    if (record.waiting) {
      this.#markets.get(record.symbol)!.watch.delete(record.number)
      this.#touch(record)
    }
    const fact = { t: 'final', n: record.number, reason, ms: this.#clock.wallMs() } as const
    this.accounts.finish(fact)
    this.note(fact)
    this.#release(record)
    this.outbox.push({ kind: 'order', order: record.snapshot() })
  }

  lever(account: Account, symbol: string, leverage: string): PositionState {
    const fact = { t: 'leverage', account: account.name, symbol, leverage, ms: this.#clock.wallMs() } as const
    const position = this.accounts.lever(fact)
    this.note(fact)
    this.#touched.add(position)
    return position
  }

  /** Books an execution of an order, or of none (funding). */
  execute(market: Market, account: Account, record: OrderRecord | null, leg: Leg, kind: ExecutionKind, side: Side, ticks: PriceTicks, lots: Lots, fee: string, rate: string, maker: boolean): Execution {
    const fact: ExecutionFact = {
      t: 'exec', n: this.accounts.executionLast + 1, account: account.name, kind, order: record === null ? 0 : record.number, symbol: market.contract.symbol,
      ...(leg === 'net' ? {} : { leg }), side, ticks, lots, fee, rate, maker, seq: market.sequence, ms: this.#clock.wallMs(),
    }
    const execution = this.accounts.execute(fact)
    this.note(fact)
    this.#touched.add(account.positions.get(legKey(market.contract.symbol, leg))!)
    this.outbox.push({ kind: 'execution', execution })
    if (record === null) return execution
    const opened = lots - execution.closedLots
    if (record.protection !== null && opened > 0) this.#opened.set(record, (this.#opened.get(record) ?? 0) + opened)
    if (!record.open) this.#release(record)
    this.outbox.push({ kind: 'order', order: record.snapshot() })
    return execution
  }

  /** The market trades with a resting order, however much stands before it. @returns the lots that were filled. */
  fillByMarket(market: Market, record: OrderRecord, lots: Lots): Lots {
    const leaves = record.leavesLots
    const filled = Math.min(lots, record.reduceOnly ? this.#positionOf(record).closable(record.side) : leaves, leaves)
    if (!(filled > 0) || !Number.isSafeInteger(filled)) return 0
    const ticks = record.priceTicks!
    market.book.shrink(record.side, record.entry, filled)
    this.trade(market, opposite(record.side), ticks, filled, this.#clock.wallMs())
    this.#fill(market, record, ticks, filled, true)
    return filled
  }

  /** Notes a public trade. */
  trade(market: Market, side: Side, ticks: PriceTicks, lots: Lots, timeMs: WallMs): void {
    const number = market.trade(side, ticks, lots, timeMs)
    if (this.outbox.wantsTrades) this.outbox.push({ kind: 'trade', trade: market.tape.trade(number) })
  }

  /** The sink of a market's book. `market` is asked for late: a market and its book need each other. */
  sink(market: () => Market): FillSink {
    return {
      allow: (maker, taker, lots) => this.#allow(this.#live[maker]!, taker, lots),
      firm: (maker, taker) => {
        const record = this.#live[maker]!
        return !record.reduceOnly && !this.#same(record, taker)
      },
      fill: (maker, taker, side, ticks, lots) => {
        const at = market()
        this.trade(at, side, ticks, lots, this.#clock.wallMs())
        if (maker !== 0) this.#fill(at, this.#live[maker]!, ticks, lots, true)
        if (taker !== 0) this.#fill(at, this.#live[taker]!, ticks, lots, false)
      },
      withdrawn: (maker, taker) => {
        const record = this.#live[maker]!
        record.entry = -1
        this.end(record, this.#same(record, taker) ? 'self-trade' : 'reduce-only')
      },
    }
  }

  /** End of a command or of a market message: reduce-only orders follow their positions, facts are written, listeners told. */
  finish(market: Market | null): void {
    if (this.#touched.size > 0) this.#followPositions()
    if (this.#batch.length > 0) this.#write()
    if (market !== null && market.announced !== market.book.changes) {
      market.announced = market.book.changes
      if (this.outbox.wantsBooks) this.outbox.push({ kind: 'book', symbol: market.contract.symbol })
    }
    if (this.outbox.length > 0) this.outbox.deliver()
  }

  #write(): void {
    const batch = this.#batch
    this.#batch = []
    try {
      this.#ledger.append(batch)
    } catch (error) {
      this.#failure = error
      this.outbox.drop()
      throw error
    }
  }

  #same(record: OrderRecord, taker: number): boolean {
    return taker !== 0 && this.#live[taker]!.account === record.account
  }

  #allow(record: OrderRecord, taker: number, lots: Lots): Lots {
    if (this.#same(record, taker)) return 0
    if (!record.reduceOnly) return lots
    return Math.min(lots, this.#positionOf(record).closable(record.side))
  }

  #positionOf(record: OrderRecord): PositionState {
    return this.accounts.all.get(record.account)!.positions.get(legKey(record.symbol, record.leg))!
  }

  #fill(market: Market, record: OrderRecord, ticks: PriceTicks, lots: Lots, maker: boolean): void {
    const { math } = market
    const rate = maker ? math.maker : math.taker
    const fee = math.value(ticks, lots).times(rate)
    const account = this.accounts.all.get(record.account)!
    const { makerFeeRate, takerFeeRate } = market.contract
    this.execute(market, account, record, record.leg, record.kind, record.side, ticks, lots, fee.toFixed(), maker ? makerFeeRate : takerFeeRate, maker)
  }

  #release(record: OrderRecord): void {
    record.entry = -1
    if (record.owner === 0) return
    this.#live[record.owner] = null
    this.#freeOwners.push(record.owner)
    record.owner = 0
  }

  /** A reduce-only order is never larger than what it can close; one that would open is cancelled. */
  #followPositions(): void {
    for (const position of this.#touched) {
      const { symbol } = position.math.contract
      const account = this.accounts.all.get(position.account)!
      for (const record of account.open.values()) {
        if (!record.reduceOnly || record.symbol !== symbol || record.leg !== position.leg || record.entry < 0) continue
        const closable = position.closable(record.side)
        const excess = record.leavesLots - closable
        if (closable === 0) this.end(record, 'reduce-only')
        else if (excess > 0) {
          this.#markets.get(symbol)!.book.shrink(record.side, record.entry, excess)
          this.amend(record, record.priceTicks, record.filledLots + closable)
        }
      }
      this.follower?.follow(account, position)
    }
    for (const [record, lots] of this.#opened) this.follower?.opened(this.accounts.all.get(record.account)!, record, lots)
    this.#opened.clear()
    for (const position of this.#touched) {
      this.outbox.push({ kind: 'position', position: this.accounts.all.get(position.account)!.describe(position) })
      this.outbox.push({ kind: 'wallet', account: position.account })
    }
    this.#touched.clear()
  }
}
