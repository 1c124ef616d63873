import { fail, money, type Instrument, type Money, type SymbolIndex } from '../core/index.ts'
import { compileExits, type SymbolExits } from './parameters.ts'
import { conservativePlan } from './plan.ts'
import { offsetFor } from './pricing.ts'
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
  readonly marketOrder: boolean
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
  readonly exposureMax: Money
  readonly symbolExposureMax: Money
  readonly collarPercent: Money
  readonly slippagePercent: Money
  /** See `protection` of the settings. */
  readonly stopBehindPercent: Money
  readonly stopStepPercent: Money
}

/** @throws RM_TRADING_SETTINGS, RM_EXIT_PARAMETERS */
export function compileRules(settings: TradingSettings, instruments: readonly Instrument[]): Rules {
  checkTradingSettings(settings)
  const exits = compileExits(settings.exit, instruments)
  const symbols = instruments.map((instrument, index): SymbolRules => {
    if (instrument.index !== index) fail('RM_TRADING_SETTINGS', { field: `instrument ${instrument.symbol}`, value: instrument.index, problem: `stands at place ${index}` })
    offsetFor(settings.entry.offset, instrument.symbol, null)
    const own = money(settings.limits.orderNotionalMin)
    const venue = money(instrument.minNotional)
    return {
      instrument,
      unit: unitOf(instrument.tick.text, instrument.lot.text),
      notional: money(settings.entry.notional).mul(money(settings.entry.multiplierBySymbol[instrument.symbol] ?? 1)),
      minNotional: own.gt(venue) ? own : venue,
      marketOrder: settings.entry.useMarketOrder || settings.entry.marketOrderSymbols.includes(instrument.symbol),
      exits: exits[index]!,
      conservative: conservativePlan(settings.exit, Object.values(exits[index]!), null),
    }
  })
  return {
    settings,
    symbols,
    indexOf: new Map(instruments.map((instrument) => [instrument.symbol, instrument.index])),
    plan: { ...conservativePlan(settings.exit, exits.flatMap((sets) => Object.values(sets)), null), source: 'conservative: the tightest of all symbols' },
    exposureMax: money(settings.limits.exposureMax),
    symbolExposureMax: money(settings.limits.symbolExposureMax),
    collarPercent: money(settings.limits.collarPercent),
    slippagePercent: money(settings.exit.slippagePercent),
    stopBehindPercent: money(settings.protection.behindPercent),
    stopStepPercent: money(settings.protection.stepPercent),
  }
}
