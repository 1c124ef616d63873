import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RingmasterError } from '../../src/core/index.ts'
import { Cell, CELL_HEADER_BYTES, CURRENT_TICK } from '../../src/memory/index.ts'
import { interleaved, killedAt } from './interleave.ts'

const codeOf = (body: () => unknown): string => {
  try {
    body()
  } catch (error) {
    return (error as RingmasterError).code
  }
  return 'no error'
}

const F64S = 16
const attach = (cell: Cell): Cell => new Cell(cell.buffer, cell.byteOffset, cell.payloadBytes)
const payloadOf = (cell: Cell): Float64Array => new Float64Array(cell.buffer, cell.payload, cell.payloadBytes / 8)

function write(cell: Cell, value: number): void {
  cell.begin()
  payloadOf(cell).fill(value)
  cell.end()
}

/** The value that all numbers of a read agree on; NaN when there is none to be had. */
function read(cell: Cell): number {
  const out = new Float64Array(F64S)
  if (!cell.tryRead(out)) return Number.NaN
  for (const x of out) if (x !== out[0]) throw new Error(`torn: ${x} beside ${out[0]}`)
  return out[0]!
}

const setSequence = (cell: Cell, sequence: number): void => void Atomics.store(new Int32Array(cell.buffer), cell.byteOffset >> 2, sequence)

describe('cell', () => {
  test('holds the last completed write under every order of writes, deaths, repairs and successors', () => {
    type Step = { readonly kind: 'write' | 'die early' | 'die late' | 'repair' | 'restart'; readonly value: number }
    const step: fc.Arbitrary<Step> = fc.record({ kind: fc.constantFrom('write', 'die early', 'die late', 'repair', 'restart'), value: fc.integer({ min: 1, max: 1000 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom(0, 2 ** 31 - 6, -6), (run, sequence) => {
        let cell = Cell.create(F64S * 8)
        const reader = attach(cell)
        setSequence(cell, sequence)
        let value = 0
        let open = false
        let writes = 0
        for (const { kind, value: next } of run) {
          if (kind === 'restart') cell = attach(cell)
          else if (kind === 'repair') {
            expect(cell.repair()).toBe(open)
            if (open) value = 0
            open = false
          } else {
            expect(cell.begin()).toBe(!open)
            if (open) expect(payloadOf(cell).every((x) => x === 0)).toBe(true)
            payloadOf(cell).fill(next, 0, kind === 'die early' ? 5 : F64S)
            open = kind !== 'write'
            if (open) continue
            cell.end()
            writes++
            value = next
          }
          expect(reader.open).toBe(open)
          expect(reader.writes).toBe(writes)
          expect(read(reader)).toBe(open ? Number.NaN : value)
        }
      }),
      { numRuns: 400 },
    )
  })

  test('gives a reader the value before or after a write, wherever in its copy the write falls', () => {
    for (let at = 0; at < 6; at++) {
      const cell = Cell.create(F64S * 8)
      write(cell, 1)
      const writer = attach(cell)
      let value = 0
      const steps = interleaved((step) => {
        if (step === at) write(writer, 2)
      }, () => {
        value = read(cell)
      })
      // A write before the last look at the mark is noticed, so the copy is made again.
      expect(value).toBe(at < steps ? 2 : 1)
    }
  })

  test('drops a copy that a write cut in two', () => {
    const cell = Cell.create(F64S * 8)
    write(cell, 1)
    const writer = attach(cell)
    let copies = 0
    class Cut extends Float64Array {
      override set(from: Float64Array): void {
        super.set(from.subarray(0, 5))
        if (copies++ < 3) write(writer, 10 + copies)
        super.set(from.subarray(5), 5)
      }
    }
    const out = new Cut(F64S)
    expect(cell.tryRead(out)).toBe(true)
    expect([...out]).toEqual(Array(F64S).fill(13))
    expect(copies).toBe(4)
  })

  test('gives a reader that races a repair the old value or the blank one, never half of each', () => {
    for (let at = 0; at < 4; at++) {
      const cell = Cell.create(F64S * 8)
      write(cell, 1)
      let value = Number.NaN
      interleaved((step) => {
        if (step !== at) return
        const writer = attach(cell)
        writer.begin()
        payloadOf(writer).fill(2, 0, 7)
        expect(attach(cell).repair()).toBe(true)
      }, () => {
        value = read(cell)
      })
      expect([0, 1]).toContain(value)
    }
  })

  test('counts completed writes exactly when the writer or the repairer dies at any step', () => {
    let died = true
    for (let at = 0; died; at++) {
      const cell = Cell.create(F64S * 8)
      write(cell, 1)
      died = killedAt(at, () => write(cell, 2))
      const closed = !cell.open
      expect(cell.writes).toBe(died ? 1 : 2)
      expect(closed ? read(cell) : 1).toBe(died ? 1 : 2)
      let repairDied = true
      for (let step = 0; repairDied; step++) repairDied = killedAt(step, () => attach(cell).repair())
      expect(cell.open).toBe(false)
      expect(cell.writes).toBe(died ? 1 : 2)
      expect(read(cell)).toBe(closed ? (died ? 1 : 2) : 0)
    }
  })

  test('never publishes what a dead writer left when its successor writes one field only', () => {
    const cell = Cell.create(CURRENT_TICK.byteLength)
    const tick = CURRENT_TICK.view(cell.buffer).at(cell.payload)
    cell.begin()
    tick.bidTicks = 100
    tick.askTicks = 101
    cell.end()
    cell.begin()
    tick.bidTicks = 200
    const successor = attach(cell)
    expect(successor.begin()).toBe(false)
    tick.markTicks = 7
    successor.end()
    const out = new Float64Array(CURRENT_TICK.byteLength / 8)
    successor.read(out)
    const seen = CURRENT_TICK.view(out.buffer)
    expect([seen.bidTicks, seen.askTicks, seen.markTicks]).toEqual([0, 0, 7])
  })

  test('copies words that together look like a NaN bit for bit', () => {
    const cell = Cell.create(64)
    const words = new Int32Array(cell.buffer, cell.payload, 16)
    const pattern = Array.from({ length: 16 }, (_, i) => (i % 2 === 1 ? [-1, 0x7ff00001, 0xfff7ffff | 0, 0x7ff80123][(i >> 1) % 4]! : 0x12345678 + i))
    cell.begin()
    words.set(pattern)
    cell.end()
    const out = new Float64Array(8)
    cell.read(out)
    expect([...new Int32Array(out.buffer)]).toEqual(pattern)
  })

  test('leaves the rest of a larger target alone, and neighbours in the buffer too', () => {
    const buffer = new SharedArrayBuffer(2 * Cell.bytesFor(72))
    const [a, b] = [new Cell(buffer, 0, 72), new Cell(buffer, Cell.bytesFor(72), 72)]
    a.begin()
    payloadOf(a).fill(1)
    a.end()
    b.begin()
    payloadOf(b).fill(2)
    b.end()
    const out = new Float64Array(12).fill(9)
    a.read(out)
    expect([...out]).toEqual([...Array<number>(9).fill(1), 9, 9, 9])
    b.read(out)
    expect(out[8]).toBe(2)
    expect([a.writes, b.writes]).toEqual([1, 1])
  })

  test('gives up with a coded error while the writer stays inside', () => {
    const cell = Cell.create(64)
    cell.begin()
    expect(codeOf(() => cell.read(new Float64Array(8)))).toBe('RM_CELL_BUSY')
    expect(cell.tryRead(new Float64Array(8))).toBe(false)
    cell.end()
    expect(cell.tryRead(new Float64Array(8))).toBe(true)
  })

  test('refuses sizes, places, targets and closings that cannot be, and stays readable', () => {
    for (const bytes of [0, -8, 12, Number.NaN, 8.5]) expect(codeOf(() => Cell.create(bytes))).toBe('RM_CELL_SIZE')
    const buffer = new SharedArrayBuffer(256)
    for (const at of [8, -64, 0.5, 192, 2 ** 40]) expect(codeOf(() => new Cell(buffer, at, 64))).toBe('RM_CELL_PLACE')
    expect(codeOf(() => new Cell(buffer, 0, 256 - CELL_HEADER_BYTES + 8))).toBe('RM_CELL_PLACE')
    const cell = new Cell(buffer, 64, 64)
    expect(codeOf(() => cell.tryRead(new Float64Array(7)))).toBe('RM_CELL_OUT')
    expect(codeOf(() => cell.end())).toBe('RM_CELL_CLOSED')
    write(cell, 3)
    expect(new Float64Array(buffer, cell.payload, 8)[7]).toBe(3)
    expect(cell.writes).toBe(1)
  })
})
