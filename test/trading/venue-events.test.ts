import { beforeEach, describe, expect, it } from 'vitest'
import { money } from '../../src/core/index.ts'
import {
  apply,
  CANCELLED,
  CLOSED,
  compileRules,
  createState,
  decide,
  FAILED,
  FILLED,
  isFinal,
  needsEvidence,
  OPEN,
  OPENING,
  openingRecords,
  ORDER_STATES,
  PARTIALLY_FILLED,
  PENDING,
  PLACED,
  Registry,
  REJECTED,
  type Decided,
  type Moment,
  type TradingEvent,
  type TradingState,
} from '../../src/trading/index.ts'
import { SeenExecutions } from '../../src/trading/seen.ts'
import type { CommandOutcome, VenueErrorClass, VenueFill, VenueOrder } from '../../src/venues/index.ts'
import { CLEARED, instruments, settings } from './support/world.ts'

const rules = compileRules(settings, instruments)
const START_MS = 1_700_000_000_000
const ID = 'rmtestE1D0S1A0'
const A = 'AAAUSDT'

let state: TradingState
let ms: number
const now = (): Moment => ({ ns: ms * 1e6, wallMs: START_MS + ms, opens: true })

/** Decides, applies, and gives what was decided. */
function run(event: TradingEvent): Decided {
  ms += 10
  const result = decide(rules, state, event, now())
  for (const record of result.records) apply(state, record)
  return result
}

const kinds = (result: Decided) => result.records.map((record) => record.kind)
const order = () => state.orders.get(ID)!
const books = () => state.symbols.get(A)!
const entry = () =>
  run({ kind: 'decision', symbolIndex: 0, sequence: 1, tickSequence: 5, receiveNs: ms * 1e6, side: 0, confidence: 1, by: 1, regime: 'choppy', atrTicks: Number.NaN, clearance: CLEARED, price: { refused: false, bidTicks: 99_999, askTicks: 100_001, receiveNs: ms * 1e6 } })
const place = (outcome: CommandOutcome) => run({ kind: 'place-outcome', clientId: ID, outcome })
const accepted = () => place({ kind: 'accepted', venueId: 'v1' })
const push = (status: VenueOrder['status'], filledLots: number, change: Partial<VenueOrder> = {}) =>
  run({ kind: 'venue-order', order: { clientId: ID, venueId: 'v1', symbol: A, side: 0, status, priceTicks: 99_950, lots: 10, filledLots, averagePrice: '', reduceOnly: false, reason: '', updatedMs: START_MS, ...change } })
const fill = (executionId: string, lots: number, change: Partial<VenueFill> = {}): VenueFill => ({ executionId, clientId: ID, venueId: 'v1', symbol: A, side: 0, priceTicks: 99_950, lots, fee: '0.02', maker: true, kind: 'trade', timeMs: START_MS + ms, ...change })
const filled = (executionId: string, lots: number, change: Partial<VenueFill> = {}) => run({ kind: 'venue-fill', fill: fill(executionId, lots, change) })
const evidence = (status: VenueOrder['status'], filledLots: number, fills: VenueFill[]) =>
  run({ kind: 'evidence', clientId: ID, evidence: { kind: 'found', order: { clientId: ID, venueId: 'v1', symbol: A, side: 0, status, priceTicks: 99_950, lots: 10, filledLots, averagePrice: '', reduceOnly: false, reason: '', updatedMs: START_MS }, fills } })

beforeEach(() => {
  state = createState()
  ms = 100
  for (const record of openingRecords(rules, state, true, now())) apply(state, record)
  entry()
})

describe('what the venue says about an order', () => {
  it('goes Pending, Placed, PartiallyFilled, Filled with a history that says from, to, when, why and for which decision (EX-8)', () => {
    accepted()
    filled('e1', 4)
    filled('e2', 6)
    expect(order().history).toEqual([
      { from: 'Pending', to: 'Placed', atMs: START_MS + 120, why: 'accepted by the venue as v1', trace: `${A}/5/1` },
      { from: 'Placed', to: 'PartiallyFilled', atMs: START_MS + 130, why: 'execution e1: 4 lots, 4 of 10 filled', trace: `${A}/5/1` },
      { from: 'PartiallyFilled', to: 'Filled', atMs: START_MS + 140, why: 'execution e2: 6 lots, 10 of 10 filled', trace: `${A}/5/1` },
    ])
    expect(books().position).toMatchObject({ state: OPEN, history: [{ from: 'Opening', to: 'Open' }] })
  })

  it('is the same whatever order acknowledgement, pushes and executions arrive in, twice or once', () => {
    const messages: (() => Decided)[] = [() => accepted(), () => push('open', 0), () => filled('e1', 4), () => push('partially-filled', 4), () => filled('e2', 6), () => push('filled', 10)]
    const orders = [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 4, 0, 1, 3, 5], [5, 3, 1, 0, 2, 4, 4, 2, 0, 1, 3, 5], [3, 3, 5, 5, 2, 2, 0, 0, 4, 4, 1, 1]]
    for (const sequence of orders) {
      state = createState()
      ms = 100
      for (const record of openingRecords(rules, state, true, now())) apply(state, record)
      entry()
      for (const index of sequence) messages[index]!()
      expect(ORDER_STATES[order().state]).toBe('Filled')
      expect([order().filledLots, books().ledger.signedLots, books().ledger.fees.toFixed(), state.refusedTransitions]).toEqual([10, 10, '0.04', 0])
      expect(needsEvidence(order())).toBe(false)
    }
  })

  it('F4: an execution that comes again is not booked again, nor counted as a record', () => {
    accepted()
    filled('e1', 4)
    const again = filled('e1', 4)
    expect([again.records, again.refusal]).toEqual([[], 'repeated'])
    expect(evidence('partially-filled', 4, [fill('e1', 4)]).records).toEqual([])
    expect([order().filledLots, books().ledger.signedLots]).toEqual([4, 4])
  })

  it('F4: a record of a fill that is folded twice moves the books once', () => {
    accepted()
    const { records } = filled('e1', 4)
    apply(state, records[0]!)
    expect(books().ledger.signedLots).toBe(4)
  })

  it('F3: an end with more filled than booked waits for the executions, then ends, and asks for them', () => {
    accepted()
    const result = push('cancelled', 6, { reason: 'CancelByUser' })
    expect(result.effects).toEqual([{ kind: 'ask', symbol: A, clientId: ID, afterMs: settings.venue.graceMs, filledLots: 6, always: false }])
    expect([order().state, needsEvidence(order())]).toEqual([PLACED, true])
    filled('e1', 4)
    expect(order().state).toBe(PARTIALLY_FILLED)
    filled('e2', 2)
    expect(ORDER_STATES[order().state]).toBe('Cancelled')
    expect(order().history.at(-1)!.why).toBe('stream: cancelled (CancelByUser), 6 of 10 lots filled')
  })

  it('F2: a fill after the end is booked, marked late, and leaves the end as it is', () => {
    accepted()
    push('cancelled', 0)
    expect([order().state, books().position]).toEqual([CANCELLED, null])
    expect(filled('e1', 3).records[0]).toMatchObject({ kind: 'fill-booked', note: 'late', beforeLots: 0, afterLots: 3 })
    expect([order().state, order().filledLots, books().ledger.signedLots, books().position?.state]).toEqual([CANCELLED, 3, 3, OPEN])
    expect(filled('e2', 7).records[0]).toMatchObject({ note: 'late' })
    expect([order().state, books().ledger.signedLots]).toEqual([CANCELLED, 10])
  })

  it('EX-7: what the table forbids is refused, written down and not applied: the end of an order that is filled', () => {
    accepted()
    filled('e1', 10)
    for (const status of ['cancelled', 'rejected'] as const) {
      const result = push(status, 10)
      expect(result.records).toEqual([expect.objectContaining({ kind: 'transition-refused', entity: 'order', id: ID, from: 'Filled', event: status === 'cancelled' ? 'cancel' : 'reject' })])
      expect([order().state, order().history.length]).toEqual([FILLED, 2])
    }
  })

  it('books more than was ordered as what it is, and refuses the transition', () => {
    accepted()
    filled('e1', 10)
    const result = filled('e2', 1)
    expect(result.records).toEqual([expect.objectContaining({ kind: 'fill-booked', note: 'overfill' }), expect.objectContaining({ kind: 'transition-refused', from: 'Filled', event: 'fill' })])
    expect([order().state, books().ledger.signedLots]).toEqual([FILLED, 11])
  })

  it('F22: follows an order that the venue made smaller', () => {
    accepted()
    filled('e1', 4)
    push('filled', 4, { lots: 4 })
    expect([order().state, order().lots]).toEqual([FILLED, 4])
  })

  it('a refusal after the acknowledgement ends it too, and counts as one', () => {
    accepted()
    push('rejected', 0, { reason: 'EC_PostOnlyWillTakeLiquidity' })
    expect([order().state, books().rejects, books().position]).toEqual([REJECTED, 1, null])
  })

  it('an answer that contradicts the stream is no evidence: a question is', () => {
    push('open', 0)
    const result = place({ kind: 'refused', errorClass: 'insufficient-margin', code: '110007', text: '' })
    expect([result.records, result.effects[0]?.kind, order().state]).toEqual([[], 'ask', PLACED])
    expect(place({ kind: 'unsent', reason: 'late news' }).effects[0]?.kind).toBe('ask')
  })

  it.each<[VenueErrorClass, boolean]>([
    ['duplicate', true],
    ['unknown', true],
    ['not-found', true],
    ['unchanged', true],
    ['insufficient-margin', false],
    ['rate-limited', false],
    ['retryable', false],
    ['clock', false],
    ['auth', false],
    ['would-cross', false],
    ['reduce-only', false],
    ['rejected', false],
  ])('F20: a refusal of class %s leaves the outcome open: %s', (errorClass, open) => {
    const result = place({ kind: 'refused', errorClass, code: '1', text: 'words' })
    expect(kinds(result)).toEqual([open ? 'order-unknown' : 'order-refused'])
    expect(result.effects.map((effect) => effect.kind)).toEqual(open ? ['ask'] : [])
    expect(order().state).toBe(open ? PENDING : REJECTED)
  })

  it('what certainly never left has failed, with those words', () => {
    place({ kind: 'unsent', reason: 'connection refused' })
    expect([order().state, order().history.at(-1)!.why]).toEqual([FAILED, 'never left: connection refused'])
  })

  it('F3: a refused cancel never ends an order', () => {
    accepted()
    ms += settings.entry.ttlMs
    expect(kinds(run({ kind: 'sweep' }))).toEqual(['cancel-intended'])
    const result = run({ kind: 'cancel-outcome', clientId: ID, outcome: { kind: 'refused', errorClass: 'not-found', code: '110001', text: 'too late' } })
    expect([kinds(result), result.effects[0]?.kind, order().state]).toEqual([['cancel-refused'], 'ask', PLACED])
    // It had filled instead.
    evidence('filled', 10, [fill('e9', 10)])
    expect([order().state, books().ledger.signedLots]).toEqual([FILLED, 10])
  })

  it('cancels again what is still open after its cancel, and not before its time', () => {
    accepted()
    ms += settings.entry.ttlMs
    run({ kind: 'sweep' })
    expect(kinds(evidence('open', 0, []))).toEqual([])
    ms += settings.venue.cancelRetryMs
    const again = evidence('open', 0, [])
    expect([kinds(again), again.effects]).toEqual([['cancel-intended'], [{ kind: 'cancel', symbol: A, clientId: ID }]])
  })

  it('F2: an order that is found alive after it had failed here is called back until it is gone', () => {
    place({ kind: 'unsent', reason: 'so we thought' })
    const result = evidence('open', 0, [])
    expect(kinds(result)).toEqual(['transition-refused', 'cancel-intended'])
    expect(result.effects.map((effect) => effect.kind)).toEqual(['cancel', 'ask'])
    expect(order().state).toBe(FAILED)
    // A late push of its life leads to that question.
    expect(push('open', 0).effects).toEqual([expect.objectContaining({ kind: 'ask', always: true })])
    expect(evidence('cancelled', 0, []).effects).toEqual([])
  })

  it('no answer is no evidence, however often it comes', () => {
    place({ kind: 'unknown', reason: 'timeout' })
    for (let i = 0; i < 50; i++) {
      ms += 60_000
      expect(run({ kind: 'evidence', clientId: ID, evidence: { kind: 'no-answer', reason: 'timeout' } })).toMatchObject({ records: [], effects: [{ kind: 'ask' }] })
    }
    expect([order().state, order().unknown]).toEqual([PENDING, 'timeout'])
  })

  it('an order without any answer counts as unknown after its time, once', () => {
    ms += settings.venue.pendingMs + 1
    expect(kinds(run({ kind: 'sweep' }))).toEqual(['order-unknown'])
    expect(kinds(run({ kind: 'sweep' }))).toEqual([])
  })

  it('messages about ids that nobody knows change nothing', () => {
    for (const event of [
      { kind: 'place-outcome', clientId: 'x', outcome: { kind: 'accepted', venueId: 'v' } },
      { kind: 'cancel-outcome', clientId: 'x', outcome: { kind: 'unknown', reason: '' } },
      { kind: 'evidence', clientId: 'x', evidence: { kind: 'absent' } },
    ] as const)
      expect(run(event)).toMatchObject({ records: [], effects: [], refusal: 'unknown-id' })
    expect(filled('e1', 1, { symbol: 'ZZZ' }).refusal).toBe('unknown-symbol')
    expect(push('open', 0, { symbol: 'ZZZ' }).refusal).toBe('unknown-symbol')
  })

  it('deciding changes nothing: the same question has the same answer', () => {
    accepted()
    const event: TradingEvent = { kind: 'venue-fill', fill: fill('e1', 4) }
    const before = state.records
    expect(decide(rules, state, event, now())).toEqual(decide(rules, state, event, now()))
    expect([state.records, books().ledger.signedLots]).toEqual([before, 0])
  })
})

describe('what the venue does to a position', () => {
  beforeEach(() => {
    accepted()
    filled('e1', 10, { priceTicks: 100_000 })
  })

  it('EX-50: a close by liquidation is booked with the venue\'s figures, size before and after, in parts', () => {
    filled('l1', 4, { clientId: '', side: 1, kind: 'liquidation', priceTicks: 99_000, fee: '0.5' })
    filled('l2', 6, { clientId: '', side: 1, kind: 'adl', priceTicks: 98_000, fee: '0.25' })
    expect(books().position).toBeNull()
    const position = state.closed.at(-1)!
    expect(position.state).toBe(CLOSED)
    // 4·1000 + 6·2000 ticks of 0.0001 a lot lost.
    expect([position.realised.toFixed(), position.fees.toFixed()]).toEqual(['-1.6', '0.77'])
    expect(position.closes.map(({ beforeLots, afterLots, realised }) => [beforeLots, afterLots, realised])).toEqual([[10, 6, '-0.4'], [6, 0, '-1.2']])
    expect(books().frozen).toBeNull()
  })

  it('funding moves cash, never the position, once', () => {
    filled('f1', 10, { kind: 'funding', clientId: '', fee: '0.3' })
    filled('f1', 10, { kind: 'funding', clientId: '', fee: '0.3' })
    expect([books().ledger.signedLots, books().ledger.funding.toFixed(), books().position!.funding.toFixed()]).toEqual([10, '0.3', '0.3'])
    expect(books().ledger.net.toFixed()).toBe(money('-0.32').toFixed())
  })

  it('F21 F23: a stranger\'s close frees the symbol of its position and freezes it', () => {
    filled('x1', 10, { clientId: 'byhand', side: 1 })
    expect([books().position, books().ledger.signedLots, books().frozen?.code]).toEqual([null, 0, 'foreign'])
  })

  it('F21: a crash within the records of a stranger\'s trade never leaves the trade booked and the symbol open for entries', () => {
    const fresh = createState()
    for (const record of openingRecords(rules, fresh, true, now())) apply(fresh, record)
    const { records } = decide(rules, state, { kind: 'venue-fill', fill: fill('x1', 10, { clientId: 'byhand', side: 1 }) }, now())
    for (const record of records) {
      apply(fresh, record)
      const symbol = fresh.symbols.get(A)!
      expect(symbol.ledger.signedLots === 0 || symbol.frozen?.code === 'foreign').toBe(true)
    }
    expect(fresh.symbols.get(A)!.ledger.signedLots).toBe(-10)
  })

  it('a stranger\'s trade through zero ends one position and begins another', () => {
    filled('x1', 15, { clientId: '', side: 1, priceTicks: 100_100 })
    const past = state.closed.at(-1)!
    expect([past.state, past.closes.at(-1)!.afterLots]).toEqual([CLOSED, 0])
    expect([books().ledger.signedLots, books().ledger.entryTicks.toFixed(), books().position!.state]).toEqual([-5, '100100', OPEN])
    expect(books().position!.id).not.toBe(past.id)
  })

  it('a fill of an order of ours that is no longer kept belongs to us', () => {
    expect(filled('u1', 2, { clientId: 'rmtestE1D0S77A0' }).records[0]).toMatchObject({ note: 'unlisted' })
    expect(books().frozen).toBeNull()
  })

  it('F23: siblings of a position that the venue closed are cancelled', () => {
    const exit = run({ kind: 'price', symbolIndex: 0, price: { refused: false, bidTicks: 110_000, askTicks: 110_001, receiveNs: 0 } })
    expect(kinds(exit)).toEqual(['order-intended'])
    const exitId = exit.effects[0]!.kind === 'place' ? exit.effects[0]!.request.clientId : ''
    run({ kind: 'place-outcome', clientId: exitId, outcome: { kind: 'accepted', venueId: 'v2' } })
    filled('l1', 10, { clientId: '', side: 1, kind: 'liquidation' })
    expect(run({ kind: 'sweep' }).effects).toEqual([{ kind: 'cancel', symbol: A, clientId: exitId }])
  })

  it('F9: an exit that filled nothing is followed by another only after a pause, with its own id, once its end is proved', () => {
    const up = { kind: 'price', symbolIndex: 0, price: { refused: false, bidTicks: 110_000, askTicks: 110_001, receiveNs: 0 } } as const
    const ids: string[] = []
    const exit = (): boolean => {
      const result = run(up)
      for (const effect of result.effects) if (effect.kind === 'place') ids.push(effect.request.clientId)
      return result.effects.length > 0
    }
    expect(exit()).toBe(true)
    run({ kind: 'place-outcome', clientId: ids[0]!, outcome: { kind: 'unknown', reason: 'timeout' } })
    ms += 60_000
    expect(exit()).toBe(false)
    run({ kind: 'evidence', clientId: ids[0]!, evidence: { kind: 'absent' } })
    expect(exit()).toBe(true)
    run({ kind: 'place-outcome', clientId: ids[1]!, outcome: { kind: 'refused', errorClass: 'rejected', code: '1', text: '' } })
    expect(exit()).toBe(false)
    ms += 2 * settings.exit.retryMs
    expect(exit()).toBe(true)
    expect(new Set(ids).size).toBe(3)
    expect(ids.map((id) => id.slice(-4))).toEqual(['N0A0', 'N1A0', 'N2A0'])
  })
})

describe('bounded memory', () => {
  it('forgets the oldest executions, and from then on takes nothing as old as they were', () => {
    const seen = new SeenExecutions(3)
    for (let i = 1; i <= 5; i++) seen.add(`e${i}`, i * 10)
    expect([seen.size, seen.has('e2'), seen.has('e3'), seen.floorMs, seen.lastMs]).toEqual([3, false, true, 20, 50])
    accepted()
    state.seen.floorMs = START_MS + 500
    expect(filled('old', 1, { timeMs: START_MS + 500 }).refusal).toBe('too-old-fill')
    expect(filled('new', 1, { timeMs: START_MS + 501 }).records).toHaveLength(1)
  })

  it('EX-9: registers, finds, filters, counts, clears and expires machines; never a live one', () => {
    const registry = new Registry<{ clientId: string; state: number; endedMs: number }>(isFinal, 2, 1000)
    const add = (clientId: string, machineState: number, endedMs = 0) => registry.register({ clientId, state: machineState, endedMs })
    add('live', PLACED)
    for (let i = 0; i < 4; i++) add(`done${i}`, FILLED, i * 100)
    expect(() => add('live', PENDING)).toThrow('RM_REGISTRY_DUPLICATE: a machine with id live')
    expect([registry.size, registry.withState(FILLED).length, registry.live().length, registry.stats(7)]).toEqual([5, 4, 1, [0, 1, 0, 4, 0, 0, 0]])
    registry.expire(400)
    expect([...registry.values()].map((item) => item.clientId)).toEqual(['live', 'done2', 'done3'])
    registry.expire(5000)
    expect([...registry.values()].map((item) => item.clientId)).toEqual(['live'])
    add('late', CANCELLED)
    expect([registry.clearEnded(), registry.remove('live'), registry.remove('live'), registry.size]).toEqual([1, true, false, 0])
  })

  it('an entry on its way is an Opening position and no other entry is taken beside it', () => {
    expect(books().position!.state).toBe(OPENING)
    expect(entry().refusal).toBe('seen-decision')
    expect([...state.orders.values()]).toHaveLength(1)
  })
})
