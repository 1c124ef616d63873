import { assert, fail, limits } from '../core/index.ts'

/**
 * A ring of fixed records in shared memory: one producer, several consumers, each counter on its own cache line.
 *
 *   byte 0      magic, slots, slotBytes            written once, at creation
 *   byte 64     CLAIM   producer: sequences below this may be being written
 *   byte 128    HEAD    producer: sequences below this are published
 *   byte 192    wide head (f64), of which HEAD is the low word
 *   byte 256+   one line per consumer: MODE, CURSOR (sequences below this are handled), LOST (f64)
 *   then        slots
 *
 * Sequences are counted in 32-bit words that wrap, compared by their signed difference, and widened to safe
 * integers on reading: no BigInt anywhere.
 *
 * Orderings relied on. HEAD is stored after the slots are written, so a consumer that loads HEAD sees them.
 * CLAIM is raised by a read-modify-write before a slot is touched, and a lossy consumer ends its copy with a
 * read-modify-write of CLAIM: both are full fences on every CPU, so a torn copy is always noticed.
 * A producer that dies between CLAIM and HEAD has published nothing; its successor goes on at HEAD.
 */
const MAGIC = 0x524d5247
const WORD_MAGIC = 0
const WORD_SLOTS = 1
const WORD_SLOT_BYTES = 2
const WORD_CLAIM = 16
const WORD_HEAD = 32
const F64_HEAD_WIDE = 24
const WORD_CONSUMERS = 64
const WORDS_PER_CONSUMER = 16
const MODE = 0
const CURSOR = 1
/** f64 index inside a consumer's line. */
const F64_LOST = 4

const MODE_NONE = 0
const MODE_GATING = 1
const MODE_LOSSY = 2

export type ConsumerMode = 'gating' | 'lossy'

const HEADER_BYTES = (WORD_CONSUMERS + WORDS_PER_CONSUMER * limits.ringConsumersMax) * 4

/** What stays in shared memory; pass `buffer` to other threads and attach there. */
export class Ring {
  readonly buffer: SharedArrayBuffer
  readonly slots: number
  readonly slotBytes: number
  readonly words: Int32Array
  readonly wide: Float64Array

  private constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.words = new Int32Array(buffer)
    this.wide = new Float64Array(buffer)
    this.slots = this.words[WORD_SLOTS]!
    this.slotBytes = this.words[WORD_SLOT_BYTES]!
  }

  /** @throws RM_RING_SIZE */
  static create(slots: number, slotBytes: number): Ring {
    const powerOfTwo = Number.isSafeInteger(slots) && slots >= 2 && slots <= 1 << 24 && (slots & (slots - 1)) === 0
    if (!powerOfTwo || !Number.isSafeInteger(slotBytes) || slotBytes <= 0 || slotBytes % 8 !== 0) fail('RM_RING_SIZE', { slots, slotBytes })
    const buffer = new SharedArrayBuffer(HEADER_BYTES + slots * slotBytes)
    const words = new Int32Array(buffer)
    words[WORD_SLOTS] = slots
    words[WORD_SLOT_BYTES] = slotBytes
    Atomics.store(words, WORD_MAGIC, MAGIC)
    return new Ring(buffer)
  }

  /** @throws RM_RING_BUFFER when the buffer is no ring, or one of other records. */
  static attach(buffer: SharedArrayBuffer, slotBytes: number): Ring {
    const head = buffer.byteLength >= HEADER_BYTES ? new Int32Array(buffer, 0, 3) : null
    if (head === null || Atomics.load(head, WORD_MAGIC) !== MAGIC || head[WORD_SLOT_BYTES] !== slotBytes)
      fail('RM_RING_BUFFER', { expected: `${slotBytes} byte slots`, actual: head === null ? 'no header' : `${head[WORD_SLOT_BYTES]} byte slots` })
    return new Ring(buffer)
  }

  /** Byte of the slot that holds a sequence. */
  slotAt(sequence: number): number {
    return HEADER_BYTES + (sequence & (this.slots - 1)) * this.slotBytes
  }

  /**
   * Opens consumer line `consumer` at the present head, unless it is already open in the same mode: a consumer
   * that comes back goes on at its cursor. The supervisor calls this before any thread starts.
   */
  open(consumer: number, mode: ConsumerMode): void {
    const line = this.#line(consumer)
    const wanted = mode === 'gating' ? MODE_GATING : MODE_LOSSY
    const found = Atomics.load(this.words, line + MODE)
    if (found === wanted) return
    if (found !== MODE_NONE) fail('RM_RING_CONSUMER', { consumer, problem: 'open in the other mode' })
    Atomics.store(this.words, line + CURSOR, Atomics.load(this.words, WORD_HEAD))
    Atomics.store(this.words, line + MODE, wanted)
  }

  /** Gives a consumer's line up: the producer no longer waits for it. */
  close(consumer: number): void {
    Atomics.store(this.words, this.#line(consumer) + MODE, MODE_NONE)
  }

  /** Records published so far, as a safe integer. */
  get published(): number {
    return this.#widen(Atomics.load(this.words, WORD_HEAD))
  }

  /** Records that a consumer has not handled yet. */
  depth(consumer: number): number {
    const line = this.#line(consumer)
    return (Atomics.load(this.words, WORD_HEAD) - Atomics.load(this.words, line + CURSOR)) | 0
  }

  /** Records that a lossy consumer has missed, exactly. */
  lost(consumer: number): number {
    return this.wide[(this.#line(consumer) >> 1) + F64_LOST]!
  }

  producer(): RingProducer {
    return new RingProducer(this)
  }

  /** @throws RM_RING_CONSUMER when the line is not open as gating. */
  gatingConsumer(consumer: number): GatingConsumer {
    const line = this.#line(consumer)
    if (Atomics.load(this.words, line + MODE) !== MODE_GATING) fail('RM_RING_CONSUMER', { consumer, problem: 'not open as gating' })
    return new GatingConsumer(this, line)
  }

  /** @throws RM_RING_CONSUMER when the line is not open as lossy. */
  lossyConsumer(consumer: number): LossyConsumer {
    const line = this.#line(consumer)
    if (Atomics.load(this.words, line + MODE) !== MODE_LOSSY) fail('RM_RING_CONSUMER', { consumer, problem: 'not open as lossy' })
    return new LossyConsumer(this, line)
  }

  /** The safe integer whose low word this is, next to the wide head. */
  widen(word: number): number {
    return this.#widen(word)
  }

  #widen(word: number): number {
    // The wide head is written just before HEAD, so it is near any word of this ring: within half its range.
    const near = this.wide[F64_HEAD_WIDE]!
    return near + ((word - (near | 0)) | 0)
  }

  #line(consumer: number): number {
    if (!Number.isSafeInteger(consumer) || consumer < 0 || consumer >= limits.ringConsumersMax)
      fail('RM_RING_CONSUMER', { consumer, problem: `outside 0..${limits.ringConsumersMax - 1}` })
    return WORD_CONSUMERS + WORDS_PER_CONSUMER * consumer
  }
}

/** The writing end. One at a time; a new one resumes where the last published record ended. */
export class RingProducer {
  readonly ring: Ring
  readonly #words: Int32Array
  readonly #wide: Float64Array
  readonly #slots: number
  #head: number
  #headWide: number
  #claimed = 0
  /** Largest head at which every gating consumer was known to have room; spares a look at them per record. */
  #roomUntil: number

  constructor(ring: Ring) {
    this.ring = ring
    this.#words = ring.words
    this.#wide = ring.wide
    this.#slots = ring.slots
    this.#head = Atomics.load(ring.words, WORD_HEAD)
    this.#headWide = ring.widen(this.#head)
    this.#roomUntil = this.#head
  }

  /** Sequence that the next published record will have. */
  get next(): number {
    return this.#headWide
  }

  /**
   * Claims `count` slots for one batch. @returns false when a gating consumer has no room for them: nothing was
   * claimed, try again later. @throws RM_RING_BATCH when it never could have.
   */
  claim(count: number): boolean {
    assert(this.#claimed === 0, 'the last batch was published before the next is claimed')
    if (count > this.#slots || count <= 0) fail('RM_RING_BATCH', { count, slots: this.#slots })
    if (((this.#head + count - this.#roomUntil) | 0) > 0 && !this.#look(count)) return false
    this.#claimed = count
    Atomics.exchange(this.#words, WORD_CLAIM, (this.#head + count) | 0)
    return true
  }

  /** Byte of the i-th slot of the claimed batch. */
  slot(i: number): number {
    return this.ring.slotAt(this.#head + i)
  }

  /** Publishes the first `count` slots of the claimed batch: all of them by default, none with 0. */
  publish(count: number = this.#claimed): void {
    this.#claimed = 0
    if (count === 0) return
    this.#head = (this.#head + count) | 0
    this.#headWide += count
    this.#wide[F64_HEAD_WIDE] = this.#headWide
    Atomics.store(this.#words, WORD_HEAD, this.#head)
  }

  /** Free slots as the slowest gating consumer allows. */
  get room(): number {
    let room = this.#slots
    for (let c = 0; c < limits.ringConsumersMax; c++) {
      const line = WORD_CONSUMERS + WORDS_PER_CONSUMER * c
      if (Atomics.load(this.#words, line + MODE) !== MODE_GATING) continue
      const free = this.#slots - ((this.#head - Atomics.load(this.#words, line + CURSOR)) | 0)
      if (free < room) room = free
    }
    return room
  }

  #look(count: number): boolean {
    const room = this.room
    this.#roomUntil = (this.#head + room) | 0
    return count <= room
  }
}

/** Reads every record. Its cursor moves after handling: at least once, sequence numbers tell repeats. */
export class GatingConsumer {
  readonly ring: Ring
  readonly #words: Int32Array
  readonly #line: number
  #cursor: number
  #cursorWide: number

  constructor(ring: Ring, line: number) {
    this.ring = ring
    this.#words = ring.words
    this.#line = line
    this.#cursor = Atomics.load(ring.words, line + CURSOR)
    this.#cursorWide = ring.widen(this.#cursor)
  }

  /** Sequence of the first record not handled yet. */
  get next(): number {
    return this.#cursorWide
  }

  /** Records that wait; their slots stay valid until `advance`. */
  available(): number {
    return (Atomics.load(this.#words, WORD_HEAD) - this.#cursor) | 0
  }

  /** Byte of the i-th waiting record. */
  slot(i: number): number {
    return this.ring.slotAt(this.#cursor + i)
  }

  /** Marks `count` records as handled and frees their slots: once per batch. */
  advance(count: number): void {
    this.#cursor = (this.#cursor + count) | 0
    this.#cursorWide += count
    Atomics.store(this.#words, this.#line + CURSOR, this.#cursor)
  }
}

/** Never holds the producer back. Copies records out, notices when it was lapped, and counts what it lost. */
export class LossyConsumer {
  readonly ring: Ring
  readonly #words: Int32Array
  readonly #wide: Float64Array
  readonly #line: number
  readonly #slotWords: number
  #cursor: number
  #cursorWide: number

  constructor(ring: Ring, line: number) {
    this.ring = ring
    this.#words = ring.words
    this.#wide = ring.wide
    this.#line = line
    this.#slotWords = ring.slotBytes >> 3
    this.#cursor = Atomics.load(ring.words, line + CURSOR)
    this.#cursorWide = ring.widen(this.#cursor)
  }

  /** Sequence of the next record that would be read. */
  get next(): number {
    return this.#cursorWide
  }

  get lost(): number {
    return this.#wide[(this.#line >> 1) + F64_LOST]!
  }

  available(): number {
    return (Atomics.load(this.#words, WORD_HEAD) - this.#cursor) | 0
  }

  /** Leaves out all but the newest `keep` waiting records: chosen conflation, not counted as lost. */
  skipTo(keep: number): void {
    const surplus = this.available() - keep
    if (surplus > 0) this.#move(surplus)
  }

  /**
   * Copies up to `max` of the oldest waiting records into `out`, one after the other, from byte 0.
   * @returns how many are whole; records overwritten before they could be copied are counted in `lost`.
   */
  read(out: Float64Array, max: number): number {
    for (;;) {
      const head = Atomics.load(this.#words, WORD_HEAD)
      const lag = (head - this.#cursor) | 0
      if (lag === 0) return 0
      if (lag > this.ring.slots) {
        this.#lose(lag - this.ring.slots)
        continue
      }
      const count = Math.min(lag, max)
      this.#copy(out, count)
      // The fence at the end of the copy: whatever was claimed over these slots meanwhile shows here.
      const claim = Atomics.add(this.#words, WORD_CLAIM, 0)
      const overrun = ((claim - this.#cursor) | 0) - this.ring.slots
      if (overrun <= 0) {
        this.#move(count)
        return count
      }
      this.#lose(Math.min(overrun, lag))
    }
  }

  #copy(out: Float64Array, count: number): void {
    const words = this.#slotWords
    for (let i = 0, to = 0; i < count; i++) {
      const from = this.ring.slotAt(this.#cursor + i) >> 3
      for (let w = 0; w < words; w++) out[to++] = this.#wide[from + w]!
    }
  }

  #lose(count: number): void {
    this.#wide[(this.#line >> 1) + F64_LOST]! += count
    this.#move(count)
  }

  #move(count: number): void {
    this.#cursor = (this.#cursor + count) | 0
    this.#cursorWide += count
    Atomics.store(this.#words, this.#line + CURSOR, this.#cursor)
  }
}
