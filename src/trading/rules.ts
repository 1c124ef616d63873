import { fail, money, type Instrument, type Money, type SymbolIndex } from '../core/index.ts'
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
  readonly minNotional: Money
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
  readonly exposureMax: Money
  readonly symbolExposureMax: Money
  readonly collarPercent: Money
  readonly slippagePercent: Money
}

/** @throws RM_TRADING_SETTINGS */
export function compileRules(settings: TradingSettings, instruments: readonly Instrument[]): Rules {
  checkTradingSettings(settings)
  const plan: ExitPlan = {
    takeProfitPercent: settings.exit.takeProfitPercent,
    stopLossPercent: settings.exit.stopLossPercent,
    holdMsMax: settings.exit.holdMsMax,
    source: 'exit',
  }
  const symbols = instruments.map((instrument, index): SymbolRules => {
    if (instrument.index !== index) fail('RM_TRADING_SETTINGS', { field: `instrument ${instrument.symbol}`, value: instrument.index, problem: `stands at place ${index}` })
    const own = money(settings.limits.orderNotionalMin)
    const venue = money(instrument.minNotional)
    return {
      instrument,
      unit: unitOf(instrument.tick.text, instrument.lot.text),
      notional: money(settings.entry.notional).mul(money(settings.entry.multiplierBySymbol[instrument.symbol] ?? 1)),
      minNotional: own.gt(venue) ? own : venue,
      offsets: offsetsOf(settings.entry.offset, instrument.symbol),
      plan: settings.exit.planBySymbol[instrument.symbol] ?? plan,
    }
  })
  return {
    settings,
    symbols,
    indexOf: new Map(instruments.map((instrument) => [instrument.symbol, instrument.index])),
    plan,
    exposureMax: money(settings.limits.exposureMax),
    symbolExposureMax: money(settings.limits.symbolExposureMax),
    collarPercent: money(settings.limits.collarPercent),
    slippagePercent: money(settings.exit.slippagePercent),
  }
}
