import { defineMachine, ILLEGAL } from './machine.ts'

export type PositionState = 0 | 1 | 2 | 3
/** The entry is on its way; nothing is filled yet. */
export const OPENING = 0
export const OPEN = 1
/** An exit is on its way. */
export const CLOSING = 2
export const CLOSED = 3

export const POSITION_STATES = ['Opening', 'Open', 'Closing', 'Closed'] as const

export type PositionEvent = 0 | 1 | 2 | 3 | 4
export const POSITION_FILL = 0
/** An exit order was written down. */
export const POSITION_EXIT = 1
/** The exit ended and something is left. */
export const POSITION_EXIT_ENDED = 2
/** The size is zero and no entry can change that any more. */
export const POSITION_FLAT = 3
/** The entry ended without a fill. */
export const POSITION_ABANDON = 4

export const POSITION_EVENTS = ['fill', 'exit', 'exit-ended', 'flat', 'abandon'] as const

const _ = ILLEGAL

/** The life of a position, from the intent to enter until flat. */
export const POSITION_MACHINE = defineMachine('position', POSITION_STATES, POSITION_EVENTS, [
  //         fill     exit     exit-ended  flat    abandon
  [OPENING,  OPEN,    _,       _,          _,      CLOSED],
  [OPEN,     OPEN,    CLOSING, _,          CLOSED, _], //      flat without an exit of ours: liquidation, or by hand
  [CLOSING,  CLOSING, _,       OPEN,       CLOSED, _], //      one exit at a time
  [CLOSED,   _,       _,       _,          _,      _],
])

const EVENTS = POSITION_EVENTS.length
const TABLE = POSITION_MACHINE.table

/** Next state, or `ILLEGAL`. */
export const nextPositionState = (state: number, event: number): number => TABLE[state * EVENTS + event]!
