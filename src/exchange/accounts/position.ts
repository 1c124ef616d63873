import { BUY, money, signOf, ZERO, type Lots, type Money, type PriceTicks, type Side, type WallMs } from '../../core/index.ts'
import type { ContractMath } from '../contract.ts'
import type { Leg, Position } from '../port.ts'
import { rules } from '../rules.ts'

/** What one fill did to a position. */
export interface PositionChange {
  /** Lots that reduced the position. */
  readonly closedLots: Lots
  /** Cash result of the closed part, without fees. */
  readonly realised: Money
}

/**
 * A net position, or one leg of a hedged one. It keeps the exact cost of the open part instead of an average price: the realised result of a
 * partial close is rounded to 8 digits and the rounding stays in the cost, so that wallets add up to the last digit.
 */
export class PositionState {
  readonly account: string
  readonly math: ContractMath
  readonly leg: Leg
  leverage: string
  signedLots = 0
  /** Σ price × size of the open part; never negative. */
  cost: Money = ZERO
  realisedPnl: Money = ZERO
  openedMs: WallMs = 0
  updatedMs: WallMs = 0
  sequence = 0

  constructor(account: string, math: ContractMath, leverage: string, leg: Leg) {
    this.account = account
    this.math = math
    this.leg = leg
    this.leverage = leverage
  }

  /** Average entry price; zero when flat. */
  get entryPrice(): Money {
    if (this.signedLots === 0) return ZERO
    return this.cost.div(money(Math.abs(this.signedLots)).times(this.math.contract.lot.text))
  }

  /** Lots that an order of `side` can close. */
  closable(side: Side): Lots {
    return side === BUY ? Math.max(0, -this.signedLots) : Math.max(0, this.signedLots)
  }

  /** Books a fill: adds, reduces, or closes and opens the other way. */
  fill(side: Side, ticks: PriceTicks, lots: Lots, timeMs: WallMs): PositionChange {
    const sign = signOf(side)
    const held = Math.abs(this.signedLots)
    const closedLots = Math.min(lots, this.closable(side))
    let realised = ZERO
    if (closedLots > 0) {
      const value = this.math.value(ticks, closedLots)
      const costClosed = closedLots === held ? this.cost : this.cost.times(closedLots).div(held).toDecimalPlaces(rules.realisedDecimals)
      // The fill that closes a long is a sale: its sign is −1.
      realised = sign < 0 ? value.minus(costClosed) : costClosed.minus(value)
      this.cost = this.cost.minus(costClosed)
      this.realisedPnl = this.realisedPnl.plus(realised)
    }
    const opened = lots - closedLots
    if (opened > 0) {
      if (closedLots === held) this.openedMs = timeMs
      this.cost = this.cost.plus(this.math.value(ticks, opened))
    }
    this.signedLots += sign * lots
    this.updatedMs = timeMs
    return { closedLots, realised }
  }

  /** Result of the open part at the mark. */
  unrealised(markTicks: PriceTicks): Money {
    if (this.signedLots === 0) return ZERO
    const value = this.math.value(markTicks, Math.abs(this.signedLots))
    return this.signedLots > 0 ? value.minus(this.cost) : this.cost.minus(value)
  }

  /** Everything but what protects it. */
  snapshot(): Omit<Position, 'takeProfit' | 'stopLoss' | 'trailing'> {
    return {
      account: this.account,
      symbol: this.math.contract.symbol,
      leg: this.leg,
      signedLots: this.signedLots,
      entryPrice: this.entryPrice,
      leverage: this.leverage,
      realisedPnl: this.realisedPnl,
      openedMs: this.openedMs,
      updatedMs: this.updatedMs,
      sequence: this.sequence,
    }
  }
}
