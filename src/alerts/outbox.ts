import { joined, type Notice, rankOf } from './notice.ts'

/** Notices that wait for a channel: bounded, the most severe and of those the oldest first, one of each key. */
export class Outbox {
  readonly #max: number
  /** In the order in which they were raised. */
  readonly #waiting: Notice[] = []

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#waiting.length
  }

  /** Takes one in. When there is no place the least severe goes, of those the oldest. @returns the one that had to go, or null */
  put(notice: Notice): Notice | null {
    const same = this.#waiting.findIndex(({ alert }) => alert.key === notice.alert.key)
    const other = same < 0 ? null : this.#waiting.splice(same, 1)[0]!
    this.#insert(other === null ? notice : other.atMs <= notice.atMs ? joined(other, notice) : joined(notice, other))
    return this.#waiting.length > this.#max ? this.#remove(-1) : null
  }

  /** The next one to be sent, null when none waits. */
  take(): Notice | null {
    return this.#waiting.length === 0 ? null : this.#remove(1)
  }

  /** Out goes the oldest of the most severe (1) or the least severe (−1). */
  #remove(direction: 1 | -1): Notice {
    let found = 0
    for (let i = 1; i < this.#waiting.length; i++) if (direction * (this.#rank(i) - this.#rank(found)) > 0) found = i
    return this.#waiting.splice(found, 1)[0]!
  }

  #rank(i: number): number {
    return rankOf(this.#waiting[i]!.alert.severity)
  }

  #insert(notice: Notice): void {
    let at = this.#waiting.length
    while (at > 0 && this.#waiting[at - 1]!.atMs > notice.atMs) at--
    this.#waiting.splice(at, 0, notice)
  }
}
