import type { Nanos } from '../core/index.ts'

export interface RestartLimits {
  /** Failures within the window that are answered by a restart; one more escalates. */
  readonly max: number
  readonly windowMs: number
  /** Wait before the second restart of a window; doubled for each further one, up to `backoffMaxMs`. */
  readonly backoffMs: number
  readonly backoffMaxMs: number
}

export type RestartVerdict = { readonly kind: 'restart'; readonly delayMs: number } | { readonly kind: 'escalate'; readonly failures: number }

/** Intensity limit of one supervised thing: the first failure of a window restarts at once, further ones back off. */
export class RestartPolicy {
  readonly #limits: RestartLimits
  #failuresNs: Nanos[] = []

  constructor(limits: RestartLimits) {
    this.#limits = limits
  }

  /** Takes note of a failure and says what to do about it. */
  onFailure(nowNs: Nanos): RestartVerdict {
    const { max, windowMs, backoffMs, backoffMaxMs } = this.#limits
    this.#failuresNs = this.#failuresNs.filter((atNs) => nowNs - atNs < windowMs * 1e6)
    this.#failuresNs.push(nowNs)
    const failures = this.#failuresNs.length
    if (failures > max) return { kind: 'escalate', failures }
    return { kind: 'restart', delayMs: failures === 1 ? 0 : Math.min(backoffMaxMs, backoffMs * 2 ** (failures - 2)) }
  }

  /** Forgets the past, after a person stepped in. */
  reset(): void {
    this.#failuresNs = []
  }

  get windowMs(): number {
    return this.#limits.windowMs
  }
}
