import { z } from 'zod'
import { amount, between, byRegime, bySymbol, positive, setting, whole } from './fields.ts'

const offset = z.strictObject({
  limit_offset_percent: setting(positive(10), 'Distance of the entry order from the price, in percent.'),
  use_market_order: setting(z.boolean().default(false), 'Enter with a market order instead.'),
})

/** One whole set: parameters of two sources are never mixed. */
const exitSet = z.strictObject({
  tp_percent: setting(positive(100), 'Take profit, in percent of the entry price.'),
  sl_percent: setting(positive(100), 'Stop loss, in percent of the entry price.'),
  tp_atr_multiplier: setting(positive(100).optional(), 'Take profit in average true ranges. Read and checked, but without effect in this version.'),
  sl_atr_multiplier: setting(positive(100).optional(), 'Stop loss in average true ranges. Read and checked, but without effect in this version.'),
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
      leverage: setting(positive(1000).optional(), 'Leverage that is set at the venue at the start and read back. Without it the leverage that stands there holds; a symbol where none is known is not traded.'),
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
      hanging_order_timeout_minutes: setting(whole(1, 10_080).default(30), 'Age in minutes at which an order that is still pending or placed counts as hanging.', { env: 'HANGING_ORDER_TIMEOUT_MINUTES' }),
      max_reconciliation_retries: setting(whole(2, 100).default(3), 'Tries to reconcile with the venue before the start is given up.', { env: 'MAX_RECONCILIATION_RETRIES' }),
      reconciliation_retry_delay_s: setting(between(0, 600).default(2), 'Seconds between two tries.', { env: 'RECONCILIATION_RETRY_DELAY' }),
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
