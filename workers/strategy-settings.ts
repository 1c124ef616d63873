import type { Config } from '../src/config/index.ts'
import type { StrategyName } from '../src/memory/index.ts'
import type { RegimeSettings, SeenRegime } from '../src/regime/index.ts'
import { type DeskSettings, imbalanceDefaults, type ImbalanceConfig, type StrategyConfig, type StrategyConfigs } from '../src/strategies/index.ts'

/** Name of a setting as it stands in the configuration: `strengthMin` is written `strength_min`. */
export const writtenName = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
/** And back. */
export const ownName = (written: string): string => written.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** The part of the configuration that strategies and their vote need, in their own words. */
export function deskSettings(config: Config): DeskSettings {
  const { strategies } = config
  const { mode, min_strategies, min_confidence, conflict, single, imbalance, momentum, sar_wave, super_trend, volume_profile } = strategies
  const blocks = { imbalance, momentum, sar_wave, super_trend, volume_profile }
  const of = <T>(take: (block: (typeof blocks)[StrategyName]) => T): Readonly<Record<StrategyName, T>> =>
    Object.fromEntries(Object.entries(blocks).map(([name, block]) => [name, take(block)])) as Record<StrategyName, T>
  return {
    consensus: { mode, strategiesMin: min_strategies, confidenceMin: min_confidence, conflict: conflict === 'stand_aside' ? 'stand-aside' : 'resolve' },
    single: single === 'none' ? null : single,
    model: strategies.model,
    exits: strategies.exits,
    repeatMs: strategies.repeat_ms,
    budgetMs: strategies.budget_ms,
    backoffMs: strategies.backoff_ms,
    backoffMsMax: strategies.backoff_max_ms,
    recordNoTrade: strategies.record_no_trade,
    enabled: of(({ enabled }) => enabled),
    weights: of(({ weight }) => weight),
    configs: { ...(of(parametersOf) as unknown as StrategyConfigs), imbalance: imbalanceOf(config) },
  }
}

/**
 * The fixed regime, or how it is detected.
 * @param symbol whose own bounds hold where it has some; null: those of all others
 */
export function regimeRule({ regime }: Config, symbol: string | null): SeenRegime | RegimeSettings {
  if (regime.mode !== 'auto') return regime.mode
  const own = symbol === null ? undefined : regime.by_symbol[symbol]
  return {
    adxEnter: own?.adx_enter ?? regime.adx_enter,
    adxLeave: own?.adx_leave ?? regime.adx_leave,
    choppyEnter: own?.choppy_enter ?? regime.choppy_enter,
    choppyLeave: own?.choppy_leave ?? regime.choppy_leave,
    volatilePercent: own?.volatile_percent ?? regime.volatile_percent,
    confirmCandles: own?.confirm_candles ?? regime.confirm_candles,
  }
}

/** Every setting of a block but its switch and its weight: they are written as they are named. */
const parametersOf = ({ enabled: _enabled, weight: _weight, ...parameters }: { readonly enabled: boolean; readonly weight: number }): StrategyConfig =>
  Object.fromEntries(Object.entries(parameters).map(([written, value]) => [ownName(written), value as number]))

function imbalanceOf({ strategy, strategies }: Config): ImbalanceConfig {
  const { buy_threshold, sell_threshold, depth_levels, cooldown_ms, repeat_ms } = strategy.imbalance
  // Between the thresholds must remain a middle that belongs to no side.
  const hysteresis = Math.min(imbalanceDefaults.hysteresis, (buy_threshold - 0.5) / 2, (0.5 - sell_threshold) / 2)
  return {
    ...imbalanceDefaults,
    hysteresis,
    buyThreshold: buy_threshold,
    sellThreshold: sell_threshold,
    depthLevels: depth_levels,
    cooldownMs: cooldown_ms,
    repeatMs: repeat_ms,
    clusterConfirmation: strategies.imbalance.cluster_confirmation,
  }
}
