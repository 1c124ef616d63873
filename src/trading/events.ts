import type { Money, Nanos, PriceTicks, Side, SymbolIndex, WallMs } from '../core/index.ts'
import type { CommandOutcome, OrderEvidence, OrderRequest, VenueFill, VenueOrder } from '../venues/index.ts'
import type { BasisSource } from './basis.ts'
import type { RegimeName } from './conditions.ts'
import type { KillFacts, WatchEvent } from './kill/facts.ts'
import type { KillOrder, KillWay } from './kill/records.ts'
import type { StopPolicy, TradingRecord } from './records.ts'

/**
 * A price that is young enough for its purpose, or why there is none: what the market's `FreshPrice` and
 * `PriceRefusal` have in common. Reused by its source: read it at once.
 */
export type PriceAnswer =
  | { readonly refused: false; readonly bidTicks: PriceTicks; readonly askTicks: PriceTicks; readonly receiveNs: Nanos }
  | { readonly refused: true; readonly reason: string }

/** Where execution reads prices. Each purpose has its own limit of age; the source refuses older ones. */
export interface PriceSource {
  /** For sending orders that increase exposure. */
  orderPrice(symbolIndex: SymbolIndex): PriceAnswer
  /** For watching and closing positions. */
  exitPrice(symbolIndex: SymbolIndex): PriceAnswer
}

/** The band of prices outside of which the venue refuses, or moves, limit orders. Reused by its source: read it at once. */
export interface PriceBand {
  /** Ticks; NaN while nobody has said them. */
  highestBuyTicks: PriceTicks
  lowestSellTicks: PriceTicks
  /** False while the venue does not apply it. */
  enabled: boolean
  /** Since it was last told, ms; NaN before. */
  ageMs: number
}

/** What the account can carry, quote currency. */
export interface Funds {
  readonly equity: Money
  readonly marginAvailable: Money
}

/** What account and venue allow a symbol at the moment. Reused by the actor. */
export interface Clearance {
  /** Why the symbol may not be traded at all; '' when it passed the preflight. */
  blocked: string
  /** null when the venue has said nothing lately. */
  funds: Funds | null
  /** null while `blocked` says why. */
  leverage: Money | null
  band: PriceBand
}

/** One decision as it came off the ring, with the price of the moment. Reused by the actor. */
export interface DecisionEvent {
  readonly kind: 'decision'
  symbolIndex: SymbolIndex
  sequence: number
  tickSequence: number
  receiveNs: Nanos
  side: Side
  confidence: number
  /** Maker of the decision: 1 model, 2 fallback. */
  by: number
  price: PriceAnswer
  /** Conditions of the moment: null and NaN where they are not known. */
  regime: RegimeName | null
  atrTicks: number
  clearance: Clearance
  /** Absent: nothing is known of what it rests on. */
  basis?: BasisSource
}

/** A fresh price of a symbol that holds a position. Reused by the actor. */
export interface PriceEvent {
  readonly kind: 'price'
  symbolIndex: SymbolIndex
  price: PriceAnswer
}

/** A strategy's `shouldExit` has said yes for the position of a symbol. */
export interface ExitSignalEvent {
  readonly kind: 'exit-signal'
  readonly symbolIndex: SymbolIndex
  /** Name of the strategy: 1 to 32 of a-z, 0-9, - and _. */
  readonly strategy: string
  readonly why: string
  /** Of the tick behind it. */
  readonly receiveNs: Nanos
  /** For closing positions, of the moment. */
  readonly price: PriceAnswer
  /** Of the decision that it came as, in this epoch. Absent: it came as none. */
  readonly sequence?: number
  /** Side that closes, and confidence, as that decision says them. */
  readonly side?: number
  readonly confidence?: number
  readonly basis?: BasisSource
}

export type TradingEvent =
  | DecisionEvent
  | PriceEvent
  | ExitSignalEvent
  | { readonly kind: 'venue-order'; readonly order: VenueOrder }
  | { readonly kind: 'venue-fill'; readonly fill: VenueFill }
  | { readonly kind: 'place-outcome'; readonly clientId: string; readonly outcome: CommandOutcome }
  | { readonly kind: 'cancel-outcome'; readonly clientId: string; readonly outcome: CommandOutcome }
  | { readonly kind: 'evidence'; readonly clientId: string; readonly evidence: OrderEvidence }
  /** Looks at everything that time alone makes due. */
  | { readonly kind: 'sweep' }
  /** Looks at the stops at the venue; to be told once the books have agreed with the venue in this life. */
  | { readonly kind: 'protect' }
  | { readonly kind: 'protect-outcome'; readonly symbol: string; readonly clientId: string; readonly outcome: CommandOutcome }
  /** The venue's pushes have told another position for longer than the settings allow. */
  | { readonly kind: 'position-mismatch'; readonly symbol: string; readonly venueLots: number }
  | { readonly kind: 'suspend'; readonly symbol: string; readonly why: string }
  | { readonly kind: 'resume'; readonly symbol: string; readonly why: string }
  | { readonly kind: 'release'; readonly symbol: string; readonly why: string }
  /** A person calls an order back that has not filled. */
  | { readonly kind: 'call-back'; readonly clientId: string; readonly why: string }
  /** Another value for a limit, by its name in the configuration. */
  | { readonly kind: 'limit'; readonly limit: string; readonly value: string; readonly why: string }
  /** An order of ours was not fit to be sent: nothing of its symbol is trusted until a person has looked. */
  | { readonly kind: 'insane-order'; readonly symbol: string; readonly why: string }
  | { readonly kind: 'stop'; readonly policy: StopPolicy }
  /** While stopping: what the stop did not reach the first time. */
  | { readonly kind: 'drain'; readonly policy: StopPolicy }
  | { readonly kind: 'kill'; readonly order: KillOrder }
  | { readonly kind: 'kill-release'; readonly by: KillWay; readonly why: string; readonly force: boolean; readonly facts: KillFacts }
  | WatchEvent
  /** While the kill switch closes positions: one symbol, with its price or the lack of one. */
  | { readonly kind: 'flatten'; readonly symbolIndex: SymbolIndex; readonly price: PriceAnswer }

export interface Moment {
  readonly ns: Nanos
  readonly wallMs: WallMs
  /** False while nothing may increase exposure (link down, not reconciled, journal not writable, stopping). */
  readonly opens: boolean
}

export type Effect =
  | { readonly kind: 'place'; readonly request: OrderRequest; readonly receiveNs: Nanos }
  | { readonly kind: 'cancel'; readonly symbol: string; readonly clientId: string }
  /**
   * Ask the venue about one order after `afterMs`, if by then its fills are fewer than `filledLots`, or something
   * else about it is open, or `always`.
   */
  | { readonly kind: 'ask'; readonly symbol: string; readonly clientId: string; readonly afterMs: number; readonly filledLots: number; readonly always: boolean }
  | { readonly kind: 'reconcile'; readonly reason: string }
  /** Have the venue keep this stop for the position; 0: none. */
  | { readonly kind: 'protect'; readonly symbol: string; readonly clientId: string; readonly stopTicks: PriceTicks; readonly replaces: readonly string[] }

/** Why a proposal led to nothing; counted, never journaled. */
export type Refusal =
  | 'not-open'
  | 'kill-switch'
  | 'cause-stands'
  | 'stale-decision'
  | 'seen-decision'
  | 'low-confidence'
  | 'bad-decision'
  | 'suspended'
  | 'frozen'
  | 'unknown-order'
  | 'order-pending'
  | 'holding'
  | 'reject-pause'
  | 'margin-pause'
  | 'no-regime'
  | 'no-price'
  | 'book-integrity'
  | 'not-trading'
  | 'instrument-changed'
  | 'preflight'
  | 'account-unknown'
  | 'price-collar'
  | 'price-limit'
  | 'below-minimum'
  | 'above-maximum'
  | 'limit-positions'
  | 'limit-exposure'
  | 'limit-symbol-exposure'
  | 'limit-direction-exposure'
  | 'limit-margin'
  | 'limit-order-rate'
  | 'unprotected'
  | 'exit-pause'
  | 'nothing-to-close'
  | 'repeated'
  | 'unknown-symbol'
  | 'unknown-id'
  | 'too-old-fill'
  | 'bad-limit'

/** A limit that stands in the way, with the numbers of both sides in words. */
export interface Broken {
  readonly refusal: Refusal
  readonly found: string
  readonly allowed: string
}

/** What to do: append the records, apply them, then run the effects. Nothing of it has happened yet. */
export interface Decided {
  readonly records: readonly TradingRecord[]
  readonly effects: readonly Effect[]
  readonly refusal: Refusal | null
  /** The numbers of both sides, where the refusal has some. */
  readonly broken?: Broken
  /** True when an effect increases exposure: it must not run unless the records are in the journal. */
  readonly increases: boolean
}

const NONE: readonly never[] = Object.freeze([])

export const NOTHING: Decided = Object.freeze({ records: NONE, effects: NONE, refusal: null, increases: false })

const refusals = new Map<Refusal, Decided>()

/** The shared answer of one refusal: refusing costs no memory. */
export function refuse(refusal: Refusal): Decided {
  let found = refusals.get(refusal)
  if (found === undefined) {
    found = Object.freeze({ records: NONE, effects: NONE, refusal, increases: false })
    refusals.set(refusal, found)
  }
  return found
}

/** A refusal that carries its numbers, for whoever keeps the last one of each symbol. */
export const refuseBroken = (broken: Broken): Decided => ({ records: NONE, effects: NONE, refusal: broken.refusal, broken, increases: false })

export const decided = (records: readonly TradingRecord[], effects: readonly Effect[], increases = false): Decided => ({ records, effects, refusal: null, increases })
