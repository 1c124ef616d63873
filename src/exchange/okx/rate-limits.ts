import type { WallMs } from '../../core/index.ts'
import type { RateGroup, RateLimit } from './settings.ts'

interface Bucket {
  startMs: WallMs
  used: number
}

/** Buckets remembered at once; a flood of names must not grow the process. */
const BUCKETS_MAX = 10_000

/** Requests counted in fixed windows, per group and whoever or whatever the group counts for. */
export class RateLimits {
  readonly #rates: Readonly<Record<RateGroup, RateLimit>>
  readonly #buckets = new Map<string, Bucket>()

  constructor(rates: Readonly<Record<RateGroup, RateLimit>>) {
    this.#rates = rates
  }

  /** @param subject account and instrument, account, or address. @returns whether one more is let through. */
  take(group: RateGroup, subject: string, nowMs: WallMs): boolean {
    const { count, perMs } = this.#rates[group]
    const name = `${group} ${subject}`
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) {
      if (this.#buckets.size >= BUCKETS_MAX) this.#buckets.delete(this.#buckets.keys().next().value!)
      this.#buckets.set(name, (bucket = { startMs: nowMs, used: 0 }))
    }
    if (nowMs - bucket.startMs >= perMs || nowMs < bucket.startMs) {
      bucket.startMs = nowMs
      bucket.used = 0
    }
    if (bucket.used >= count) return false
    bucket.used++
    return true
  }
}
