import type { Config } from '../src/config/index.ts'
import { type OffsetSection, type OffsetSettings, type TradingSettings, tradingDefaults } from '../src/trading/index.ts'
import { BYBIT_DEFAULTS } from '../src/venues/index.ts'
import { exitSettings } from './exit-settings.ts'

/** What the venue's own clocks and queues may add. */
const EVIDENCE_MARGIN_MS = 2000

/** Marks the client ids of a venue's journal: two journals count their epochs each for itself, and one account may see both. */
const ACCOUNT_TAG: Readonly<Record<Config['venue'], string>> = { bybit: 'main', okx: 'mokx' }

/** The part of the configuration that execution needs, in its own words. */
export function tradingSettings(config: Config): TradingSettings {
  const { risk, order_executor: executor, protection, recovery, journal, shutdown } = config
  return {
    ...tradingDefaults,
    account: ACCOUNT_TAG[config.venue],
    entry: {
      ...tradingDefaults.entry,
      notional: risk.order_size_usdt,
      multiplierBySymbol: Object.fromEntries(Object.entries(config.symbol_profiles).map(([symbol, profile]) => [symbol, String(profile.position_multiplier)])),
      confidenceMin: config.strategy.min_confidence,
      timeInForce: executor.time_in_force,
      ttlMs: executor.order_ttl_ms,
      decisionAgeMsMax: config.freshness.order_ms,
      offset: offsetSettings(config),
    },
    limits: {
      openPositionsMax: risk.max_open_positions,
      exposureMax: risk.max_exposure_usdt,
      symbolExposureMax: risk.max_symbol_exposure_usdt,
      directionExposureMax: risk.max_direction_exposure_usdt,
      orderNotionalMin: risk.min_order_size_usdt,
      ordersPerWindowMax: risk.max_orders_per_minute,
      orderWindowMs: 60_000,
      collarPercent: String(risk.price_collar_percent),
      bandAgeMsMax: config.market_data.price_limits_s * 1000,
    },
    sizing: { ...tradingDefaults.sizing, rule: risk.sizing, riskPercent: String(risk.risk_per_trade_percent) },
    preflight: {
      leverage: risk.leverage === undefined ? null : String(risk.leverage),
      leverageBySymbol: Object.fromEntries(Object.entries(config.symbol_profiles).flatMap(([symbol, { leverage }]) => (leverage === undefined ? [] : [[symbol, String(leverage)]]))),
      setPositionMode: executor.set_position_mode,
    },
    exit: { ...tradingDefaults.exit, ...exitSettings(config) },
    protection: {
      ...tradingDefaults.protection,
      enabled: protection.enabled,
      behindPercent: String(protection.behind_percent),
      stepPercent: String(protection.step_percent),
      intervalMs: protection.interval_ms,
      nakedMs: protection.naked_ms,
      // A stop of Bybit is a property of its position; on OKX it is an order, which may outlive it.
      clearAfterClose: config.venue === 'okx',
    },
    deadMan: deadManOf(config),
    // "Found nowhere" proves nothing while the command could still be on its way: its deadline, and the window in which the venue takes it.
    venue: { ...tradingDefaults.venue, pendingMs: 2 * executor.command_deadline_ms, absentAfterMs: executor.command_deadline_ms + BYBIT_DEFAULTS.recvWindowMs + EVIDENCE_MARGIN_MS },
    reconcile: {
      ...tradingDefaults.reconcile,
      tries: recovery.max_reconciliation_retries,
      delayMs: Math.max(1, Math.round(recovery.reconciliation_retry_delay_s * 1000)),
      auto: recovery.auto,
      hangingCheck: recovery.hanging_order_check,
      restoreAuto: recovery.fsm_auto_restore,
      hangingDetail: recovery.detailed_hanging_order_logging,
      hangingMs: recovery.hanging_order_timeout_minutes * 60_000,
    },
    kill: killSettings(config),
    journal: { durability: journal.durability === 'power' ? 'flushed' : 'written', flushMs: journal.flush_ms },
    stop: { policy: shutdown.policy, deadlineMs: Math.max(1000, shutdown.timeout_s * 1000 - 5000) },
  }
}

function killSettings({ risk, kill_switch: kill }: Config): TradingSettings['kill'] {
  return {
    dailyLossMax: risk.max_daily_loss_usdt,
    dailyLossPercentMax: String(risk.max_daily_loss_percent),
    drawdownPercentMax: String(risk.max_drawdown_percent),
    dayStartHour: risk.day_start_hour,
    rejectsMax: kill.rejects,
    rejectWindowMs: kill.reject_window_s * 1000,
    staleShare: kill.stale_share,
    staleMs: kill.stale_s * 1000,
    missingMs: kill.missing_s * 1000,
    walletAgeMsMax: kill.wallet_age_s * 1000,
    frozenSymbolsMax: kill.frozen_symbols,
    foreignTrips: kill.foreign_order,
    clockJumpMs: kill.clock_jump_ms,
    journalMs: kill.journal_s * 1000,
    losingTradesMax: kill.losing_trades,
    flattenOnTrip: kill.flatten,
    flattenLimitExits: kill.flatten_limit_exits,
    flattenMarketMs: kill.flatten_market_s * 1000,
    lookMs: kill.check_ms,
    recordMs: kill.record_s * 1000,
  }
}

/** OKX takes the orders of one tag only, which are the entries; what Bybit's takes of waiting stops is not documented. */
function deadManOf({ dead_man: { mode, timeout_s }, venue }: Config): TradingSettings['deadMan'] {
  const whyNot = mode === 'off' ? 'dead_man.mode is off' : venue === 'bybit' && mode === 'auto' ? 'Bybit does not say that it leaves stops alone (dead_man.mode: on arms it)' : ''
  return { enabled: whyNot === '', timeoutMs: timeout_s * 1000, whyNot }
}

type Section = Config['order_executor']['limit_order']['by_regime'][keyof Config['order_executor']['limit_order']['by_regime']]

/** The whole table: which section counts is decided at each entry, by the regime of that moment. */
function offsetSettings({ order_executor: { limit_order: table } }: Config): OffsetSettings {
  const sections = (regimes: Readonly<Record<string, Section>>): Record<string, OffsetSection> =>
    Object.fromEntries(Object.entries(regimes).flatMap(([regime, one]) => (one === undefined ? [] : [[regime, { percent: String(one.limit_offset_percent), marketOrder: one.use_market_order }]])))
  return {
    defaultPercent: String(table.default_offset_percent),
    byRegime: sections(table.by_regime),
    bySymbol: Object.fromEntries(
      Object.entries(table.by_symbol).map(([symbol, own]) => [
        symbol,
        { own: own.limit_offset_percent === undefined ? null : { percent: String(own.limit_offset_percent), marketOrder: own.use_market_order }, byRegime: sections(own.by_regime) },
      ]),
    ),
  }
}
