import { join } from 'node:path'
import { type Config, loadConfig } from '../../src/config/index.ts'
import type { Random } from '../../src/core/index.ts'

/** Settings that a person may change between two starts. */
export interface SettingsVariant {
  readonly holdS: number
  readonly ttlMs: number
  readonly sizeUsdt: number
  readonly stop: 'cancel-entries' | 'cancel-all' | 'leave'
  readonly durability: 'process' | 'power'
}

export function drawVariant(random: Random, durability?: SettingsVariant['durability']): SettingsVariant {
  return {
    holdS: 3 + random.below(12),
    ttlMs: 500 + 250 * random.below(9),
    sizeUsdt: 150 * (1 + random.below(6)),
    stop: (['cancel-entries', 'cancel-entries', 'cancel-all', 'leave'] as const)[random.below(4)]!,
    durability: durability ?? (random.chance(0.4) ? 'power' : 'process'),
  }
}

const CONFIG_DIR = join(import.meta.dirname, '../../config')
const KEPT_MAX = 200
const made = new Map<string, Config>()

/** A configuration that trades often, so that a minute has much to say. @param trades false: an engine that only looks after what is there */
export function simulationConfig(venue: 'bybit' | 'okx', symbols: readonly string[], seed: number, variant: SettingsVariant, trades = true): Config {
  const key = JSON.stringify([venue, symbols, variant, trades])
  let config = made.get(key)
  if (config === undefined) {
    const set: Readonly<Record<string, string>> = {
      venue,
      trading_pairs: symbols.join(','),
      'strategy.imbalance.buy_threshold': '0.55',
      'strategy.imbalance.sell_threshold': '0.45',
      'strategy.imbalance.repeat_ms': '300',
      'strategy.imbalance.cooldown_ms': '100',
      'strategy.min_confidence': trades ? '0.5' : '1',
      'order_executor.limit_order.default_offset_percent': '0.001',
      'order_executor.limit_order.by_regime.choppy.limit_offset_percent': '0.001',
      'order_executor.order_ttl_ms': String(variant.ttlMs),
      'exit.max_holding_s': String(variant.holdS),
      'risk.order_size_usdt': String(variant.sizeUsdt),
      'risk.max_orders_per_minute': '600',
      'journal.durability': variant.durability,
      'shutdown.policy': variant.stop,
    }
    const overrides = Object.entries(set).map(([path, value]) => ({ path, value, from: 'simulate' }))
    config = loadConfig({ dir: CONFIG_DIR, env: {}, envFile: null, overrides }).config
    if (made.size >= KEPT_MAX) made.clear()
    made.set(key, config)
  }
  return { ...config, exchange: { ...config.exchange, seed } }
}
