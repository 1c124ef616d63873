import type { Regime } from '../src/config/index.ts'

/**
 * The regime that every symbol counts as being in, until there is a detector that says otherwise: the one whose
 * entries lie closest to the price.
 */
export const STANDING_REGIME = 'choppy' satisfies Regime
