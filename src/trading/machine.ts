import { fail } from '../core/index.ts'

/** "There is no such transition": above every state of every machine. */
export const ILLEGAL = 255

/** A state machine as one flat table: `table[state * events.length + event]` is the next state, or `ILLEGAL`. */
export interface Machine {
  readonly name: string
  readonly states: readonly string[]
  readonly events: readonly string[]
  readonly table: Uint8Array
}

/**
 * Builds a machine from rows `[state, next for event 0, next for event 1, …]`.
 * @throws RM_MACHINE_TABLE when a row is missing, doubled, of the wrong length, or names no state.
 */
export function defineMachine(name: string, states: readonly string[], events: readonly string[], rows: readonly (readonly number[])[]): Machine {
  const table = new Uint8Array(states.length * events.length).fill(ILLEGAL)
  if (rows.length !== states.length) fail('RM_MACHINE_TABLE', { machine: name, problem: `${rows.length} rows for ${states.length} states` })
  rows.forEach((row, index) => {
    const [state, ...nexts] = row
    if (state !== index) fail('RM_MACHINE_TABLE', { machine: name, problem: `row ${index} is for state ${state}` })
    if (nexts.length !== events.length) fail('RM_MACHINE_TABLE', { machine: name, problem: `row ${states[index]} has ${nexts.length} of ${events.length} events` })
    nexts.forEach((next, event) => {
      if (next !== ILLEGAL && !(next >= 0 && next < states.length)) fail('RM_MACHINE_TABLE', { machine: name, problem: `row ${states[index]} names state ${next}` })
      table[index * events.length + event] = next
    })
  })
  return { name, states, events, table }
}

/** One step in the life of an order or a position, kept for audit. */
export interface Transition {
  readonly from: string
  readonly to: string
  readonly atMs: number
  /** The evidence or the reason, in words. */
  readonly why: string
  /** Leads back to the decision: symbol / tick / decision. */
  readonly trace: string
}
