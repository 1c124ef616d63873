import { describe, expect, it } from 'vitest'
import { apply, createState, type OrderIntended, type TradingRecord, type TradingState } from '../../src/trading/index.ts'
import { NO_FAULTS } from './support/model-venue.ts'
import { settings, SYMBOLS, World } from './support/world.ts'

const slow = { ...settings, venue: { ...settings.venue, rejectPauseMs: 1000, rejectPauseMsMax: 60_000 } }
const refusals = (world: World): number => world.records().filter((record) => record.kind === 'order-refused').length

const started = (): World => {
  const world = new World(5, NO_FAULTS, slow)
  world.start()
  world.run(400)
  return world
}

describe('F19: entries refused for want of margin', () => {
  it('pause every symbol, longer each time, whichever symbol meets it', () => {
    const world = started()
    world.venue.faults = { ...NO_FAULTS, refused: 1 }
    for (let i = 0; i < 200; i++) {
      world.decide(i % SYMBOLS.length, 0)
      world.run(50)
    }
    // Pauses of 1, 2, 4 and 8 s for all together, where each symbol by itself would have met four.
    expect(refusals(world)).toBe(4)
    expect(world.life.counts.get('decisions_refused/margin-pause')).toBeGreaterThan(60)
  })

  it('go on when one made after the last refusal is accepted', () => {
    const world = started()
    world.venue.faults = { ...NO_FAULTS, refused: 1 }
    world.decide(0, 0)
    world.run(100)
    world.venue.faults = NO_FAULTS
    world.run(1000)
    world.decide(1, 0)
    world.run(100)
    expect(world.life.actor.state.marginRefusals).toEqual({ inARow: 0, lastNs: 0 })
  })

  it('are kept over a restart of the actor, for they are in the journal', () => {
    const world = started()
    world.venue.faults = { ...NO_FAULTS, refused: 1 }
    world.decide(0, 0)
    world.run(100)
    const before = world.life.actor.state.marginRefusals
    expect(before.inARow).toBe(1)
    world.life.die()
    world.start(false)
    expect(world.life.actor.state.marginRefusals).toEqual(before)
  })
})

describe('the fold of refusals', () => {
  const intended = (clientId: string, atNs: number, purpose: 'entry' | 'exit' = 'entry'): OrderIntended => ({
    kind: 'order-intended', atMs: atNs / 1e6, atNs, clientId, symbol: 'AAAUSDT', purpose, positionId: 1, side: 0, type: 'limit', priceTicks: 100, referenceTicks: 100, lots: 1, timeInForce: 'GTC', reduceOnly: purpose === 'exit', ttlMs: 0,
    why: '', trace: '', decisionSequence: 1, plan: { takeProfitPercent: '1', stopLossPercent: '1', holdMsMax: 1000, source: 'test', regime: 'choppy', atrTicks: null, takeProfit: null, stopLoss: null, trailing: null }, reason: null, terms: null,
  })
  const refused = (clientId: string, atNs: number, errorClass?: 'insufficient-margin' | 'rejected'): TradingRecord => ({ kind: 'order-refused', atMs: atNs / 1e6, atNs, clientId, code: '1', text: '', ...(errorClass === undefined ? {} : { errorClass }) })
  const fold = (...records: TradingRecord[]): TradingState['marginRefusals'] => {
    const state = createState()
    apply(state, { kind: 'epoch-started', atMs: 0, atNs: 0, epoch: 1, account: 'test', plan: intended('', 0).plan!, planBySymbol: {} })
    for (const record of records) apply(state, record)
    return state.marginRefusals
  }

  it('counts those that were on their way together as one', () => {
    const together = [intended('a', 1), intended('b', 2), refused('a', 10, 'insufficient-margin'), refused('b', 11, 'insufficient-margin')]
    expect(fold(...together)).toEqual({ inARow: 1, lastNs: 11 })
    expect(fold(...together, intended('c', 20), refused('c', 30, 'insufficient-margin'))).toEqual({ inARow: 2, lastNs: 30 })
  })

  it('an acceptance of one that was on its way before the refusal proves nothing', () => {
    const accepted: TradingRecord = { kind: 'order-accepted', atMs: 1, atNs: 12, clientId: 'b', venueId: 'v' }
    expect(fold(intended('a', 1), intended('b', 2), refused('a', 10, 'insufficient-margin'), accepted).inARow).toBe(1)
  })

  it('other classes, exits, and records of journals that did not keep the class count nothing', () => {
    for (const records of [[intended('a', 1), refused('a', 10, 'rejected')], [intended('a', 1, 'exit'), refused('a', 10, 'insufficient-margin')], [intended('a', 1), refused('a', 10)]]) expect(fold(...records)).toEqual({ inARow: 0, lastNs: 0 })
  })
})
