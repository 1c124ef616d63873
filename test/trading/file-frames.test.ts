import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { journalFrame, MemoryJournal, type TradingRecord } from '../../src/trading/index.ts'
import { FileFrames } from '../../src/trading/journal/file-frames.ts'
import { framesIn, scanFrames } from '../../src/trading/journal/frame.ts'

/** A journal of several windows: records of very different lengths. */
function journalOf(lengths: readonly number[]): Buffer {
  const journal = new MemoryJournal()
  journal.append(lengths.map((length): TradingRecord => ({ kind: 'symbol-suspended', atMs: 1, atNs: 2, symbol: 'AAAUSDT', why: 'x'.repeat(length) })))
  return journal.bytes()
}

/** The file in reads as short as the system likes, through the smallest window there may be. */
const windowed = (bytes: Buffer, readMax: number): FileFrames =>
  new FileFrames({ readSync: (_fd, to, offset, length, position) => bytes.copy(to, offset, position, position + Math.min(length, readMax)) }, 3, bytes.length, journalFrame.bytesMax)

const seen = (source: Parameters<typeof scanFrames>[0]) => {
  const records: string[] = []
  const scan = scanFrames(source, (frame, offset) => void records.push(`${offset} ${frame.sequence} ${JSON.stringify(frame.record)}`))
  return { scan, records }
}

const lengths = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 20_000, max: 60_000 })), { minLength: 3, maxLength: 25 })

describe('a journal file through a window', () => {
  it('gives the records and the verdict of the same bytes in memory: whole, cut off or damaged anywhere', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1000, max: 100_000 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.constantFrom('whole', 'cut', 'flip', 'zeros'), (all, readMax, where, harm) => {
        let bytes = journalOf(all)
        const at = journalFrame.headerBytes + Math.floor((bytes.length - journalFrame.headerBytes) * where)
        if (harm === 'cut') bytes = bytes.subarray(0, at)
        if (harm === 'flip') bytes[at]! ^= 0x10
        if (harm === 'zeros') bytes.fill(0, at)
        expect(seen(windowed(bytes, readMax))).toEqual(seen(framesIn(bytes)))
      }),
      { numRuns: 60 },
    )
  })

  it('a file that became shorter under the reader ends as one that is torn', () => {
    const bytes = journalOf([10, 40_000, 40_000, 10])
    const source = new FileFrames({ readSync: (_fd, to, offset, length, position) => bytes.copy(to, offset, position, Math.min(50_000, position + length)) }, 3, bytes.length, journalFrame.bytesMax)
    const { scan, records } = seen(source)
    expect([records.length, scan.corrupt, scan.tornBytes > 0]).toEqual([2, null, true])
  })
})
