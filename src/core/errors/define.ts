/** What the caller of a failed operation should do next. */
export type ErrorAction =
  | 'retry' //   the same call may succeed later, nothing changed
  | 'resync' //  local state is no longer trustworthy: rebuild it from its source
  | 'reject' //  the input is wrong and will stay wrong: drop it, count it, go on
  | 'resolve' // the outcome is unknown: ask the other side before anything else
  | 'halt' //    a person has to look: stop what could cost money

export interface ErrorEntry {
  readonly action: ErrorAction
  /** Sentence with `{name}` places, filled from the details of the error. */
  readonly message: string
}

export type ErrorTable = Readonly<Record<`RM_${string}`, ErrorEntry>>

/** Declares the coded errors of one room. Codes are unique over the whole catalogue (a test says so). */
export function defineErrors<const T extends ErrorTable>(table: T): T {
  return table
}
