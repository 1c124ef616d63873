import type { StrategyName } from '../memory/index.ts'
import { type ImbalanceConfig, imbalanceDefaults, ImbalanceStrategy } from './imbalance.ts'
import { type MomentumConfig, momentumDefaults, MomentumStrategy } from './momentum.ts'
import { type SarWaveConfig, sarWaveDefaults, SarWaveStrategy } from './sar-wave.ts'
import type { Strategy } from './strategy.ts'
import { type SuperTrendConfig, superTrendDefaults, SuperTrendStrategy } from './super-trend.ts'
import { type VolumeProfileConfig, volumeProfileDefaults, VolumeProfileStrategy } from './volume-profile.ts'

/** The settings of every strategy that there is. */
export interface StrategyConfigs {
  readonly imbalance: ImbalanceConfig
  readonly momentum: MomentumConfig
  readonly sar_wave: SarWaveConfig
  readonly super_trend: SuperTrendConfig
  readonly volume_profile: VolumeProfileConfig
}

export const strategyDefaults: StrategyConfigs = {
  imbalance: imbalanceDefaults,
  momentum: momentumDefaults,
  sar_wave: sarWaveDefaults,
  super_trend: superTrendDefaults,
  volume_profile: volumeProfileDefaults,
}

type Make = (configs: StrategyConfigs, features: readonly string[]) => Strategy

/** How each is made. A new strategy is a file, a row here and in `STRATEGY_NAMES`, and a block in the configuration. */
const MAKE: Readonly<Record<StrategyName, Make>> = {
  imbalance: (configs, features) => new ImbalanceStrategy(configs.imbalance, features),
  momentum: (configs) => new MomentumStrategy(configs.momentum),
  sar_wave: (configs) => new SarWaveStrategy(configs.sar_wave),
  super_trend: (configs) => new SuperTrendStrategy(configs.super_trend),
  volume_profile: (configs) => new VolumeProfileStrategy(configs.volume_profile),
}

/**
 * A strategy by its name.
 * @param features names of a vector's values, in their order
 * @throws RM_STRATEGY_CONFIG, RM_STRATEGY_FEATURE, RM_INDICATOR_FACTOR
 */
export const makeStrategy = (name: StrategyName, configs: StrategyConfigs, features: readonly string[]): Strategy => MAKE[name](configs, features)
