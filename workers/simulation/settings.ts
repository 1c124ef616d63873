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
  /** Whether a bad minute trips the kill switch. */
  readonly trips: 'wide' | 'tight'
}

export function drawVariant(random: Random, durability?: SettingsVariant['durability']): SettingsVariant {
  return {
    holdS: 3 + random.below(12),
    ttlMs: 500 + 250 * random.below(9),
    sizeUsdt: 150 * (1 + random.below(6)),
    stop: (['cancel-entries', 'cancel-entries', 'cancel-all', 'leave'] as const)[random.below(4)]!,
    durability: durability ?? (random.chance(0.4) ? 'power' : 'process'),
    trips: random.chance(0.12) ? 'tight' : 'wide',
  }
}

/** Bounds of the kill switch: what no minute of faults breaks, or what many do. */
const TRIPS = {
  wide: { loss: '50000', kill: { rejects: 1000, stale_s: 600, missing_s: 600, wallet_age_s: 3600, frozen_symbols: 0, clock_jump_ms: 100_000, journal_s: 600 } },
  tight: { loss: '3', kill: { rejects: 6, stale_s: 4, missing_s: 6, wallet_age_s: 30, frozen_symbols: 1, clock_jump_ms: 2000, journal_s: 3 } },
} as const

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
    // The regime whose entries lie close enough to fill.
    'regime.mode': 'choppy',
    'order_executor.limit_order.default_offset_percent': '0.001',
    'order_executor.limit_order.by_regime.choppy.limit_offset_percent': '0.001',
    'risk.max_orders_per_minute': '600',
    'risk.sizing': 'fixed',
    'risk.max_daily_loss_percent': '100',
    'risk.max_drawdown_percent': '100',
    // What is not flushed is what a power cut takes: there is more of it, and fewer timers.
    'journal.flush_ms': '25',
    // The shortest that OKX has.
    'dead_man.timeout_s': '10',
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
    risk: { ...base.risk, order_size_usdt: String(variant.sizeUsdt), max_daily_loss_usdt: TRIPS[variant.trips].loss },
    kill_switch: { ...base.kill_switch, ...TRIPS[variant.trips].kill },
    journal: { ...base.journal, durability: variant.durability },
    shutdown: { ...base.shutdown, policy: variant.stop },
  }
}
