import { fail } from '../../core/index.ts'
import { STRATEGY_NAMES, type StrategyName } from '../../memory/index.ts'
import type { StrategyConfig } from '../strategy.ts'
import { makeStrategy, type StrategyConfigs } from '../table.ts'
import type { DeskSettings } from './settings.ts'

/** A switch of a strategy, a weight or a parameter, made while the engine ran. */
export interface StrategyChange {
  readonly strategy: StrategyName
  /** `enabled`, `weight` or a parameter of the strategy. */
  readonly setting: string
  readonly value: number | boolean
  /** What the configuration said at that time: with another one the change ends. */
  readonly configured: number | boolean
}

export const WEIGHT_MAX = 100

const isStrategy = (name: string): name is StrategyName => (STRATEGY_NAMES as readonly string[]).includes(name)

/** What the settings say of one setting; undefined: there is no such setting. */
export function settingOf(settings: DeskSettings, strategy: StrategyName, setting: string): number | boolean | undefined {
  if (setting === 'enabled') return settings.enabled[strategy]
  if (setting === 'weight') return settings.weights[strategy]
  const config: StrategyConfig = settings.configs[strategy]
  return Object.hasOwn(config, setting) ? config[setting] : undefined
}

/** Settings with one value laid over them. */
function withSetting(settings: DeskSettings, strategy: StrategyName, setting: string, value: number | boolean): DeskSettings {
  if (setting === 'enabled') return { ...settings, enabled: { ...settings.enabled, [strategy]: value } }
  if (setting === 'weight') return { ...settings, weights: { ...settings.weights, [strategy]: value } }
  return { ...settings, configs: { ...settings.configs, [strategy]: { ...settings.configs[strategy], [setting]: value } } as StrategyConfigs }
}

/** The settings in force: the changes that still stand, over what is configured. */
export function changedSettings(configured: DeskSettings, changes: readonly StrategyChange[]): DeskSettings {
  let settings = configured
  for (const { strategy, setting, value, configured: then } of changes) if (settingOf(configured, strategy, setting) === then) settings = withSetting(settings, strategy, setting, value)
  return settings
}

/**
 * The change that text from a person asks for, checked against the settings in force.
 * @param features names of a vector's values
 * @throws RM_STRATEGY_CONFIG for a strategy or setting that there is not, or a value that it cannot take
 */
export function strategyChange(configured: DeskSettings, changes: readonly StrategyChange[], strategy: string, setting: string, text: string, features: readonly string[]): StrategyChange {
  if (!isStrategy(strategy)) return fail('RM_STRATEGY_CONFIG', { strategy, setting, value: text, allowed: `strategies ${STRATEGY_NAMES.join(', ')}` })
  const then = settingOf(configured, strategy, setting)
  if (then === undefined) return fail('RM_STRATEGY_CONFIG', { strategy, setting, value: text, allowed: `one of enabled, weight, ${Object.keys(configured.configs[strategy]).join(', ')}` })
  const value = typeof then === 'boolean' ? ({ true: true, false: false } as const)[text] : /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined
  if (value === undefined) return fail('RM_STRATEGY_CONFIG', { strategy, setting, value: text, allowed: typeof then === 'boolean' ? 'true or false' : 'a plain number' })
  if (setting === 'weight' && !((value as number) >= 0 && (value as number) <= WEIGHT_MAX)) fail('RM_STRATEGY_CONFIG', { strategy, setting, value, allowed: `0 to ${WEIGHT_MAX}` })
  const next = withSetting(changedSettings(configured, changes), strategy, setting, value)
  // Made once for its own checks.
  makeStrategy(strategy, next.configs, features)
  return { strategy, setting, value, configured: then }
}

/** The list with one change more; one back to what is configured takes its forerunner out. */
export function withChange(changes: readonly StrategyChange[], change: StrategyChange): readonly StrategyChange[] {
  const others = changes.filter((one) => one.strategy !== change.strategy || one.setting !== change.setting)
  return change.value === change.configured ? others : [...others, change]
}

/**
 * Reads a kept list.
 * @throws RM_STRATEGY_CHANGES when it is none
 */
export function parseChanges(text: string, path: string): readonly StrategyChange[] {
  const refuse = (problem: string): never => fail('RM_STRATEGY_CHANGES', { path, problem })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('is not JSON')
  }
  if (!Array.isArray(value)) return refuse('is no list')
  const isValue = (one: unknown): boolean => typeof one === 'boolean' || (typeof one === 'number' && Number.isFinite(one))
  for (const one of value as Partial<StrategyChange>[]) {
    if (typeof one !== 'object' || one === null || typeof one.strategy !== 'string' || !isStrategy(one.strategy) || typeof one.setting !== 'string' || !isValue(one.value) || !isValue(one.configured)) refuse(`has an entry that is no change: ${JSON.stringify(one)}`)
  }
  return value as StrategyChange[]
}

/** 32 bits that tell one set of settings from another (FNV-1a over their JSON). */
export function settingsHash(settings: DeskSettings): number {
  const text = JSON.stringify(settings)
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
