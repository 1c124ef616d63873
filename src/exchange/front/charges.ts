/** Something that will happen a number of times, to whatever it fits. */
export interface Charge {
  left: number
}

/** Takes one hit of the oldest charge that fits, and forgets a charge that is used up. @returns null when none fits. */
export function takeCharge<T extends Charge>(charges: T[], fits: (charge: T) => boolean): T | null {
  const index = charges.findIndex(fits)
  if (index < 0) return null
  const charge = charges[index]!
  if (--charge.left <= 0) charges.splice(index, 1)
  return charge
}

/** Hits that are still to come. */
export const chargesLeft = (charges: readonly Charge[]): number => charges.reduce((sum, charge) => sum + charge.left, 0)
