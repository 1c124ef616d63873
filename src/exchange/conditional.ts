import type { PriceTicks } from '../core/index.ts'
import type { Account } from './accounts/account.ts'
import type { TriggerFact } from './ledger/facts.ts'
import type { Market } from './market/market.ts'
import type { NewOrder, PriceSource } from './port.ts'
import { checkTrail } from './protections.ts'
import { refused, type Refused } from './refused.ts'
import { rules } from './rules.ts'
import { followed, priceOf } from './trail.ts'

/** Checks the conditional side of a new order. @returns why not, or null. */
export function checkTrigger(account: Account, market: Market, order: NewOrder): Refused | null {
  const trigger = order.trigger!
  const max = trigger.activeMax ?? rules.conditionalMax
  let waiting = 0
  for (const record of account.waiting.values()) if (record.origin !== 'protection' && record.symbol === market.contract.symbol) waiting++
  if (waiting >= max) return refused('too-many-triggers', `${waiting} conditional orders on ${market.contract.symbol}, ${max} allowed`)
  // A trigger that falls sells, and the trail of a sale is that of a long position.
  if ('trail' in trigger) return checkTrail(market, trigger.direction === 'fall' ? 0 : 1, trigger.trail, priceOf(market, trigger.by))
  return checkTriggerPrice(market, trigger.by, trigger.direction === 'rise', trigger.ticks)
}

/** A rising trigger lies above the price it looks at, a falling one below. */
export function checkTriggerPrice(market: Market, by: PriceSource, rise: boolean, ticks: PriceTicks): Refused | null {
  if (!Number.isSafeInteger(ticks) || ticks < 1 || ticks > rules.priceTicksMax || ticks % market.contract.tickSteps !== 0) return refused('bad-price', `trigger at ${ticks} ticks is off the grid`)
  const now = priceOf(market, by)
  if (rise && ticks <= now) return refused('trigger-not-above', `a trigger on rise at ${ticks} ticks must be above the ${by} price ${now}`)
  if (!rise && ticks >= now) return refused('trigger-not-below', `a trigger on fall at ${ticks} ticks must be below the ${by} price ${now}`)
  return null
}

export function triggerFactOf(market: Market, order: NewOrder, lots: number): TriggerFact {
  const trigger = order.trigger!
  const rise = trigger.direction === 'rise'
  const trail = 'trail' in trigger ? trigger.trail : null
  return {
    kind: trail === null ? 'stop' : 'trailing-stop', by: trigger.by, rise,
    ticks: 'trail' in trigger ? followed(trigger.trail, rise, null, priceOf(market, trigger.by)) : trigger.ticks,
    trail, group: trigger.group ?? '', parent: '', whole: lots === 0, last: market.lastTicks,
  }
}
