/**
 * The bell of a thread. Producers ring it after publishing; the thread sleeps on it when all its rings are empty.
 * A burst rings once: the first ringer that finds the thread asleep wakes it, the others see it awake.
 *
 * Asleep is armed first and the rings are looked at again after that, so a record published in between is never slept over.
 */
const AWAKE = 0
const ASLEEP = 1
export const DOOR_BYTES = 64

export class Door {
  readonly #words: Int32Array
  readonly #word: number

  /** Bell number `index` in a buffer with a cache line for each thread. */
  constructor(buffer: SharedArrayBuffer, index: number) {
    this.#words = new Int32Array(buffer)
    this.#word = (index * DOOR_BYTES) >> 2
  }

  static buffer(threads: number): SharedArrayBuffer {
    return new SharedArrayBuffer(threads * DOOR_BYTES)
  }

  /** Wakes the thread behind the door if it sleeps. */
  ring(): void {
    if (Atomics.load(this.#words, this.#word) === ASLEEP && Atomics.compareExchange(this.#words, this.#word, ASLEEP, AWAKE) === ASLEEP)
      Atomics.notify(this.#words, this.#word)
  }

  /** Says that this thread is about to sleep; look at the rings once more after this. */
  arm(): void {
    Atomics.store(this.#words, this.#word, ASLEEP)
  }

  /** Takes `arm` back. */
  disarm(): void {
    Atomics.store(this.#words, this.#word, AWAKE)
  }

  /** Sleeps until rung, without an event loop; returns at once when rung since `arm`. */
  wait(timeoutMs: number): void {
    Atomics.wait(this.#words, this.#word, ASLEEP, timeoutMs)
    this.disarm()
  }

  /** A promise of the next ring, or null when rung since `arm`. It does not keep the event loop alive. */
  waitAsync(): Promise<unknown> | null {
    const result = Atomics.waitAsync(this.#words, this.#word, ASLEEP)
    return result.async ? result.value : null
  }
}
