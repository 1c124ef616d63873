import { fail } from '../core/index.ts'
import type { StrategyName } from '../memory/index.ts'
import type { StrategyConfig } from './strategy.ts'

/** What one setting may be. */
export interface Bound {
  readonly min: number
  readonly max: number
  /** Whole numbers only. */
  readonly whole?: boolean
}

/** Of every setting of a strategy; null: true or false. */
export type Bounds<C> = { readonly [K in keyof C]: Bound | null }

/** Pairs of settings of which the first must be below the second. */
export type Ordered<C> = readonly (readonly [keyof C & string, keyof C & string])[]

/**
 * The settings with changes laid over them.
 * @throws RM_STRATEGY_CONFIG for a setting that there is not, of the wrong kind or out of bounds
 */
export function configured<C extends StrategyConfig>(strategy: StrategyName, bounds: Bounds<C>, config: C, changes: StrategyConfig, ordered: Ordered<C> = []): C {
  const next: Record<string, number | boolean> = { ...config }
  for (const [setting, value] of Object.entries(changes)) {
    if (!Object.hasOwn(bounds, setting)) fail('RM_STRATEGY_CONFIG', { strategy, setting, value, allowed: `one of ${Object.keys(bounds).join(', ')}` })
    next[setting] = value
  }
  for (const [setting, bound] of Object.entries(bounds) as [string, Bound | null][]) {
    const value = next[setting]
    if (bound === null ? typeof value === 'boolean' : typeof value === 'number' && value >= bound.min && value <= bound.max && (bound.whole !== true || Number.isSafeInteger(value))) continue
    fail('RM_STRATEGY_CONFIG', { strategy, setting, value, allowed: bound === null ? 'true or false' : `${bound.whole === true ? 'a whole number ' : ''}${bound.min} to ${bound.max}` })
  }
  for (const [lower, upper] of ordered) if (!(next[lower]! < next[upper]!)) fail('RM_STRATEGY_CONFIG', { strategy, setting: lower, value: next[lower], allowed: `below ${upper}, which is ${next[upper]}` })
  return next as C
}
