import { BUY, type Lots, money, type Money, type PriceTicks, type Side } from '../core/index.ts'

/**
 * Exposure is counted in whole millionths of the quote currency, so that a sum over all symbols is kept by adding and
 * taking away whole numbers: exact, and one comparison to look at. What is finer than a millionth counts as a whole one.
 */
export type Micros = number
export const MICROS = 1_000_000
/** Largest amount that is told apart, about 35 million: both sides of 128 symbols of it still add up exactly. Limits lie below it. */
export const MICROS_MAX: Micros = 2 ** 45

/** Quote currency to millionths, rounded up; more than can be told apart is as much as can. */
export const toMicros = (amount: Money): Micros => Math.min(MICROS_MAX, amount.mul(MICROS).ceil().toNumber())

/** Millionths as decimal text of quote currency. */
export const microsText = (micros: Micros): string => money(micros).div(MICROS).toFixed()

/** Value of lots at a price. @param unit quote currency of one tick·lot @param unitMicros the same in millionths, NaN where that is no whole number */
export function valueMicros(lots: Lots, priceTicks: PriceTicks, unit: Money, unitMicros: number): Micros {
  // Exact while it stays below 2^53; above it stays above.
  const value = lots * priceTicks * unitMicros
  return Number.isNaN(value) ? toMicros(money(lots).mul(priceTicks).mul(unit)) : Math.min(MICROS_MAX, value)
}

/** One tick·lot in millionths, NaN where that is no whole number. */
export const unitMicrosOf = (unit: Money): number => {
  const micros = unit.mul(MICROS)
  return micros.isInteger() ? micros.toNumber() : Number.NaN
}

/** What a symbol has at stake, and what that was computed from. */
export interface ExposureShare {
  /** Held long and buys that may still fill; held short and sells that may still fill. */
  long: Micros
  short: Micros
  occupied: boolean
  /** Value of what is held, of the cost beside it. */
  held: Micros
  cost: Money | null
  unit: Money | null
  unitMicros: number
}

export const noShare = (): ExposureShare => ({ long: 0, short: 0, occupied: false, held: 0, cost: null, unit: null, unitMicros: Number.NaN })

/** What exposure is computed from: the books of one symbol. */
interface Exposed {
  readonly unit: Money
  readonly ledger: { readonly signedLots: Lots; readonly costTickLots: Money }
  readonly position: unknown
  readonly live: readonly { readonly reduceOnly: boolean; readonly side: Side; readonly lots: Lots; readonly filledLots: Lots; readonly referenceTicks: PriceTicks }[]
  readonly share: ExposureShare
}

/**
 * Exposure over all symbols: what is held, at its entry price, and what live entries may add, at their limit price. The
 * entry price, not the present one: it stands in the books, so that the same books give the same answer at work and at
 * recovery, and a position that has not been touched does not use more or less of a limit than when it was let in.
 */
export class ExposureBook {
  long: Micros = 0
  short: Micros = 0
  /** Symbols with a position, or with an entry on its way. */
  positions = 0

  get total(): Micros {
    return this.long + this.short
  }

  /** To be called after every change of the books of a symbol; costs no more than its few live orders. */
  refresh(symbol: Exposed): void {
    const { share, ledger, live } = symbol
    if (share.unit !== symbol.unit) {
      share.unit = symbol.unit
      share.unitMicros = unitMicrosOf(symbol.unit)
      share.cost = null
    }
    // Amounts are never changed in place: the same object is the same cost.
    if (share.cost !== ledger.costTickLots) {
      share.cost = ledger.costTickLots
      share.held = ledger.signedLots === 0 ? 0 : toMicros(ledger.costTickLots.mul(symbol.unit))
    }
    let long = ledger.signedLots > 0 ? share.held : 0
    let short = ledger.signedLots < 0 ? share.held : 0
    for (let i = 0; i < live.length; i++) {
      const order = live[i]!
      if (order.reduceOnly || order.lots <= order.filledLots) continue
      const value = valueMicros(order.lots - order.filledLots, order.referenceTicks, symbol.unit, share.unitMicros)
      if (order.side === BUY) long = Math.min(MICROS_MAX, long + value)
      else short = Math.min(MICROS_MAX, short + value)
    }
    const occupied = symbol.position !== null || ledger.signedLots !== 0
    this.long += long - share.long
    this.short += short - share.short
    this.positions += Number(occupied) - Number(share.occupied)
    share.long = long
    share.short = short
    share.occupied = occupied
  }
}
