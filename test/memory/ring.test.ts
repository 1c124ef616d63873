import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RingmasterError } from '../../src/core/index.ts'
import { type GatingConsumer, type LossyConsumer, Ring, type RingProducer } from '../../src/memory/index.ts'
import { F64_HEAD_WIDE, HEADER_BYTES, MODE, MODE_OPENING, WORD_CLAIM, WORD_CONSUMERS, WORD_HEAD } from '../../src/memory/ring-memory.ts'
import { interleaved, killedAt } from './interleave.ts'
import { PATTERN_BYTES, type PatternMemory, patternMemory, readPattern, scribble, writePattern } from './pattern.ts'

const GATING = 0
const LOSSY = 5
const STARTS = [0, 2 ** 31 - 5, 2 ** 32 - 5, 2 ** 31, 3 * 2 ** 32 - 3, 2 ** 50]

const codeOf = (body: () => unknown): string => {
  try {
    body()
  } catch (error) {
    return (error as RingmasterError).code
  }
  return 'no error'
}

/** A ring with one end of each kind, beside the plainest model of it. */
class Bench {
  readonly ring: Ring
  readonly memory: PatternMemory
  readonly slots: number
  producer: RingProducer
  gating: GatingConsumer
  lossy: LossyConsumer
  readonly out: Float64Array
  readonly outMemory: PatternMemory
  /** The model: what is published, claimed at most, handled, and where the lossy cursor stands. */
  head: number
  claimEnd: number
  handled: number
  gatingOpen = true
  lossyNext: number
  lost = 0
  skipped = 0
  handedOut = 0
  readonly start: number

  constructor(slots: number, start: number) {
    this.ring = Ring.create(slots, PATTERN_BYTES, start)
    this.memory = patternMemory(this.ring.buffer)
    this.slots = slots
    this.ring.open(GATING, 'gating')
    this.ring.open(LOSSY, 'lossy')
    this.producer = this.ring.producer()
    this.gating = this.ring.gatingConsumer(GATING)
    this.lossy = this.ring.lossyConsumer(LOSSY)
    this.out = new Float64Array((slots * PATTERN_BYTES) / 8)
    this.outMemory = patternMemory(this.out.buffer)
    this.head = this.claimEnd = this.handled = this.lossyNext = this.start = start
  }

  claim(count: number): boolean {
    const granted = this.producer.claim(count)
    expect(granted).toBe(!this.gatingOpen || this.head + count - this.handled <= this.slots)
    if (!granted) return false
    this.claimEnd = Math.max(this.claimEnd, this.head + count)
    for (let i = 0; i < count; i++) scribble(this.memory, this.producer.slot(i), PATTERN_BYTES)
    return true
  }

  write(count: number): void {
    for (let i = 0; i < count; i++) writePattern(this.memory, this.producer.slot(i), PATTERN_BYTES, this.head + i)
  }

  publish(claimed: number, published: number): void {
    if (!this.claim(claimed)) return
    this.write(published)
    this.producer.publish(published)
    this.head += published
    expect(this.producer.next).toBe(this.head)
  }

  handle(count: number): void {
    if (!this.gatingOpen) return
    expect(this.gating.available()).toBe(this.head - this.handled)
    expect(this.gating.next).toBe(this.handled)
    const handled = Math.min(count, this.head - this.handled)
    for (let i = 0; i < handled; i++) expect(readPattern(this.memory, this.gating.slot(i), PATTERN_BYTES)).toBe(this.handled + i)
    this.gating.advance(handled)
    this.handled += handled
  }

  read(max: number): void {
    // What was ever claimed over cannot be read any more, and nothing else is missed.
    const from = Math.min(Math.max(this.lossyNext, this.claimEnd - this.slots), this.head)
    const most = Math.min(max, this.head - from)
    // A batch that lost its oldest records may come short, but never empty.
    const whole = this.lossy.read(this.out, max)
    expect(whole).toBeLessThanOrEqual(most)
    expect(whole).toBeGreaterThanOrEqual(from === this.lossyNext ? most : Math.min(1, most))
    for (let i = 0; i < whole; i++) expect(readPattern(this.outMemory, i * PATTERN_BYTES, PATTERN_BYTES)).toBe(from + i)
    this.lost += from - this.lossyNext
    this.handedOut += whole
    this.lossyNext = from + whole
  }

  agree(): void {
    expect(this.ring.published).toBe(this.head)
    expect(this.ring.depth(GATING)).toBe(this.gatingOpen ? this.head - this.handled : 0)
    expect(this.ring.depth(LOSSY)).toBe(this.head - this.lossyNext)
    expect(this.lossy.next).toBe(this.lossyNext)
    expect(this.lossy.available()).toBe(this.head - this.lossyNext)
    expect(this.ring.lost(LOSSY)).toBe(this.lost)
    expect(this.lossy.lost).toBe(this.lost)
    expect(this.handedOut + this.lost + this.skipped + this.lossy.available()).toBe(this.head - this.start)
  }
}

type Step = (bench: Bench) => void
const named = (name: string, step: Step): Step => Object.assign(step, { toString: () => name })
const small = fc.integer({ min: 1, max: 8 })
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: small.map((n) => named(`publish ${n}`, (b) => b.publish(Math.min(n, b.slots), Math.min(n, b.slots)))) },
  { weight: 2, arbitrary: fc.tuple(small, fc.nat(8)).map(([n, k]) => named(`publish ${k} of ${n}`, (b) => b.publish(Math.min(n, b.slots), Math.min(n, k, b.slots)))) },
  { weight: 4, arbitrary: small.map((n) => named(`handle ${n}`, (b) => b.handle(n))) },
  { weight: 3, arbitrary: small.map((n) => named(`read ${n}`, (b) => b.read(Math.min(n, b.slots)))) },
  { weight: 1, arbitrary: fc.constant(named('producer dies with a claim', (b) => {
    if (b.claim(2)) b.write(1)
    b.producer = b.ring.producer()
  })) },
  { weight: 1, arbitrary: fc.constant(named('producer restarts', (b) => void (b.producer = b.ring.producer()))) },
  { weight: 1, arbitrary: fc.constant(named('gating consumer restarts', (b) => {
    b.ring.open(GATING, 'gating')
    if (!b.gatingOpen) b.handled = b.head
    b.gatingOpen = true
    b.gating = b.ring.gatingConsumer(GATING)
  })) },
  { weight: 1, arbitrary: fc.constant(named('gating consumer leaves', (b) => {
    b.ring.close(GATING)
    b.gatingOpen = false
  })) },
  { weight: 1, arbitrary: fc.constant(named('lossy consumer restarts', (b) => {
    b.ring.open(LOSSY, 'lossy')
    b.lossy = b.ring.lossyConsumer(LOSSY)
  })) },
  { weight: 1, arbitrary: fc.nat(10).map((keep) => named(`skip to ${keep}`, (b) => {
    const surplus = Math.max(0, b.head - b.lossyNext - keep)
    expect(b.lossy.skipTo(keep)).toBe(surplus)
    b.lossyNext += surplus
    b.skipped += surplus
  })) },
)

describe('ring', () => {
  test('behaves as a plain list under every order of publishing, reading, losing, leaving and restarting', () => {
    fc.assert(
      fc.property(fc.constantFrom(2, 4, 8), fc.constantFrom(...STARTS), fc.array(steps, { maxLength: 60 }), (slots, start, run) => {
        const bench = new Bench(slots, start)
        for (const step of run) {
          step(bench)
          bench.agree()
        }
      }),
      { numRuns: 600 },
    )
  })

  test.each(STARTS)('streams over the wrap of its words when it starts at %d', (start) => {
    const bench = new Bench(8, start)
    for (let i = 0; i < 20; i++) {
      bench.publish(3, 3)
      bench.handle(2)
      if (i % 7 === 0) bench.read(8)
      bench.handle(2)
      bench.agree()
    }
    expect(bench.ring.published).toBe(start + 60)
  })

  test('counts the loss of a lossy consumer that slept through more than 2^32 records exactly', () => {
    const ring = Ring.create(8, PATTERN_BYTES)
    const memory = patternMemory(ring.buffer)
    ring.open(LOSSY, 'lossy')
    const head = 2 ** 32 + 2 ** 31 + 10
    ring.words[WORD_CLAIM] = head
    ring.wide[F64_HEAD_WIDE] = head
    Atomics.store(ring.words, WORD_HEAD, head)
    for (let s = head - 8; s < head; s++) writePattern(memory, ring.slotAt(s), PATTERN_BYTES, s)
    const consumer = ring.lossyConsumer(LOSSY)
    const out = new Float64Array(8 * 8)
    expect(ring.depth(LOSSY)).toBe(head)
    expect(consumer.read(out, 8)).toBe(8)
    expect(out[0]).toBe(head - 8)
    expect(ring.lost(LOSSY)).toBe(head - 8)
  })

  test('hands a lossy consumer no record that an abandoned claim scribbled on', () => {
    const bench = new Bench(8, 0)
    bench.ring.close(GATING)
    bench.gatingOpen = false
    bench.publish(8, 8)
    bench.claim(4)
    bench.producer = bench.ring.producer()
    bench.publish(1, 1)
    bench.read(8)
    expect(bench.lost).toBe(4)
    expect(bench.handedOut).toBe(5)
  })

  test('gives a lossy consumer only whole records when the producer overruns it at any step of its read', () => {
    for (let overrun = 1; overrun <= 8; overrun++) {
      for (let at = 0; at < 6; at++) {
        const bench = new Bench(8, 2 ** 32 - 9)
        bench.ring.close(GATING)
        bench.gatingOpen = false
        bench.publish(8, 8)
        const first = bench.lossyNext
        let read = 0
        interleaved((step) => {
          if (step === at) bench.publish(overrun, overrun)
        }, () => {
          read = bench.lossy.read(bench.out, 6)
        })
        const lost = bench.lossy.lost
        expect(lost + read).toBeLessThanOrEqual(bench.head - first)
        expect(bench.lossy.next).toBe(first + lost + read)
        for (let i = 0; i < read; i++) expect(readPattern(bench.outMemory, i * PATTERN_BYTES, PATTERN_BYTES)).toBe(first + lost + i)
      }
    }
  })

  test('ends a lossy read in bounded time when the producer laps every try, with all of it counted', () => {
    const bench = new Bench(4, 0)
    bench.ring.close(GATING)
    bench.gatingOpen = false
    bench.publish(4, 4)
    let read = -1
    const taken = interleaved(() => {
      bench.publish(4, 4)
      bench.publish(4, 4)
    }, () => {
      read = bench.lossy.read(bench.out, 4)
    })
    expect(read).toBe(0)
    expect(taken).toBeLessThan(20)
    expect(bench.lossy.next).toBe(bench.lossy.lost)
    bench.lossyNext = bench.lossy.next
    bench.lost = bench.lossy.lost
    bench.read(4)
    bench.agree()
  })

  test('keeps read + lost = published when a lossy consumer dies at any step of its read', () => {
    for (const published of [3, 8, 9, 13]) {
      let died = true
      for (let at = 0; died; at++) {
        const bench = new Bench(8, 2 ** 31 - 4)
        bench.ring.close(GATING)
        bench.gatingOpen = false
        for (let i = 0; i < published; i++) bench.publish(1, 1)
        died = killedAt(at, () => bench.lossy.read(bench.out, 4))
        bench.lossy = bench.ring.lossyConsumer(LOSSY)
        if (died) expect([bench.lossy.next, bench.lossy.lost]).toEqual([bench.start, 0])
        else expect(bench.lossy.next - bench.start - bench.lossy.lost).toBe(Math.min(published, 4))
        bench.lossyNext = bench.lossy.next
        bench.lost = bench.lossy.lost
        bench.handedOut = died ? 0 : Math.min(published, 4)
        while (bench.lossy.available() > 0) bench.read(4)
        bench.agree()
      }
    }
  })

  test('publishes all or nothing of a batch when the producer dies at any step', () => {
    let died = true
    for (let at = 0; died; at++) {
      const bench = new Bench(8, 2 ** 32 - 2)
      bench.publish(2, 2)
      died = killedAt(at, () => {
        bench.producer.claim(4)
        bench.write(4)
        bench.producer.publish()
      })
      bench.producer = bench.ring.producer()
      const published = bench.ring.published - bench.head
      expect([0, 4]).toContain(published)
      expect(published).toBe(died ? 0 : 4)
      bench.head = bench.ring.published
      bench.claimEnd = Math.max(bench.claimEnd, bench.start + 6)
      bench.publish(2, 2)
      bench.handle(8)
      bench.read(8)
      bench.agree()
    }
  })

  test('hands a batch out again when the gating consumer dies before its cursor moved, and never skips one', () => {
    let died = true
    for (let at = 0; died; at++) {
      const bench = new Bench(8, 2 ** 31 - 3)
      bench.publish(5, 5)
      bench.gating.available()
      died = killedAt(at, () => bench.gating.advance(3))
      bench.gating = bench.ring.gatingConsumer(GATING)
      bench.handled = bench.start + (died ? 0 : 3)
      bench.handle(8)
      expect(bench.handled).toBe(bench.head)
    }
  })

  test('overwrites nothing of a gating consumer that opens while the producer works, whatever step it is at', () => {
    for (let at = 0; at < 8; at++) {
      const bench = new Bench(8, 2 ** 32 - 20)
      bench.ring.close(GATING)
      bench.gatingOpen = false
      const second = 1
      const flood = (): void => {
        for (let i = 0; i < 25; i++) {
          if (!bench.producer.claim(1)) return
          bench.write(1)
          bench.producer.publish()
          bench.head++
        }
      }
      bench.publish(3, 3)
      interleaved((step) => {
        if (step === at) flood()
      }, () => bench.ring.open(second, 'gating'))
      flood()
      const consumer = bench.ring.gatingConsumer(second)
      const waiting = consumer.available()
      expect(waiting).toBe(8)
      for (let i = 0; i < waiting; i++) expect(readPattern(bench.memory, consumer.slot(i), PATTERN_BYTES)).toBe(consumer.next + i)
    }
  })

  test('lets the next opener finish when one died half-way, and holds the producer back until then', () => {
    let died = true
    for (let at = 0; died; at++) {
      const ring = Ring.create(4, PATTERN_BYTES)
      const producer = ring.producer()
      for (let i = 0; i < 9; i++) {
        producer.claim(1)
        producer.publish()
      }
      died = killedAt(at, () => ring.open(2, 'gating'))
      const half = Atomics.load(ring.words, WORD_CONSUMERS + 2 * 16 + MODE) === MODE_OPENING
      expect(ring.producer().claim(1)).toBe(!half)
      ring.open(2, 'gating')
      expect(ring.gatingConsumer(2).next).toBe(9)
      expect(ring.gatingConsumer(2).available()).toBe(0)
    }
  })

  test('starts a fresh account when a lossy line is given up and opened again', () => {
    const bench = new Bench(2, 0)
    bench.ring.close(GATING)
    bench.gatingOpen = false
    for (let i = 0; i < 5; i++) bench.publish(1, 1)
    bench.read(1)
    expect(bench.ring.lost(LOSSY)).toBe(3)
    bench.ring.close(LOSSY)
    expect(bench.ring.depth(LOSSY)).toBe(0)
    bench.ring.open(LOSSY, 'lossy')
    expect(bench.ring.lost(LOSSY)).toBe(0)
    expect(bench.ring.depth(LOSSY)).toBe(0)
  })

  test('refuses sizes that are no ring', () => {
    for (const [slots, bytes] of [[3, 64], [0, 64], [1, 64], [2 ** 25, 8], [4, 12], [4, 0], [4, -8], [Number.NaN, 64], [4, Number.NaN], [2 ** 24, 128]])
      expect(codeOf(() => Ring.create(slots!, bytes!))).toBe('RM_RING_SIZE')
    for (const start of [-1, 0.5, 2 ** 53]) expect(codeOf(() => Ring.create(4, 64, start))).toBe('RM_RING_START')
  })

  test('refuses a buffer that is no ring or one of other records', () => {
    const ring = Ring.create(4, 64)
    expect(Ring.attach(ring.buffer, 64).slots).toBe(4)
    expect(codeOf(() => Ring.attach(ring.buffer, 128))).toBe('RM_RING_BUFFER')
    expect(codeOf(() => Ring.attach(new SharedArrayBuffer(8), 64))).toBe('RM_RING_BUFFER')
    expect(codeOf(() => Ring.attach(new SharedArrayBuffer(HEADER_BYTES + 4 * 64), 64))).toBe('RM_RING_BUFFER')
    expect(codeOf(() => Ring.attach(new ArrayBuffer(4096) as unknown as SharedArrayBuffer, 64))).toBe('RM_RING_BUFFER')
    ring.words[1] = 8
    expect(codeOf(() => Ring.attach(ring.buffer, 64))).toBe('RM_RING_BUFFER')
  })

  test('refuses batches, advances and reads that cannot be, and loses nothing by it', () => {
    const bench = new Bench(8, 0)
    for (const count of [0, -1, 9, 1.5, Number.NaN]) expect(codeOf(() => bench.producer.claim(count))).toBe('RM_RING_BATCH')
    bench.publish(2, 2)
    bench.claim(2)
    for (const count of [3, -1, 0.5, Number.NaN]) expect(codeOf(() => bench.producer.publish(count))).toBe('RM_RING_PUBLISH')
    expect(codeOf(() => bench.producer.claim(1))).toBe('RM_ASSERT')
    bench.write(2)
    bench.producer.publish()
    bench.head += 2
    for (const count of [5, -1, 0.5, Number.NaN]) expect(codeOf(() => bench.gating.advance(count))).toBe('RM_RING_ADVANCE')
    for (const max of [0, -1, 9, 1.5, Number.NaN]) expect(codeOf(() => bench.lossy.read(bench.out, max))).toBe('RM_RING_OUT')
    bench.handle(8)
    bench.read(8)
    bench.agree()
    expect(bench.handedOut).toBe(4)
  })

  test('refuses consumers that are not there or open in the other mode', () => {
    const ring = Ring.create(4, 64)
    for (const consumer of [-1, 8, 0.5, Number.NaN]) expect(codeOf(() => ring.open(consumer, 'lossy'))).toBe('RM_RING_CONSUMER')
    expect(codeOf(() => ring.gatingConsumer(0))).toBe('RM_RING_CONSUMER')
    ring.open(0, 'lossy')
    expect(codeOf(() => ring.gatingConsumer(0))).toBe('RM_RING_CONSUMER')
    expect(codeOf(() => ring.open(0, 'gating'))).toBe('RM_RING_CONSUMER')
    ring.open(1, 'gating')
    expect(codeOf(() => ring.lossyConsumer(1))).toBe('RM_RING_CONSUMER')
    expect(codeOf(() => ring.open(1, 'lossy'))).toBe('RM_RING_CONSUMER')
  })
})
