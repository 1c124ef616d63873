import { Ledger } from '../ledger.ts'
import type { LimitName } from '../limit-names.ts'
import { noShare } from '../exposure.ts'
import type { Bringer, StrategyOutcome } from '../strategy-outcomes.ts'
import { createState, type Order, type SymbolState, type TradingState } from '../state.ts'
import { freeze, type Frozen, thaw } from './frozen.ts'

/** Books that the replay of a journal goes on from. */
export interface BaseBooks {
  /** Taken over by whoever folds: nobody else may use it. */
  readonly state: TradingState
  /** Records that need not be folded: 0 without a checkpoint. */
  readonly skipped: number
  /** Why a checkpoint that lies there is not used, '' when it is, or when there is none. */
  readonly problem: string
}

export interface FrozenState {
  readonly [part: string]: Frozen
}

/**
 * The books as plain data, to go on from instead of from the first record. Folding what follows gives the same books on a
 * thawed state as on the one that was frozen. Plain fields are carried by themselves; what is left out here (shares of the
 * exposure, the lists of live orders) is computed from the rest.
 */
export function freezeState(state: TradingState): FrozenState {
  const { orders, symbols, seen, exposure, limits, outcomes, ...plain } = state
  void exposure
  return {
    ...(freeze(plain) as FrozenState),
    orders: [...orders.values()].map(freeze),
    ended: orders.ended().map((order) => order.clientId),
    symbols: [...symbols.values()].map(freezeSymbol),
    seen: seen.entries(),
    floorMs: seen.floorMs,
    lastMs: seen.lastMs,
    limits: limits.entries(),
    outcomes: [...outcomes.entries()].map(([name, outcome]) => [name, freeze(outcome)]),
  }
}

/** The books that were frozen. @throws what is wrong with them, as whatever meets it first throws it */
export function thawState(frozen: FrozenState): TradingState {
  const state = createState()
  const { orders, ended, symbols, seen, floorMs, lastMs, limits, outcomes, ...plain } = frozen
  Object.assign(state, thaw(plain))
  const items = (orders as readonly Frozen[]).map((order) => thaw(order) as Order)
  const byId = new Map(items.map((order) => [order.clientId, order]))
  state.orders.restore(items, (ended as readonly string[]).map((id) => byId.get(id)!))
  for (const [executionId, timeMs] of seen as readonly [string, number][]) state.seen.add(executionId, timeMs)
  state.seen.floorMs = floorMs as number
  state.seen.lastMs = lastMs as number
  for (const [name, value, configured] of limits as readonly [LimitName, string, string][]) state.limits.set(name, value, configured)
  state.outcomes.restore((outcomes as readonly [Bringer, Frozen][]).map(([name, outcome]) => [name, thaw(outcome) as StrategyOutcome]))
  for (const one of symbols as readonly FrozenState[]) {
    const symbol = thawSymbol(one, byId)
    state.symbols.set(symbol.symbol, symbol)
    state.exposure.refresh(symbol)
  }
  return state
}

function freezeSymbol(symbol: SymbolState): FrozenState {
  const { ledger, live, share, ...plain } = symbol
  void share
  return { ...(freeze(plain) as FrozenState), ledger: freeze(Object.fromEntries(Object.entries(ledger))), live: live.map((order) => order.clientId) }
}

/** Live orders are the same objects in the registry and in the list of their symbol. */
function thawSymbol(frozen: FrozenState, orders: ReadonlyMap<string, Order>): SymbolState {
  const { ledger, live, ...plain } = frozen
  const books = Object.assign(new Ledger(), thaw(ledger))
  return { ...(thaw(plain) as Omit<SymbolState, 'ledger' | 'live' | 'share'>), ledger: books, live: (live as readonly string[]).map((id) => orders.get(id)!), share: noShare() }
}
