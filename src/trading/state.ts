import { assert, money, ZERO, type Lots, type Money, type Nanos, type PriceTicks, type Side, type WallMs } from '../core/index.ts'
import type { OrderRequest } from '../venues/index.ts'
import type { DecisionBasis } from './basis.ts'
import { createKillState, type KillState } from './kill/state.ts'
import { ExposureBook, type ExposureShare, noShare } from './exposure.ts'
import { Ledger } from './ledger.ts'
import { LimitChanges } from './limits.ts'
import type { Transition } from './machine.ts'
import { isFinal, type OrderEvent } from './order-machine.ts'
import type { EntryTerms, ExitPlan, ExitReason, FillBooked, FreezeCode, Purpose } from './records.ts'
import { Registry } from './registry.ts'
import { SeenExecutions } from './seen.ts'
import { StrategyOutcomes } from './strategy-outcomes.ts'
import { noStop, type VenueStop } from './venue-stop.ts'

/** Bounds of the live state: what a late message or a repeated intent can still meet. */
export const ENDED_ORDERS_MAX = 4096
/** Results of ended orders are kept for 60 minutes. */
export const ENDED_ORDERS_TTL_MS = 60 * 60_000
export const SEEN_EXECUTIONS_MAX = 65_536
export const CLOSED_POSITIONS_MAX = 256

export interface Order {
  readonly clientId: string
  readonly symbol: string
  readonly purpose: Purpose
  readonly positionId: number
  readonly side: Side
  readonly type: OrderRequest['type']
  readonly priceTicks: PriceTicks | null
  readonly referenceTicks: PriceTicks
  readonly reduceOnly: boolean
  readonly ttlMs: number
  readonly why: string
  readonly trace: string
  /** Of entries, where they are known. */
  readonly terms: EntryTerms | null
  /** A state of the order machine. */
  state: number
  venueId: string
  /** The venue may shrink it. */
  lots: Lots
  /** Σ of unique executions booked. */
  filledLots: Lots
  /** What the venue says is filled. */
  venueFilledLots: Lots
  /** Final event that waits for fills which the venue has counted and we have not, or -1. */
  ending: OrderEvent | -1
  endingWhy: string
  /** Why its outcome is unknown, '' when it is known. */
  unknown: string
  /** Reported as hanging and not resolved yet. */
  hanging: boolean
  /** When the venue last confirmed it as open after it was reported for its age, -1 for never: its next age counts from here. */
  checkedNs: Nanos
  intendedMs: WallMs
  intendedNs: Nanos
  /** Last cancel asked for, -1 for none. */
  cancelNs: Nanos
  endedMs: WallMs
  readonly history: Transition[]
}

export interface Position {
  readonly id: number
  readonly symbol: string
  /** That of its entry, to the end; a conservative one in place of one that is damaged. */
  plan: ExitPlan
  /** What is wrong with the plan that it began with, '' when nothing is, and whether that has been reported. */
  damage: string
  damageTold: boolean
  readonly trace: string
  /** What the decision of its entry rested on; null: it came by none of ours, or the journal is older. */
  basis: DecisionBasis | null
  /** Strategies that voted for it, bits in the order of `STRATEGY_NAMES`. */
  voters: number
  /** A state of the position machine. */
  state: number
  openedMs: WallMs
  openedNs: Nanos
  /** Exits intended so far: numbers the next one. */
  exits: number
  /** Exits in a row that filled nothing. */
  exitFailures: number
  /** Last exit intended, -1 for none, and the rule that asked for it. */
  exitNs: Nanos
  exitReason: ExitReason | null
  /** Ticks, 0 while flat. The stop is the one in force: that of the plan, or what trailing has made of it. */
  takeProfitTicks: PriceTicks
  stopLossTicks: PriceTicks
  /** Where the stop has followed the price to; 0: nowhere yet. */
  trailedTicks: PriceTicks
  /** Price from which it follows, how far behind, and by which least step; the step is 0 where it does not. */
  trailFromTicks: PriceTicks
  trailBehindTicks: number
  trailStepTicks: number
  /** Quote currency. */
  realised: Money
  fees: Money
  funding: Money
  /** Fees in other coins than the quote, by coin. */
  readonly otherFees: Map<string, Money>
  /** Venue time of its first execution and of its last; 0 before there is one. */
  firstFillMs: WallMs
  lastFillMs: WallMs
  /** Signed size around every fill that reduced it, with the figures of the venue. */
  readonly closes: PositionClose[]
  readonly history: Transition[]
}

export interface PositionClose {
  readonly executionId: string
  readonly type: FillBooked['type']
  readonly beforeLots: number
  readonly afterLots: number
  readonly priceTicks: PriceTicks
  /** Exact price where it does not lie on the tick; null: `priceTicks` is exact. */
  readonly priceText: string | null
  /** Quote currency, before fees. */
  readonly realised: string
  /** The part of its fee that belongs to the part that closed this position. */
  readonly fee: string
  readonly atMs: WallMs
}

export interface SymbolState {
  readonly symbol: string
  tick: string
  lot: string
  /** Quote currency of one tick·lot. */
  unit: Money
  readonly ledger: Ledger
  /** The position that is not closed, if any. */
  position: Position | null
  /** Orders that are not final. */
  readonly live: Order[]
  /** What the venue itself keeps to close the position. */
  readonly stop: VenueStop
  frozen: { readonly code: FreezeCode; readonly why: string } | null
  suspended: boolean
  /** Highest decision of this epoch that led to an order. */
  decisionSequence: number
  /** Entries refused in a row, and when the last one was. */
  rejects: number
  rejectNs: Nanos
  /** Rises with every fill and adoption: tells whether the books moved under a snapshot. */
  moves: number
  /** Venue time and id of the youngest execution booked; 0 and '' for none. A snapshot without it is older than the books. */
  lastFillMs: WallMs
  lastFillId: string
  /** Its part of the exposure. */
  readonly share: ExposureShare
}

/** The books. Only `apply` writes here. */
export interface TradingState {
  epoch: number
  account: string
  plan: ExitPlan | null
  planBySymbol: Readonly<Record<string, ExitPlan>>
  /** Records applied. */
  records: number
  readonly orders: Registry<Order>
  readonly symbols: Map<string, SymbolState>
  readonly seen: SeenExecutions
  /** The last closed positions, oldest first. */
  readonly closed: Position[]
  /** What became of what the strategies voted for. */
  readonly outcomes: StrategyOutcomes
  nextPositionId: number
  epochMs: WallMs
  /** When the snapshot of the last good reconciliation was asked for; 0 for never. */
  reconciledMs: WallMs
  /** Entries of this epoch, newest last, as many as any order-rate limit can look at. */
  readonly entryNs: Nanos[]
  /** Entries refused for want of margin, over all symbols: in a row, and when the last one was. */
  marginRefusals: { readonly inARow: number; readonly lastNs: Nanos }
  /** Illegal transitions met while folding; they change nothing. */
  refusedTransitions: number
  /** What the kill switch and its trips know. */
  readonly kill: KillState
  readonly exposure: ExposureBook
  readonly limits: LimitChanges
}

export function createState(): TradingState {
  return {
    epoch: 0,
    account: '',
    plan: null,
    planBySymbol: {},
    records: 0,
    orders: new Registry<Order>(isFinal, ENDED_ORDERS_MAX, ENDED_ORDERS_TTL_MS),
    symbols: new Map(),
    seen: new SeenExecutions(SEEN_EXECUTIONS_MAX),
    closed: [],
    outcomes: new StrategyOutcomes(),
    nextPositionId: 1,
    epochMs: 0,
    reconciledMs: 0,
    entryNs: [],
    marginRefusals: { inARow: 0, lastNs: 0 },
    refusedTransitions: 0,
    kill: createKillState(),
    exposure: new ExposureBook(),
    limits: new LimitChanges(),
  }
}

/** The books of a symbol, made when it is first met. */
export function symbolState(state: TradingState, symbol: string): SymbolState {
  let found = state.symbols.get(symbol)
  if (found === undefined) {
    found = {
      symbol,
      tick: '',
      lot: '',
      unit: ZERO,
      ledger: new Ledger(),
      position: null,
      live: [],
      stop: noStop(),
      frozen: null,
      suspended: false,
      decisionSequence: -1,
      rejects: 0,
      rejectNs: 0,
      moves: 0,
      lastFillMs: 0,
      lastFillId: '',
      share: noShare(),
    }
    state.symbols.set(symbol, found)
  }
  return found
}

/** The conservative exit plan of a position that came without an entry of ours. */
export function standingPlan(state: TradingState, symbol: string): ExitPlan {
  const plan = state.planBySymbol[symbol] ?? state.plan
  assert(plan !== null, 'an epoch was opened before anything else')
  return plan
}

/** Quote currency of one tick·lot. */
export const unitOf = (tick: string, lot: string): Money => money(tick).mul(money(lot))

/** True while something about the order must still be learned from the venue. */
export function needsEvidence(order: Order): boolean {
  if (isFinal(order.state)) return order.venueFilledLots > order.filledLots
  return order.unknown !== '' || order.ending !== -1 || order.hanging || order.cancelNs >= 0 || order.venueFilledLots > order.filledLots
}

/** Lots of a side that live exits may still close. */
export function closingLots(symbol: SymbolState): Lots {
  let lots = 0
  for (const order of symbol.live) if (order.reduceOnly) lots += Math.max(0, order.lots - order.filledLots)
  return lots
}
