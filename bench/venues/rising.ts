/** How the rate of a search rises. */
export interface Climb {
  /** Where it begins; where that is too much already, at half of it, and so on. */
  readonly startPerS: number
  /** Above 1. */
  readonly factor: number
}

/** Times that the start is halved before the search is given up. */
const HALVINGS_MAX = 4

/**
 * Raises a rate until it is not sustained any more. A rate counts as too high when it failed twice in a row, so that one
 * pause of the machine ends no search.
 * @param sustained whether everything that was due at a rate was handled in time
 * @returns the highest rate that was sustained, per second
 * @throws Error when none was
 */
export async function highestSustained({ startPerS, factor }: Climb, sustained: (ratePerS: number) => Promise<boolean>): Promise<number> {
  const twice = async (rate: number): Promise<boolean> => (await sustained(rate)) || (await sustained(rate))
  let highest = startPerS
  for (let halvings = 0; !(await twice(highest)); halvings++) {
    if (halvings === HALVINGS_MAX) throw new Error(`not even ${highest.toFixed(0)}/s were sustained`)
    highest /= 2
  }
  for (let rate = highest * factor; await twice(rate); rate *= factor) highest = rate
  return highest
}
