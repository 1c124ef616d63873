import type { Clock, Instrument, SymbolIndex } from '../core/index.ts'
import { type RegistryMemory, REGIME_NAMES, type RegimeParameters } from '../market/index.ts'

export type RegimeName = RegimeParameters['regime']

/** Every regime that a market can be seen in. */
export const REGIMES_KNOWN = REGIME_NAMES.filter((name) => name !== 'unknown')

/** What the market of a symbol is like, as far as entries and exits go by it. */
export interface MarketConditions {
  /** null while nobody has said it. */
  regime(symbolIndex: SymbolIndex): RegimeName | null
  /** Average true range over 14 one-minute candles in ticks; NaN while it is not known, or too old. */
  atrTicks(symbolIndex: SymbolIndex): number
}

/**
 * The conditions that the registry holds.
 * @param atrAt place of `atr_14` among the features
 * @param ageMsMax oldest vector whose range counts
 */
export function registryConditions(registry: RegistryMemory, instruments: readonly Instrument[], clock: Clock, atrAt: number, ageMsMax: number): MarketConditions {
  const regimes = instruments.map((one) => registry.readRegime(one.index))
  const indicators = instruments.map((one) => registry.readIndicators(one.index))
  const ticksPerQuote = instruments.map((one) => 1 / Number(one.tick.text))
  return {
    regime: (symbolIndex) => {
      const cell = regimes[symbolIndex]
      if (cell === undefined || !cell.read()) return null
      const name = REGIME_NAMES[cell.value.regime]
      return name === undefined || name === 'unknown' ? null : name
    },
    atrTicks: (symbolIndex) => {
      const cell = indicators[symbolIndex]
      if (cell === undefined || !cell.read() || cell.value.count <= atrAt) return Number.NaN
      if (!(clock.nowNs() - cell.value.updatedNs <= ageMsMax * 1e6)) return Number.NaN
      const ticks = cell.value.f64[cell.value.values + atrAt]! * ticksPerQuote[symbolIndex]!
      return ticks > 0 && Number.isFinite(ticks) ? ticks : Number.NaN
    },
  }
}
