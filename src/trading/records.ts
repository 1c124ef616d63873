import type { Lots, Nanos, PriceTicks, Side, WallMs } from '../core/index.ts'
import type { OrderRequest, VenueErrorClass, VenueFill, VenueOrder, VenueOrderStatus } from '../venues/index.ts'
import type { DecisionBasis } from './basis.ts'
import type { RegimeName } from './conditions.ts'
import type { EquitySeen, KillEngaged, KillReleased } from './kill/records.ts'
import type { LimitName } from './limit-names.ts'

/**
 * What the journal holds: facts, in the order in which they were decided or learned. State is a fold over them and
 * nothing else, so a record carries everything that its application needs. Absent values are null, never missing.
 */
interface Fact {
  /** Wall time, for people and for what must outlive a process. */
  readonly atMs: WallMs
  /** Monotonic time of the epoch that wrote it, for durations. */
  readonly atNs: Nanos
}

/**
 * What made a distance: its percent, the percent because no range was known, the average true range, the least or the most
 * that the settings let a range make of the percent, or the fees that a take profit must be worth.
 */
export type DistanceBy = 'percent' | 'percent-without-atr' | 'atr' | 'atr-least' | 'atr-most' | 'fees'

/** Where a distance comes from: what the settings said at entry, and what was made of it. */
export interface ExitDistance {
  readonly percent: string
  /** Multiple of the average true range; null: not asked for. */
  readonly atrMultiplier: string | null
  readonly by: DistanceBy
}

/** How a stop follows the price. Distances in percent of the average entry, decimal text. */
export interface TrailingPlan {
  /** Profit from which it follows. */
  readonly activationPercent: string
  readonly distancePercent: string
  /** It moves by this much or not at all. */
  readonly stepPercent: string
  readonly activation: ExitDistance
  readonly distance: ExitDistance
  readonly source: string
}

/**
 * How a position is left. Percent of the average entry as decimal text; taken over at entry and used to the end. The last
 * five are absent in journals of older versions and read as null.
 */
export interface ExitPlan {
  readonly takeProfitPercent: string
  readonly stopLossPercent: string
  readonly holdMsMax: number
  /** Path of the section that the parameters come from. */
  readonly source: string
  /** Of the market at entry; null: not the plan of an entry. */
  readonly regime: RegimeName | null
  /** Average true range at entry in ticks; null: it was not known. */
  readonly atrTicks: number | null
  readonly takeProfit: ExitDistance | null
  readonly stopLoss: ExitDistance | null
  /** null: the stop does not follow. */
  readonly trailing: TrailingPlan | null
}

/** Which rule closed a position; `unprotected`: the venue would not keep a stop for it. */
export type ExitReason = 'stop-loss' | 'trailing-stop' | 'take-profit' | 'time-limit' | 'opposite-decision' | 'exit-signal' | 'unprotected' | 'kill-switch'

/** How an entry came to its price and size; stored with the order. Amounts are decimal text in quote currency. */
export interface EntryTerms {
  /** Of the moment of the decision; null while nobody had said it. */
  readonly regime: string | null
  readonly offsetPercent: string
  /** Section of the settings that offset and kind of order came from. */
  readonly offsetSource: string
  readonly confidence: number
  /** The rule of the size, or the limit that made it smaller. */
  readonly sizedBy: string
  readonly equity: string
  readonly leverage: string
}

export type Purpose = 'entry' | 'exit'
/** How we came to know: pushed, asked for one id, part of a snapshot, or the answer to a command. */
export type Source = 'stream' | 'query' | 'snapshot' | 'answer'

export interface EpochStarted extends Fact {
  readonly kind: 'epoch-started'
  readonly epoch: number
  readonly account: string
  /** Conservative plans for positions that come without an entry of ours: of any symbol, and by symbol. */
  readonly plan: ExitPlan
  readonly planBySymbol: Readonly<Record<string, ExitPlan>>
}

export interface InstrumentSeen extends Fact {
  readonly kind: 'instrument-seen'
  readonly symbol: string
  readonly symbolIndex: number
  readonly tick: string
  readonly lot: string
}

/** Written before the order leaves. */
export interface OrderIntended extends Fact {
  readonly kind: 'order-intended'
  readonly clientId: string
  readonly symbol: string
  readonly purpose: Purpose
  readonly positionId: number
  readonly side: Side
  readonly type: OrderRequest['type']
  readonly priceTicks: PriceTicks | null
  /** Price that stands for a market order in exposure sums; the limit price otherwise. */
  readonly referenceTicks: PriceTicks
  readonly lots: Lots
  readonly timeInForce: OrderRequest['timeInForce']
  readonly reduceOnly: boolean
  /** Cancel when not filled after this; 0 for never. */
  readonly ttlMs: number
  readonly why: string
  readonly trace: string
  /** Sequence of the decision that asked for it, or -1. */
  readonly decisionSequence: number
  /** For entries. */
  readonly plan: ExitPlan | null
  /** For entries; null also in the journals of versions that did not write it. */
  readonly terms: EntryTerms | null
  /** For exits. Absent in older journals. */
  readonly reason: ExitReason | null
  /** Stop that the venue attaches to what this entry opens. Absent: none, as in journals of before there were any. */
  readonly stop?: AttachedStop
  /** Votes, model and settings behind the decision. Absent: no decision stands behind it, or the journal is older. */
  readonly basis?: DecisionBasis
}

/** A stop-loss at the venue, as an entry brings it along. */
export interface AttachedStop {
  /** Our name for it, where the venue takes one. */
  readonly clientId: string
  readonly ticks: PriceTicks
}

export interface OrderAccepted extends Fact {
  readonly kind: 'order-accepted'
  readonly clientId: string
  readonly venueId: string
}

export interface OrderRefused extends Fact {
  readonly kind: 'order-refused'
  readonly clientId: string
  readonly code: string
  readonly text: string
  /** What the code means. Absent in journals of versions before it was kept: nothing follows from it then. */
  readonly errorClass?: VenueErrorClass
}

/** Nothing left this machine. */
export interface OrderUnsent extends Fact {
  readonly kind: 'order-unsent'
  readonly clientId: string
  readonly reason: string
}

/** The command may or may not have been taken: new exposure on the symbol waits for evidence. */
export interface OrderUnknown extends Fact {
  readonly kind: 'order-unknown'
  readonly clientId: string
  readonly reason: string
}

/** Asked everywhere, found nowhere, and long enough after the sending that it cannot be on its way any more. */
export interface OrderAbsent extends Fact {
  readonly kind: 'order-absent'
  readonly clientId: string
  readonly waitedMs: number
}

export interface OrderSeen extends Fact {
  readonly kind: 'order-seen'
  readonly clientId: string
  readonly venueId: string
  readonly status: VenueOrderStatus
  /** The venue may have shrunk it. */
  readonly lots: Lots
  readonly filledLots: Lots
  readonly reason: string
  readonly source: Source
  readonly updatedMs: WallMs
}

/** An order at the venue that carries an id of ours and that this journal does not know. */
export interface OrderAdopted extends Fact {
  readonly kind: 'order-adopted'
  readonly clientId: string
  readonly venueId: string
  readonly symbol: string
  readonly purpose: Purpose
  readonly side: Side
  readonly priceTicks: PriceTicks | null
  readonly lots: Lots
  readonly filledLots: Lots
  readonly reduceOnly: boolean
}

/** What is said of a hanging order, at both ends of its story. */
export interface HangingFinding {
  readonly clientId: string
  readonly venueId: string
  readonly symbol: string
  readonly localState: string
  readonly reason: string
  readonly venueStatus: string
  /** The order as the venue told it; null where it told none, and in older journals. */
  readonly venueData: VenueOrder | null
}

/** A live order that the venue does not list, or lists for too long. */
export interface OrderHanging extends Fact, HangingFinding {
  readonly kind: 'order-hanging'
  readonly issue: 'not-open' | 'timeout-in-status'
}

/** What became of a hanging order. */
export interface HangingResolved extends Fact, HangingFinding {
  readonly kind: 'hanging-resolved'
  readonly issue: 'status-mismatch' | 'not-found' | 'still-open'
  readonly venueFilledLots: number
}

export interface CancelIntended extends Fact {
  readonly kind: 'cancel-intended'
  readonly clientId: string
  readonly symbol: string
  readonly why: string
}

/** The order may have filled instead: never an end by itself. */
export interface CancelRefused extends Fact {
  readonly kind: 'cancel-refused'
  readonly clientId: string
  readonly code: string
  readonly text: string
}

/**
 * Why a fill is out of the ordinary: `late` after its order had ended, `overfill` beyond its size, `unlisted` by an
 * order of ours that is no longer kept, `stop` by an exit that the venue kept for the position, `watchdog` by the
 * watchdog while the engine was dead, `venue` by liquidation or the like, `foreign` by somebody else.
 */
export type FillNote = '' | 'late' | 'overfill' | 'unlisted' | 'stop' | 'watchdog' | 'venue' | 'foreign'

export interface FillBooked extends Fact {
  readonly kind: 'fill-booked'
  readonly executionId: string
  readonly clientId: string
  readonly venueId: string
  readonly symbol: string
  readonly side: Side
  readonly priceTicks: PriceTicks
  /** The venue's exact price where it does not lie on the tick; null: `priceTicks` is exact. Absent in older journals, as `feeCoin` and `realised` are. */
  readonly priceText: string | null
  readonly lots: Lots
  readonly fee: string
  /** Coin of the fee; null: the quote coin. */
  readonly feeCoin: string | null
  /** The venue's figure for what this execution closed, quote currency before fees; null: it did not tell. */
  readonly realised: string | null
  readonly maker: boolean
  readonly type: Exclude<VenueFill['kind'], 'funding'>
  readonly timeMs: WallMs
  /** Signed position around it. */
  readonly beforeLots: number
  readonly afterLots: number
  readonly note: FillNote
  readonly source: Source
}

export interface FundingBooked extends Fact {
  readonly kind: 'funding-booked'
  readonly executionId: string
  readonly symbol: string
  /** Quote currency; positive is a cost. */
  readonly fee: string
  /** Decimal text; null where the venue does not tell. Absent in older journals, as the next two are. */
  readonly rate: string | null
  /** Size and price that it was charged on; null where they are not known. */
  readonly lots: Lots | null
  readonly priceText: string | null
  readonly timeMs: WallMs
}

/** The venue's position takes the place of ours: fills do not explain the difference. */
export interface PositionAdopted extends Fact {
  readonly kind: 'position-adopted'
  readonly symbol: string
  readonly fromLots: number
  readonly toLots: number
  /** Average entry in ticks, decimal text; '0' when flat. */
  readonly entryTicks: string
  readonly why: string
}

/** The plan of a position cannot be gone by, or there is none of an entry: from here on it goes by this one. */
export interface PlanDamaged extends Fact {
  readonly kind: 'plan-damaged'
  readonly symbol: string
  readonly positionId: number
  readonly problem: string
  readonly plan: ExitPlan
}

/** The stop followed the price, by a step or more and never against the position. */
export interface StopMoved extends Fact {
  readonly kind: 'stop-moved'
  readonly symbol: string
  readonly positionId: number
  readonly fromTicks: PriceTicks
  readonly toTicks: PriceTicks
  /** Bid or ask that it followed. */
  readonly priceTicks: PriceTicks
}

/** An event that the table of the machine does not allow: written down, not applied. */
export interface TransitionRefused extends Fact {
  readonly kind: 'transition-refused'
  readonly entity: 'order' | 'position'
  readonly id: string
  readonly symbol: string
  readonly from: string
  readonly event: string
  readonly why: string
}

export type FreezeCode = 'foreign' | 'unexplained' | 'mismatch' | 'restored' | 'insane-order'

/** No new exposure on the symbol. `mismatch` ends when the books agree again, `restored` when a person asks for recovery, the others by a person. */
export interface SymbolFrozen extends Fact {
  readonly kind: 'symbol-frozen'
  readonly symbol: string
  readonly code: FreezeCode
  readonly why: string
}

export interface SymbolReleased extends Fact {
  readonly kind: 'symbol-released'
  readonly symbol: string
  readonly why: string
}

export interface SymbolSuspended extends Fact {
  readonly kind: 'symbol-suspended'
  readonly symbol: string
  readonly why: string
}

export interface SymbolResumed extends Fact {
  readonly kind: 'symbol-resumed'
  readonly symbol: string
  readonly why: string
}

/** Written before the venue is asked to keep a stop for the position, to move it, or to take it away. */
export interface ProtectionIntended extends Fact {
  readonly kind: 'protection-intended'
  readonly symbol: string
  readonly positionId: number
  /** Our name for it, where the venue takes one. */
  readonly clientId: string
  /** 0 takes it away. */
  readonly stopTicks: PriceTicks
  readonly why: string
}

/** The venue keeps this stop; 0: it keeps none. */
export interface ProtectionSet extends Fact {
  readonly kind: 'protection-set'
  readonly symbol: string
  readonly positionId: number
  readonly stopTicks: PriceTicks
  readonly source: 'answer' | 'snapshot'
}

/**
 * The stop is not known to be as it should: the command was `refused`, is `unknown` or `unsent`; the stop is `gone` or has
 * `company` in a snapshot, has `triggered`, has `ended` after that, or is `leftover` of a position that is closed.
 */
export type ProtectionTrouble = 'refused' | 'unknown' | 'unsent' | 'gone' | 'company' | 'triggered' | 'ended' | 'cancelled' | 'leftover'

export interface ProtectionFailed extends Fact {
  readonly kind: 'protection-failed'
  readonly symbol: string
  readonly positionId: number
  readonly trouble: ProtectionTrouble
  readonly clientId: string
  readonly text: string
}

/** A position has had neither a stop nor an exit under way for too long: no entries anywhere until that is over. */
export interface ProtectionAlarm extends Fact {
  readonly kind: 'protection-alarm'
  readonly symbol: string
  readonly positionId: number
  readonly lots: number
  readonly nakedMs: number
  readonly why: string
}

/** A limit was changed while the engine ran. Values are decimal text. */
export interface LimitsChanged extends Fact {
  readonly kind: 'limits-changed'
  readonly limit: LimitName
  readonly before: string
  readonly value: string
  /** What the configuration said at that time: with another one the change ends. */
  readonly configured: string
  readonly why: string
}

/** A switch, weight or parameter of a strategy was changed while the engine ran. Values are text, as a person writes them. */
export interface StrategyChanged extends Fact {
  readonly kind: 'strategy-changed'
  readonly strategy: string
  readonly setting: string
  readonly before: string
  readonly value: string
  readonly configured: string
  readonly why: string
}

export interface Reconciled extends Fact {
  readonly kind: 'reconciled'
  readonly reason: string
  readonly tries: number
  /** Wall time at which the snapshot was asked for. */
  readonly askedMs: WallMs
  readonly fillsBooked: number
  readonly positionsAdopted: number
  readonly ordersHanging: number
  readonly fillsComplete: boolean
  readonly balance: string
}

export type StopPolicy = 'cancel-entries' | 'leave' | 'cancel-all'

export interface StopRequested extends Fact {
  readonly kind: 'stop-requested'
  readonly policy: StopPolicy
}

export interface EpochEnded extends Fact {
  readonly kind: 'epoch-ended'
  readonly epoch: number
  readonly liveOrders: number
  readonly openPositions: number
  /** False when the deadline came before the evidence. */
  readonly drained: boolean
}

export type TradingRecord =
  | EpochStarted
  | InstrumentSeen
  | OrderIntended
  | OrderAccepted
  | OrderRefused
  | OrderUnsent
  | OrderUnknown
  | OrderAbsent
  | OrderSeen
  | OrderAdopted
  | OrderHanging
  | HangingResolved
  | CancelIntended
  | CancelRefused
  | FillBooked
  | FundingBooked
  | PositionAdopted
  | PlanDamaged
  | StopMoved
  | TransitionRefused
  | SymbolFrozen
  | SymbolReleased
  | SymbolSuspended
  | SymbolResumed
  | ProtectionIntended
  | ProtectionSet
  | ProtectionFailed
  | ProtectionAlarm
  | LimitsChanged
  | StrategyChanged
  | Reconciled
  | StopRequested
  | EpochEnded
  | KillEngaged
  | KillReleased
  | EquitySeen
