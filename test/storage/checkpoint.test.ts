import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ZERO } from '../../src/core/index.ts'
import { Checkpointer, checkpointPath, foldPrint, openBooks, usable, writeCheckpoint } from '../../src/storage/checkpoint/index.ts'
import { apply, createState, type DecisionBasis, FileJournal, freezeState, thawState, type TradingRecord, type TradingState } from '../../src/trading/index.ts'
import { ALL_FAULTS } from '../trading/support/model-venue.ts'
import { World } from '../trading/support/world.ts'

const fold = (records: readonly TradingRecord[], state = createState()): TradingState => {
  for (const record of records) apply(state, record)
  return state
}

/** What people and trips add to the records of trading. */
const when = { atMs: 1_700_000_001_000, atNs: 5e9 }
const OUTSIDE: readonly TradingRecord[] = [
  { kind: 'equity-seen', ...when, day: 19_675, equity: '1000.123456789012345678', realised: '-3.5', unrealised: '0.25', unexplained: '0' },
  { kind: 'limits-changed', ...when, limit: 'max_open_positions', before: '5', value: '2', configured: '5', why: 'a person' },
  { kind: 'strategy-changed', ...when, strategy: 'momentum', setting: 'weight', before: '1', value: '2', configured: '1', why: 'a person' },
  { kind: 'symbol-frozen', ...when, symbol: 'BBBUSDT', code: 'foreign', why: 'a stranger' },
  { kind: 'symbol-suspended', ...when, symbol: 'AAAUSDT', why: 'a person' },
  { kind: 'position-adopted', ...when, symbol: 'CCCUSDT', fromLots: 0, toLots: -7, entryTicks: '12.345', why: 'found at the venue' },
  { kind: 'kill-engaged', ...when, id: 'k1', by: 'cli', code: 'manual', reason: 'a test', flatten: false, values: { loss: '3' } },
]

/** The records of some lives of an engine at a venue that loses, repeats and reorders, with what people do. */
function trading(seed: number): TradingRecord[] {
  const world = new World(seed, ALL_FAULTS)
  world.start(true, 25 + (seed % 20))
  world.trade(4000, 150, () => void world.start(seed % 2 === 0))
  const records = world.records()
  const at = Math.floor(records.length / 2)
  return [...records.slice(0, at), ...OUTSIDE, ...records.slice(at)]
}

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'checkpoint-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('books that were frozen', () => {
  it('EX-43: fold every journal to the same end from any record at which they were frozen', () => {
    const kinds = new Set<string>()
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }), (seed, cuts) => {
        const records = trading(seed)
        for (const record of records) kinds.add(record.kind)
        const whole = freezeState(fold(records))
        for (const cut of cuts) {
          const at = Math.round(cut * records.length)
          const half = fold(records.slice(0, at))
          const thawed = thawState(structuredClone(freezeState(half)))
          expect(freezeState(thawed), `thawed after record ${at} of ${records.length}`).toEqual(freezeState(half))
          expect(thawed.exposure).toEqual(half.exposure)
          const end = fold(records.slice(at), thawed)
          expect(freezeState(end), `gone on with from record ${at} of ${records.length}`).toEqual(whole)
        }
      }),
      { numRuns: 25 },
    )
    for (const kind of ['order-intended', 'fill-booked', 'order-unknown', 'epoch-started', 'protection-set', 'position-adopted']) expect([...kinds], 'the journals are no empty ones').toContain(kind)
  })

  it('hold live orders once, in the registry and in the list of their symbol', () => {
    const records = trading(5)
    const at = records.findIndex((record) => record.kind === 'order-intended') + 1
    const thawed = thawState(freezeState(fold(records.slice(0, at))))
    const lists = [...thawed.symbols.values()].flatMap(({ live }) => live)
    expect(lists.length).toBeGreaterThan(0)
    for (const order of lists) expect(thawed.orders.get(order.clientId)).toBe(order)
  })

  it('keep amounts to the last digit and every field that the books have', () => {
    const state = fold(trading(7))
    const symbol = [...state.symbols.values()][0]!
    symbol.ledger.fees = ZERO.add('0.123456789012345678901234567890123456789')
    state.outcomes.note({ basis: { reason: 'consensus' } as DecisionBasis, voters: 3, realised: ZERO.add('1.25'), fees: ZERO.add('0.05'), funding: ZERO })
    expect([...thawState(freezeState(state)).outcomes.entries()]).toEqual([...state.outcomes.entries()])
    expect([...state.outcomes.entries()].map(([name]) => name)).toHaveLength(3)
    const thawed = thawState(freezeState(state)).symbols.get(symbol.symbol)!
    expect(thawed.ledger.fees.toString()).toBe('0.123456789012345678901234567890123456789')
    expect(Object.keys(thawed).toSorted()).toEqual(Object.keys(symbol).toSorted())
    expect(Object.keys(thawState(freezeState(state))).toSorted()).toEqual(Object.keys(state).toSorted())
  })

  it('refuse what would be lost: an instance of a class among the plain fields', () => {
    const state = createState()
    Object.assign(state.kill, { extra: new Date() })
    expect(() => freezeState(state)).toThrow(/RM_ASSERT.*Date is plain data/)
  })
})

describe('a journal with a checkpoint beside it', () => {
  /** A journal on disk with a checkpoint after `at` records. */
  function written(seed: number, at: number): { readonly path: string; readonly records: TradingRecord[] } {
    const path = join(folder, `trading-${seed}.journal`)
    const records = trading(seed)
    const journal = new FileJournal(path)
    journal.append(records.slice(0, at))
    const checkpointer = new Checkpointer(path)
    while (checkpointer.poll());
    checkpointer.save()
    checkpointer.close()
    journal.append(records.slice(at))
    journal.close()
    return { path, records }
  }

  function opened(path: string): { readonly state: TradingState; readonly skipped: number; readonly folded: number; readonly problem: string; readonly length: number } {
    const { journal, base } = openBooks(path)
    let folded = 0
    journal.replay((record) => {
      apply(base.state, record)
      folded++
    })
    journal.close()
    return { ...base, folded, length: journal.length }
  }

  it('opens with the same books, having folded only what is behind it, and goes on being written', () => {
    const { path, records } = written(3, 20)
    const first = opened(path)
    expect(first).toMatchObject({ skipped: 20, folded: records.length - 20, problem: '', length: records.length })
    expect(freezeState(first.state)).toEqual(freezeState(fold(records)))

    const { journal } = openBooks(path)
    journal.append(records.slice(0, 1))
    journal.close()
    expect(opened(path)).toMatchObject({ skipped: 20, folded: records.length - 19, length: records.length + 1 })
    expect(statSync(checkpointPath(path)).mode & 0o777).toBe(0o600)
  })

  it('cuts off a torn tail behind it, and reports damage behind it', () => {
    const { path, records } = written(4, 20)
    appendFileSync(path, Buffer.from([9, 0, 0, 0, 1, 2]))
    const { journal } = openBooks(path)
    expect(journal.tornBytes).toBe(6)
    expect(journal.length).toBe(records.length)
    journal.close()

    const bytes = readFileSync(path)
    const { place } = usable(checkpointPath(path)).checkpoint!
    bytes[place.offset + 12]! ^= 1
    writeFileSync(path, bytes)
    expect(() => openBooks(path)).toThrow(/RM_JOURNAL_CORRUPT/)
  })

  const spoilt: readonly [string, (path: string) => void, RegExp][] = [
    ['is damaged', (path) => writeFileSync(checkpointPath(path), Buffer.concat([readFileSync(checkpointPath(path)).subarray(0, 500), Buffer.alloc(9)])), /checksum/],
    ['is no checkpoint at all', (path) => writeFileSync(checkpointPath(path), 'hello'), /does not begin like/],
    ['is of another version of the program', (path) => writeCheckpoint(checkpointPath(path), { ...usable(checkpointPath(path)).checkpoint!, fold: 'older' }), /another version/],
    ['holds books that nobody can read', (path) => writeCheckpoint(checkpointPath(path), { ...usable(checkpointPath(path)).checkpoint!, state: {} }), /./],
    ['reaches further than the journal', (path) => truncateSync(path, usable(checkpointPath(path)).checkpoint!.place.offset - 1), /bytes where/],
    [
      'belongs to another journal',
      (path) => {
        const other = new FileJournal(join(folder, 'other.journal'))
        other.append(trading(99))
        other.close()
        copyFileSync(join(folder, 'other.journal'), path)
      },
      /record|bytes/,
    ],
  ]
  it.each(spoilt)('is folded from its first record when the checkpoint %s, and says why', (_what, spoil, words) => {
    const { path } = written(6, 20)
    spoil(path)
    const { state, skipped, problem, folded, length } = opened(path)
    expect(problem).toMatch(words)
    expect(skipped).toBe(0)
    expect(folded).toBe(length)
    rmSync(checkpointPath(path))
    const plain = opened(path)
    expect(plain.problem).toBe('')
    expect(freezeState(state)).toEqual(freezeState(plain.state))
  })

  it('takes no room for a checkpoint that could not be written, and keeps the one before', () => {
    const { path, records } = written(8, 20)
    const before = readFileSync(checkpointPath(path))
    const checkpointer = new Checkpointer(path, 5, () => {
      throw new Error('the disk is full')
    })
    expect(() => checkpointer.poll()).toThrow('the disk is full')
    expect(readFileSync(checkpointPath(path)).equals(before)).toBe(true)
    checkpointer.close()
    const again = new Checkpointer(path, 5)
    while (again.poll());
    expect(again.written).toBe(1)
    again.close()
    expect(opened(path)).toMatchObject({ skipped: records.length, folded: 0 })
  })

  it('is folded anew by the writer of checkpoints when its records were taken back', () => {
    const { path, records } = written(9, 20)
    const checkpointer = new Checkpointer(path)
    while (checkpointer.poll());
    const { place } = usable(checkpointPath(path)).checkpoint!
    truncateSync(path, place.offset)
    const journal = new FileJournal(path)
    journal.append(records.slice(0, 3))
    journal.close()
    while (checkpointer.poll());
    checkpointer.save()
    checkpointer.close()
    const { state, skipped } = opened(path)
    expect(skipped).toBe(23)
    expect(freezeState(state)).toEqual(freezeState(fold([...records.slice(0, 20), ...records.slice(0, 3)])))
  })

  it('makes one only of what came since, every so many records', () => {
    const path = join(folder, 'trading.journal')
    const checkpointer = new Checkpointer(path, 10)
    expect(checkpointer.poll()).toBe(false)
    checkpointer.save()
    expect(existsSync(checkpointPath(path))).toBe(false)
    const records = trading(10)
    const journal = new FileJournal(path)
    journal.append(records.slice(0, 9))
    checkpointer.poll()
    expect(checkpointer.written).toBe(0)
    journal.append(records.slice(9, 12))
    checkpointer.poll()
    checkpointer.save()
    expect(checkpointer.written).toBe(1)
    journal.close()
    checkpointer.close()
    expect(usable(checkpointPath(path)).checkpoint).toMatchObject({ fold: foldPrint(), place: { sequence: 12 } })
  })
})
