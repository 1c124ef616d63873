import { Decimal } from 'decimal.js'

// 40 significant digits: a sum of a million fills of 18-digit notionals stays exact.
const Money = Decimal.clone({ precision: 40, rounding: Decimal.ROUND_HALF_EVEN, toExpNeg: -30, toExpPos: 40 })

/** Exact decimal amount of a currency. */
export type Money = Decimal
/** Makes an exact amount from decimal text or a safe integer; never from a computed binary fraction. */
export const money = (value: string | number | Decimal): Money => new Money(value)
export const ZERO: Money = money(0)
