import { BUY, money, type Lots, type Money, type PriceTicks, type Side } from '../core/index.ts'
import type { Broken, Funds } from './events.ts'
import { type Micros, MICROS } from './exposure.ts'
import type { Limits } from './limits.ts'
import { orderMin } from './risk.ts'
import type { SymbolRules } from './rules.ts'
import type { SymbolState, TradingState } from './state.ts'

/** Whole lots that a value buys at a price, rounded down. @param unit quote currency of one tick·lot */
export const lotsFor = (value: Money, priceTicks: PriceTicks, unit: Money): Lots => value.div(unit.mul(priceTicks)).floor().toNumber()

/** Value of lots at a price in quote currency, exact. */
export const valueOf = (lots: Lots, priceTicks: PriceTicks, unit: Money): Money => money(lots).mul(priceTicks).mul(unit)

/** Contracts of an instrument to its base coin, exact; `contractValue` is decimal text (OKX `ctVal`). */
export const contractsToCoins = (contracts: string, contractValue: string): Money => money(contracts).mul(money(contractValue))

/** Base coin to contracts, exact where it is a whole number of them, else the quotient at 40 digits. */
export const coinsToContracts = (coins: string, contractValue: string): Money => money(coins).div(money(contractValue))

/** Share of the free margin that entries may use: the rest pays fees and the way of the price until the fill. */
const MARGIN_SHARE = money('0.95')
/** Digits of a confidence that count. */
const CONFIDENCE_DIGITS = 4

export interface Sized {
  readonly lots: Lots
  /** What the size came from: the rule, or the cap that was smaller. */
  readonly by: 'order-size' | 'risk' | 'limit-symbol-exposure' | 'limit-direction-exposure' | 'limit-exposure' | 'limit-margin' | 'above-maximum'
}

const exactConfidence = (confidence: number): Money => money(confidence.toFixed(CONFIDENCE_DIGITS))

/** What entries may still cost: free margin times leverage, less a reserve. */
export const buyingPower = (funds: Funds, leverage: Money): Money => {
  const power = funds.marginAvailable.mul(leverage).mul(MARGIN_SHARE)
  return power.gt(0) ? power : money(0)
}

/**
 * Size by the amount that may be lost when the stop is hit:
 * `equity · risk % · confidence · multiplier / stop distance %`, cut down to what limits and margin leave, rounded down to
 * whole lots. Where a cap leaves less than the smallest order, that cap is the answer.
 * @param stopPercent distance of the stop from the entry price
 */
export function sizeByRisk(limits: Limits, own: SymbolRules, state: TradingState, symbol: SymbolState, side: Side, priceTicks: PriceTicks, stopPercent: Money, confidence: number, funds: Funds, leverage: Money): Sized | Broken {
  const { exposure } = state
  const { share } = symbol
  const wanted = funds.equity.mul(limits.riskPercent).mul(exactConfidence(confidence)).mul(own.multiplier).div(stopPercent)
  const power = buyingPower(funds, leverage)
  let value = wanted
  let by: Sized['by'] = 'risk'
  const cap = (room: Money, name: Sized['by']): void => {
    if (!room.lt(value)) return
    value = room
    by = name
  }
  cap(power, 'limit-margin')
  cap(micros(limits.symbolExposure - share.long - share.short), 'limit-symbol-exposure')
  cap(micros(limits.directionExposure - (side === BUY ? exposure.long : exposure.short)), 'limit-direction-exposure')
  cap(micros(limits.exposure - exposure.total), 'limit-exposure')
  cap(valueOf(own.instrument.maxLots, priceTicks, own.unit), 'above-maximum')
  const lots = value.gt(0) ? lotsFor(value, priceTicks, own.unit) : 0
  // Too little for an order: what left so little is what is told, with the least that would have done.
  const least = leastValue(limits, own, priceTicks)
  if (by !== 'risk' && by !== 'above-maximum' && value.lt(least)) return { refusal: by, found: least.toFixed(), allowed: value.gt(0) ? value.toFixed() : '0' }
  return { lots, by }
}

/** The configured order value, times the multiplier of the symbol, and times the confidence where that is wanted. */
export function sizeFixed(own: SymbolRules, priceTicks: PriceTicks, confidence: number | null, funds: Funds, leverage: Money): Sized | Broken {
  const value = confidence === null ? own.notional : own.notional.mul(exactConfidence(confidence))
  const power = buyingPower(funds, leverage)
  if (value.gt(power)) return { refusal: 'limit-margin', found: value.toFixed(), allowed: power.toFixed() }
  return { lots: lotsFor(value, priceTicks, own.unit), by: 'order-size' }
}

/** Value of the smallest order that both the venue and the settings take. */
function leastValue(limits: Limits, own: SymbolRules, priceTicks: PriceTicks): Money {
  const byLots = valueOf(own.instrument.minLots, priceTicks, own.unit)
  const byValue = micros(orderMin(limits, own))
  return byLots.gt(byValue) ? byLots : byValue
}

const micros = (amount: Micros): Money => money(amount).div(MICROS)

