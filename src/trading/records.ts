import type { Lots, Nanos, PriceTicks, Side, WallMs } from '../core/index.ts'
import type { OrderRequest, VenueFill, VenueOrderStatus } from '../venues/index.ts'
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

/** How a position is left. Percent of the entry price as decimal text; taken over at entry and used to the end. */
export interface ExitPlan {
  readonly takeProfitPercent: string
  readonly stopLossPercent: string
  readonly holdMsMax: number
  /** Where the numbers come from. */
  readonly source: string
}

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
  /** For positions that come without an entry of ours, and where a symbol has a plan of its own. */
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

/** A live order that the venue does not list, or lists for too long. */
export interface OrderHanging extends Fact {
  readonly kind: 'order-hanging'
  readonly clientId: string
  readonly venueId: string
  readonly symbol: string
  readonly localState: string
  readonly issue: 'not-open' | 'timeout-in-status'
  readonly reason: string
  readonly venueStatus: string
}

/** What became of a hanging order. */
export interface HangingResolved extends Fact {
  readonly kind: 'hanging-resolved'
  readonly clientId: string
  readonly venueId: string
  readonly symbol: string
  readonly localState: string
  readonly issue: 'status-mismatch' | 'not-found' | 'still-open'
  readonly reason: string
  readonly venueStatus: string
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
 * order of ours that is no longer kept, `venue` by liquidation or the like, `foreign` by somebody else.
 */
export type FillNote = '' | 'late' | 'overfill' | 'unlisted' | 'venue' | 'foreign'

export interface FillBooked extends Fact {
  readonly kind: 'fill-booked'
  readonly executionId: string
  readonly clientId: string
  readonly venueId: string
  readonly symbol: string
  readonly side: Side
  readonly priceTicks: PriceTicks
  readonly lots: Lots
  readonly fee: string
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

export type FreezeCode = 'foreign' | 'unexplained' | 'mismatch' | 'insane-order'

/** No new exposure on the symbol. `mismatch` ends when the books agree again, the others by a person. */
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
  | TransitionRefused
  | SymbolFrozen
  | SymbolReleased
  | SymbolSuspended
  | SymbolResumed
  | LimitsChanged
  | Reconciled
  | StopRequested
  | EpochEnded
