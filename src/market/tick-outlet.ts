import type { Nanos } from '../core/index.ts'
import { fail } from '../core/index.ts'
import type { RingProducer, View } from '../memory/index.ts'
import { TICK } from '../memory/index.ts'

const FIRST_STAGED = 64

/**
 * The way of tick records into their ring, in order and without loss. While the ring has no room, records are staged
 * beside it and go in before anything newer; `stagedMax` bounds that.
 *
 * Use: `open()` gives the window on the next record, or null when there is no room at all; fill it, `commit()`.
 */
export class TickOutlet {
  /** Records that were published, staged ones included once they are in the ring. */
  published = 0
  readonly #producer: RingProducer
  readonly #stagedMax: number
  readonly #nowNs: () => Nanos
  readonly #onPublish: (receiveNs: Nanos, publishNs: Nanos) => void
  readonly #slot: View<typeof TICK.fields>
  #staged: SharedArrayBuffer
  #stagedView: View<typeof TICK.fields>
  #wide: Float64Array
  #first = 0
  #count = 0
  #direct = false

  /** @param onPublish hears of every record as it becomes visible. @throws RM_FEATURE_WIRING for a ring of other records. */
  constructor(producer: RingProducer, stagedMax: number, nowNs: () => Nanos, onPublish: (receiveNs: Nanos, publishNs: Nanos) => void) {
    if (producer.ring.slotBytes !== TICK.byteLength)
      fail('RM_FEATURE_WIRING', { symbol: 'the tick ring', what: 'a slot', actual: `${producer.ring.slotBytes} bytes`, needed: `${TICK.byteLength} bytes` })
    this.#producer = producer
    this.#stagedMax = stagedMax
    this.#nowNs = nowNs
    this.#onPublish = onPublish
    this.#slot = TICK.view(producer.ring.buffer)
    this.#staged = new SharedArrayBuffer(Math.min(FIRST_STAGED, stagedMax) * TICK.byteLength)
    this.#wide = new Float64Array(this.#staged)
    this.#stagedView = TICK.view(this.#staged)
  }

  /** Records that wait beside the ring. */
  get staged(): number {
    return this.#count
  }

  /** Sequence that the next opened record will have. */
  get nextSequence(): number {
    return this.#producer.next + this.#count
  }

  /** The window on the next record, with its sequence set; null when ring and staging are full. */
  open(): View<typeof TICK.fields> | null {
    const sequence = this.nextSequence
    this.#direct = this.#count === 0 && this.#producer.claim(1)
    let view: View<typeof TICK.fields>
    if (this.#direct) {
      view = this.#slot.at(this.#producer.slot(0))
    } else {
      if (this.#count >= this.#stagedMax) return null
      if (this.#count === this.#capacity) this.#grow()
      view = this.#stagedView.at(((this.#first + this.#count) % this.#capacity) * TICK.byteLength)
    }
    view.sequence = sequence
    return view
  }

  /** Takes the record that was opened. */
  commit(): void {
    if (!this.#direct) {
      this.#count++
      return
    }
    this.#publish(this.#slot)
  }

  /** Moves staged records into the ring as far as there is room. @returns true when none is left. */
  flush(): boolean {
    const words = TICK.byteLength >> 3
    while (this.#count > 0 && this.#producer.claim(1)) {
      const from = this.#first * words
      const slot = this.#slot.at(this.#producer.slot(0))
      slot.f64.set(this.#wide.subarray(from, from + words), this.#producer.slot(0) >> 3)
      this.#publish(slot)
      this.#first = (this.#first + 1) % this.#capacity
      this.#count--
    }
    return this.#count === 0
  }

  get #capacity(): number {
    return this.#staged.byteLength / TICK.byteLength
  }

  #publish(record: View<typeof TICK.fields>): void {
    const publishNs = this.#nowNs()
    record.publishNs = publishNs
    const receiveNs = record.receiveNs
    this.#producer.publish()
    this.published++
    this.#onPublish(receiveNs, publishNs)
  }

  /** Only while a consumer is far behind: the normal way does not stage at all. */
  #grow(): void {
    const capacity = Math.min(this.#stagedMax, 2 * this.#capacity)
    const staged = new SharedArrayBuffer(capacity * TICK.byteLength)
    const wide = new Float64Array(staged)
    const words = TICK.byteLength >> 3
    for (let i = 0; i < this.#count; i++) {
      const from = ((this.#first + i) % this.#capacity) * words
      wide.set(this.#wide.subarray(from, from + words), i * words)
    }
    this.#staged = staged
    this.#wide = wide
    this.#stagedView = TICK.view(staged)
    this.#first = 0
  }
}
