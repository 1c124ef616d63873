import { fail, money, type Money } from '../core/index.ts'
import type { VenueLeverage } from '../venues/index.ts'

const DECIMAL = /^\d+(?:\.\d+)?$/

/**
 * Leverage of a symbol (EX-4): the configured value, else the `lever` of the position at the venue, else its `leverage`.
 * There is no other source, and no number to fall back on.
 * @throws RM_LEVERAGE_UNKNOWN when none of them is a positive number
 */
export function resolveLeverage(symbol: string, configured: string | null, found: VenueLeverage): Money {
  for (const source of [configured, found.lever, found.leverage]) {
    const leverage = positive(source)
    if (leverage !== null) return leverage
  }
  return fail('RM_LEVERAGE_UNKNOWN', { symbol, configured: told(configured ?? undefined), lever: told(found.lever), leverage: told(found.leverage), raw: found.raw })
}

/** A positive decimal, as text or number; null for anything else. */
function positive(source: unknown): Money | null {
  const text = typeof source === 'number' ? String(source) : source
  if (typeof text !== 'string' || !DECIMAL.test(text)) return null
  const value = money(text)
  return value.gt(0) ? value : null
}

const told = (source: unknown): string => (source === undefined ? 'none' : JSON.stringify(source))
