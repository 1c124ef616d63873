import type { WallMs } from '../../core/index.ts'
import type { FaultPlan } from '../front/faults.ts'
import { codes } from './codes.ts'
import { RateLimits } from './rate-limits.ts'
import type { OkxKey, OkxLimits, RateGroup } from './settings.ts'
import { KeyRing, type KeyCheck } from './signature.ts'

/** The key ring, where sign-ins are refused on demand. */
export class FaultyKeyRing extends KeyRing {
  readonly #faults: FaultPlan

  constructor(keys: readonly OkxKey[], faults: FaultPlan) {
    super(keys)
    this.#faults = faults
  }

  override request(...given: Parameters<KeyRing['request']>): KeyCheck {
    return this.#faults.rest.takeSignInRefusal('rest') ? { ok: false, verdict: codes.badSign } : super.request(...given)
  }

  override login(...given: Parameters<KeyRing['login']>): KeyCheck {
    return this.#faults.rest.takeSignInRefusal('stream') ? { ok: false, verdict: codes.wsSign } : super.login(...given)
  }
}

/** The rate limits, which are over when that is asked for. */
export class FaultyRates extends RateLimits {
  readonly #faults: FaultPlan

  constructor(rates: OkxLimits['rates'], faults: FaultPlan) {
    super(rates)
    this.#faults = faults
  }

  override take(group: RateGroup, subject: string, nowMs: WallMs): boolean {
    return !this.#faults.rest.takeRateRefusal(group) && super.take(group, subject, nowMs)
  }
}
