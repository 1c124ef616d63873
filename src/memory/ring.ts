import { fail, limits } from '../core/index.ts'
import { GatingConsumer } from './gating-consumer.ts'
import { LossyConsumer } from './lossy-consumer.ts'
import {
  ACCOUNT_F64S, CURSOR, F64_ACCOUNT, F64_ACCOUNT_LOST, F64_HEAD_WIDE, HEADER_BYTES, MAGIC, MODE, MODE_GATING, MODE_LOSSY, MODE_NONE,
  MODE_OPENING, RING_BYTES_MAX, RingMemory, VERSION, WORD_CLAIM, WORD_CONSUMERS, WORD_HEAD, WORD_MAGIC, WORD_SLOT_BYTES, WORD_SLOTS,
  WORDS_PER_CONSUMER,
} from './ring-memory.ts'
import { RingProducer } from './ring-producer.ts'

export type ConsumerMode = 'gating' | 'lossy'

/** A consumer that commits without pause can outrun a look at its account; the last look is at most a batch off. */
const LOOKS_MAX = 8

/** A ring of fixed records in shared memory; pass `buffer` to other threads and attach there. */
export class Ring extends RingMemory {
  /**
   * @param firstSequence of the first record; for tests that start just before the 32-bit words wrap
   * @throws RM_RING_SIZE, RM_RING_START
   */
  static create(slots: number, slotBytes: number, firstSequence = 0): Ring {
    const powerOfTwo = Number.isSafeInteger(slots) && slots >= 2 && slots <= 1 << 24 && (slots & (slots - 1)) === 0
    const fits = Number.isSafeInteger(slotBytes) && slotBytes > 0 && slotBytes % 8 === 0 && HEADER_BYTES + slots * slotBytes <= RING_BYTES_MAX
    if (!powerOfTwo || !fits) fail('RM_RING_SIZE', { slots, slotBytes, bytesMax: RING_BYTES_MAX })
    if (!Number.isSafeInteger(firstSequence) || firstSequence < 0) fail('RM_RING_START', { sequence: firstSequence })
    const buffer = new SharedArrayBuffer(HEADER_BYTES + slots * slotBytes)
    const words = new Int32Array(buffer)
    words[WORD_SLOTS] = slots
    words[WORD_SLOT_BYTES] = slotBytes
    words[WORD_CLAIM] = firstSequence
    words[WORD_HEAD] = firstSequence
    new Float64Array(buffer)[F64_HEAD_WIDE] = firstSequence
    Atomics.store(words, WORD_MAGIC, MAGIC)
    return new Ring(buffer)
  }

  /** @throws RM_RING_BUFFER when the buffer is no ring, or one of other records. */
  static attach(buffer: SharedArrayBuffer, slotBytes: number): Ring {
    const expected = `${slotBytes} byte slots`
    if (!(buffer instanceof SharedArrayBuffer) || buffer.byteLength < HEADER_BYTES) fail('RM_RING_BUFFER', { expected, actual: 'no header' })
    const head = new Int32Array(buffer, 0, 3)
    if (Atomics.load(head, WORD_MAGIC) !== MAGIC) fail('RM_RING_BUFFER', { expected, actual: 'another header' })
    if (head[WORD_SLOT_BYTES] !== slotBytes) fail('RM_RING_BUFFER', { expected, actual: `${head[WORD_SLOT_BYTES]} byte slots` })
    const bytes = HEADER_BYTES + head[WORD_SLOTS]! * slotBytes
    if (bytes !== buffer.byteLength) fail('RM_RING_BUFFER', { expected: `${bytes} bytes for ${head[WORD_SLOTS]} slots`, actual: `${buffer.byteLength} bytes` })
    return new Ring(buffer)
  }

  /**
   * Opens consumer line `consumer` at the present head with nothing lost, unless it is already open in the same
   * mode: a consumer that comes back goes on at its cursor. The producer may be at work meanwhile; one opener of a
   * line at a time (the supervisor). @throws RM_RING_CONSUMER no such line, or open in the other mode.
   */
  open(consumer: number, mode: ConsumerMode): void {
    const line = this.#line(consumer)
    const wanted = mode === 'gating' ? MODE_GATING : MODE_LOSSY
    const found = Atomics.load(this.words, line + MODE)
    if (found === wanted) return
    if (found === MODE_GATING || found === MODE_LOSSY) fail('RM_RING_CONSUMER', { consumer, problem: 'open in the other mode' })
    // Marked before HEAD is read: a producer that looked for room before the mark did so at or below this head, so
    // all it may still write fits behind the cursor; one that looks after the mark waits until the cursor is set.
    if (mode === 'gating') Atomics.store(this.words, line + MODE, MODE_OPENING)
    const head = Atomics.load(this.words, WORD_HEAD)
    Atomics.store(this.words, line + CURSOR, head)
    const account = this.#account(line)
    this.wide[account] = this.widen(head)
    this.wide[account + F64_ACCOUNT_LOST] = 0
    Atomics.store(this.words, line + MODE, wanted)
  }

  /** Gives a consumer's line up: the producer no longer waits for it. Its ends must not be used any more. */
  close(consumer: number): void {
    Atomics.store(this.words, this.#line(consumer) + MODE, MODE_NONE)
  }

  /** Records that a consumer has not handled yet; 0 for a line that is not open. */
  depth(consumer: number): number {
    const line = this.#line(consumer)
    const mode = Atomics.load(this.words, line + MODE)
    if (mode !== MODE_GATING && mode !== MODE_LOSSY) return 0
    // The cursor first: looked at after the head it might have passed it.
    const cursor = mode === MODE_GATING ? this.widen(Atomics.load(this.words, line + CURSOR)) : this.#inAccount(line, 0)
    return this.published - cursor
  }

  /** Records that a lossy consumer has missed since its line was opened, exactly. */
  lost(consumer: number): number {
    return this.#inAccount(this.#line(consumer), F64_ACCOUNT_LOST)
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

  #inAccount(line: number, item: number): number {
    let value = 0
    for (let look = 0; look < LOOKS_MAX; look++) {
      const version = Atomics.load(this.words, line + VERSION)
      value = this.wide[this.#account(line) + item]!
      if (Atomics.load(this.words, line + VERSION) === version) break
    }
    return value
  }

  #account(line: number): number {
    return (line >> 1) + F64_ACCOUNT + (Atomics.load(this.words, line + VERSION) & 1) * ACCOUNT_F64S
  }

  #line(consumer: number): number {
    if (!Number.isSafeInteger(consumer) || consumer < 0 || consumer >= limits.ringConsumersMax)
      fail('RM_RING_CONSUMER', { consumer, problem: `outside 0..${limits.ringConsumersMax - 1}` })
    return WORD_CONSUMERS + WORDS_PER_CONSUMER * consumer
  }
}
