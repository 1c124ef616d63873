import { drawFaults, parseFaultPlan, parseFaultRates, type FaultNames, type FaultStep, type SeededFaults } from '../src/exchange/front/index.ts'

/** What an exchange is to do wrong by itself, as its settings say it. */
export interface FaultSettings {
  readonly seed: number
  /** `kind=number` each. */
  readonly perMinute: readonly string[]
  /** Text of a printed plan, played instead of what the seed gives. */
  readonly plan: string | null
  readonly bookDepth: number
}

/** The side of a protocol front that faults need. */
export interface FaultyFront {
  playFaults(steps: Iterable<FaultStep>): SeededFaults
  faultNames(depth: number): FaultNames
}

/** Starts the faults that the settings ask for. @returns null when they ask for none. @throws RM_FAULT_RATE, RM_FAULT_PLAN */
export function playFaults(front: FaultyFront, { seed, perMinute, plan, bookDepth }: FaultSettings): SeededFaults | null {
  if (plan !== null) return front.playFaults(parseFaultPlan(plan))
  if (perMinute.length === 0) return null
  return front.playFaults(drawFaults(seed, parseFaultRates(perMinute), front.faultNames(bookDepth)))
}
