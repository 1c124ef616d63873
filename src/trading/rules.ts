import { fail, money, type Instrument, type Money, type SymbolIndex } from '../core/index.ts'
import { type Micros, toMicros, unitMicrosOf } from './exposure.ts'
import { LIMIT_NAMES } from './limit-names.ts'
import { compileLimits, type Limits, limitProblem, limitTexts } from './limits.ts'
import { compileExits, type SymbolExits } from './parameters.ts'
import { conservativePlan } from './plan.ts'
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
  /** Exit parameters in every regime. */
  readonly exits: SymbolExits
  /** For a position that did not come by an entry of ours. */
  readonly conservative: ExitPlan
}

/** Settings brought to the form in which decisions use them. */
export interface Rules {
  readonly settings: TradingSettings
  readonly symbols: readonly SymbolRules[]
  readonly indexOf: ReadonlyMap<string, SymbolIndex>
  /** Conservative over all symbols, for one that is not among them. */
  readonly plan: ExitPlan
  /** As configured; `TradingState.limits` may say otherwise. */
  readonly limits: Limits
  readonly slippagePercent: Money
  /** See `protection` of the settings. */
  readonly stopBehindPercent: Money
  readonly stopStepPercent: Money
}

/** @throws RM_TRADING_SETTINGS, RM_EXIT_PARAMETERS */
export function compileRules(settings: TradingSettings, instruments: readonly Instrument[]): Rules {
  checkTradingSettings(settings)
  const texts = limitTexts(settings)
  for (const name of LIMIT_NAMES) {
    const problem = limitProblem(name, texts[name], texts)
    if (problem !== null) fail('RM_TRADING_SETTINGS', { field: `limit ${name}`, value: texts[name], problem })
  }
  const exits = compileExits(settings.exit, instruments)
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
      exits: exits[index]!,
      conservative: conservativePlan(settings.exit, Object.values(exits[index]!), null),
    }
  })
  return {
    settings,
    symbols,
    indexOf: new Map(instruments.map((instrument) => [instrument.symbol, instrument.index])),
    plan: { ...conservativePlan(settings.exit, exits.flatMap((sets) => Object.values(sets)), null), source: 'conservative: the tightest of all symbols' },
    limits: compileLimits(texts),
    slippagePercent: money(settings.exit.slippagePercent),
    stopBehindPercent: money(settings.protection.behindPercent),
    stopStepPercent: money(settings.protection.stepPercent),
  }
}
