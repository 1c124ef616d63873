import * as fc from 'fast-check'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { money, ZERO } from '../../src/core/index.ts'
import { csvCell, CsvJournal, csvLine, JournalFollower } from '../../src/storage/index.ts'
import { apply, createState, FileJournal, MemoryJournal, type TradingRecord, type TradingState } from '../../src/trading/index.ts'
import { ALL_FAULTS } from '../trading/support/model-venue.ts'
import { World } from '../trading/support/world.ts'

const root = mkdtempSync(join(tmpdir(), 'ringmaster-csv-'))
const journal = join(root, 'trading.journal')
let records: readonly TradingRecord[] = []
let bytes: Buffer
let folders = 0

beforeAll(() => {
  const world = new World(21, ALL_FAULTS)
  world.start()
  world.trade(20_000, 100, () => {})
  world.venue.foreignTrade('AAAUSDT', 0, 5, true)
  world.run(3000)
  world.life.die()
  world.start()
  world.run(5000)
  records = world.records()
  bytes = Buffer.from(world.journal.bytes())
  writeFileSync(journal, bytes)
})
afterAll(() => rmSync(root, { recursive: true }))

const folder = (): string => join(root, `csv-${++folders}`)

function write(dir: string, path = journal): number {
  const csv = new CsvJournal({ journal: path, dir, venue: 'bybit' })
  try {
    while (csv.poll());
    return csv.rows
  } finally {
    csv.close()
  }
}

/** Names and contents of the CSV files of a folder. */
const contents = (dir: string): Record<string, string> => Object.fromEntries(readdirSync(dir).filter((name) => name.endsWith('.csv')).toSorted().map((name) => [name, readFileSync(join(dir, name), 'utf8')]))

/** Rows of one table as objects, by a reader of its own. */
function table(dir: string, name: string): Record<string, string>[] {
  return Object.entries(contents(dir)).filter(([file]) => file.startsWith(`${name}_bybit_`)).flatMap(([, text]) => {
    const [header, ...lines] = text.trimEnd().split('\r\n').map(parseLine)
    return lines.map((cells) => {
      expect(cells.length).toBe(header!.length)
      return Object.fromEntries(header!.map((column, index) => [column, cells[index]!]))
    })
  })
}

function parseLine(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((match) => match[1]?.replaceAll('""', '"') ?? match[2]!)
}

const fold = (): TradingState => {
  const state = createState()
  for (const record of records) apply(state, record)
  return state
}

describe('ST-6: CSV files', () => {
  it('have every order event and every fill, with sizes before and after, exact amounts and one trace id', () => {
    const dir = folder()
    write(dir)
    const orders = table(dir, 'orders')
    const fills = records.filter((record) => record.kind === 'fill-booked')
    expect(fills.length).toBeGreaterThan(5)
    const booked = orders.filter((row) => row['event'] === 'fill-booked')
    expect(booked.map((row) => row['execution_id'])).toEqual(fills.map((fill) => fill.executionId))
    for (const [index, fill] of fills.entries()) {
      expect(booked[index]).toMatchObject({ fee: fill.fee, position_before: money(fill.beforeLots).mul('0.001').toFixed(3), position_after: money(fill.afterLots).mul('0.001').toFixed(3) })
      expect(booked[index]!['trace_id']).not.toBe('')
    }
    const intents = records.filter((record) => record.kind === 'order-intended')
    expect(orders.filter((row) => row['event'] === 'order-intended').map((row) => [row['client_id'], row['trace_id']])).toEqual(intents.map((one) => [one.clientId, one.trace]))
  })

  it('have every closed position once, also one that somebody else closed, and their sums are the books\'', () => {
    const dir = folder()
    write(dir)
    const closes = table(dir, 'trades').filter((row) => row['event'] === 'close')
    const state = fold()
    const closed = state.closed.filter((position) => position.closes.length > 0)
    expect(closes.map((row) => row['position_id'])).toEqual(closed.map((position) => String(position.id)))
    expect(closed.length).toBeGreaterThan(2)
    for (const [index, position] of closed.entries())
      expect(closes[index]).toMatchObject({ gross_pnl: position.realised.toFixed(), fees: position.fees.toFixed(), funding: position.funding.toFixed(), net_pnl: position.realised.sub(position.fees).sub(position.funding).toFixed(), trace_id: position.trace, size_after: '0.000' })
    // Entry and exit prices and sizes give the gross profit by themselves.
    for (const row of closes) {
      const sign = row['side'] === 'long' ? 1 : -1
      expect(money(row['exit_price']!).sub(row['entry_price']!).mul(row['entry_size']!).mul(sign).sub(row['gross_pnl']!).abs().lt('0.000000001')).toBe(true)
    }
    const net = closes.reduce((sum, row) => sum.add(row['net_pnl']!), ZERO)
    const open = [...state.symbols.values()].reduce((sum, one) => (one.position === null ? sum : sum.add(one.position.realised).sub(one.position.fees).sub(one.position.funding)), ZERO)
    expect(net.add(open).toFixed()).toBe([...state.symbols.values()].reduce((sum, one) => sum.add(one.ledger.net), ZERO).toFixed())
  })

  it('follow every open position from its opening to its end without a gap in its size', () => {
    const dir = folder()
    write(dir)
    const sizes = new Map<string, string>()
    const rows = table(dir, 'positions_open')
    expect(rows.length).toBeGreaterThan(6)
    for (const row of rows) {
      const id = row['position_id']!
      expect(row['size_before'], `${id} ${row['event']}`).toBe(sizes.get(id) ?? '0.000')
      sizes.set(id, row['size']!)
      if (row['event'] === 'closed') expect(row['size']).toBe('0.000')
    }
  })

  it('are the same bytes after any crash: rows torn at any byte, cursor old, lost or damaged, writer stopped at any record', () => {
    const whole = folder()
    expect(write(whole)).toBeGreaterThan(30)
    const wanted = contents(whole)
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom('kept', 'lost', 'damaged'), (cuts, share, cursor) => {
        const dir = folder()
        const part = join(root, `part-${folders}.journal`)
        writeFileSync(part, bytes.subarray(0, 16 + Math.floor(share * (bytes.length - 16))))
        write(dir, part)
        // Rows written after the last cursor may be torn; those before it are on the disk.
        if (cursor === 'lost') rmSync(join(dir, '.cursor_bybit'), { force: true })
        if (cursor === 'damaged') writeFileSync(join(dir, '.cursor_bybit'), 'x7')
        if (cursor !== 'kept') for (const [index, name] of Object.keys(contents(dir)).entries()) truncateSync(join(dir, name), Math.floor(cuts[index % 3]! * statSync(join(dir, name)).size))
        write(dir)
        expect(contents(dir)).toEqual(wanted)
        expect(write(dir)).toBe(0)
        rmSync(dir, { recursive: true })
      }),
      { numRuns: 40 },
    )
  })

  it('does not make files again that somebody took away, and makes all of them anew when asked to', () => {
    const dir = folder()
    write(dir)
    const wanted = contents(dir)
    for (const name of Object.keys(wanted)) rmSync(join(dir, name))
    writeFileSync(join(dir, 'notes.csv'), 'mine')
    expect(write(dir)).toBe(0)
    expect(Object.keys(contents(dir))).toEqual(['notes.csv'])
    const csv = new CsvJournal({ journal, dir, venue: 'bybit' })
    csv.rebuild()
    csv.close()
    expect(contents(dir)).toEqual({ ...wanted, 'notes.csv': 'mine' })
  })

  it('makes everything anew when the journal took records back that were written', () => {
    const dir = folder()
    const path = join(root, 'rewound.journal')
    const half = new MemoryJournal()
    half.append(records.slice(0, 40))
    writeFileSync(path, half.bytes())
    const csv = new CsvJournal({ journal: path, dir, venue: 'bybit' })
    while (csv.poll());
    // The last two are taken back, and others stand in their place.
    const other = new MemoryJournal()
    other.append([...records.slice(0, 38), ...records.slice(40)])
    writeFileSync(path, other.bytes())
    while (csv.poll());
    csv.close()
    const fresh = folder()
    write(fresh, path)
    expect(contents(dir)).toEqual(contents(fresh))
  })

  it('carries open positions over into the file of the next day', () => {
    const path = join(root, 'days.journal')
    const upTo = records.findIndex((record) => record.kind === 'fill-booked' && record.afterLots !== 0)
    const next = new MemoryJournal()
    const day = 86_400_000
    next.append([...records.slice(0, upTo + 1), { kind: 'stop-requested', atMs: records[upTo]!.atMs + day, atNs: 0, policy: 'leave' }])
    writeFileSync(path, next.bytes())
    const dir = folder()
    write(dir, path)
    const rows = table(dir, 'positions_open')
    expect(rows.at(-1)).toMatchObject({ event: 'carried-over', size: rows.at(-2)!['size'], size_before: rows.at(-2)!['size'] })
    expect(Object.keys(contents(dir)).filter((name) => name.startsWith('positions_open_'))).toHaveLength(2)
  })

  it('refuses a folder that another writes, and one that cannot be made', () => {
    const dir = folder()
    const csv = new CsvJournal({ journal, dir, venue: 'bybit' })
    expect(() => new CsvJournal({ journal, dir, venue: 'bybit' })).toThrow('RM_CSV_LOCKED')
    new CsvJournal({ journal, dir, venue: 'okx' }).close()
    csv.close()
    writeFileSync(join(root, 'a-file'), '')
    expect(() => new CsvJournal({ journal, dir: join(root, 'a-file', 'x'), venue: 'bybit' })).toThrow('RM_CSV_FOLDER')
  })

  it('quote what must be quoted and hand no formula to a spreadsheet', () => {
    expect(csvLine(['a', 'b,c', 'say "no"', 'two\nlines', '-1.5', '=HYPERLINK("x")', '+1', '@sum', '-x', ''])).toBe('a,"b,c","say ""no""","two\nlines",-1.5,"\'=HYPERLINK(""x"")",\'+1,\'@sum,\'-x,\r\n')
    expect(csvCell('0.00000001')).toBe('0.00000001')
  })
})

describe('a follower of a journal', () => {
  it('gives every whole record once, however the writer\'s bytes arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 60 }), (steps) => {
        const path = join(root, `follow-${++folders}.journal`)
        const follower = new JournalFollower(path)
        const seen: number[] = []
        const take = (): void => {
          for (let entries = follower.read(); entries.length > 0; entries = follower.read()) for (const entry of entries) seen.push(entry.sequence)
        }
        take()
        let done = 0
        writeFileSync(path, '')
        for (const step of steps) {
          appendFileSync(path, bytes.subarray(done, (done += step)))
          take()
        }
        appendFileSync(path, bytes.subarray(done))
        take()
        follower.close()
        rmSync(path)
        expect(seen).toEqual(records.map((_record, index) => index))
      }),
      { numRuns: 20 },
    )
  })

  it('goes on over a change of writers and over a torn tail that the next writer cut off', () => {
    const path = join(root, 'writers.journal')
    const first = new FileJournal(path)
    first.append(records.slice(0, 5))
    first.close()
    appendFileSync(path, Buffer.from([9, 0, 0, 0, 1]))
    const follower = new JournalFollower(path)
    expect(follower.read()).toHaveLength(5)
    expect(follower.read()).toEqual([])
    const second = new FileJournal(path)
    expect(second.tornBytes).toBe(5)
    second.append(records.slice(5, 9))
    second.close()
    expect(follower.read().map((entry) => entry.sequence)).toEqual([5, 6, 7, 8])
    expect(follower.cursor).toEqual({ sequence: 9, offset: statSync(path).size })
    follower.close()
  })

  it('says so when a record was taken back, when the file is no journal, and when its middle is damaged', () => {
    const path = join(root, 'bad.journal')
    cpSync(journal, path)
    const follower = new JournalFollower(path)
    while (follower.read().length > 0);
    truncateSync(path, statSync(path).size - 10)
    expect(() => follower.read()).toThrow('RM_JOURNAL_REWOUND')
    follower.close()
    writeFileSync(path, 'this is no journal at all')
    expect(() => new JournalFollower(path).read()).toThrow('RM_JOURNAL_HEADER')
    const damaged = Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(200_000, 7)])
    writeFileSync(path, damaged)
    const reader = new JournalFollower(path)
    expect(() => reader.read()).toThrow('RM_JOURNAL_CORRUPT')
    reader.close()
    mkdirSync(join(root, 'none'))
    expect(new JournalFollower(join(root, 'none', 'journal')).read()).toEqual([])
  })
})
