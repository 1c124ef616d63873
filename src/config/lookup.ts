import type { Config } from './schema.ts'
import type { Regime } from './symbols.ts'

export interface EntryChoice {
  readonly offsetPercent: number
  readonly useMarketOrder: boolean
  /** Path of the setting they came from; stored with the order. */
  readonly source: string
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
