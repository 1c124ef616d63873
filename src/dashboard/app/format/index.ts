export { bytes, compact, exact, gain, money, percent, plain, share } from './amounts.ts'
export { compareDecimals, formatDecimal, signOf, toneOf, UNKNOWN } from './decimal.ts'
export { clock, duration, moment, nanoseconds } from './times.ts'
