import { fail } from '../core/index.ts'
import type { Config, ExitParameters } from './schema.ts'
import type { Regime } from './symbols.ts'

export interface ExitChoice {
  readonly parameters: ExitParameters
  /** Path of the section they came from; stored with the position. */
  readonly source: string
}

export interface EntryChoice {
  readonly offsetPercent: number
  readonly useMarketOrder: boolean
  /** Path of the setting they came from; stored with the order. */
  readonly source: string
}

/**
 * Exit parameters of a symbol in a regime (EX-16): `symbol_profiles.{S}.{R}`, else `exit.by_regime.{R}`; one whole
 * set from one source.
 * @throws RM_CONFIG_EXIT_MISSING for a symbol that is not an active one and has neither
 */
export function exitChoice(config: Config, symbol: string, regime: Regime): ExitChoice {
  const own = config.symbol_profiles[symbol]?.[regime]
  if (own !== undefined) return { parameters: own, source: `symbol_profiles.${symbol}.${regime}` }
  const common = config.exit.by_regime[regime]
  if (common !== undefined) return { parameters: common, source: `exit.by_regime.${regime}` }
  return fail('RM_CONFIG_EXIT_MISSING', { count: 1, list: `\n  symbol_profiles.${symbol}.${regime} and exit.by_regime.${regime}: both missing` })
}

/** Entry offset of a symbol in a regime (EX-5): by symbol and regime, by symbol, by regime, default. */
export function entryChoice(config: Config, symbol: string, regime: Regime): EntryChoice {
  const base = 'order_executor.limit_order'
  const { by_symbol: bySymbol, by_regime: byRegime, default_offset_percent: standard } = config.order_executor.limit_order
  const own = bySymbol[symbol]
  const ownRegime = own?.by_regime[regime]
  if (ownRegime !== undefined) return entry(ownRegime.limit_offset_percent, ownRegime.use_market_order, `${base}.by_symbol.${symbol}.by_regime.${regime}`)
  if (own?.limit_offset_percent !== undefined) return entry(own.limit_offset_percent, own.use_market_order, `${base}.by_symbol.${symbol}`)
  const common = byRegime[regime]
  if (common !== undefined) return entry(common.limit_offset_percent, common.use_market_order, `${base}.by_regime.${regime}`)
  return entry(standard, false, `${base}.default_offset_percent`)
}

const entry = (offsetPercent: number, useMarketOrder: boolean, source: string): EntryChoice => ({ offsetPercent, useMarketOrder, source })
