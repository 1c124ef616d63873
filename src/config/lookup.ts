import { fail } from '../core/index.ts'
import type { Config, ExitParameters } from './schema.ts'
import type { Regime } from './symbols.ts'

export interface ExitChoice {
  readonly parameters: ExitParameters
  /** Path of the section they came from; stored with the position. */
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
