import { BUY, type Lots, money, type PriceTicks } from '../../core/index.ts'
import { bandBroken } from '../bands.ts'
import type { Broken, DecisionEvent, Moment, PriceAnswer } from '../events.ts'
import { valueMicros } from '../exposure.ts'
import { entryPlan } from '../plan.ts'
import { distancePercent, entryPriceTicks, outsideCollar } from '../pricing.ts'
import type { EntryTerms, ExitPlan } from '../records.ts'
import { limitBroken } from '../risk.ts'
import type { Rules, SymbolRules } from '../rules.ts'
import { type Sized, sizeByRisk, sizeFixed } from '../sizing.ts'
import type { SymbolState, TradingState } from '../state.ts'

/** An entry that every limit lets in. */
export interface Entry {
  readonly market: boolean
  /** Limit price, or the touch that stands for a market order. */
  readonly priceTicks: PriceTicks
  readonly lots: Lots
  readonly terms: EntryTerms
  readonly plan: ExitPlan
}

/**
 * Price and size of an entry, or the limit that it would break: offset of the regime, collar, price limits of the venue,
 * size, limits, in this order. Everything is looked at after rounding, as it would be sent.
 */
export function draftEntry(rules: Rules, own: SymbolRules, state: TradingState, symbol: SymbolState, event: DecisionEvent, quote: Extract<PriceAnswer, { refused: false }>, now: Moment): Entry | Broken {
  const { settings } = rules
  const { side, confidence, clearance, regime } = event
  const { bidTicks, askTicks } = quote
  if (regime === null) return { refusal: 'no-regime', found: 'no word about the regime', allowed: 'a regime whose parameters are known' }
  if (clearance.blocked !== '') return { refusal: 'preflight', found: clearance.blocked, allowed: 'a passed preflight' }
  const { funds, leverage } = clearance
  if (funds === null || leverage === null) return { refusal: 'account-unknown', found: 'no recent word of the venue about equity and margin', allowed: `one of the last ${settings.sizing.accountAgeMsMax} ms` }

  const limits = state.limits.over(rules.limits)
  const offset = own.offsets[regime]
  const market = offset.marketOrder
  const priceTicks = market ? (side === BUY ? askTicks : bidTicks) : entryPriceTicks(side, bidTicks, askTicks, offset.percent)
  if (priceTicks <= 0 || outsideCollar(priceTicks, bidTicks, askTicks, limits.collarPercent))
    return { refusal: 'price-collar', found: `${distancePercent(priceTicks, bidTicks, askTicks)} % from the mid`, allowed: `${limits.collarPercent.toFixed()} %` }
  const outside = bandBroken(clearance.band, side, priceTicks, settings.limits.bandAgeMsMax, own.instrument)
  if (outside !== null) return outside

  // The stop that this entry would have: a wider one buys less.
  const plan = entryPlan(settings.exit, own.exits, regime, event.atrTicks, priceTicks, event.by)
  const { rule } = settings.sizing
  const sized: Sized | Broken =
    rule === 'risk'
      ? sizeByRisk(limits, own, state, symbol, side, priceTicks, money(plan.stopLossPercent), confidence, funds, leverage)
      : sizeFixed(own, priceTicks, settings.entry.scaleByConfidence ? confidence : null, funds, leverage)
  if ('refusal' in sized) return sized
  const value = valueMicros(sized.lots, priceTicks, own.unit, own.unitMicros)
  const broken = limitBroken(rules, limits, own, state, symbol, side, sized.lots, value, now)
  if (broken !== null) return broken
  return {
    market,
    priceTicks,
    lots: sized.lots,
    plan,
    terms: {
      regime,
      offsetPercent: offset.percent.toFixed(),
      offsetSource: offset.source,
      confidence,
      sizedBy: sized.by,
      equity: funds.equity.toFixed(),
      leverage: leverage.toFixed(),
    },
  }
}
