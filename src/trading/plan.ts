import { money, type Money, type PriceTicks } from '../core/index.ts'
import type { RegimeName } from './conditions.ts'
import { type ExitParameters, type ExitSettings, MAKERS, REGIMES, type SymbolExits, type TrailingParameters } from './parameters.ts'
import type { DistanceBy, ExitDistance, ExitPlan, TrailingPlan } from './records.ts'

/** Digits of the range in percent: a millionth is less than a tick of anything that is traded. */
const RANGE_DIGITS = 6

/**
 * How a position that is opened now will be left (EX-17): everything that its exits need, to its end.
 * @param atrTicks average true range in ticks; NaN when it is not known
 * @param referenceTicks expected entry price: turns the range into percent
 * @param by number of the decision's maker: 1 model, 2 fallback, 3 consensus
 */
export function entryPlan(settings: ExitSettings, exits: SymbolExits, regime: RegimeName, atrTicks: number, referenceTicks: PriceTicks, by: number): ExitPlan {
  const set = exits[regime]
  const atrPercent = atrTicks > 0 && Number.isFinite(atrTicks) ? money(atrTicks).div(referenceTicks).mul(100).toDecimalPlaces(RANGE_DIGITS) : null
  const profit = distanceOf(settings, set.takeProfitPercent, set.takeProfitAtr, atrPercent)
  const loss = distanceOf(settings, set.stopLossPercent, set.stopLossAtr, atrPercent)
  const least = profitLeast(settings)
  const belowFees = profit.value.lt(least)
  const maker = MAKERS[by - 1]
  const trailing = (maker === undefined ? undefined : settings.trailingByMaker[maker]) ?? set.trailing
  return {
    takeProfitPercent: (belowFees ? least : profit.value).toFixed(),
    stopLossPercent: loss.value.toFixed(),
    holdMsMax: set.holdMsMax,
    source: set.source,
    regime,
    atrTicks: atrPercent === null ? null : atrTicks,
    takeProfit: { percent: set.takeProfitPercent, atrMultiplier: set.takeProfitAtr, by: belowFees ? 'fees' : profit.by },
    stopLoss: { percent: set.stopLossPercent, atrMultiplier: set.stopLossAtr, by: loss.by },
    trailing: trailing === null ? null : trailingOf(settings, trailing, atrPercent),
  }
}

/**
 * The plan of a position whose own is missing or damaged, and of one that came without an entry of ours: over the sets at
 * hand the nearest stop, the nearest take profit that is worth its fees and the shortest time, by percent alone, without trailing.
 * @param known the plan that the position had, if its numbers can be used
 */
export function conservativePlan(settings: ExitSettings, sets: readonly ExitParameters[], known: ExitPlan | null): ExitPlan {
  const all: readonly Pick<ExitPlan, 'takeProfitPercent' | 'stopLossPercent' | 'holdMsMax' | 'source'>[] = known === null ? sets : [...sets, { ...known, source: 'the plan that it had' }]
  const profit = smallest(all.map((one) => one.takeProfitPercent))
  const least = profitLeast(settings)
  return {
    takeProfitPercent: (profit.lt(least) ? least : profit).toFixed(),
    stopLossPercent: smallest(all.map((one) => one.stopLossPercent)).toFixed(),
    holdMsMax: Math.min(...all.map((one) => one.holdMsMax)),
    source: `conservative: the tightest of ${[...new Set(all.map((one) => one.source))].join(', ')}`,
    regime: null,
    atrTicks: null,
    takeProfit: null,
    stopLoss: null,
    trailing: null,
  }
}

/** What is wrong with a plan, or ''. A plan without a regime is not that of an entry, or was written by an older version. */
export function planDamage(plan: ExitPlan | null): string {
  if (plan === null) return 'there is no plan'
  if (!usable(plan)) return `its numbers cannot be used: take profit ${plan.takeProfitPercent} %, stop loss ${plan.stopLossPercent} %, ${plan.holdMsMax} ms`
  if (plan.regime === null) return `no regime is stored with it (${plan.source})`
  if (!REGIMES.includes(plan.regime)) return `its regime is ${plan.regime}`
  if (plan.takeProfit === null || plan.stopLoss === null) return 'it does not say what its distances are made of'
  return ''
}

/** True when the numbers of a plan can protect a position. */
export const usable = (plan: ExitPlan): boolean =>
  isPercent(plan.takeProfitPercent) && isPercent(plan.stopLossPercent) && Number.isSafeInteger(plan.holdMsMax) && plan.holdMsMax > 0 && (plan.trailing === null || [plan.trailing.activationPercent, plan.trailing.distancePercent, plan.trailing.stepPercent].every(isPercent))

const isPercent = (value: unknown): boolean => typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) && Number(value) > 0

/** A take profit nearer than this does not pay for entry and exit. */
const profitLeast = (settings: ExitSettings): Money => money(settings.takerFeePercent).mul(2).add(money(settings.profitPercentMin))

function distanceOf(settings: ExitSettings, percent: string, multiplier: string | null, atrPercent: Money | null): { readonly value: Money; readonly by: DistanceBy } {
  const plain = money(percent)
  if (multiplier === null) return { value: plain, by: 'percent' }
  if (atrPercent === null) return { value: plain, by: 'percent-without-atr' }
  const value = atrPercent.mul(money(multiplier))
  const least = plain.mul(money(settings.rangeFactorMin))
  const most = plain.mul(money(settings.rangeFactorMax))
  if (value.lt(least)) return { value: least, by: 'atr-least' }
  return value.gt(most) ? { value: most, by: 'atr-most' } : { value, by: 'atr' }
}

function trailingOf(settings: ExitSettings, trailing: TrailingParameters, atrPercent: Money | null): TrailingPlan {
  const activation = distanceOf(settings, trailing.activationPercent, trailing.activationAtr, atrPercent)
  const distance = distanceOf(settings, trailing.distancePercent, trailing.distanceAtr, atrPercent)
  const part = (percent: string, atrMultiplier: string | null, by: DistanceBy): ExitDistance => ({ percent, atrMultiplier, by })
  return {
    activationPercent: activation.value.toFixed(),
    distancePercent: distance.value.toFixed(),
    stepPercent: settings.trailingStepPercent,
    activation: part(trailing.activationPercent, trailing.activationAtr, activation.by),
    distance: part(trailing.distancePercent, trailing.distanceAtr, distance.by),
    source: trailing.source,
  }
}

const smallest = (values: readonly string[]): Money => values.map((value) => money(value)).reduce((least, value) => (value.lt(least) ? value : least))
