import { fail } from '../core/index.ts'

/**
 * The bell of a thread. Producers ring it after publishing; the thread sleeps on it when all its rings are empty.
 * A burst rings once: the first ringer that finds the thread asleep wakes it, the others see it awake.
 *
 * Ordering relied on: the sleeper stores ASLEEP, then looks at its rings once more; a ringer publishes, then loads the
 * word. All four are sequentially consistent, so at least one of the two sees the other: no record is slept over.
 * The word outlives both sides: a ring meant for a dead sleeper only wakes nobody, and its successor looks at the
 * rings before it sleeps.
 */
const AWAKE = 0
const ASLEEP = 1
export const DOOR_BYTES = 64

/** Looks of a sleeper before it parks, at most: some 20 µs, what it costs to wake a parked thread on an idle core. */
const SPINS_MAX = 512
/** Every so many waits a sleeper that stopped looking tries again whether looking pays. */
const PROBE_EVERY = 64

export class Door {
  readonly #words: Int32Array
  readonly #word: number
  #asleep: Promise<unknown> | null = null
  /** Looks before parking: all of them again after one that paid, half as many after each that did not. */
  #spins = SPINS_MAX
  #waits = 0

  /** Bell number `index` in a buffer with a cache line for each thread. @throws RM_DOOR_INDEX */
  constructor(buffer: SharedArrayBuffer, index: number) {
    if (!Number.isSafeInteger(index) || index < 0 || (index + 1) * DOOR_BYTES > buffer.byteLength)
      fail('RM_DOOR_INDEX', { index, doors: Math.floor(buffer.byteLength / DOOR_BYTES) })
    this.#words = new Int32Array(buffer)
    this.#word = (index * DOOR_BYTES) >> 2
  }

  static buffer(threads: number): SharedArrayBuffer {
    return new SharedArrayBuffer(threads * DOOR_BYTES)
  }

  /** Wakes the thread behind the door if it sleeps. @returns true when this ring was the one that did. */
  ring(): boolean {
    if (Atomics.load(this.#words, this.#word) !== ASLEEP) return false
    if (Atomics.compareExchange(this.#words, this.#word, ASLEEP, AWAKE) !== ASLEEP) return false
    Atomics.notify(this.#words, this.#word)
    return true
  }

  /** Says that this thread is about to sleep; look at the rings once more after this. */
  arm(): void {
    Atomics.store(this.#words, this.#word, ASLEEP)
  }

  /** Takes `arm` back. */
  disarm(): void {
    Atomics.store(this.#words, this.#word, AWAKE)
  }

  /**
   * Sleeps until rung, without an event loop; returns at once when rung since `arm`. Look at the rings after it.
   * It looks at the word for some microseconds before it parks, as long as that pays: where threads outnumber cores
   * the ringer cannot run meanwhile, looking fails, and the sleeper soon parks at once.
   * @returns false when nobody rang within `timeoutMs`.
   */
  wait(timeoutMs: number): boolean {
    if (++this.#waits % PROBE_EVERY === 0) this.#spins = SPINS_MAX
    for (let spin = 0; spin < this.#spins; spin++) {
      if (Atomics.load(this.#words, this.#word) !== ASLEEP) {
        this.#spins = SPINS_MAX
        return true
      }
      Atomics.pause()
    }
    this.#spins >>= 1
    const outcome = Atomics.wait(this.#words, this.#word, ASLEEP, timeoutMs)
    this.disarm()
    return outcome !== 'timed-out'
  }

  /**
   * A promise of the next ring, or null when rung since `arm`. It does not keep the event loop alive. A promise that
   * still waits (the thread woke by other means and disarmed) is given again: one sleeper, one promise.
   */
  waitAsync(): Promise<unknown> | null {
    if (Atomics.load(this.#words, this.#word) !== ASLEEP) return null
    if (this.#asleep !== null) return this.#asleep
    const result = Atomics.waitAsync(this.#words, this.#word, ASLEEP)
    if (!result.async) return null
    this.#asleep = result.value.then(this.#woken)
    return this.#asleep
  }

  readonly #woken = (outcome: unknown): unknown => {
    this.#asleep = null
    return outcome
  }
}
