import type { Config } from '../../src/config/index.ts'

/** What the engine says of itself and that rows depend on. A row whose feature is not there is not judged. */
export interface EngineFeatures {
  /** F11: every position has its stop at the venue within so long, ms; null: stops are watched by the engine alone. */
  readonly protectMs: number | null
  /** F13: the venue cancels the entries that a killed engine left within so long, ms; null: it does not. */
  readonly deadManMs: number | null
}

/** Reads it off the configuration. */
export const featuresOf = ({ protection, dead_man: deadMan, venue }: Config): EngineFeatures => ({
  protectMs: protection.enabled ? protection.naked_ms : null,
  deadManMs: venue === 'okx' && deadMan.mode !== 'off' ? deadMan.timeout_s * 1000 : null,
})
