/** Limits that may be changed while the engine runs, by the names that they have in the configuration (`risk.…`). */
export const LIMIT_NAMES = [
  'max_open_positions',
  'max_exposure_usdt',
  'max_symbol_exposure_usdt',
  'max_direction_exposure_usdt',
  'min_order_size_usdt',
  'max_orders_per_minute',
  'price_collar_percent',
  'risk_per_trade_percent',
] as const
export type LimitName = (typeof LIMIT_NAMES)[number]
export type LimitTexts = Readonly<Record<LimitName, string>>

export const isLimitName = (name: unknown): name is LimitName => (LIMIT_NAMES as readonly unknown[]).includes(name)
