/**
 * Execution ids that are booked: the key against booking twice. Bounded: the oldest leave, and from then on
 * nothing as old as they were is taken any more (`floorMs`), so that a forgotten id cannot come back.
 */
export class SeenExecutions {
  readonly #times = new Map<string, number>()
  /**
   * The same ids by age, the oldest at `#oldest` once it is full. A map that loses its first entry again and again is
   * walked over the gaps each time: 23 µs a fill at this size.
   */
  readonly #order: string[] = []
  readonly #capacity: number
  #oldest = 0
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
    const known = this.#times.has(executionId)
    this.#times.set(executionId, timeMs)
    if (timeMs > this.lastMs) this.lastMs = timeMs
    if (known) return
    if (this.#order.length < this.#capacity) return void this.#order.push(executionId)
    const oldestId = this.#order[this.#oldest]!
    this.#order[this.#oldest] = executionId
    this.#oldest = (this.#oldest + 1) % this.#capacity
    const oldestMs = this.#times.get(oldestId)!
    this.#times.delete(oldestId)
    if (oldestMs > this.floorMs) this.floorMs = oldestMs
  }

  /** The ids with their venue times, the oldest first. */
  entries(): [executionId: string, timeMs: number][] {
    return [...this.#order.slice(this.#oldest), ...this.#order.slice(0, this.#oldest)].map((id) => [id, this.#times.get(id)!])
  }
}
