import { fail } from '../../core/index.ts'

const LOCK_MS_MAX = 3_600_000
/** Failures of one address are forgotten after so long without another. */
const FORGET_MS = 3_600_000
const ADDRESSES_MAX = 10_000
/** Password checks at once: each takes 64 MiB. */
const CHECKS_MAX = 2

interface Failures {
  count: number
  locks: number
  untilMs: number
  lastMs: number
}

/** Closes the login to an address after wrong passwords, for longer each time; others can still sign in. */
export class Lockout {
  readonly #attempts: number
  readonly #lockMs: number
  readonly #nowMs: () => number
  readonly #failures = new Map<string, Failures>()
  #checks = 0

  /** @param attempts wrong ones until it closes @param lockMs the first time @param nowMs monotonic */
  constructor(attempts: number, lockMs: number, nowMs: () => number) {
    this.#attempts = attempts
    this.#lockMs = lockMs
    this.#nowMs = nowMs
  }

  /** Runs a check of a password, and counts what comes of it. @throws RM_API_LOCKED without running it */
  async guard(address: string, check: () => Promise<boolean>): Promise<boolean> {
    const nowMs = this.#nowMs()
    const known = this.#failures.get(address)
    if (known !== undefined && known.untilMs > nowMs) fail('RM_API_LOCKED', { seconds: Math.ceil((known.untilMs - nowMs) / 1000) })
    if (this.#checks >= CHECKS_MAX) fail('RM_API_LOCKED', { seconds: 1 })
    this.#checks++
    // Counted before the answer is known: tries that run side by side count each.
    const failures = this.#count(address, nowMs)
    try {
      const right = await check()
      if (right) this.#failures.delete(address)
      else if (failures.count >= this.#attempts) {
        failures.count = 0
        failures.untilMs = this.#nowMs() + Math.min(LOCK_MS_MAX, this.#lockMs * 2 ** failures.locks++)
      }
      return right
    } finally {
      this.#checks--
    }
  }

  #count(address: string, nowMs: number): Failures {
    const known = this.#failures.get(address)
    const failures = known === undefined || nowMs - known.lastMs > FORGET_MS ? { count: 0, locks: 0, untilMs: 0, lastMs: nowMs } : known
    failures.count++
    failures.lastMs = nowMs
    this.#failures.delete(address)
    this.#failures.set(address, failures)
    if (this.#failures.size > ADDRESSES_MAX) this.#failures.delete(this.#failures.keys().next().value!)
    return failures
  }
}
