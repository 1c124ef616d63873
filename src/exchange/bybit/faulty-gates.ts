import type { WallMs } from '../../core/index.ts'
import type { FaultPlan } from '../front/faults.ts'
import { codes } from './codes.ts'
import { RateLimits, type RateGrant } from './rate-limits.ts'
import type { ApiKey, FrontLimits, RateGroup } from './settings.ts'
import { KeyRing, type KeyCheck } from './signature.ts'

const LIMITED_MS = 1_000

/** The key ring, where sign-ins are refused on demand. */
export class FaultyKeyRing extends KeyRing {
  readonly #faults: FaultPlan

  constructor(keys: readonly ApiKey[], faults: FaultPlan) {
    super(keys)
    this.#faults = faults
  }

  override request(...given: Parameters<KeyRing['request']>): KeyCheck {
    return this.#faults.rest.takeSignInRefusal('rest') ? { ok: false, verdict: codes.badSign } : super.request(...given)
  }

  override connection(...given: Parameters<KeyRing['connection']>): KeyCheck {
    return this.#faults.rest.takeSignInRefusal('stream') ? { ok: false, verdict: codes.badSign } : super.connection(...given)
  }
}

/** The rate limits, which are over when that is asked for: what the client sees is what a used-up bucket says. */
export class FaultyRates extends RateLimits {
  readonly #faults: FaultPlan
  readonly #perSecond: FrontLimits['perSecond']

  constructor(limits: FrontLimits, faults: FaultPlan) {
    super(limits)
    this.#faults = faults
    this.#perSecond = limits.perSecond
  }

  override take(account: string, group: RateGroup, units: number, nowMs: WallMs): RateGrant {
    if (this.#faults.rest.takeRateRefusal(group)) return { limit: this.#perSecond[group], remaining: 0, resetMs: nowMs + LIMITED_MS, granted: 0 }
    return super.take(account, group, units, nowMs)
  }
}
