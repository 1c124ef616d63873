import { fail, money, type Instrument, type Money, type SymbolIndex } from '../core/index.ts'
import { type Micros, toMicros, unitMicrosOf } from './exposure.ts'
import { LIMIT_NAMES } from './limit-names.ts'
import { compileLimits, type Limits, limitProblem, limitTexts } from './limits.ts'
import { type Offsets, offsetsOf } from './pricing.ts'
import type { ExitPlan } from './records.ts'
import { checkTradingSettings, type TradingSettings } from './settings.ts'
import { unitOf } from './state.ts'

/** What never changes about a symbol while the engine runs, computed once. */
export interface SymbolRules {
  readonly instrument: Instrument
  /** Quote currency of one tick·lot. */
  readonly unit: Money
  /** Order value at full confidence, quote currency. */
  readonly notional: Money
  /** Factor on the size. */
  readonly multiplier: Money
  /** One tick·lot in millionths, NaN where that is no whole number. */
  readonly unitMicros: number
  /** Smallest value that the venue takes. */
  readonly venueMin: Micros
  /** Entry offset in each regime. */
  readonly offsets: Offsets
  readonly plan: ExitPlan
}

/** Settings brought to the form in which decisions use them. */
export interface Rules {
  readonly settings: TradingSettings
  readonly symbols: readonly SymbolRules[]
  readonly indexOf: ReadonlyMap<string, SymbolIndex>
  readonly plan: ExitPlan
  /** As configured; `TradingState.limits` may say otherwise. */
  readonly limits: Limits
  readonly slippagePercent: Money
}

/** @throws RM_TRADING_SETTINGS */
export function compileRules(settings: TradingSettings, instruments: readonly Instrument[]): Rules {
  checkTradingSettings(settings)
  const texts = limitTexts(settings)
  for (const name of LIMIT_NAMES) {
    const problem = limitProblem(name, texts[name], texts)
    if (problem !== null) fail('RM_TRADING_SETTINGS', { field: `limit ${name}`, value: texts[name], problem })
  }
  const plan: ExitPlan = {
    takeProfitPercent: settings.exit.takeProfitPercent,
    stopLossPercent: settings.exit.stopLossPercent,
    holdMsMax: settings.exit.holdMsMax,
    source: 'exit',
  }
  const symbols = instruments.map((instrument, index): SymbolRules => {
    if (instrument.index !== index) fail('RM_TRADING_SETTINGS', { field: `instrument ${instrument.symbol}`, value: instrument.index, problem: `stands at place ${index}` })
    const unit = unitOf(instrument.tick.text, instrument.lot.text)
    const multiplier = money(settings.entry.multiplierBySymbol[instrument.symbol] ?? 1)
    return {
      instrument,
      unit,
      notional: money(settings.entry.notional).mul(multiplier),
      multiplier,
      unitMicros: unitMicrosOf(unit),
      venueMin: toMicros(money(instrument.minNotional)),
      offsets: offsetsOf(settings.entry.offset, instrument.symbol),
      plan: settings.exit.planBySymbol[instrument.symbol] ?? plan,
    }
  })
  return {
    settings,
    symbols,
    indexOf: new Map(instruments.map((instrument) => [instrument.symbol, instrument.index])),
    plan,
    limits: compileLimits(texts),
    slippagePercent: money(settings.exit.slippagePercent),
  }
}
