import { describe, expect, it } from 'vitest'
import { BUY, money, SELL } from '../../src/core/index.ts'
import { RegistryMemory } from '../../src/market/index.ts'
import { DECISION, DECISION_ENTRY, DECISION_EXIT, DECISION_NONE, DECISION_REASONS, type DecisionReason, STRATEGY_NAMES } from '../../src/memory/index.ts'
import { apply, cellSink, createState, type DecisionBasis, type OrderIntended, RingBasis, symbolState, votersOf } from '../../src/trading/index.ts'
import { Desk } from './support/desk.ts'
import { NO_FAULTS } from './support/model-venue.ts'
import { World } from './support/world.ts'

const basis: DecisionBasis = { reason: 'consensus', vectorSequence: 7, votes: { imbalance: 0.8, momentum: 0.7, super_trend: -0.6 }, leftOut: ['sar_wave'], model: null, config: '0a0b0c0d' }
const source = (reason: DecisionReason = 'consensus') => ({ read: () => ({ ...basis, reason }) })
const intents = (desk: Desk): OrderIntended[] => desk.records().filter((record) => record.kind === 'order-intended')

describe('a decision that became an order', () => {
  it('is in the journal with its votes, model and settings, and the position remembers its voters', () => {
    const desk = new Desk()
    desk.enter(BUY, { basis: source() })
    expect(intents(desk)[0]!.basis).toEqual(basis)
    expect(desk.position.voters).toBe(0b00011)
    // A new life folds the same.
    const again = new Desk({}, desk.journal.bytes())
    expect([again.position.voters, again.position.basis]).toEqual([0b00011, basis])
  })

  it('of a journal that says nothing of votes: nobody voted', () => {
    const desk = new Desk()
    desk.enter(BUY)
    expect(Object.hasOwn(intents(desk)[0]!, 'basis')).toBe(false)
    expect([desk.position.voters, desk.position.basis]).toEqual([0, null])
    const state = createState()
    for (const record of desk.records()) apply(state, record)
    expect(symbolState(state, desk.symbol.symbol).position!.voters).toBe(0)
  })

  it('has as voters those of its side', () => {
    expect([votersOf(basis, BUY), votersOf(basis, SELL), votersOf(null, BUY)]).toEqual([0b00011, 0b01000, 0])
  })
})

describe('the wish of a strategy to be out', () => {
  it('closes the position by a reduce-only order that carries its decision, once for each decision of the ring', () => {
    const desk = new Desk()
    desk.enter(BUY, { basis: source() })
    desk.pass(5)
    const order = desk.signal({ sequence: 9, basis: source('trend-turned') }).records.at(-1) as OrderIntended
    expect(order).toMatchObject({ purpose: 'exit', side: SELL, reduceOnly: true, reason: 'exit-signal', decisionSequence: 9 })
    expect(order.basis).toMatchObject({ reason: 'trend-turned', config: '0a0b0c0d' })
    // It fills nothing and ends; the same decision comes again, as after a restart of the reader.
    desk.take({ kind: 'place-outcome', clientId: order.clientId, outcome: { kind: 'refused', errorClass: 'rejected', code: '1', text: 'no' } })
    desk.pass(60_000)
    expect(desk.signal({ sequence: 9 }).refusal).toBe('seen-decision')
    expect(desk.signal({ sequence: 8 }).refusal).toBe('seen-decision')
    expect(desk.signal({ sequence: 10 }).refusal).toBeNull()
  })
})

describe('an exit of the ring that cannot be right', () => {
  it.each([
    ['without a confidence', { confidence: Number.NaN }, 'bad-decision'],
    ['with a confidence beyond 1', { confidence: Number.POSITIVE_INFINITY }, 'bad-decision'],
    ['with one below 0', { confidence: -0.1 }, 'bad-decision'],
    ['with a side that is none', { side: 7 }, 'bad-decision'],
    ['for a position on the other side', { side: BUY }, 'nothing-to-close'],
  ])('%s is refused and leaves no record', (_what, change, refusal) => {
    const desk = new Desk()
    desk.enter(BUY, { basis: source() })
    const before = desk.journal.length
    expect(desk.signal({ sequence: 9, side: SELL, confidence: 1, ...change }).refusal).toBe(refusal)
    expect(desk.journal.length).toBe(before)
    expect(desk.signal({ sequence: 10, side: SELL, confidence: 1 }).refusal).toBeNull()
  })
})

describe('what became of the strategies (SG-14)', () => {
  /** Enters long, and is closed by a signal at another price. */
  function round(desk: Desk, closeTicks: number, reason: DecisionReason): void {
    const position = desk.enter(BUY, { basis: source(reason) })
    desk.pass(5)
    const exit = desk.signal().records.at(-1) as OrderIntended
    desk.fill(SELL, exit.lots, closeTicks, exit.clientId)
    expect(position.state).toBe(3)
    desk.pass(1000)
  }

  it('is counted from positions as they close, for those that voted for them and for who had the word, and folds the same again', () => {
    const desk = new Desk()
    round(desk, 101_000, 'consensus')
    round(desk, 99_000, 'single')
    for (const outcomes of [desk.state.outcomes, new Desk({}, desk.journal.bytes()).state.outcomes]) {
      expect(Object.fromEntries([...outcomes.entries()].map(([name, { trades, wins }]) => [name, [trades, wins]]))).toEqual({ imbalance: [2, 1], momentum: [2, 1], consensus: [1, 1], single: [1, 0] })
      const closed = desk.state.closed.map(({ realised, fees, funding }) => realised.sub(fees).sub(funding))
      expect(outcomes.of('imbalance')!.net.eq(closed.reduce((sum, one) => sum.add(one), money(0)))).toBe(true)
      expect(outcomes.of('consensus')!.net.eq(closed[0]!)).toBe(true)
    }
  })

  it('takes funding in that is told after the close, also when it turns a win into none, and once however often it is told', () => {
    const desk = new Desk()
    round(desk, 101_000, 'consensus')
    round(desk, 101_000, 'single')
    const [first] = desk.state.closed
    const gain = first!.realised.sub(first!.fees)
    expect(gain.gt(0)).toBe(true)
    const told = (executionId: string, fee: string, timeMs = first!.firstFillMs): void => void desk.take({ kind: 'venue-fill', fill: { executionId, clientId: '', venueId: '', symbol: desk.symbol.symbol, side: BUY, priceTicks: 100_000, lots: first!.closes[0]!.beforeLots, fee, maker: true, kind: 'funding', timeMs } })
    told('f1', gain.add(1).toFixed())
    told('f1', gain.add(1).toFixed())
    const both = (): unknown[] => [desk.state.outcomes, new Desk({}, desk.journal.bytes()).state.outcomes].map((outcomes) => [...outcomes.entries()].map(([name, { trades, wins, net }]) => [name, trades, wins, net.toFixed()]))
    const second = desk.state.closed[1]!
    const rest = second.realised.sub(second.fees)
    const expected = [['imbalance', 2, 1, rest.sub(1).toFixed()], ['momentum', 2, 1, rest.sub(1).toFixed()], ['consensus', 1, 0, '-1'], ['single', 1, 1, rest.toFixed()]]
    expect(both()).toEqual([expected, expected])
    // Paid back: it is a win again. What belongs to no position that is known changes nothing.
    told('f2', '-2')
    told('f3', '7', first!.firstFillMs - 1)
    const again = [['imbalance', 2, 2, rest.add(1).toFixed()], ['momentum', 2, 2, rest.add(1).toFixed()], ['consensus', 1, 1, '1'], ['single', 1, 1, rest.toFixed()]]
    expect(both()).toEqual([again, again])
  })
})

describe('the execution actor', () => {
  const fill = (view: ReturnType<typeof DECISION.view>, change: { kind: number; reason: DecisionReason; votes?: readonly number[] }): void => {
    view.kind = change.kind
    view.reason = DECISION_REASONS.indexOf(change.reason)
    view.strategy = STRATEGY_NAMES.indexOf('super_trend')
    for (const [i, vote] of (change.votes ?? [Number.NaN, 0.7, 0, 0.8, -0.2]).entries()) view.f64[view.votes + i] = vote
    view.configHash = 0xab
  }

  it('reads votes from the ring: no opinion and left out are told apart', () => {
    const view = DECISION.view(new SharedArrayBuffer(DECISION.byteLength)).at(0)
    fill(view, { kind: DECISION_ENTRY, reason: 'consensus' })
    expect(new RingBasis(view).read()).toEqual({ reason: 'consensus', vectorSequence: 0, votes: { momentum: 0.7, super_trend: 0.8, volume_profile: -0.2 }, leftOut: ['imbalance'], model: null, config: '000000ab' })
    Object.assign(view, { modelRun: 1, modelSell: 0.1, modelHold: 0.2, modelBuy: 0.7, modelConfidence: 0.9 })
    expect(new RingBasis(view).read().model).toEqual({ sell: 0.1, hold: 0.2, buy: 0.7, confidence: 0.9 })
  })

  it('closes on an exit of the ring, does nothing on a decision for nothing, and counts it', () => {
    const world = new World(5, NO_FAULTS)
    world.start()
    world.run(400)
    const view = DECISION.view(world.slot).at(0)
    fill(view, { kind: DECISION_NONE, reason: 'conflict' })
    world.decide(0, BUY)
    expect(world.life.counts.get('decisions_without_trade/conflict')).toBe(1)
    expect(world.records().some(({ kind }) => kind === 'order-intended')).toBe(false)
    fill(view, { kind: DECISION_ENTRY, reason: 'consensus' })
    for (let i = 0; i < 50 && (symbolState(world.life.actor.state, 'AAAUSDT').position?.state ?? 0) !== 1; i++) {
      world.decide(0, BUY)
      world.run(200)
    }
    const before = world.records().length
    expect(symbolState(world.life.actor.state, 'AAAUSDT').position?.state).toBe(1)
    fill(view, { kind: DECISION_EXIT, reason: 'trailing-stop-crossed' })
    world.decide(0, SELL)
    const exit = world.records().slice(before).find((record) => record.kind === 'order-intended')
    expect(exit).toMatchObject({ purpose: 'exit', reduceOnly: true, why: 'exit-signal: super_trend: trailing-stop-crossed' })
  })

  it('shows the voters of a position in its cell', () => {
    const registry = RegistryMemory.create(1)
    const cell = registry.readPosition(0)
    const desk = new Desk()
    desk.enter(BUY, { basis: source() })
    cellSink([registry.positionView(0)], null).position(0, desk.symbol, 1)
    cell.read()
    expect(cell.value.voters).toBe(0b00011)
  })
})
