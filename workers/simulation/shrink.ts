import type { PlanStep, SimulationCase } from './plan.ts'

/** Whether a smaller case still fails in the same way. */
export type StillFails = (smaller: SimulationCase) => boolean | Promise<boolean>

export interface Shrunk {
  readonly smallest: SimulationCase
  /** Cases that were tried. */
  readonly tried: number
}

const SHORTEST_MINUTES = 0.05

/**
 * The smallest case that still fails, as delta debugging finds it (Zeller and Hildebrandt, "Simplifying and isolating
 * failure-inducing input", 2002): halves, then quarters of the steps are left out, down to single ones, until nothing can
 * be left out; then the run is made shorter.
 * @param triesMax cases that may be played
 */
export async function shrink(failing: SimulationCase, stillFails: StillFails, triesMax: number): Promise<Shrunk> {
  let tried = 0
  const fails = async (plan: readonly PlanStep[], minutes: number): Promise<boolean> => {
    if (tried >= triesMax) return false
    tried++
    return stillFails({ ...failing, plan, minutes })
  }
  let { plan, minutes } = failing
  let parts = 2
  // Often it needs no fault at all, or none of those behind the violation.
  if (plan.length > 0 && (await fails([], minutes))) plan = []
  while (plan.length > 0 && tried < triesMax) {
    const size = Math.ceil(plan.length / parts)
    let smaller: readonly PlanStep[] | null = null
    for (let from = 0; from < plan.length && smaller === null; from += size) {
      const without = [...plan.slice(0, from), ...plan.slice(from + size)]
      if (await fails(without, minutes)) smaller = without
    }
    if (smaller !== null) {
      plan = smaller
      parts = Math.max(2, parts - 1)
    } else if (size === 1) break
    else parts = Math.min(plan.length, parts * 2)
  }
  const lastMs = plan.at(-1)?.atMs ?? 0
  for (const factor of [0.25, 0.5, 0.75]) {
    const shorter = Math.max(SHORTEST_MINUTES, minutes * factor)
    if (shorter >= minutes || shorter * 60_000 < lastMs) continue
    if (await fails(plan, shorter)) {
      minutes = shorter
      break
    }
  }
  return { smallest: { ...failing, plan, minutes }, tried }
}
