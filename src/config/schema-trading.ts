import { z } from 'zod'
import { amount, between, byRegime, bySymbol, positive, setting, whole } from './fields.ts'

const offset = z.strictObject({
  limit_offset_percent: setting(positive(10), 'Distance of the entry order from the price, in percent.'),
  use_market_order: setting(z.boolean().default(false), 'Enter with a market order instead.'),
})

const trailingStop = () =>
  z.strictObject({
    activation_percent: setting(positive(100), 'Profit from which the stop follows the price, in percent of the entry price.'),
    distance_percent: setting(positive(99), 'How far behind the best price the stop stays, in percent of the entry price.'),
    activation_atr_multiplier: setting(positive(100).optional(), 'That profit in average true ranges, within exit.atr_clamp.'),
    distance_atr_multiplier: setting(positive(100).optional(), 'That distance in average true ranges, within exit.atr_clamp.'),
  })

/** One whole set: parameters of two sources are never mixed. */
const exitSet = z.strictObject({
  tp_percent: setting(positive(100), 'Take profit, in percent of the entry price.'),
  sl_percent: setting(positive(99), 'Stop loss, in percent of the entry price.'),
  tp_atr_multiplier: setting(positive(100).optional(), 'Take profit in average true ranges (14 one-minute candles), within exit.atr_clamp. While the range is not known, tp_percent holds.'),
  sl_atr_multiplier: setting(positive(100).optional(), 'Stop loss in average true ranges (14 one-minute candles), within exit.atr_clamp. While the range is not known, sl_percent holds.'),
  max_holding_s: setting(whole(1, 604_800).optional(), 'Seconds after which a position opened in this regime is closed; at most exit.max_holding_s, which holds without it.'),
  trailing: setting(trailingStop().optional(), 'Trailing stop of positions opened in this regime. Without it their stop stays where it is.'),
})

/** What is traded and what it may cost: risk, entries, exits, orders. */
export const tradingSections = {
  risk: z
    .strictObject({
      max_open_positions: setting(whole(1, 128).default(5), 'Positions that may be open at a time.', { env: 'MAX_OPEN_POSITIONS' }),
      max_exposure_usdt: setting(amount({ zero: false }).prefault('10000'), 'Value of all positions and entry orders together, in USDT.', { env: 'MAX_EXPOSURE_USDT', allowed: 'decimal amount above 0' }),
      max_symbol_exposure_usdt: setting(amount({ zero: false }).prefault('2000'), 'Value of position and entry orders of one symbol, in USDT.', { allowed: 'decimal amount above 0' }),
      max_direction_exposure_usdt: setting(amount({ zero: false }).prefault('8000'), 'Value of all longs with the buys that may still fill, and of all shorts with the sells, in USDT.', { allowed: 'decimal amount above 0' }),
      min_order_size_usdt: setting(amount({ zero: false }).prefault('5'), 'Smallest order value, in USDT.', { env: 'MIN_ORDER_SIZE_USDT', allowed: 'decimal amount above 0' }),
      max_orders_per_minute: setting(whole(1, 1000).default(60), 'Entry orders that may be sent in a minute.'),
      sizing: setting(z.enum(['fixed', 'risk']).default('risk'), 'What the size of an entry comes from. risk: what may be lost at its stop, cut down to what limits and margin leave. fixed: order_size_usdt, refused where it does not fit.'),
      risk_per_trade_percent: setting(positive(10).default(0.1), 'With sizing risk: loss at the stop, in percent of the equity, at full confidence and multiplier 1.'),
      order_size_usdt: setting(amount({ zero: false }).prefault('100'), 'With sizing fixed: value of an entry order before the multiplier of its symbol, in USDT.', { allowed: 'decimal amount above 0' }),
      price_collar_percent: setting(positive(50).default(1), 'Largest distance of an order price from the fresh mid, in percent.'),
      max_daily_loss_usdt: setting(amount({ zero: false }).prefault('1000'), 'Loss of a day, open positions included, that engages the kill switch, in USDT. The smaller of this and the percentage holds.', { env: 'MAX_DAILY_LOSS_USDT', allowed: 'decimal amount above 0' }),
      max_daily_loss_percent: setting(positive(100).default(3), 'The same in percent of the equity at the beginning of the day.'),
      max_drawdown_percent: setting(positive(100).default(10), 'Distance from the highest equity, in percent, that engages the kill switch. Deposits and withdrawals do not count.', { env: 'MAX_DRAWDOWN_PERCENT' }),
      day_start_hour: setting(whole(0, 23).default(0), 'Hour UTC at which a day begins for the daily loss.'),
      leverage: setting(positive(1000).optional(), 'Leverage that is set at the venue at the start and read back. Without it the leverage that stands there holds; a symbol where none is known is not traded.'),
    })
    .prefault({}),
  kill_switch: z
    .strictObject({
      flatten: setting(z.boolean().default(false), 'A trip, SIGUSR2 or the file KILL closes all positions too. Commands say it themselves.'),
      flatten_limit_exits: setting(whole(0, 100).default(2), 'Limit exits without a fill after which positions are closed at market.'),
      flatten_market_s: setting(whole(1, 3600).default(5), 'Seconds after which positions are closed at market in any case.'),
      rejects: setting(whole(1, 1000).default(20), 'Orders refused by the venue, over all symbols, within the window below, that engage it.'),
      reject_window_s: setting(whole(1, 86_400).default(60), 'Length of that window in seconds.'),
      stale_share: setting(positive(1).default(0.5), 'Share of the symbols without fresh data that counts as a loss of sight.'),
      stale_s: setting(whole(1, 86_400).default(30), 'Seconds of it, while anything is exposed, that engage it.'),
      missing_s: setting(whole(1, 86_400).default(60), 'Seconds without a price of an open position, or without the clock of the venue, while anything is exposed, that engage it.'),
      wallet_age_s: setting(whole(120, 86_400).default(300), 'Age in seconds of the last word about the wallet, while anything is exposed, that engages it.'),
      frozen_symbols: setting(whole(0, 128).default(2), 'Symbols frozen for a foreign order or an unexplained position that engage it; 0: none do.'),
      foreign_order: setting(z.boolean().default(false), 'One order or trade of a stranger on the account engages it.'),
      clock_jump_ms: setting(whole(100, 600_000).default(5000), 'Movement of the clocks of machine and venue against each other, in ms, that engages it.'),
      journal_s: setting(whole(1, 3600).default(10), 'Seconds without a writable journal that engage it.'),
      losing_trades: setting(whole(0, 256).default(0), 'Positions closed at a loss in a row that engage it; 0: none do.'),
      check_ms: setting(whole(50, 10_000).default(250), 'Time between two looks at all trips, in ms; every fill is followed by one before the next entry.'),
      record_s: setting(whole(1, 3600).default(60), 'Longest time in seconds between two journal records of a changing equity.'),
    })
    .prefault({}),
  symbol_profiles: setting(
    bySymbol(
      z.strictObject({
        position_multiplier: setting(positive(100).default(1), 'Factor on the position size of this symbol.'),
        leverage: setting(positive(1000).optional(), 'Leverage of this symbol, in place of risk.leverage.'),
        trending: exitSet.optional(),
        ranging: exitSet.optional(),
        choppy: exitSet.optional(),
      }),
    ).default({}),
    'Exit parameters of single symbols. A symbol that has any regime here needs all three here.',
  ),
  exit: z
    .strictObject({
      by_regime: setting(byRegime(exitSet).default({}), 'Exit parameters of symbols without a profile of their own.'),
      max_holding_s: setting(whole(1, 604_800).default(900), 'Seconds after which a position is closed whatever it earns.'),
      atr_clamp: z
        .strictObject({
          min: setting(positive(1).default(1), 'Least distance that a range may give, as a factor of the percent beside it.'),
          max: setting(between(1, 100).default(2), 'Largest distance that a range may give, as a factor of the percent beside it.'),
        })
        .prefault({}),
      taker_fee_percent: setting(between(0, 1).default(0.055), 'Fee that entry and exit are counted with, each, where a take profit must be worth them, in percent.'),
      min_profit_after_fees_percent: setting(between(0, 100).default(0), 'What a take profit must leave after both fees, in percent of the entry price; one that is nearer is moved out to that.'),
      trailing_step_percent: setting(positive(10).default(0.02), 'A trailing stop moves by this much or not at all, in percent of the entry price. Each move is a record in the journal.'),
      trailing_by_strategy: z.strictObject({ model: setting(trailingStop().optional(), 'Trailing stop of positions that the model opened, in place of the one of the regime.'), fallback: setting(trailingStop().optional(), 'Trailing stop of positions that the fallback vote opened, in place of the one of the regime.'), consensus: setting(trailingStop().optional(), 'Trailing stop of positions that a consensus of the strategies opened, in place of the one of the regime.') }).prefault({}),
    })
    .prefault({}),
  order_executor: z.strictObject({
    limit_order: z.strictObject({
      default_offset_percent: setting(positive(10), 'Distance of the entry order from the price, in percent, where nothing more exact is given.'),
      by_regime: setting(byRegime(offset).default({}), 'Entry offset of each regime.'),
      by_symbol: setting(
        bySymbol(
          z.strictObject({
            limit_offset_percent: setting(positive(10).optional(), 'Distance of the entry order, in percent, in regimes of this symbol that are not listed.'),
            use_market_order: setting(z.boolean().default(false), 'Enter with a market order in regimes of this symbol that are not listed.'),
            by_regime: setting(byRegime(offset).default({}), 'Entry offset of this symbol in each regime.'),
          }),
        ).default({}),
        'Entry offset of single symbols.',
      ),
    }),
    set_position_mode: setting(z.boolean().default(false), 'Switch an account in hedge mode to one-way mode at the start. Without it nothing is traded on such an account.'),
    time_in_force: setting(z.enum(['GTC', 'IOC', 'FOK', 'PostOnly']).default('GTC'), 'Time in force of entry orders.'),
    order_ttl_ms: setting(whole(100, 3_600_000).default(10_000), 'Age at which an entry order that did not fill is cancelled, in ms.'),
    command_deadline_ms: setting(whole(100, 60_000).default(5000), 'Time for the answer to one order command, in ms; after it the outcome counts as unknown.'),
  }),
  recovery: z
    .strictObject({
      auto: setting(z.boolean().default(true), 'Reconcile with the venue by itself at a start. false: the engine looks, reports what it would do, and neither opens nor closes anything until a person asks for recovery (`ringmaster recover`, POST /api/monitoring/recovery/trigger).', { env: 'ENABLE_AUTO_RECOVERY' }),
      hanging_order_check: setting(z.boolean().default(true), 'Report orders that hang: live here and not open at the venue, or open for too long. false: an order that the venue does not list is still asked about, without a report.', { env: 'ENABLE_HANGING_ORDER_CHECK' }),
      fsm_auto_restore: setting(z.boolean().default(true), 'Trade on at a start with the orders and positions that the journal restored. false: their symbols are frozen (exits go on, entries do not) until a person asks for recovery.', { env: 'ENABLE_FSM_AUTO_RESTORE' }),
      detailed_hanging_order_logging: setting(z.boolean().default(false), 'Log hanging orders with what the venue says of them and their whole history. The journal and the report hold the venue\'s data either way.', { env: 'DETAILED_HANGING_ORDER_LOGGING' }),
      hanging_order_timeout_minutes: setting(whole(1, 10_080).default(30), 'Age in minutes at which an order that is still pending or placed counts as hanging.', { env: 'HANGING_ORDER_TIMEOUT_MINUTES' }),
      max_reconciliation_retries: setting(whole(2, 100).default(3), 'Tries of one round of reconciliation. A round that fails is reported and followed by another after 10 s; nothing opens until one succeeds.', { env: 'MAX_RECONCILIATION_RETRIES' }),
      reconciliation_retry_delay_s: setting(between(0, 600).default(2), 'Seconds between two tries.', { env: 'RECONCILIATION_RETRY_DELAY' }),
    })
    .prefault({}),
  protection: z
    .strictObject({
      enabled: setting(z.boolean().default(true), 'Keep a stop at the venue for every position, so that a dead engine is no unprotected position.'),
      trigger: setting(z.enum(['mark', 'last']).default('mark'), 'Price that the venue measures that stop by.'),
      behind_percent: setting(positive(50).default(0.2), 'How far beyond the own stop of the engine it rests, in percent of the price: the own one comes first.'),
      step_percent: setting(positive(50).default(0.05), 'It is moved when it is off by at least this much, in percent of the price …'),
      interval_ms: setting(whole(100, 60_000).default(1000), '… and not more often than this, in ms.'),
      naked_ms: setting(whole(100, 60_000).default(2000), 'A position without a stop and without an exit under way for this long stops all entries, in ms.'),
    })
    .prefault({}),
  dead_man: z
    .strictObject({
      mode: setting(z.enum(['auto', 'on', 'off']).default('auto'), "The venue's own switch that cancels entries when it hears nothing of the engine. auto: where it is known to leave stops alone (OKX); on: also on Bybit, for accounts that are entitled."),
      timeout_s: setting(whole(10, 120).default(30), 'Seconds of silence after which the venue cancels; armed anew every third of it.'),
    })
    .prefault({}),
  shutdown: z
    .strictObject({
      policy: setting(z.enum(['leave', 'cancel-entries', 'cancel-all']).default('cancel-entries'), 'On a clean stop: leave all orders, cancel entry orders, or cancel exit orders too. Positions stay open; the next start takes them up.'),
      timeout_s: setting(whole(1, 600).default(20), 'Seconds for a clean stop before processes are ended.'),
    })
    .prefault({}),
  journal: z
    .strictObject({
      durability: setting(z.enum(['process', 'power']).default('process'), 'What an order survives before it is sent: process (written; a crash) or power (flushed to disk; a power cut).'),
      flush_ms: setting(whole(1, 1000).default(5), 'Longest time between two flushes of the journal to disk, in ms.'),
    })
    .prefault({}),
}
