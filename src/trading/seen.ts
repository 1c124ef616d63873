/**
 * Execution ids that are booked: the key against booking twice. Bounded: the oldest leave, and from then on
 * nothing as old as they were is taken any more (`floorMs`), so that a forgotten id cannot come back.
 */
export class SeenExecutions {
  readonly #times = new Map<string, number>()
  readonly #capacity: number
  /** Executions at or before this venue time are settled, seen or not. */
  floorMs = 0
  /** Newest venue time seen. */
  lastMs = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#times.size
  }

  has(executionId: string): boolean {
    return this.#times.has(executionId)
  }

  add(executionId: string, timeMs: number): void {
    this.#times.set(executionId, timeMs)
    if (timeMs > this.lastMs) this.lastMs = timeMs
    if (this.#times.size <= this.#capacity) return
    const [oldestId, oldestMs] = this.#times.entries().next().value!
    this.#times.delete(oldestId)
    if (oldestMs > this.floorMs) this.floorMs = oldestMs
  }
}
