/** The newest `limit` items in order of arrival. Drops in blocks, so that one push costs O(1) on average. */
export class History<T> {
  #items: T[] = []
  #start = 0
  readonly #limit: number
  readonly #dropped: (item: T) => void

  constructor(limit: number, dropped: (item: T) => void = () => {}) {
    this.#limit = limit
    this.#dropped = dropped
  }

  get length(): number {
    return this.#items.length - this.#start
  }

  /** 0 is the newest. */
  newest(index: number): T {
    return this.#items[this.#items.length - 1 - index]
  }

  push(item: T): void {
    this.#items.push(item)
    if (this.length <= this.#limit) return
    this.#dropped(this.#items[this.#start])
    this.#start++
    if (this.#start > this.#limit) {
      this.#items = this.#items.slice(this.#start)
      this.#start = 0
    }
  }
}
