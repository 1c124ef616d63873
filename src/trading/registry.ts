import { fail } from '../core/index.ts'

export interface Machined {
  readonly clientId: string
  state: number
  /** Wall time of the final transition; 0 while live. */
  endedMs: number
}

/**
 * The live machines and the lately ended ones, by id, in the order of registration. Ended ones are kept so that a
 * late message finds its order and a repeated intent its result; how many and how long is bounded.
 */
export class Registry<T extends Machined> {
  readonly #items = new Map<string, T>()
  readonly #final: (state: number) => boolean
  readonly #endedMax: number
  readonly #endedTtlMs: number
  /** Ended ones in the order of their end, from `#first` on; those that were removed meanwhile stay until it is their turn. */
  #endings: T[] = []
  #first = 0
  #ended = 0

  constructor(final: (state: number) => boolean, endedMax: number, endedTtlMs: number) {
    this.#final = final
    this.#endedMax = endedMax
    this.#endedTtlMs = endedTtlMs
  }

  get size(): number {
    return this.#items.size
  }

  /** @throws RM_REGISTRY_DUPLICATE */
  register(item: T): void {
    const found = this.#items.get(item.clientId)
    if (found !== undefined) fail('RM_REGISTRY_DUPLICATE', { id: item.clientId, state: found.state })
    this.#items.set(item.clientId, item)
    if (this.#final(item.state)) this.noteEnded(item)
  }

  get(id: string): T | undefined {
    return this.#items.get(id)
  }

  has(id: string): boolean {
    return this.#items.has(id)
  }

  /** @returns false when there was none. */
  remove(id: string): boolean {
    const item = this.#items.get(id)
    if (item === undefined) return false
    if (this.#final(item.state)) this.#ended--
    return this.#items.delete(id)
  }

  /** To be called once for each item that reaches a final state. */
  noteEnded(item: T): void {
    this.#ended++
    this.#endings.push(item)
  }

  withState(state: number): T[] {
    return [...this.#items.values()].filter((item) => item.state === state)
  }

  live(): T[] {
    return [...this.#items.values()].filter((item) => !this.#final(item.state))
  }

  values(): IterableIterator<T> {
    return this.#items.values()
  }

  /** Drops every ended machine. @returns how many. */
  clearEnded(): number {
    let count = 0
    for (const item of this.#items.values()) {
      if (!this.#final(item.state)) continue
      this.#items.delete(item.clientId)
      count++
    }
    this.#ended = 0
    this.#endings = []
    this.#first = 0
    return count
  }

  /** Drops ended machines that are too old or too many, the one that ended first first. Live ones cost nothing. */
  expire(nowMs: number): void {
    while (this.#first < this.#endings.length) {
      const item = this.#endings[this.#first]!
      const kept = this.#items.get(item.clientId) === item
      if (kept && this.#ended <= this.#endedMax && nowMs - item.endedMs <= this.#endedTtlMs) break
      this.#first++
      if (kept) this.remove(item.clientId)
    }
    if (this.#first < this.#endedMax || this.#first * 2 < this.#endings.length) return
    this.#endings = this.#endings.slice(this.#first)
    this.#first = 0
  }

  /** Ended machines, the one that ended first first. */
  ended(): T[] {
    return this.#endings.slice(this.#first).filter((item) => this.#items.get(item.clientId) === item)
  }

  /** Takes over what `values` and `ended` of another registry gave. To be called on an empty one. */
  restore(items: Iterable<T>, ended: readonly T[]): void {
    for (const item of items) this.#items.set(item.clientId, item)
    this.#endings = [...ended]
    this.#ended = ended.length
  }

  /** Machines in each state, by the number of the state. */
  stats(states: number): number[] {
    const counts = new Array<number>(states).fill(0)
    for (const item of this.#items.values()) counts[item.state]!++
    return counts
  }
}
