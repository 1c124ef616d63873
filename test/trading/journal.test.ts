import * as nodeFs from 'node:fs'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { unpack } from 'msgpackr'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeRecord, FileJournal, type JournalFs, MemoryJournal, openJournalForRead, readJournal, tradingDefaults, type TradingRecord, verifyJournal } from '../../src/trading/index.ts'
import { ALL_FAULTS } from './support/model-venue.ts'
import { World } from './support/world.ts'

const HEADER = 16

const record = (n: number): TradingRecord => ({ kind: 'order-accepted', atMs: 1_700_000_000_000 + n, atNs: n * 1e6, clientId: `rmtestE1D0S${n}A0`, venueId: `v${n}` })
const records = (count: number, from = 0): TradingRecord[] => Array.from({ length: count }, (_, i) => record(from + i))

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'))
  path = join(folder, 'deep', 'trading.journal')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function written(count: number): Buffer {
  const journal = new FileJournal(path)
  journal.append(records(count))
  journal.close()
  return readFileSync(path)
}

/** Ends of the frames, read by hand from their lengths. */
function frameEnds(bytes: Buffer): number[] {
  const ends: number[] = []
  for (let at = HEADER; at < bytes.length; ) ends.push((at += 8 + bytes.readUInt32LE(at)))
  return ends
}

const replayed = (journal: { replay(each: (record: TradingRecord) => void): void }): TradingRecord[] => {
  const found: TradingRecord[] = []
  journal.replay((each) => void found.push(each))
  return found
}

describe('journal file', () => {
  it('lies on the disk as documented: magic, version, and frames of length, CRC-32 and msgpack [sequence, record]', () => {
    const bytes = written(3)
    expect(bytes.subarray(0, 8).toString()).toBe('RMJOURNL')
    expect(bytes.readUInt32LE(8)).toBe(1)
    expect(bytes.readUInt32LE(12)).toBe(crc32(bytes.subarray(0, 12)))
    let at = HEADER
    for (let n = 0; n < 3; n++) {
      const length = bytes.readUInt32LE(at)
      const payload = bytes.subarray(at + 8, at + 8 + length)
      expect(bytes.readUInt32LE(at + 4)).toBe(crc32(payload))
      expect(unpack(payload)).toEqual([n, record(n)])
      at += 8 + length
    }
    expect(at).toBe(bytes.length)
  })

  it('goes on where it ended when it is opened again', () => {
    written(5)
    const journal = new FileJournal(path)
    expect(journal.length).toBe(5)
    expect(journal.tornBytes).toBe(0)
    journal.append(records(2, 5))
    journal.flush()
    expect(replayed(journal)).toEqual(records(7))
    journal.close()
    expect(verifyJournal(path)).toMatchObject({ records: 7, tornBytes: 0, firstError: null, bytes: statSync(path).size })
  })

  it('F25: cut at every single byte it opens with exactly the whole records before the cut, tells what it cut off, and can be appended to', () => {
    const bytes = written(6)
    const ends = frameEnds(bytes)
    for (let cut = HEADER; cut <= bytes.length; cut++) {
      writeFileSync(path, bytes.subarray(0, cut))
      const whole = ends.filter((end) => end <= cut).length
      const end = whole === 0 ? HEADER : ends[whole - 1]!
      expect(verifyJournal(path)).toMatchObject({ records: whole, tornBytes: cut - end })
      expect([...readJournal(path)].map((entry) => entry.record)).toEqual(records(whole))
      const journal = new FileJournal(path)
      expect([journal.length, journal.tornBytes]).toEqual([whole, cut - end])
      journal.append([record(99)])
      expect(replayed(journal)).toEqual([...records(whole), record(99)])
      journal.close()
    }
  })

  it('makes a journal of a file whose making was cut short, and of nothing else', () => {
    const bytes = written(0)
    for (let cut = 0; cut < HEADER; cut++) {
      writeFileSync(path, bytes.subarray(0, cut))
      new FileJournal(path).close()
      expect(verifyJournal(path)).toMatchObject({ records: 0, firstError: null })
    }
    for (const text of ['x', 'RMJOURNLxxxxxxxxyyyyyyyy', '{"not":"a journal"}']) {
      writeFileSync(path, text)
      expect(() => new FileJournal(path)).toThrow('RM_JOURNAL_HEADER')
      expect(() => openJournalForRead(path)).toThrow('RM_JOURNAL_HEADER')
      expect(verifyJournal(path).firstError).not.toBeNull()
      expect(readFileSync(path, 'utf8')).toBe(text)
    }
  })

  it('finds every single flipped byte: refused with the record and its byte in the middle, cut off as torn in the last record', () => {
    const bytes = written(5)
    const starts = [HEADER, ...frameEnds(bytes)]
    for (let at = 0; at < bytes.length; at++) {
      const bad = Buffer.from(bytes)
      bad[at]! ^= 0x10
      writeFileSync(path, bad)
      const report = verifyJournal(path)
      expect(report.firstError, `byte ${at}`).not.toBeNull()
      if (at < HEADER) {
        expect(() => new FileJournal(path)).toThrow('RM_JOURNAL_HEADER')
        continue
      }
      const index = starts.findLastIndex((start) => start <= at)
      if (index < 4) {
        const words = `RM_JOURNAL_CORRUPT: journal ${path}: record ${index} at byte ${starts[index]}`
        expect(() => new FileJournal(path), `byte ${at}`).toThrow(words)
        expect(() => [...readJournal(path)]).toThrow(words)
        expect(readFileSync(path).equals(bad)).toBe(true)
      } else expect(report).toMatchObject({ records: 4, tornBytes: bytes.length - starts[4]! })
    }
  })

  it('notices a record that was cut out of the middle', () => {
    const bytes = written(5)
    const ends = frameEnds(bytes)
    writeFileSync(path, Buffer.concat([bytes.subarray(0, ends[1]), bytes.subarray(ends[2])]))
    expect(() => new FileJournal(path)).toThrow('its sequence is 3 where 2 was due')
    expect(verifyJournal(path)).toMatchObject({ records: 2 })
  })

  it('takes a stretch of zero bytes at the end for torn, never for records', () => {
    const bytes = written(2)
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(4096)]))
    const journal = new FileJournal(path)
    expect([journal.length, journal.tornBytes]).toEqual([2, 4096])
    journal.close()
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  it('F21: says that another writer is at work, and writes nothing any more', () => {
    const journal = new FileJournal(path)
    journal.append(records(1))
    journal.flush()
    const other = new FileJournal(path)
    other.append(records(1, 1))
    other.close()
    const theirs = readFileSync(path)
    expect(() => journal.append(records(1, 2))).toThrow('RM_JOURNAL_FENCED')
    expect(readFileSync(path).equals(theirs)).toBe(true)
    expect(() => journal.append(records(1, 3))).toThrow('RM_JOURNAL_FENCED')
    expect(() => journal.flush()).toThrow('RM_JOURNAL_FENCED')
    journal.close()
  })

  it('F25: a full disk leaves no half record, tells so, and goes on when there is room again', () => {
    let room = Number.POSITIVE_INFINITY
    const fs: JournalFs = {
      ...nodeFs,
      writeSync: ((fd: number, bytes: Buffer, offset: number, length: number, position: number) => {
        if (room <= 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        const part = Math.min(length, room)
        room -= part
        return nodeFs.writeSync(fd, bytes, offset, part, position)
      }) as typeof nodeFs.writeSync,
    }
    const journal = new FileJournal(path, fs)
    journal.append(records(2))
    const before = readFileSync(path)
    for (room = 0; room < 100; ) {
      const given = room
      expect(() => journal.append(records(3, 2))).toThrow(`RM_JOURNAL_WRITE: journal ${path}: record 2 was not written at byte ${before.length}`)
      expect(readFileSync(path).equals(before)).toBe(true)
      room = given + 7
    }
    room = Number.POSITIVE_INFINITY
    journal.append(records(3, 2))
    journal.close()
    expect([...readJournal(path)].map((entry) => entry.record)).toEqual(records(5))
  })

  it('F25: a half record that cannot even be taken back is overwritten by the next', () => {
    let broken = false
    const fs: JournalFs = {
      ...nodeFs,
      writeSync: ((fd: number, bytes: Buffer, offset: number, length: number, position: number) => {
        if (!broken) return nodeFs.writeSync(fd, bytes, offset, length, position)
        nodeFs.writeSync(fd, bytes, offset, Math.min(20, length), position)
        throw new Error('input/output error')
      }) as typeof nodeFs.writeSync,
      ftruncateSync: ((fd: number, length: number) => {
        if (broken) throw new Error('input/output error')
        nodeFs.ftruncateSync(fd, length)
      }) as typeof nodeFs.ftruncateSync,
    }
    const journal = new FileJournal(path, fs)
    journal.append(records(1))
    broken = true
    expect(() => journal.append(records(1, 1))).toThrow('RM_JOURNAL_WRITE')
    expect(() => journal.append(records(1, 1))).toThrow('RM_JOURNAL_WRITE')
    expect(verifyJournal(path)).toMatchObject({ records: 1 })
    broken = false
    journal.append(records(1, 1))
    journal.flush()
    journal.close()
    expect(verifyJournal(path)).toMatchObject({ records: 2, tornBytes: 0, firstError: null })
  })

  it('shows a flush in the background that failed at the next append', () => {
    let fails = false
    const fs: JournalFs = { ...nodeFs, fdatasync: ((fd: number, done: (error: NodeJS.ErrnoException | null) => void) => (fails ? done(new Error('disk gone')) : nodeFs.fdatasync(fd, done))) as typeof nodeFs.fdatasync }
    const journal = new FileJournal(path, fs)
    fails = true
    journal.append(records(1))
    journal.flushLater()
    expect(() => journal.append(records(1, 1))).toThrow('disk gone')
    fails = false
    journal.append(records(1, 1))
    expect(journal.length).toBe(2)
    journal.close()
  })

  it('refuses to write when it is closed, and a record that fits in no frame', () => {
    const journal = new FileJournal(path)
    expect(() => journal.append([{ ...record(0), venueId: 'x'.repeat(70_000) } as TradingRecord])).toThrow('RM_JOURNAL_FRAME')
    journal.append(records(1))
    journal.close()
    expect(() => journal.append(records(1))).toThrow('RM_JOURNAL_CLOSED')
    expect(() => journal.flush()).toThrow('RM_JOURNAL_CLOSED')
    expect(verifyJournal(path)).toMatchObject({ records: 1, firstError: null })
  })

  it('reports a file that is not there, without making one', () => {
    expect(verifyJournal(join(folder, 'none'))).toMatchObject({ records: 0, bytes: 0 })
    expect(verifyJournal(join(folder, 'none')).firstError).toContain('RM_JOURNAL_OPEN')
    expect(() => openJournalForRead(join(folder, 'none'))).toThrow('RM_JOURNAL_OPEN')
    expect(() => new FileJournal('/dev/null/journal')).toThrow('RM_JOURNAL_OPEN')
  })

  it('reads up to the last whole record while it is being written', () => {
    const journal = new FileJournal(path)
    journal.append(records(4))
    const { size } = statSync(path)
    truncateSync(path, size - 3)
    expect([...readJournal(path)].map((entry) => entry.sequence)).toEqual([0, 1, 2])
    journal.close()
  })
})

describe('a journal of a whole run', () => {
  const world = new World(41, ALL_FAULTS)
  world.start(true, 30, 'after-append')
  world.trade(8000, 150, () => void world.start())

  it('has the same bytes in memory and in a file', () => {
    const journal = new FileJournal(path)
    for (const each of world.records()) journal.append([each])
    journal.close()
    expect(readFileSync(path).equals(world.journal.bytes())).toBe(true)
    const report = verifyJournal(path)
    expect(report.epochs).toBe(2)
    expect(report.orders).toBe(world.records().filter((each) => each.kind === 'order-intended').length)
    expect(report.orders).toBeGreaterThan(3)
  })

  it('is one readable line for every record', () => {
    for (const each of world.records()) {
      const line = describeRecord(each)
      expect(line).toMatch(new RegExp(`^${each.kind} +\\S`))
      expect(line).not.toMatch(/\d{4}-\d\d-\d\dT/)
      expect(line).not.toMatch(/undefined|NaN|\[object/)
      expect(line).not.toContain('\n')
    }
    const fill = world.records().find((each) => each.kind === 'fill-booked')!
    expect(describeRecord(fill)).toContain(`position ${fill.beforeLots} -> ${fill.afterLots}`)
  })

  it('refuses a memory journal that is none', () => {
    expect(() => new MemoryJournal(new Uint8Array(3))).toThrow('RM_JOURNAL_HEADER')
    const bad = Buffer.from(world.journal.bytes())
    bad[40]! ^= 1
    expect(() => new MemoryJournal(bad)).toThrow('RM_JOURNAL_CORRUPT')
    expect(tradingDefaults.journal.durability).toBe('written')
  })
})
