import { describe, expect, it } from 'vitest'
import { RingmasterError } from '../../src/core/index.ts'
import {
  defineMachine,
  ILLEGAL,
  isFinal,
  nextOrderState,
  nextPositionState,
  ORDER_EVENTS,
  ORDER_STATES,
  POSITION_EVENTS,
  POSITION_STATES,
} from '../../src/trading/index.ts'

// The same tables once more, written as words by hand: the oracle of every pair.
const ORDER: Record<string, Record<string, string>> = {
  Pending: { accept: 'Placed', 'fill-part': 'PartiallyFilled', 'fill-whole': 'Filled', cancel: 'Cancelled', reject: 'Rejected', absent: 'Failed', unsent: 'Failed' },
  Placed: { accept: 'Placed', 'fill-part': 'PartiallyFilled', 'fill-whole': 'Filled', cancel: 'Cancelled', reject: 'Rejected', absent: 'Failed' },
  PartiallyFilled: { accept: 'PartiallyFilled', 'fill-part': 'PartiallyFilled', 'fill-whole': 'Filled', cancel: 'Cancelled', reject: 'Rejected', absent: 'Cancelled' },
  Filled: { accept: 'Filled', absent: 'Filled' },
  Cancelled: { accept: 'Cancelled', 'fill-part': 'Cancelled', 'fill-whole': 'Cancelled', cancel: 'Cancelled', absent: 'Cancelled' },
  Rejected: { accept: 'Rejected', 'fill-part': 'Rejected', 'fill-whole': 'Rejected', reject: 'Rejected', absent: 'Rejected' },
  Failed: { accept: 'Failed', 'fill-part': 'Failed', 'fill-whole': 'Failed', absent: 'Failed', unsent: 'Failed' },
}
const POSITION: Record<string, Record<string, string>> = {
  Opening: { fill: 'Open', abandon: 'Closed' },
  Open: { fill: 'Open', exit: 'Closing', flat: 'Closed' },
  Closing: { fill: 'Closing', 'exit-ended': 'Open', flat: 'Closed' },
  Closed: {},
}

const pairs = (states: readonly string[], events: readonly string[]) => states.flatMap((state, s) => events.map((event, e) => ({ state, event, s, e })))

describe('state machines (EX-7)', () => {
  it('has exactly the seven states of an order and the four of a position', () => {
    expect(ORDER_STATES).toEqual(['Pending', 'Placed', 'PartiallyFilled', 'Filled', 'Cancelled', 'Rejected', 'Failed'])
    expect(POSITION_STATES).toEqual(['Opening', 'Open', 'Closing', 'Closed'])
  })

  it.each(pairs(ORDER_STATES, ORDER_EVENTS))('order $state + $event goes where the oracle says', ({ state, event, s, e }) => {
    const next = nextOrderState(s, e)
    expect(next === ILLEGAL ? undefined : ORDER_STATES[next]).toBe(ORDER[state]![event])
  })

  it.each(pairs(POSITION_STATES, POSITION_EVENTS))('position $state + $event goes where the oracle says', ({ state, event, s, e }) => {
    const next = nextPositionState(s, e)
    expect(next === ILLEGAL ? undefined : POSITION_STATES[next]).toBe(POSITION[state]![event])
  })

  it('never leaves a final state, whatever comes', () => {
    const final = ORDER_STATES.map((_, s) => s).filter(isFinal)
    expect(final.map((s) => ORDER_STATES[s])).toEqual(['Filled', 'Cancelled', 'Rejected', 'Failed'])
    for (const s of final) for (let e = 0; e < ORDER_EVENTS.length; e++) expect([s, ILLEGAL]).toContain(nextOrderState(s, e))
  })

  it.each([
    ['a missing row', [[0, 1]], 'rows'],
    ['a doubled row', [[0, 1], [0, 1]], 'row 1'],
    ['a short row', [[0, 1], [1]], 'of 1 events'],
    ['an unknown state', [[0, 7], [1, 0]], 'names state 7'],
  ])('refuses a table with %s', (_name, rows, words) => {
    expect(() => defineMachine('m', ['a', 'b'], ['e'], rows)).toThrow(RingmasterError)
    expect(() => defineMachine('m', ['a', 'b'], ['e'], rows)).toThrow(words)
  })
})
