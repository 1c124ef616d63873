import { limits as bounds, money, type Money } from '../core/index.ts'
import { type Micros, MICROS, MICROS_MAX, toMicros } from './exposure.ts'
import type { LimitName, LimitTexts } from './limit-names.ts'
import { ORDERS_PER_WINDOW_LIMIT, type TradingSettings } from './settings.ts'

/** Limits in the form in which they are compared. */
export interface Limits {
  readonly texts: LimitTexts
  readonly positions: number
  readonly exposure: Micros
  readonly symbolExposure: Micros
  readonly directionExposure: Micros
  readonly orderMin: Micros
  readonly orders: number
  readonly collarPercent: Money
  readonly riskPercent: Money
}

export const limitTexts = ({ limits, sizing }: Pick<TradingSettings, 'limits' | 'sizing'>): LimitTexts => ({
  max_open_positions: String(limits.openPositionsMax),
  max_exposure_usdt: limits.exposureMax,
  max_symbol_exposure_usdt: limits.symbolExposureMax,
  max_direction_exposure_usdt: limits.directionExposureMax,
  min_order_size_usdt: limits.orderNotionalMin,
  max_orders_per_minute: String(limits.ordersPerWindowMax),
  price_collar_percent: limits.collarPercent,
  risk_per_trade_percent: sizing.riskPercent,
})

export const compileLimits = (texts: LimitTexts): Limits => ({
  texts,
  positions: Number(texts.max_open_positions),
  exposure: toMicros(money(texts.max_exposure_usdt)),
  symbolExposure: toMicros(money(texts.max_symbol_exposure_usdt)),
  directionExposure: toMicros(money(texts.max_direction_exposure_usdt)),
  orderMin: toMicros(money(texts.min_order_size_usdt)),
  orders: Number(texts.max_orders_per_minute),
  collarPercent: money(texts.price_collar_percent),
  riskPercent: money(texts.risk_per_trade_percent),
})

/** Largest amount that a limit may be: what exposure can tell apart. */
export const AMOUNT_MAX = Math.floor(MICROS_MAX / MICROS / 10_000_000) * 10_000_000

const DECIMAL = /^\d+(?:\.\d+)?$/
const MAXIMA: LimitTexts = {
  max_open_positions: String(bounds.symbolsMax),
  max_exposure_usdt: String(AMOUNT_MAX),
  max_symbol_exposure_usdt: String(AMOUNT_MAX),
  max_direction_exposure_usdt: String(AMOUNT_MAX),
  min_order_size_usdt: String(AMOUNT_MAX),
  max_orders_per_minute: String(ORDERS_PER_WINDOW_LIMIT),
  price_collar_percent: '50',
  risk_per_trade_percent: '10',
}
const COUNTS: ReadonlySet<LimitName> = new Set(['max_open_positions', 'max_orders_per_minute'])
const ABOVE_MINIMUM = ['max_symbol_exposure_usdt', 'max_direction_exposure_usdt', 'max_exposure_usdt'] as const

/** Why a limit cannot take a value beside the others as they are, with both numbers; null when it can. */
export function limitProblem(name: LimitName, value: string, others: LimitTexts): string | null {
  const what = COUNTS.has(name) ? 'a whole number' : 'a decimal'
  if (!DECIMAL.test(value) || (COUNTS.has(name) && !/^\d+$/.test(value)) || !money(value).gt(0) || money(value).gt(MAXIMA[name])) return `${name} "${value}" is not ${what} above 0, up to ${MAXIMA[name]}`
  const next = { ...others, [name]: value }
  for (const larger of ABOVE_MINIMUM)
    if ((name === larger || name === 'min_order_size_usdt') && money(next.min_order_size_usdt).gt(next[larger])) return `min_order_size_usdt ${next.min_order_size_usdt} would be above ${larger} ${next[larger]}`
  return null
}

interface Change {
  readonly value: string
  readonly configured: string
}

/**
 * Limits that were changed while the engine ran. A change outlives restarts, so that a limit which a person has drawn
 * in stays drawn in; it ends when the configured value of that limit is another than it was at the change.
 */
export class LimitChanges {
  readonly #changes = new Map<LimitName, Change>()
  #configured: Limits | null = null
  #effective: Limits | null = null

  set(name: LimitName, value: string, configured: string): void {
    if (value === configured) this.#changes.delete(name)
    else this.#changes.set(name, { value, configured })
    this.#configured = null
  }

  entries(): [name: LimitName, value: string, configured: string][] {
    return [...this.#changes].map(([name, { value, configured }]) => [name, value, configured])
  }

  /** The limits in effect over the configured ones. Computed once for each change. */
  over(configured: Limits): Limits {
    if (this.#configured !== configured || this.#effective === null) {
      this.#configured = configured
      const standing = [...this.#changes].filter(([name, change]) => change.configured === configured.texts[name])
      this.#effective = standing.length === 0 ? configured : compileLimits({ ...configured.texts, ...Object.fromEntries(standing.map(([name, { value }]) => [name, value])) })
    }
    return this.#effective
  }
}
