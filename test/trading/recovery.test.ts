import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { money } from '../../src/core/index.ts'
import { apply, createState, isFinal, MemoryJournal, ORDER_STATES, unitOf, type TradingState } from '../../src/trading/index.ts'
import { ALL_FAULTS, NO_FAULTS, type Faults } from './support/model-venue.ts'
import { instruments, SYMBOLS, World, type CrashMode } from './support/world.ts'

/**
 * The whole execution actor against a venue that loses, delays, repeats and reorders, and against its own death at
 * any point of the journal. After the faults stop, the books must equal the venue's; at every moment before, the
 * venue must never have seen what F1, F4, F9 and F20 forbid. A failing seed repeats the run exactly.
 */

function heal(world: World): void {
  world.venue.faults = NO_FAULTS
  if (!world.life.alive) world.start()
  world.run(20_000)
  if (!world.life.alive) {
    world.start()
    world.run(20_000)
  }
}

function expectTruth(world: World): void {
  const { venue } = world
  const { state } = world.life.actor
  expect(venue.violations).toEqual([])
  for (const [clientId, times] of venue.accepts) {
    expect(times, clientId).toBe(1)
    const order = state.orders.get(clientId)
    expect(order, `every order at the venue has an intent here: ${clientId}`).toBeDefined()
    expect(order!.filledLots, `fills of ${clientId}`).toBe(venue.filledOf(clientId))
  }
  for (const order of state.orders.values()) {
    const there = venue.find(order.clientId)
    if (isFinal(order.state)) {
      expect(there === undefined || (there.status !== 'open' && there.status !== 'partially-filled'), `${order.clientId} is ${ORDER_STATES[order.state]} here and alive there`).toBe(true)
      expect(order.history.at(-1)!.why.length).toBeGreaterThan(5)
    }
    expect(order.unknown, order.clientId).toBe('')
  }
  for (const symbol of SYMBOLS) {
    const books = state.symbols.get(symbol)!
    expect(books.ledger.signedLots, symbol).toBe(venue.positions.get(symbol))
    expect(books.ledger.fills).toBe(venue.fills.filter((fill) => fill.symbol === symbol).length)
    expect(books.frozen, symbol).toBeNull()
    if (books.ledger.signedLots === 0) {
      const unit = unitOf(instruments[0]!.tick.text, instruments[0]!.lot.text)
      expect(books.ledger.realised.toFixed()).toBe(venue.cash(symbol).mul(unit).toFixed())
      expect(books.position).toBeNull()
    }
    const fees = venue.fills.filter((fill) => fill.symbol === symbol).reduce((sum, fill) => sum.add(fill.fee), money(0))
    expect(books.ledger.fees.toFixed()).toBe(fees.toFixed())
  }
  expect(state.refusedTransitions).toBe(0)
}

/** Everything that matters of the books, as plain values. */
function digest(state: TradingState): unknown {
  return {
    orders: [...state.orders.values()].map((order) => [order.clientId, order.state, order.filledLots, order.unknown, order.hanging, order.history.length]),
    symbols: [...state.symbols.values()].map(({ symbol, ledger, position, frozen }) => [symbol, ledger.signedLots, ledger.net.toFixed(), ledger.costTickLots.toFixed(), position?.id ?? 0, position?.state ?? -1, frozen]),
    closed: state.closed.map((position) => [position.id, position.state, position.realised.toFixed(), position.closes.length]),
    epoch: state.epoch,
  }
}

describe('execution against a faulty venue', () => {
  it('trades, closes and ends with the books of the venue when nothing goes wrong (the test is no empty run)', () => {
    const world = new World(1, NO_FAULTS)
    world.start()
    world.run(500)
    expect(world.life.status?.state).toBe('ready')
    world.trade(20_000, 100, () => {})
    heal(world)
    expect(world.venue.accepts.size).toBeGreaterThan(5)
    expect(world.venue.fills.length).toBeGreaterThan(5)
    expect([...world.life.hops].sort()).toEqual(['decide', 'decision_execution', 'journal_append', 'journal_fold', 'order_send', 'tick_to_order'])
    expectTruth(world)
  })

  it('F1 F2 F3 F4 F9 F25: never doubles, loses, forgets or flips under lost, late, repeated and reordered messages', () => {
    let fills = 0
    let unknowns = 0
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
        const world = new World(seed, ALL_FAULTS)
        world.start()
        world.trade(8000, 150, () => {})
        heal(world)
        fills += world.venue.fills.length
        unknowns += world.records().filter((record) => record.kind === 'order-unknown').length
        expectTruth(world)
      }),
      { numRuns: 40 },
    )
    expect(fills).toBeGreaterThan(40)
    expect(unknowns).toBeGreaterThan(10)
  })

  it('EX-43 F4 F8 F20: survives many deaths at random records, with new processes and with restarted threads', () => {
    let lives = 0
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 5 }), (seed, deaths) => {
        const world = new World(seed, ALL_FAULTS)
        const waiting = [...deaths]
        const next = (): void => {
          const death = waiting.shift()
          if (death === undefined) return void world.start()
          const [after, process, before] = death
          world.start(process || world.lives === 0, world.journal.length + 4 + after, before ? 'before-append' : 'after-append')
        }
        next()
        world.trade(8000, 150, next)
        heal(world)
        lives += world.lives
        expectTruth(world)
      }),
      { numRuns: 30 },
    )
    expect(lives).toBeGreaterThan(50)
  })

  const scenario: readonly [string, Faults, number][] = [
    ['a calm venue', NO_FAULTS, 11],
    ['a faulty venue', ALL_FAULTS, 12],
  ]
  it.each(scenario)('EX-43: a death before and after every single record of the journal changes nothing in the end (%s)', (_name, faults, seed) => {
    const play = (crashAt: number, mode: CrashMode): World => {
      const world = new World(seed, faults)
      world.start(true, crashAt, mode)
      world.trade(5000, 200, () => void world.start(crashAt % 2 === 0))
      return world
    }
    const length = play(-1, 'after-append').journal.length
    expect(length).toBeGreaterThan(25)
    for (let crashAt = 0; crashAt < length; crashAt++)
      for (const mode of ['before-append', 'after-append'] as const) {
        // The very first record opens the epoch: a death in it is a start that never was.
        if (crashAt < 3) continue
        const world = play(crashAt, mode)
        heal(world)
        expectTruth(world)
      }
  })

  it('the state is the fold of the journal, at the end of a run with deaths and faults', () => {
    const world = new World(77, ALL_FAULTS)
    world.start(true, 20, 'after-append')
    world.trade(8000, 150, () => void world.start(true))
    heal(world)
    const folded = createState()
    world.journal.replay((record) => apply(folded, record))
    expect(digest(folded)).toEqual(digest(world.life.actor.state))
    expect(folded.orders.size).toBeGreaterThan(3)
  })

  it('two runs of the same input write the same bytes', () => {
    const play = (seed: number): Buffer => {
      const world = new World(seed, ALL_FAULTS)
      world.start()
      world.trade(6000, 150, () => {})
      heal(world)
      return world.journal.bytes()
    }
    const first = play(5)
    expect(first.equals(play(5))).toBe(true)
    expect(first.equals(play(6))).toBe(false)
    expect(new MemoryJournal(first).length).toBeGreaterThan(20)
  })
})
