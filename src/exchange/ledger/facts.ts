import type { Lots, PriceTicks, Side, WallMs } from '../../core/index.ts'
import type { CancelReason, ContractChange, ExecutionKind, Leg, OrderOrigin, PositionMode, PriceSource, Protection, StopKind, TimeInForce, Trail } from '../port.ts'

/** An account came into being with its starting balance. */
export interface AccountFact {
  readonly t: 'account'
  readonly account: string
  readonly balance: string
}

/** An order was accepted. */
export interface OrderFact {
  readonly t: 'order'
  readonly n: number
  readonly account: string
  readonly client: string
  readonly symbol: string
  readonly side: Side
  readonly type: 'limit' | 'market'
  readonly tif: TimeInForce
  readonly reduceOnly: boolean
  readonly ticks: PriceTicks | null
  readonly lots: Lots
  readonly ms: WallMs
  /** Absent for the net position of one-way mode. */
  readonly leg?: Leg
  readonly close?: boolean
  /** Absent for `user`. */
  readonly origin?: OrderOrigin
  readonly trigger?: TriggerFact
  readonly protect?: Protection
}

/** The conditional side of an order as it was made. */
export interface TriggerFact {
  readonly kind: StopKind
  readonly by: PriceSource
  readonly rise: boolean
  readonly ticks: PriceTicks | null
  readonly trail: Trail | null
  readonly group: string
  readonly parent: string
  readonly whole: boolean
  readonly last: PriceTicks
}

/** A conditional order fired: from here on it is an order of this size. */
export interface FireFact {
  readonly t: 'fire'
  readonly n: number
  readonly lots: Lots
  readonly ms: WallMs
}

/** The trigger of a waiting order moved, by its owner or because it follows the price. */
export interface TriggerMoveFact {
  readonly t: 'move'
  readonly n: number
  readonly ticks: PriceTicks
  readonly ms: WallMs
}

export interface ModeFact {
  readonly t: 'mode'
  readonly account: string
  /** Null for every symbol. */
  readonly symbol: string | null
  readonly mode: PositionMode
  readonly ms: WallMs
}

/** A front keeps something about an account: what its protocol lets the account choose. */
export interface SettingFact {
  readonly t: 'setting'
  readonly account: string
  readonly name: string
  readonly value: string
  readonly ms: WallMs
}

/** Terms of a contract from here on. */
export interface ContractFact {
  readonly t: 'contract'
  readonly symbol: string
  readonly change: ContractChange
  readonly ms: WallMs
}

/** A change of terms that comes into force at `atMs`; null takes the announcement back. */
export interface AnnounceFact {
  readonly t: 'announce'
  readonly symbol: string
  readonly atMs: WallMs
  readonly change: ContractChange | null
  readonly ms: WallMs
}

/** Funding rates are this one from here on; null for the rate of the market. */
export interface RateFact {
  readonly t: 'rate'
  readonly symbol: string
  readonly rate: number | null
  readonly ms: WallMs
}

/** Price or total size of an order changed, by its owner or because it was reduce-only. */
export interface AmendFact {
  readonly t: 'amend'
  readonly n: number
  readonly ticks: PriceTicks | null
  readonly lots: Lots
  readonly ms: WallMs
}

/** An order ended without being filled. */
export interface FinalFact {
  readonly t: 'final'
  readonly n: number
  readonly reason: CancelReason
  readonly ms: WallMs
}

/** Money moved: a trade, a liquidation, a funding payment. Everything else about it follows from the state before it. */
export interface ExecutionFact {
  readonly t: 'exec'
  readonly n: number
  readonly account: string
  readonly kind: ExecutionKind
  /** Number of the order, 0 for funding. */
  readonly order: number
  readonly symbol: string
  /** Absent for the net position of one-way mode. */
  readonly leg?: Leg
  readonly side: Side
  readonly ticks: PriceTicks
  readonly lots: Lots
  /** Positive is a cost. */
  readonly fee: string
  readonly rate: string
  readonly maker: boolean
  readonly seq: number
  readonly ms: WallMs
}

export interface LeverageFact {
  readonly t: 'leverage'
  readonly account: string
  readonly symbol: string
  readonly leverage: string
  readonly ms: WallMs
}

/** Facts that change accounts, and facts about the exchange itself: its starts, contracts, last prices and funding rates. */
export type Fact =
  | AccountFact
  | OrderFact
  | AmendFact
  | FinalFact
  | ExecutionFact
  | LeverageFact
  | FireFact
  | TriggerMoveFact
  | ModeFact
  | SettingFact
  | ContractFact
  | AnnounceFact
  | RateFact
  | { readonly t: 'start'; readonly start: number; readonly ms: WallMs }
  | { readonly t: 'price'; readonly symbol: string; readonly ticks: PriceTicks; readonly ms: WallMs }
  | { readonly t: 'funding'; readonly symbol: string; readonly rate: number; readonly ms: WallMs }

/**
 * Where facts are kept. `append` is called once per command with everything that the command did, before anybody hears of it:
 * a batch is kept whole or not at all.
 */
export interface Ledger {
  /** Hands over every kept batch, oldest first; called once, before the first append. */
  replay(apply: (facts: readonly Fact[]) => void): void
  append(facts: readonly Fact[]): void
  close(): void
}
