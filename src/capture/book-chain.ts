import type { BookEvent } from './events.ts'

/** A place where messages are missing. */
export interface ChainGap {
  readonly event: BookEvent
  readonly expected: string
  readonly actual: string
}

export interface ChainHandler {
  /** A message that belongs to the book now. `waited`: it came before the snapshot that it follows on. */
  apply(event: BookEvent, waited: boolean): void
  /** Told before the message behind the gap is applied. */
  gap(gap: ChainGap): void
}

/**
 * The order of messages of one book: finds the snapshot, drops what it contains, checks that every delta follows on the last.
 *
 * Stream snapshots replace the book whenever they come. A REST snapshot comes once, perhaps after the first deltas: those
 * wait for it; the first one behind it has to overlap it (Binance: futures `U <= lastUpdateId <= u`, spot `U <= lastUpdateId + 1 <= u`).
 */
export class BookChain {
  readonly #handler: ChainHandler
  #waiting: BookEvent[] = []
  /** Last id applied, -1 before the snapshot. */
  #last = -1
  #synced = false
  #overlaps = false
  /** Deltas that came before a stream snapshot and belong to no book. */
  orphans = 0
  /** Deltas that a REST snapshot already contained. */
  contained = 0

  constructor(handler: ChainHandler) {
    this.#handler = handler
  }

  /** Whether there was a snapshot. */
  get synced(): boolean {
    return this.#synced
  }

  /** Deltas that still wait for a snapshot. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** The connection ended: nothing follows on what was before. */
  lost(): void {
    this.#synced = false
    this.#last = -1
    this.#waiting = []
  }

  take(event: BookEvent): void {
    if (event.snapshot) this.#snapshot(event)
    else if (!this.#synced) {
      if (event.sync === 'rest') this.#waiting.push(event)
      else this.orphans++
    } else this.#delta(event, false)
  }

  /** The recording ends: deltas that never met a snapshot are checked against each other. */
  finish(): void {
    const [first, ...rest] = this.#waiting
    this.#waiting = []
    if (first === undefined) return
    this.#last = first.lastId
    for (const delta of rest) {
      this.#follow(delta)
      this.#last = delta.lastId
    }
  }

  #snapshot(event: BookEvent): void {
    // A later REST snapshot is an audit of the venue's, not a new beginning: the chain is whole without it.
    if (this.#synced && event.sync === 'rest') return
    this.#synced = true
    this.#last = event.lastId
    this.#overlaps = event.sync === 'rest'
    this.#handler.apply(event, false)
    const waiting = this.#waiting
    this.#waiting = []
    for (const delta of waiting) this.#delta(delta, true)
  }

  #delta(event: BookEvent, waited: boolean): void {
    const { rule, firstId, lastId } = event
    if (this.#overlaps) {
      const first = rule === 'follows' ? this.#last : this.#last + 1
      if (lastId < first) {
        this.contained++
        return
      }
      // A delta that names the snapshot itself as the one before it follows without overlapping.
      if (firstId > first && !(rule === 'follows' && event.previousId === this.#last)) this.#handler.gap({ event, expected: `an update that contains ${first}`, actual: `${firstId} to ${lastId}` })
      this.#overlaps = false
    } else this.#follow(event)
    this.#last = lastId
    this.#handler.apply(event, waited)
  }

  #follow(event: BookEvent): void {
    const { rule, previousId, firstId } = event
    if (rule === 'follows' && previousId !== this.#last) this.#gap(event, this.#last, previousId)
    else if (rule === 'next' && firstId !== this.#last + 1) this.#gap(event, this.#last + 1, firstId)
    else if (rule === 'rising' && firstId <= this.#last) this.#handler.gap({ event, expected: `more than ${this.#last}`, actual: String(firstId) })
  }

  #gap(event: BookEvent, expected: number, actual: number): void {
    this.#handler.gap({ event, expected: String(expected), actual: String(actual) })
  }
}
