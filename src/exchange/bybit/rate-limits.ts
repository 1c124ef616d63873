import type { WallMs } from '../../core/index.ts'
import type { FrontLimits, RateGroup } from './settings.ts'

/** What one request got from its bucket, as the rate headers say it. */
export interface RateGrant {
  readonly limit: number
  /** What is left in this second. */
  readonly remaining: number
  /** Now while something is left, else when the bucket is full again. */
  readonly resetMs: WallMs
  /** Of the units asked for; 0 refuses a single request. */
  readonly granted: number
}

interface Bucket {
  startMs: WallMs
  used: number
}

const BUCKET_MS = 1_000
/** Addresses that are remembered at once; loopback needs few, a flood must not grow the process. */
const ADDRESSES_MAX = 10_000

/** The venue's two brakes: per account and endpoint group each second, per address over all requests. */
export class RateLimits {
  readonly #limits: FrontLimits
  readonly #accounts = new Map<string, Bucket>()
  readonly #addresses = new Map<string, Bucket & { bannedUntilMs: WallMs }>()

  constructor(limits: FrontLimits) {
    this.#limits = limits
  }

  /** @param units orders of a batch, else 1; a batch may be granted in part. */
  take(account: string, group: RateGroup, units: number, nowMs: WallMs): RateGrant {
    const limit = this.#limits.perSecond[group]
    const name = `${account} ${group}`
    let bucket = this.#accounts.get(name)
    if (bucket === undefined) this.#accounts.set(name, (bucket = { startMs: nowMs, used: 0 }))
    if (nowMs - bucket.startMs >= BUCKET_MS || nowMs < bucket.startMs) {
      bucket.startMs = nowMs
      bucket.used = 0
    }
    const granted = Math.min(units, limit - bucket.used)
    bucket.used += granted
    return { limit, remaining: limit - bucket.used, resetMs: granted < units ? bucket.startMs + BUCKET_MS : nowMs, granted }
  }

  /** @returns 'pass', 'banned' for one of many, 'ban' for the request that caused it. */
  address(ip: string, nowMs: WallMs): 'pass' | 'ban' | 'banned' {
    let bucket = this.#addresses.get(ip)
    if (bucket === undefined) {
      if (this.#addresses.size >= ADDRESSES_MAX) this.#addresses.delete(this.#addresses.keys().next().value!)
      this.#addresses.set(ip, (bucket = { startMs: nowMs, used: 0, bannedUntilMs: 0 }))
    }
    if (nowMs < bucket.bannedUntilMs) return 'banned'
    if (nowMs - bucket.startMs >= this.#limits.ipWindowMs || nowMs < bucket.startMs) {
      bucket.startMs = nowMs
      bucket.used = 0
    }
    if (++bucket.used <= this.#limits.ipRequests) return 'pass'
    bucket.bannedUntilMs = nowMs + this.#limits.ipBanMs
    bucket.used = 0
    return 'ban'
  }
}
