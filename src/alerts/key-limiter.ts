import { joined, type Notice } from './notice.ts'
import { TokenBucket } from './token-bucket.ts'

export interface KeyLimits {
  /** Alerts of one key that are told at once. */
  readonly burst: number
  /** One more is told after this time. */
  readonly everyMs: number
  /** Silence of a key after which the rest is told. */
  readonly quietMs: number
  /** Keys that are remembered; the one not heard of for longest is forgotten first. */
  readonly keysMax: number
}

interface Key {
  readonly bucket: TokenBucket
  /** What was kept back, as one. */
  held: Notice | null
  heardMs: number
}

/**
 * Keeps alerts of one key from repeating: a few are let through, the rest is counted and told as "and n more" with the next one that is
 * let through, or alone once the key has calmed. Nothing is lost: every alert is in some notice, as itself or as one of the others.
 */
export class KeyLimiter {
  readonly #limits: KeyLimits
  readonly #keys = new Map<string, Key>()

  constructor(limits: KeyLimits) {
    this.#limits = limits
  }

  /** Alerts that are kept back now. */
  get held(): number {
    let count = 0
    for (const { held } of this.#keys.values()) if (held !== null) count += 1 + held.more
    return count
  }

  /** @returns what is told now: this one, with what was kept back before, or nothing; and what was kept of a key that is forgotten for it */
  admit(notice: Notice, nowMs: number): Notice[] {
    const { key } = notice.alert
    const known = this.#keys.get(key) ?? { bucket: new TokenBucket(this.#limits.burst, this.#limits.everyMs, nowMs), held: null, heardMs: nowMs }
    this.#keys.delete(key)
    this.#keys.set(key, known)
    known.heardMs = nowMs
    const forgotten = this.#forget()
    const all = known.held === null ? notice : joined(known.held, notice)
    const passes = known.bucket.take(nowMs)
    known.held = passes ? null : all
    return passes ? [...forgotten, all] : forgotten
  }

  /** What was kept back of keys that have calmed. */
  calmed(nowMs: number): Notice[] {
    const out: Notice[] = []
    for (const key of this.#keys.values()) {
      if (key.held === null || nowMs - key.heardMs < this.#limits.quietMs || !key.bucket.take(nowMs)) continue
      out.push(key.held)
      key.held = null
    }
    return out
  }

  /** All that is kept back, for the end. */
  rest(): Notice[] {
    const out = [...this.#keys.values()].flatMap(({ held }) => (held === null ? [] : [held]))
    this.#keys.clear()
    return out
  }

  /** ms until `calmed` has something to give if nothing more comes; Infinity when nothing is kept back. */
  waitMs(nowMs: number): number {
    let wait = Number.POSITIVE_INFINITY
    for (const { held, heardMs, bucket } of this.#keys.values()) {
      if (held !== null) wait = Math.min(wait, Math.max(heardMs + this.#limits.quietMs - nowMs, bucket.waitMs(nowMs)))
    }
    return wait
  }

  #forget(): Notice[] {
    if (this.#keys.size <= this.#limits.keysMax) return []
    const [oldest, { held }] = this.#keys.entries().next().value!
    this.#keys.delete(oldest)
    return held === null ? [] : [held]
  }
}
