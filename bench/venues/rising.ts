/** How the rate of a search rises. */
export interface Climb {
  readonly startPerS: number
  /** Above 1. */
  readonly factor: number
}

/**
 * Raises a rate until it is not sustained any more. A rate counts as too high when it failed twice in a row, so that one
 * pause of the machine ends no search.
 * @param sustained whether everything that was due at a rate was handled in time
 * @returns the highest rate that was sustained, per second
 * @throws Error when not even the first was
 */
export async function highestSustained({ startPerS, factor }: Climb, sustained: (ratePerS: number) => Promise<boolean>): Promise<number> {
  let highest = 0
  for (let rate = startPerS; ; rate *= factor) {
    if (!(await sustained(rate)) && !(await sustained(rate))) break
    highest = rate
  }
  if (highest === 0) throw new Error(`not even ${startPerS.toFixed(0)}/s were sustained`)
  return highest
}
