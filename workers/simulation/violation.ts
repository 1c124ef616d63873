import type { Nanos } from '../../src/core/index.ts'

/** Rows of the list of failure modes, and `heal`: what must come right once nothing is wrong any more. */
export type Row =
  | 'F1' | 'F2' | 'F3' | 'F4' | 'F5' | 'F6' | 'F7' | 'F8' | 'F9' | 'F10' | 'F11' | 'F12' | 'F13' | 'F14' | 'F15' | 'F16' | 'F17' | 'F18' | 'F19' | 'F20' | 'F21' | 'F22' | 'F23' | 'F24' | 'F25'
  | 'heal'

/** An invariant that did not hold: where, in words, with the ids that it is about. */
export interface Violation {
  readonly row: Row
  readonly atNs: Nanos
  readonly what: string
  readonly ids: readonly string[]
}

export const violationLine = ({ row, atNs, what, ids }: Violation): string => `${row} at ${(atNs / 1e9).toFixed(3)} s: ${what}${ids.length > 0 ? ` [${ids.join(', ')}]` : ''}`
