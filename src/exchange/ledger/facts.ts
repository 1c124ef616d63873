import type { Lots, PriceTicks, Side, WallMs } from '../../core/index.ts'
import type { CancelReason, ExecutionKind, TimeInForce } from '../port.ts'

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

/** Facts that change accounts, and facts about the exchange itself: its starts, last prices and settled funding rates. */
export type Fact =
  | AccountFact
  | OrderFact
  | AmendFact
  | FinalFact
  | ExecutionFact
  | LeverageFact
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
