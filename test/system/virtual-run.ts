import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, loadConfig } from '../../src/config/index.ts'
import { defaultContracts, defaultStartTicks, generatedMarket, type MarketSource } from '../../src/exchange/index.ts'
import type { VirtualRunLog } from '../../src/runtime/index.ts'
import { MemoryJournal } from '../../src/trading/index.ts'
import { VirtualEngine, type VirtualEngineParts } from '../../workers/virtual-engine.ts'

const DATA = process.env['RINGMASTER_DATA'] ?? join(import.meta.dirname, '../../../shared/data')
export const capture = (name: string): string => join(DATA, 'l2_binance_raw', name)
export const captured = (name: string): boolean => existsSync(capture(name))

/** A configuration that trades often, so that a short run has much to say. */
export function eagerConfig(symbols: readonly string[], venue: 'bybit' | 'okx' = 'bybit'): Config {
  const set = {
    venue,
    trading_pairs: symbols.join(','),
    'strategy.imbalance.buy_threshold': '0.55',
    'strategy.imbalance.sell_threshold': '0.45',
    'strategy.min_confidence': '0.5',
    // The regime whose offset is made small below.
    'regime.mode': 'choppy',
    'order_executor.limit_order.default_offset_percent': '0.001',
    'order_executor.limit_order.by_regime.choppy.limit_offset_percent': '0.001',
    'order_executor.order_ttl_ms': '2000',
    'exit.max_holding_s': '20',
  }
  const overrides = Object.entries(set).map(([path, value]) => ({ path, value, from: 'test' }))
  return loadConfig({ dir: join(import.meta.dirname, '../../config'), env: {}, envFile: null, overrides }).config
}

export function generated(symbols: readonly string[], seed: number): MarketSource[] {
  return symbols.map((symbol) => generatedMarket({ contract: defaultContracts.find((one) => one.symbol === symbol)!, seed, startTicks: defaultStartTicks[symbol]!, historyMin: 60 }))
}

export interface VirtualRun {
  readonly engine: VirtualEngine
  readonly journal: MemoryJournal
  readonly logs: readonly VirtualRunLog[]
}

/** Starts an engine on virtual time; the caller runs and stops it. */
export function virtualStart(config: Config, markets: readonly MarketSource[], more: Partial<VirtualEngineParts> = {}): VirtualRun {
  const journal = new MemoryJournal()
  const logs: VirtualRunLog[] = []
  const engine = new VirtualEngine({ config, markets, originMs: Date.UTC(2024, 6, 24), journal, onLog: (line) => void logs.push(line), ...more })
  return { engine, journal, logs }
}

/** Runs an engine for some seconds of virtual time and stops it in good order. */
export function virtualRun(config: Config, markets: readonly MarketSource[], seconds: number): VirtualRun {
  const run = virtualStart(config, markets)
  run.engine.runUntil(seconds * 1e9)
  run.engine.stop()
  return run
}
