import { fail, type Timers } from '../core/index.ts'

/**
 * Stands around every native call of the model runtime. Terminating a worker thread inside such a call aborts the
 * whole process (measured), so a thread enters before the call and leaves after it, and the supervisor closes the
 * gate before it terminates the thread.
 *
 *   word 0  REQUEST  1: the supervisor wants in, no new call may start (spares it a race against a busy thread)
 *   word 1  RUNS     native calls in flight on the thread; CLOSED when no call can start any more
 *
 * RUNS moves only by compare-and-swap: 0 → CLOSED by the supervisor, n → n ± 1 by the one thread behind the gate.
 * So a thread either is counted when the supervisor looks, or finds the gate closed: there is no third order.
 */
const REQUEST = 0
const RUNS = 1
const CLOSED = -1
export const GATE_BYTES = 64

export class ModelGate {
  readonly #words: Int32Array

  /** Gate number `index` in a buffer with a cache line for each thread. */
  constructor(buffer: SharedArrayBuffer, index = 0) {
    if (!Number.isSafeInteger(index) || index < 0 || (index + 1) * GATE_BYTES > buffer.byteLength)
      fail('RM_ASSERT', { what: `gate ${index} lies inside ${buffer.byteLength} bytes` })
    this.#words = new Int32Array(buffer, index * GATE_BYTES, 2)
  }

  static buffer(threads: number): SharedArrayBuffer {
    return new SharedArrayBuffer(threads * GATE_BYTES)
  }

  /**
   * Thread side, before a native call; never waits. Several calls of one thread may be in flight, each with its own `leave`.
   * @returns false when the gate is closed or closing: the call must not be made.
   */
  enter(): boolean {
    if (Atomics.load(this.#words, REQUEST) === 1) return false
    const runs = Atomics.load(this.#words, RUNS)
    // Only this thread counts up and down, so a swap that fails means that the supervisor closed the gate.
    return runs !== CLOSED && Atomics.compareExchange(this.#words, RUNS, runs, runs + 1) === runs
  }

  /** Thread side, after the native call, also when it threw. */
  leave(): void {
    const before = Atomics.sub(this.#words, RUNS, 1)
    if (before <= 0) {
      Atomics.add(this.#words, RUNS, 1)
      fail('RM_ASSERT', { what: `a call leaves the model gate that never entered it (state ${before})` })
    }
    if (Atomics.load(this.#words, REQUEST) === 1) Atomics.notify(this.#words, RUNS)
  }

  /** Native calls in flight. */
  get runs(): number {
    return Math.max(0, Atomics.load(this.#words, RUNS))
  }

  get closed(): boolean {
    return Atomics.load(this.#words, RUNS) === CLOSED
  }

  /**
   * Supervisor side: lets no new call start and waits until none is in flight.
   * @param timers keep the event loop alive while waiting; a pending `waitAsync` alone does not
   * @returns true: terminating the thread is safe now. false: a call did not end within `timeoutMs`, and only killing
   * the process helps; the request stands, so that nothing starts after a late end. A thread that has exited already
   * is not waited for: call `reopen`.
   */
  close(timeoutMs: number, timers: Timers): Promise<boolean> {
    Atomics.store(this.#words, REQUEST, 1)
    if (this.#shut()) return Promise.resolve(true)
    return new Promise((resolve) => {
      let waiting = true
      const finish = (safe: boolean): void => {
        waiting = false
        timer.cancel()
        resolve(safe)
      }
      const timer = timers.after(timeoutMs, () => {
        if (waiting) finish(this.#shut())
      })
      const look = (): void => {
        while (waiting) {
          if (this.#shut()) return finish(true)
          // Runs only count down from here on, so this loop turns at most once per call that was in flight.
          const runs = Atomics.load(this.#words, RUNS)
          if (runs <= 0) continue
          const wake = Atomics.waitAsync(this.#words, RUNS, runs, timeoutMs)
          if (wake.async) {
            void wake.value.then(look)
            return
          }
        }
      }
      look()
    })
  }

  /** Supervisor side, when no thread is behind the gate (terminated or exited): the next one may enter. */
  reopen(): void {
    Atomics.store(this.#words, RUNS, 0)
    Atomics.store(this.#words, REQUEST, 0)
  }

  #shut(): boolean {
    const found = Atomics.compareExchange(this.#words, RUNS, 0, CLOSED)
    return found === 0 || found === CLOSED
  }
}
