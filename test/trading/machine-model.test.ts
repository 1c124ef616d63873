import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apply, compileRules, createState, decide, isFinal, openingRecords, ORDER_STATES, type Order, Registry, type TradingEvent, type TradingRecord, type TradingState } from '../../src/trading/index.ts'
import type { OrderEvidence, VenueOrder, VenueOrderStatus } from '../../src/venues/index.ts'
import { CLEARED, instruments, settings } from './support/world.ts'

const rules = compileRules(settings, instruments)
const START_MS = 1_700_000_000_000
const LOTS = 10

type Step =
  | { readonly do: 'accepted' | 'refused' | 'unsent' | 'unknown' | 'absent' }
  | { readonly do: 'seen' | 'found'; readonly status: VenueOrderStatus; readonly filled: number }
  | { readonly do: 'fill'; readonly id: number; readonly lots: number }

/**
 * What must be true of an order, written without any table: it counts unique executions, and has ended when they reach its size.
 */
class Model {
  ended: string | null = null
  filled = 0
  readonly #ids = new Set<number>()

  fill(id: number, lots: number): void {
    if (this.#ids.has(id)) return
    this.#ids.add(id)
    this.filled += lots
    if (this.ended === null && this.filled >= LOTS) this.ended = 'Filled'
  }
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('accepted' as const, 'refused' as const, 'unsent' as const, 'unknown' as const, 'absent' as const) }),
  fc.record({ do: fc.constantFrom('seen' as const, 'found' as const), status: fc.constantFrom<VenueOrderStatus>('open', 'partially-filled', 'filled', 'cancelled', 'rejected', 'untriggered'), filled: fc.integer({ min: 0, max: LOTS }) }),
  fc.record({ do: fc.constant('fill' as const), id: fc.integer({ min: 1, max: 8 }), lots: fc.integer({ min: 1, max: 6 }) }),
)

function entered(): { readonly state: TradingState; readonly order: Order } {
  const state = createState()
  for (const record of openingRecords(rules, state, true, { ns: 0, wallMs: START_MS, opens: true })) apply(state, record)
  const price = { refused: false as const, bidTicks: 999_999, askTicks: 1_000_001, receiveNs: 1e6 }
  const { records } = decide(rules, state, { kind: 'decision', symbolIndex: 0, sequence: 1, tickSequence: 7, receiveNs: 1e6, side: 0, confidence: 1, by: 1, regime: 'choppy', atrTicks: Number.NaN, clearance: CLEARED, price }, { ns: 1e6, wallMs: START_MS + 1, opens: true })
  const intent = records.find((record) => record.kind === 'order-intended')!
  apply(state, { ...intent, lots: LOTS })
  return { state, order: state.orders.get(intent.clientId)! }
}

function eventOf(step: Step, order: Order): TradingEvent {
  const { clientId } = order
  if (step.do === 'fill') return { kind: 'venue-fill', fill: { executionId: `e${step.id}`, clientId, venueId: 'v', symbol: order.symbol, side: 0, priceTicks: 999_500, lots: step.lots, fee: '0.1', maker: true, kind: 'trade', timeMs: START_MS + step.id } }
  if (step.do === 'seen' || step.do === 'found') {
    const seen: VenueOrder = { clientId, venueId: 'v', symbol: order.symbol, side: 0, status: step.status, priceTicks: 999_500, lots: LOTS, filledLots: step.status === 'filled' ? LOTS : step.filled, averagePrice: '', reduceOnly: false, reason: '', updatedMs: START_MS }
    const evidence: OrderEvidence = { kind: 'found', order: seen, fills: [] }
    return step.do === 'seen' ? { kind: 'venue-order', order: seen } : { kind: 'evidence', clientId, evidence }
  }
  if (step.do === 'absent') return { kind: 'evidence', clientId, evidence: { kind: 'absent' } }
  const outcomes = { accepted: { kind: 'accepted', venueId: 'v' }, refused: { kind: 'refused', errorClass: 'rejected', code: '1', text: 'no' }, unsent: { kind: 'unsent', reason: 'r' }, unknown: { kind: 'unknown', reason: 'r' } } as const
  return { kind: 'place-outcome', clientId, outcome: outcomes[step.do] }
}

describe('EX-7 EX-8: an order under any sequence of messages', () => {
  it('counts every execution once, never leaves a final state, tells every step with time, reason and trace, and refuses on record', () => {
    let refusals = 0
    const finals = new Set<string>()
    fc.assert(
      fc.property(fc.array(steps, { minLength: 1, maxLength: 25 }), (script) => {
        const { state, order } = entered()
        const model = new Model()
        const written: TradingRecord[] = []
        for (const [index, step] of script.entries()) {
          const before = order.state
          const length = order.history.length
          const now = { ns: (index + 20) * 1e9, wallMs: START_MS + (index + 20) * 1000, opens: true }
          const { records } = decide(rules, state, eventOf(step, order), now)
          for (const record of records) {
            apply(state, record)
            written.push(record)
            if (record.kind === 'transition-refused') refusals++
          }
          if (step.do === 'fill') model.fill(step.id, step.lots)
          expect(order.filledLots).toBe(model.filled)
          expect(state.symbols.get(order.symbol)!.ledger.signedLots).toBe(model.filled)
          if (isFinal(before)) expect(order.state).toBe(before)
          if (model.ended === 'Filled' && !isFinal(before)) expect(isFinal(order.state)).toBe(true)
          // Each step of the history goes on where the one before ended, now, with a reason and the trace.
          const told = order.history.slice(length)
          if (order.state !== before) expect(told.length).toBeGreaterThan(0)
          for (const [n, one] of told.entries()) {
            expect(one).toMatchObject({ from: n === 0 ? ORDER_STATES[before] : told[n - 1]!.to, atMs: now.wallMs, trace: 'AAAUSDT/7/1' })
            expect(one.why.length).toBeGreaterThan(5)
          }
          if (told.length > 0) expect(told.at(-1)!.to).toBe(ORDER_STATES[order.state])
          // What the venue counts as filled is waited for: no end by a status before its fills are here.
          if (isFinal(order.state) && !isFinal(before) && step.do !== 'absent' && step.do !== 'refused' && step.do !== 'unsent') expect(order.filledLots).toBeGreaterThanOrEqual(order.venueFilledLots)
          expect(state.refusedTransitions, 'no illegal transition is ever decided').toBe(0)
        }
        if (isFinal(order.state)) finals.add(ORDER_STATES[order.state]!)
        expect(order.history[0]?.from ?? 'Pending').toBe('Pending')
        const folded = entered()
        for (const record of written) apply(folded.state, record)
        expect(folded.order.history).toEqual(order.history)
      }),
      { numRuns: 600 },
    )
    expect(refusals).toBeGreaterThan(20)
    expect([...finals].toSorted()).toEqual(['Cancelled', 'Failed', 'Filled', 'Rejected'])
  })

  it('EX-11: results are kept for 60 minutes and cleaned up by the next audit, whether or not anything is traded', () => {
    const { state, order } = entered()
    const at = (minutes: number): TradingRecord => ({ kind: 'reconciled', atMs: START_MS + minutes * 60_000, atNs: minutes * 6e10, reason: 'audit', tries: 1, askedMs: START_MS, fillsBooked: 0, positionsAdopted: 0, ordersHanging: 0, fillsComplete: true, balance: '0' })
    apply(state, at(90))
    expect(state.orders.get(order.clientId), 'a live order is never forgotten').toBe(order)
    apply(state, { kind: 'order-refused', atMs: START_MS + 91 * 60_000, atNs: 0, clientId: order.clientId, code: '1', text: 'no' })
    apply(state, at(150))
    expect(state.orders.get(order.clientId)?.history.at(-1)?.to).toBe('Rejected')
    apply(state, at(152))
    expect(state.orders.get(order.clientId)).toBeUndefined()
  })

  it('EX-9: the registry registers, finds, filters, counts, removes and clears what has ended, under any sequence', () => {
    const commands = fc.array(fc.tuple(fc.constantFrom('register', 'end', 'remove', 'clear'), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 3, max: 6 })), { maxLength: 60 })
    fc.assert(
      fc.property(commands, (list) => {
        const registry = new Registry<{ readonly clientId: string; state: number; endedMs: number }>(isFinal, 4096, 1000)
        const model = new Map<string, number>()
        for (const [command, n, end] of list) {
          const id = `o${n}`
          const item = registry.get(id)
          if (command === 'register') {
            if (model.has(id)) expect(() => registry.register({ clientId: id, state: 0, endedMs: 0 })).toThrow('RM_REGISTRY_DUPLICATE')
            else {
              registry.register({ clientId: id, state: 0, endedMs: 0 })
              model.set(id, 0)
            }
          } else if (command === 'end' && item !== undefined && !isFinal(item.state)) {
            item.state = end
            registry.noteEnded(item)
            model.set(id, end)
          } else if (command === 'remove') expect(registry.remove(id)).toBe(model.delete(id))
          else if (command === 'clear') {
            const ended = [...model].filter(([, state]) => isFinal(state))
            expect(registry.clearEnded()).toBe(ended.length)
            for (const [gone] of ended) model.delete(gone)
          }
          expect(registry.size).toBe(model.size)
          for (let state = 0; state < ORDER_STATES.length; state++) {
            const wanted = [...model].filter(([, one]) => one === state).map(([key]) => key)
            expect(registry.withState(state).map((one) => one.clientId)).toEqual(wanted)
            expect(registry.stats(ORDER_STATES.length)[state]).toBe(wanted.length)
          }
          expect(registry.live().length).toBe([...model.values()].filter((state) => !isFinal(state)).length)
        }
      }),
      { numRuns: 200 },
    )
  })
})
