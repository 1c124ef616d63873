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
const made = new Map<string, Config>()

/** Settings that trade often, so that a minute has much to say. */
function eagerConfig(venue: 'bybit' | 'okx', symbols: readonly string[], trades: boolean): Config {
  const key = JSON.stringify([venue, symbols, trades])
  const known = made.get(key)
  if (known !== undefined) return known
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
    'risk.max_orders_per_minute': '600',
  }
  const overrides = Object.entries(set).map(([path, value]) => ({ path, value, from: 'simulate' }))
  const { config } = loadConfig({ dir: CONFIG_DIR, env: {}, envFile: null, overrides })
  made.set(key, config)
  return config
}

/** The configuration of a run. @param trades false: an engine that only looks after what is there */
export function simulationConfig(venue: 'bybit' | 'okx', symbols: readonly string[], seed: number, variant: SettingsVariant, trades = true): Config {
  const base = eagerConfig(venue, symbols, trades)
  return {
    ...base,
    exchange: { ...base.exchange, seed },
    exit: { ...base.exit, max_holding_s: variant.holdS },
    order_executor: { ...base.order_executor, order_ttl_ms: variant.ttlMs },
    risk: { ...base.risk, order_size_usdt: String(variant.sizeUsdt) },
    journal: { ...base.journal, durability: variant.durability },
    shutdown: { ...base.shutdown, policy: variant.stop },
  }
}
