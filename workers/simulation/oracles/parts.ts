import type { Court } from '../court.ts'
import type { Stage } from '../stage.ts'

/** What an oracle stands on: the facts, and what was done to the engine where that is part of a rule. */
export interface OracleParts {
  readonly court: Court
  readonly stage: Stage
  /** Kinds of faults that the plan has. */
  readonly kinds: ReadonlySet<string>
}
