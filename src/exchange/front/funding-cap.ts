/** Bound of the funding rate that the fronts declare. */
export const FUNDING_CAP = '0.005'
