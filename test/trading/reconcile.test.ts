import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { money } from '../../src/core/index.ts'
import {
  apply,
  compileRules,
  createState,
  decide,
  openingRecords,
  reconcile,
  type Moment,
  type ReconcileInput,
  type Rules,
  type TradingRecord,
  type TradingState,
} from '../../src/trading/index.ts'
import type { AccountSnapshot, VenueFill, VenueOrder } from '../../src/venues/index.ts'
import { CLEARED, instruments, settings } from './support/world.ts'

const rules: Rules = compileRules(settings, instruments)
const START_MS = 1_700_000_000_000
const at = (ms: number): Moment => ({ ns: ms * 1e6, wallMs: START_MS + ms, opens: true })
const moves = (state: TradingState) => new Map([...state.symbols.values()].map((symbol) => [symbol.symbol, symbol.moves]))
const wallet = { balance: '1000', equity: '1000', marginUsed: '0', marginAvailable: '1000' }
const empty: AccountSnapshot = { openOrders: [], positions: [], fills: [], wallet, fillsComplete: true }

function fresh(): TradingState {
  const state = createState()
  for (const record of openingRecords(rules, state, true, at(0))) apply(state, record)
  return state
}

function commit(state: TradingState, records: readonly TradingRecord[]): void {
  for (const record of records) apply(state, record)
}

/** An entry of 10 lots on the first symbol, accepted when `placed`. */
function entry(state: TradingState, placed = true, ms = 1): string {
  const price = { refused: false as const, bidTicks: 99_999, askTicks: 100_001, receiveNs: ms * 1e6 }
  const result = decide(rules, state, { kind: 'decision', symbolIndex: 0, sequence: ms, tickSequence: ms, receiveNs: ms * 1e6, side: 0, confidence: 1, by: 1, regime: 'choppy', atrTicks: Number.NaN, clearance: CLEARED, price }, at(ms))
  commit(state, result.records)
  const intent = result.records[0]
  if (intent?.kind !== 'order-intended') throw new Error(`no entry: ${result.refusal}`)
  if (placed) commit(state, decide(rules, state, { kind: 'place-outcome', clientId: intent.clientId, outcome: { kind: 'accepted', venueId: 'v1' } }, at(ms)).records)
  return intent.clientId
}

const input = (state: TradingState, snapshot: Partial<AccountSnapshot>, before: ReconcileInput['before'] = []): ReconcileInput => ({ snapshot: { ...empty, ...snapshot }, askedNs: 1e15, fillsSinceMs: START_MS, movesThen: moves(state), before })
const fill = (change: Partial<VenueFill>): VenueFill => ({ executionId: 'e1', clientId: '', venueId: 'v1', symbol: 'AAAUSDT', side: 0, priceTicks: 100_000, lots: 5, fee: '0.01', maker: true, kind: 'trade', timeMs: START_MS + 5, ...change })
const order = (change: Partial<VenueOrder>): VenueOrder => ({ clientId: '', venueId: 'v1', symbol: 'AAAUSDT', side: 0, status: 'open', priceTicks: 99_950, lots: 10, filledLots: 0, averagePrice: '', reduceOnly: false, reason: '', updatedMs: START_MS, ...change })
const position = (signedLots: number, symbol = 'AAAUSDT') => ({ symbol, signedLots, entryPrice: signedLots === 0 ? '' : '10000.5', leverage: '10' })

describe('reconciliation (EX-40 to EX-42)', () => {
  it('F5: settles in one application, whatever the books and the venue hold: the second time gives no record', () => {
    const snapshots = fc.record({
      lots: fc.integer({ min: -20, max: 20 }),
      other: fc.integer({ min: -5, max: 5 }),
      fills: fc.uniqueArray(fc.record({ executionId: fc.integer({ min: 1, max: 50 }).map((n) => `e${n}`), lots: fc.integer({ min: 1, max: 10 }), side: fc.constantFrom(0 as const, 1 as const), mine: fc.boolean(), kind: fc.constantFrom('trade' as const, 'funding' as const, 'liquidation' as const) }), { selector: (one) => one.executionId, maxLength: 8 }),
      open: fc.constantFrom('none', 'mine', 'orphan', 'foreign'),
      filled: fc.integer({ min: 0, max: 9 }),
      live: fc.boolean(),
      ready: fc.boolean(),
    })
    fc.assert(
      fc.property(snapshots, (given) => {
        const state = fresh()
        if (given.ready) apply(state, { kind: 'reconciled', atMs: START_MS, atNs: 0, reason: 'start', tries: 1, askedMs: START_MS, fillsBooked: 0, positionsAdopted: 0, ordersHanging: 0, fillsComplete: true, balance: '0' })
        const id = given.live ? entry(state) : ''
        const snapshot: AccountSnapshot = {
          ...empty,
          fills: given.fills.map((one) => fill({ executionId: one.executionId, lots: one.lots, side: one.side, kind: one.kind, clientId: one.mine ? id : '' })),
          openOrders: given.open === 'none' ? [] : [order({ clientId: given.open === 'mine' ? id : given.open === 'orphan' ? 'rmtestE1D0S77A0' : 'webhand', filledLots: given.filled, status: given.filled > 0 ? 'partially-filled' : 'open' })],
          positions: [position(given.lots), position(given.other, 'BBBUSDT')],
        }
        // One snapshot, from before the first look at it.
        const taken = (before: ReconcileInput['before']): ReconcileInput => ({ ...input(state, snapshot, before), askedNs: at(9_990).ns })
        const first = reconcile(rules, state, taken(null), at(10_000))
        commit(state, first.records)
        expect(first.open).toEqual([])
        expect(state.symbols.get('AAAUSDT')!.ledger.signedLots).toBe(given.lots)
        expect(state.symbols.get('BBBUSDT')!.ledger.signedLots).toBe(given.other)
        const second = reconcile(rules, state, taken(null), at(10_001))
        expect(second.records).toEqual([])
        const third = reconcile(rules, state, taken([]), at(20_000))
        expect([third.records, third.open, third.positionsAdopted, third.fillsBooked]).toEqual([[], [], 0, 0])
      }),
      { numRuns: 300 },
    )
  })

  it('does not write what it only decides: the books are the same after a reconciliation that nobody commits', () => {
    const state = fresh()
    entry(state)
    const before = state.records
    reconcile(rules, state, input(state, { positions: [position(7)], fills: [fill({})] }, null), at(10))
    expect(state.records).toBe(before)
    expect(state.symbols.get('AAAUSDT')!.ledger.signedLots).toBe(0)
  })

  it('F4 F8: books what an entry filled while nobody watched, once, and leaves it open', () => {
    const state = fresh()
    const id = entry(state)
    const snapshot = { fills: [fill({ clientId: id })], positions: [position(5)], openOrders: [order({ clientId: id, filledLots: 5, status: 'partially-filled' })] }
    const result = reconcile(rules, state, input(state, snapshot), at(20))
    expect(result.open).toEqual([])
    commit(state, result.records)
    commit(state, decide(rules, state, { kind: 'venue-fill', fill: fill({ clientId: id }) }, at(21)).records)
    expect(state.orders.get(id)).toMatchObject({ filledLots: 5, state: 2 })
    expect(state.symbols.get('AAAUSDT')!.position!.state).toBe(1)
  })

  it('F6: takes over a position only when two snapshots in a row say the same and nothing moved between', () => {
    const state = fresh()
    const snapshot = { positions: [position(7)] }
    const first = reconcile(rules, state, input(state, snapshot), at(10))
    expect(first.records).toEqual([])
    expect(first.open).toEqual([{ symbol: 'AAAUSDT', engineLots: 0, venueLots: 7 }])
    const other = reconcile(rules, state, input(state, { positions: [position(8)] }, first.open), at(20))
    expect(other.positionsAdopted).toBe(0)
    const second = reconcile(rules, state, input(state, snapshot, first.open), at(20))
    commit(state, second.records)
    const books = state.symbols.get('AAAUSDT')!
    expect(books.ledger.signedLots).toBe(7)
    expect(books.ledger.entryTicks.toFixed()).toBe(money('100005').toFixed())
    expect(books.position!.state).toBe(1)
    expect(books.position!.history.length).toBe(1)
    expect(books.frozen).toBeNull()
  })

  it('F6: does not compare a symbol that moved under the snapshot', () => {
    const state = fresh()
    const then = input(state, { positions: [position(0)] }, null)
    commit(state, decide(rules, state, { kind: 'venue-fill', fill: fill({ clientId: entry(state) }) }, at(5)).records)
    const result = reconcile(rules, state, then, at(10))
    expect([result.moved, result.positionsAdopted]).toEqual([['AAAUSDT'], 0])
  })

  it('F21 F23: a position that changes without an execution, after the start, is taken over and freezes the symbol', () => {
    const state = fresh()
    apply(state, { kind: 'reconciled', atMs: START_MS, atNs: 0, reason: 'start', tries: 1, askedMs: START_MS, fillsBooked: 0, positionsAdopted: 0, ordersHanging: 0, fillsComplete: true, balance: '0' })
    commit(state, reconcile(rules, state, input(state, { positions: [position(-3)] }, null), at(10)).records)
    expect(state.symbols.get('AAAUSDT')!.frozen?.code).toBe('unexplained')
    expect(state.symbols.get('AAAUSDT')!.ledger.signedLots).toBe(-3)
    // Gone there: closed in the books, with a record of both sides.
    const gone = reconcile(rules, state, input(state, { positions: [] }, null), at(20))
    expect(gone.records).toContainEqual(expect.objectContaining({ kind: 'position-adopted', fromLots: -3, toLots: 0 }))
    commit(state, gone.records)
    expect(state.symbols.get('AAAUSDT')!.position).toBeNull()
    expect(state.closed.at(-1)!.state).toBe(3)
  })

  it('EX-41: an order that the venue does not list is reported with both statuses and asked about, and ends by evidence only', () => {
    const state = fresh()
    const id = entry(state)
    const result = reconcile(rules, state, input(state, {}), at(20))
    commit(state, result.records)
    expect(result.records).toEqual([expect.objectContaining({ kind: 'order-hanging', clientId: id, symbol: 'AAAUSDT', localState: 'Placed', issue: 'not-open' })])
    expect(result.effects).toEqual([expect.objectContaining({ kind: 'ask', clientId: id })])
    expect(state.orders.get(id)!.unknown).not.toBe('')

    const early = decide(rules, state, { kind: 'evidence', clientId: id, evidence: { kind: 'absent' } }, at(1000))
    expect(early.records).toEqual([])
    const late = decide(rules, state, { kind: 'evidence', clientId: id, evidence: { kind: 'absent' } }, at(60_000))
    expect(late.records.map((record) => record.kind)).toEqual(['hanging-resolved', 'order-absent'])
    expect(late.records[0]).toMatchObject({ issue: 'not-found', localState: 'Placed' })

    const cancelled = decide(rules, state, { kind: 'evidence', clientId: id, evidence: { kind: 'found', order: order({ clientId: id, status: 'cancelled', reason: 'CancelByUser' }), fills: [] } }, at(1000))
    expect(cancelled.records[0]).toMatchObject({ kind: 'hanging-resolved', issue: 'status-mismatch', venueStatus: 'cancelled', reason: 'CancelByUser' })
    commit(state, cancelled.records)
    expect(state.orders.get(id)).toMatchObject({ state: 4, hanging: false })
    expect(state.orders.get(id)!.history.at(-1)!.why).toContain('query: cancelled (CancelByUser)')
  })

  it('EX-41: an order that is open on both sides for half an hour is reported once', () => {
    const state = fresh()
    const id = entry(state)
    const snapshot = { openOrders: [order({ clientId: id })] }
    expect(reconcile(rules, state, input(state, snapshot), at(29 * 60_000)).records).toEqual([])
    const result = reconcile(rules, state, input(state, snapshot), at(31 * 60_000))
    expect(result.records).toEqual([expect.objectContaining({ kind: 'order-hanging', issue: 'timeout-in-status', venueStatus: 'open' })])
    commit(state, result.records)
    expect(reconcile(rules, state, input(state, snapshot), at(32 * 60_000)).records).toEqual([])
  })

  it('does not call an order hanging that was sent after the snapshot was asked for', () => {
    const state = fresh()
    entry(state, true, 50)
    expect(reconcile(rules, state, { ...input(state, {}), askedNs: 49e6 }, at(60)).records).toEqual([])
  })

  it('F13: an order that is still open in a snapshot younger than its cancel is called back again at once, whatever became of the first', () => {
    const state = fresh()
    const id = entry(state)
    const tooOld = decide(rules, state, { kind: 'sweep' }, at(2000))
    commit(state, tooOld.records)
    expect(tooOld.effects).toEqual([{ kind: 'cancel', symbol: 'AAAUSDT', clientId: id }])
    const snapshot = { openOrders: [order({ clientId: id })] }
    const seen = (askedMs: number) => reconcile(rules, state, { ...input(state, snapshot), askedNs: at(askedMs).ns }, at(2060))
    expect(seen(1990)).toMatchObject({ records: [], effects: [] })
    const again = seen(2050)
    expect(again.records).toEqual([expect.objectContaining({ kind: 'cancel-intended', clientId: id })])
    expect(again.effects).toEqual([{ kind: 'cancel', symbol: 'AAAUSDT', clientId: id }])
    commit(state, again.records)
    expect(seen(2050)).toMatchObject({ records: [], effects: [] })
  })

  it('F25: an order of ours without an intent here is taken in and called back; a stranger\'s is left alone and freezes the symbol', () => {
    const state = fresh()
    const mine = reconcile(rules, state, input(state, { openOrders: [order({ clientId: 'rmtestE1D0S9A0' })] }), at(10))
    expect(mine.records.map((record) => record.kind)).toEqual(['order-adopted', 'cancel-intended'])
    expect(mine.effects).toEqual([{ kind: 'cancel', symbol: 'AAAUSDT', clientId: 'rmtestE1D0S9A0' }])
    commit(state, mine.records)
    expect(state.orders.get('rmtestE1D0S9A0')).toMatchObject({ state: 1, purpose: 'entry' })
    for (const clientId of ['', 'handmade', 'rmelseE1D0S9A0']) {
      const theirs = reconcile(rules, fresh(), input(fresh(), { openOrders: [order({ clientId, symbol: 'BBBUSDT' })] }), at(10))
      expect(theirs.records).toEqual([expect.objectContaining({ kind: 'symbol-frozen', symbol: 'BBBUSDT', code: 'foreign' })])
      expect(theirs.effects).toEqual([])
    }
  })

  it('a freeze by differing pushes ends when the books agree; one by a stranger does not', () => {
    const state = fresh()
    const stamp = { atMs: START_MS, atNs: 0 }
    apply(state, { kind: 'symbol-frozen', ...stamp, symbol: 'AAAUSDT', code: 'mismatch', why: 'pushes' })
    apply(state, { kind: 'symbol-frozen', ...stamp, symbol: 'BBBUSDT', code: 'foreign', why: 'stranger' })
    commit(state, reconcile(rules, state, input(state, {}), at(10)).records)
    expect(state.symbols.get('AAAUSDT')!.frozen).toBeNull()
    expect(state.symbols.get('BBBUSDT')!.frozen?.code).toBe('foreign')
  })

  it('ignores symbols that are not traded here', () => {
    const state = fresh()
    const result = reconcile(rules, state, input(state, { fills: [fill({ symbol: 'ZZZUSDT' })], openOrders: [order({ symbol: 'ZZZUSDT' })], positions: [position(5, 'ZZZUSDT')] }, null), at(10))
    expect(result.records).toEqual([])
  })

  it('does not adopt a position whose entry price the venue does not tell', () => {
    const state = fresh()
    const result = reconcile(rules, state, input(state, { positions: [{ ...position(5), entryPrice: '' }] }, null), at(10))
    expect([result.positionsAdopted, result.open.length]).toEqual([0, 1])
  })
})

describe('opening an epoch', () => {
  it('F20: every new process counts one epoch on, a restarted thread stays in its own', () => {
    const state = createState()
    commit(state, openingRecords(rules, state, true, at(0)))
    expect(state.epoch).toBe(1)
    expect(openingRecords(rules, state, false, at(1))).toEqual([])
    commit(state, openingRecords(rules, state, true, at(1)))
    expect(state.epoch).toBe(2)
  })

  it('F18: durations of live orders and positions carry over to another monotonic origin by the wall clock', () => {
    const state = fresh()
    const id = entry(state, true, 5000)
    commit(state, decide(rules, state, { kind: 'venue-fill', fill: fill({ clientId: id, lots: 5 }) }, at(6000)).records)
    // The next process starts its clock at 7 ns, ten seconds after the order.
    apply(state, { kind: 'epoch-started', atMs: START_MS + 15_000, atNs: 7, epoch: 2, account: 'test', plan: rules.plan, planBySymbol: {} })
    expect(state.orders.get(id)!.intendedNs).toBe(7 - 10_000e6)
    expect(state.symbols.get('AAAUSDT')!.position!.openedNs).toBe(7 - 9000e6)
    // A wall clock that was set back makes nothing younger than now.
    apply(state, { kind: 'epoch-started', atMs: START_MS - 99_000, atNs: 9, epoch: 3, account: 'test', plan: rules.plan, planBySymbol: {} })
    expect(state.orders.get(id)!.intendedNs).toBe(9)
  })

  it('F24: refuses another lot in which an order of the books cannot be counted', () => {
    const state = fresh()
    entry(state)
    const changed = compileRules(settings, [{ ...instruments[0]!, lot: instruments[0]!.tick }, instruments[1]!])
    expect(() => openingRecords(changed, state, true, at(1))).toThrow('RM_INSTRUMENT_CHANGED: AAAUSDT went from tick 0.10 lot 0.001 to tick 0.10 lot 0.10, in which 0.01 of it, held or ordered here, cannot be counted')
    expect(openingRecords(changed, fresh(), true, at(1)).filter((record) => record.kind === 'instrument-seen')).toHaveLength(1)
  })

  it('F6: takes nothing over from a snapshot that does not know the last execution yet, as a lagging replica gives it', () => {
    const state = fresh()
    apply(state, { kind: 'reconciled', atMs: START_MS, atNs: 0, reason: 'start', tries: 1, askedMs: START_MS, fillsBooked: 0, positionsAdopted: 0, ordersHanging: 0, fillsComplete: true, balance: '0' })
    entry(state)
    const mine = fill({ executionId: 'e9', lots: 10, timeMs: START_MS + 5000 })
    commit(state, decide(rules, state, { kind: 'venue-fill', fill: mine }, at(5000)).records)
    const stale = { positions: [position(0)], fills: [] }
    const stands = [{ symbol: 'AAAUSDT', engineLots: 10, venueLots: 0 }]
    expect(reconcile(rules, state, input(state, stale, stands), at(8000))).toMatchObject({ positionsAdopted: 0, open: [], moved: ['AAAUSDT'] })
    // An execution of that time, under whatever id, shows that the venue's answer is young enough.
    const young = { positions: [position(0)], fills: [fill({ executionId: 'e9', lots: 10, timeMs: START_MS + 4500 })] }
    expect(reconcile(rules, state, input(state, young, stands), at(8000))).toMatchObject({ positionsAdopted: 1, moved: [] })
    // One from before the time that was asked for cannot be missing.
    expect(reconcile(rules, state, { ...input(state, stale, stands), fillsSinceMs: START_MS + 6000 }, at(8000))).toMatchObject({ positionsAdopted: 1, moved: [] })
  })

  it('F6: tells a lagging replica by the last execution itself, not by another one of the same second', () => {
    const state = fresh()
    apply(state, { kind: 'reconciled', atMs: START_MS, atNs: 0, reason: 'start', tries: 1, askedMs: START_MS, fillsBooked: 0, positionsAdopted: 0, ordersHanging: 0, fillsComplete: true, balance: '0' })
    entry(state)
    const before = fill({ executionId: 'e8', lots: 5, timeMs: START_MS + 4600 })
    const last = fill({ executionId: 'e9', lots: 5, timeMs: START_MS + 5000 })
    for (const one of [before, last]) commit(state, decide(rules, state, { kind: 'venue-fill', fill: one }, at(5000)).records)
    const stands = [{ symbol: 'AAAUSDT', engineLots: 10, venueLots: 5 }]
    expect(reconcile(rules, state, input(state, { positions: [position(5)], fills: [before] }, stands), at(8000))).toMatchObject({ positionsAdopted: 0, moved: ['AAAUSDT'] })
    expect(reconcile(rules, state, input(state, { positions: [position(5)], fills: [before, last] }, stands), at(8000))).toMatchObject({ positionsAdopted: 1, moved: [] })
  })

  it('F3: takes no position over while an order of ours that has gone may explain it, as long as an answer can be expected', () => {
    const state = fresh()
    apply(state, { kind: 'reconciled', atMs: START_MS, atNs: 0, reason: 'start', tries: 1, askedMs: START_MS, fillsBooked: 0, positionsAdopted: 0, ordersHanging: 0, fillsComplete: true, balance: '0' })
    const id = entry(state, true, 5000)
    const gone = { positions: [position(10)], openOrders: [] }
    const stands = [{ symbol: 'AAAUSDT', engineLots: 0, venueLots: 10 }]
    const { absentAfterMs } = settings.venue
    expect(reconcile(rules, state, input(state, gone, stands), at(5000 + absentAfterMs - 1))).toMatchObject({ positionsAdopted: 0, open: stands })
    // One that is listed as open with nothing filled explains nothing, and one that nobody can tell of any more neither.
    const open = order({ clientId: id, lots: state.orders.get(id)!.lots })
    expect(reconcile(rules, state, input(state, { ...gone, openOrders: [open] }, stands), at(6000))).toMatchObject({ positionsAdopted: 1 })
    expect(reconcile(rules, state, input(state, gone, stands), at(5000 + absentAfterMs))).toMatchObject({ positionsAdopted: 1 })
    // The venue says that it filled: the executions are on their way.
    commit(state, decide(rules, state, { kind: 'venue-order', order: { ...open, status: 'filled', filledLots: open.lots } }, at(6000)).records)
    expect(reconcile(rules, state, input(state, gone, stands), at(7000))).toMatchObject({ positionsAdopted: 0, open: stands })
  })
})
