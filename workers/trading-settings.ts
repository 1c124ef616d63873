import { type Config, entryChoice, exitChoice, type Regime } from '../src/config/index.ts'
import { type TradingSettings, tradingDefaults } from '../src/trading/index.ts'

/**
 * The regime that every symbol counts as being in, until there is a detector that says otherwise: the one whose
 * entries lie closest to the price.
 */
export const STANDING_REGIME: Regime = 'choppy'

/** The part of the configuration that execution needs, in its own words. */
export function tradingSettings(config: Config): TradingSettings {
  const { risk, order_executor: executor, recovery, journal, shutdown } = config
  const multipliers = Object.entries(config.symbol_profiles).map(([symbol, { position_multiplier }]) => [symbol, String(position_multiplier)] as const)
  return {
    ...tradingDefaults,
    entry: {
      ...tradingDefaults.entry,
      notional: risk.order_size_usdt,
      multiplierBySymbol: Object.fromEntries(multipliers),
      confidenceMin: config.strategy.min_confidence,
      timeInForce: executor.time_in_force === 'PostOnly' ? 'PostOnly' : 'GTC',
      ttlMs: executor.order_ttl_ms,
      decisionAgeMsMax: config.freshness.order_ms,
      offset: { defaultPercent: '0.05', byRegime: {}, bySymbol: Object.fromEntries(config.trading_pairs.map((symbol) => [symbol, { percent: entryOf(config, symbol).offsetPercent, byRegime: {} }])) },
    },
    limits: {
      openPositionsMax: risk.max_open_positions,
      exposureMax: risk.max_exposure_usdt,
      symbolExposureMax: risk.max_symbol_exposure_usdt,
      orderNotionalMin: risk.min_order_size_usdt,
      ordersPerWindowMax: risk.max_orders_per_minute,
      orderWindowMs: 60_000,
      collarPercent: String(risk.price_collar_percent),
    },
    exit: {
      ...tradingDefaults.exit,
      holdMsMax: config.exit.max_holding_s * 1000,
      ...exitOf(config, 'BTCUSDT'),
    },
    venue: { ...tradingDefaults.venue, pendingMs: 2 * executor.command_deadline_ms, absentAfterMs: 2 * executor.command_deadline_ms },
    reconcile: {
      ...tradingDefaults.reconcile,
      tries: recovery.max_reconciliation_retries,
      delayMs: Math.max(1, recovery.reconciliation_retry_delay_s * 1000),
      hangingMs: recovery.hanging_order_timeout_minutes * 60_000,
    },
    journal: { durability: journal.durability === 'power' ? 'flushed' : 'written', flushMs: journal.flush_ms },
    stop: { policy: shutdown.policy, deadlineMs: Math.max(1000, shutdown.timeout_s * 1000 - 5000) },
  }
}

function entryOf(config: Config, symbol: string) {
  const { offsetPercent, useMarketOrder, source } = entryChoice(config, symbol, STANDING_REGIME)
  return { offsetPercent: String(offsetPercent), useMarketOrder, source }
}

function exitOf(config: Config, symbol: string) {
  const { parameters } = exitChoice(config, symbol, STANDING_REGIME)
  return { takeProfitPercent: String(parameters.tp_percent), stopLossPercent: String(parameters.sl_percent) }
}
