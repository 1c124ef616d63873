import type { Clock } from './time.ts'

/**
 * An offset from our wall clock, as of now, as one from the run clock, ms. Kept like that it holds over a step of the wall clock:
 * another clock reads `clock.nowNs() / 1e6` plus it.
 */
export const onRunClock = (offsetMs: number, clock: Clock): number => offsetMs + clock.wallMs() - clock.nowNs() / 1e6
