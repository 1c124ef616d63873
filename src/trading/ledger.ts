import { money, ZERO, type Lots, type Money, type PriceTicks, type Side, signOf } from '../core/index.ts'

/**
 * The books of one symbol, exact. Sizes are whole lots; the cost of what is open is kept in tick·lots (a sum of
 * whole products), cash in quote currency. Realised profit of a round trip adds up without a rounding rest: the
 * last part of a close takes all of the cost that is left.
 */
export class Ledger {
  /** Negative for a short. */
  signedLots = 0
  /** Σ price·size of the open part, in tick·lots; never negative. */
  costTickLots: Money = ZERO
  /** Quote currency, before fees and funding. */
  realised: Money = ZERO
  /** Quote currency; positive is a cost. */
  fees: Money = ZERO
  /** Fees that the venue took in other coins, by coin; no part of `net`. */
  readonly otherFees = new Map<string, Money>()
  /** Quote currency; positive is a cost. */
  funding: Money = ZERO
  /** Unique executions booked. */
  fills = 0

  /**
   * Books one execution. Where the venue tells what it realised, that figure is booked and ours is not: an execution that
   * comes out of order closes here what it did not close there, and the sum is right all the same.
   * @param priceTicks fractional where the venue's price lies between two ticks
   * @param unit quote currency of one tick·lot
   * @param told the venue's figure for what this execution realised, quote currency before fees; null: it does not tell
   * @returns realised profit, quote currency, before fees
   */
  book(side: Side, lots: Lots, priceTicks: PriceTicks | Money, fee: Money, unit: Money, told: Money | null = null): Money {
    this.fills++
    this.fees = this.fees.add(fee)
    const sign = signOf(side)
    const before = this.signedLots
    const held = Math.abs(before)
    const closing = before * sign < 0 ? Math.min(held, lots) : 0
    let profit = ZERO
    if (closing > 0) {
      const cost = closing === held ? this.costTickLots : this.costTickLots.mul(closing).div(held)
      profit = money(priceTicks).mul(closing).sub(cost).mul(Math.sign(before)).mul(unit)
      this.costTickLots = this.costTickLots.sub(cost)
    }
    profit = told ?? profit
    this.realised = this.realised.add(profit)
    if (lots > closing) this.costTickLots = this.costTickLots.add(money(priceTicks).mul(lots - closing))
    this.signedLots = before + sign * lots
    return profit
  }

  /** Counts a fee in another coin than the quote. */
  payIn(coin: string, fee: Money): void {
    this.otherFees.set(coin, (this.otherFees.get(coin) ?? ZERO).add(fee))
  }

  /** Puts the venue's position in place of ours. What the difference earned or cost is not known and not invented. */
  adopt(signedLots: number, entryTicks: Money): void {
    this.signedLots = signedLots
    this.costTickLots = entryTicks.mul(Math.abs(signedLots))
  }

  /** Average entry in ticks, fractional; zero when flat. */
  get entryTicks(): Money {
    return this.signedLots === 0 ? ZERO : this.costTickLots.div(Math.abs(this.signedLots))
  }

  /** Realised profit after fees and funding, quote currency. */
  get net(): Money {
    return this.realised.sub(this.fees).sub(this.funding)
  }
}
