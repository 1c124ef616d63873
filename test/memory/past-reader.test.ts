import { describe, expect, it } from 'vitest'
import { PastReader, Ring } from '../../src/memory/index.ts'

const SLOTS = 8
const BYTES = 16

function bench(firstSequence = 0) {
  const ring = Ring.create(SLOTS, BYTES, firstSequence)
  ring.open(0, 'gating')
  const producer = ring.producer()
  const consumer = ring.gatingConsumer(0)
  const wide = new Float64Array(ring.buffer)
  const out = new Int32Array(BYTES / 4)
  const past = new PastReader(ring)
  return {
    ring, producer, past,
    handle: () => consumer.advance(consumer.available()),
    publish(count: number): void {
      for (let i = 0; i < count; i++) {
        consumer.advance(consumer.available())
        expect(producer.claim(1)).toBe(true)
        wide[producer.slot(0) >> 3] = producer.next * 3
        wide[(producer.slot(0) >> 3) + 1] = -producer.next
        producer.publish()
      }
    },
    read: (sequence: number): readonly number[] | null => (past.read(sequence, out) ? [...new Float64Array(out.buffer)] : null),
  }
}

describe('a reader of the past', () => {
  it.each([0, 2 ** 31 - 5, 2 ** 32 - 5, 2 ** 50])('gives every record that is still in the ring, bit for bit, and no other, from sequence %i on', (first) => {
    const b = bench(first)
    b.publish(20)
    expect(b.past.oldest).toBe(first + 12)
    for (let i = 0; i < 20; i++) expect(b.read(first + i), String(i)).toEqual(i < 12 ? null : [(first + i) * 3, -(first + i)])
    for (const never of [first + 20, first + 1e6, -1, Number.NaN]) expect(b.read(never)).toBeNull()
  })

  it('gives no record that the producer has claimed, though it is not overwritten yet', () => {
    const b = bench()
    b.publish(8)
    expect(b.read(0)).toEqual([0, -0])
    b.handle()
    expect(b.producer.claim(2)).toBe(true)
    expect([b.past.oldest, b.read(0), b.read(1), b.read(2)]).toEqual([2, null, null, [6, -2]])
  })

  it('holds nobody back and needs no line of the ring', () => {
    const b = bench()
    b.read(0)
    b.publish(100)
    expect(b.ring.published).toBe(100)
    expect(b.read(99)).toEqual([297, -99])
  })

  it('refuses an array without room for a record', () => {
    const b = bench()
    b.publish(1)
    expect(() => b.past.read(0, new Int32Array(3))).toThrow('RM_RING_OUT')
  })
})
