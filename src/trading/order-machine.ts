import type { VenueOrderStatus } from '../venues/index.ts'
import { defineMachine, ILLEGAL } from './machine.ts'

export type OrderState = 0 | 1 | 2 | 3 | 4 | 5 | 6
/** Intent is in the journal; the venue has not confirmed anything yet. */
export const PENDING = 0
export const PLACED = 1
export const PARTIALLY_FILLED = 2
export const FILLED = 3
export const CANCELLED = 4
export const REJECTED = 5
/** It never came into being: nothing was sent, or the venue was asked everywhere and has never heard of it. */
export const FAILED = 6

export const ORDER_STATES = ['Pending', 'Placed', 'PartiallyFilled', 'Filled', 'Cancelled', 'Rejected', 'Failed'] as const

export type OrderEvent = 0 | 1 | 2 | 3 | 4 | 5 | 6
/** The venue acknowledged it, or was seen to hold it. */
export const ACCEPT = 0
/** A fill that leaves some of the order. */
export const FILL_PART = 1
/** A fill that completes the order. */
export const FILL_WHOLE = 2
export const CANCEL = 3
export const REJECT = 4
/** The venue was asked for the id in open orders, history and executions, and found it nowhere. */
export const ABSENT = 5
/** Certain: nothing left this machine. */
export const UNSENT = 6

export const ORDER_EVENTS = ['accept', 'fill-part', 'fill-whole', 'cancel', 'reject', 'absent', 'unsent'] as const

const P = PLACED
const T = PARTIALLY_FILLED
const F = FILLED
const C = CANCELLED
const R = REJECTED
const X = FAILED
const _ = ILLEGAL

/**
 * The life of an order. A cell that names its own row absorbs a late or repeated message. The four final states
 * are never left. Fills are booked whatever this table says (the ledger counts executions, not states): a fill
 * after a cancel, a reject or a failure is booked and marked late, and leaves the state as it is.
 */
export const ORDER_MACHINE = defineMachine('order', ORDER_STATES, ORDER_EVENTS, [
  //                   accept  part  whole cancel reject absent unsent
  [PENDING,            P,      T,    F,    C,     R,     X,     X],
  [PLACED,             P,      T,    F,    C,     R,     X,     _], // acknowledged, later refused: venues answer twice
  [PARTIALLY_FILLED,   T,      T,    F,    C,     R,     C,     _], // absent with fills: the rest is gone, the fills stay
  [FILLED,             F,      _,    _,    _,     _,     F,     _], // a fill here is more than was ordered
  [CANCELLED,          C,      C,    C,    C,     _,     C,     _], // venues do fill after acknowledging a cancel
  [REJECTED,           R,      R,    R,    _,     R,     R,     _],
  [FAILED,             X,      X,    X,    _,     _,     X,     X], // a fill here says the absence was wrong: booked, and asked again
])

const EVENTS = ORDER_EVENTS.length
const TABLE = ORDER_MACHINE.table

/** Next state, or `ILLEGAL`. */
export const nextOrderState = (state: number, event: number): number => TABLE[state * EVENTS + event]!

export const isFinal = (state: number): boolean => state >= FILLED

/** Whether the venue still holds an order of this status: it rests in the book or waits for its trigger. */
export const isLiveAtVenue = (status: VenueOrderStatus): boolean => status === 'open' || status === 'untriggered' || status === 'partially-filled'
