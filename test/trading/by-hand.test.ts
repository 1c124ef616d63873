import { describe, expect, it } from 'vitest'
import { BUY } from '../../src/core/index.ts'
import type { OrderIntended, TradingRecord } from '../../src/trading/index.ts'
import { Desk } from './support/desk.ts'
import { NO_FAULTS } from './support/model-venue.ts'
import { settings, SYMBOLS, World } from './support/world.ts'

describe('an order that a person calls back', () => {
  const placed = (): { readonly desk: Desk; readonly clientId: string } => {
    const desk = new Desk()
    const { clientId } = desk.decision(BUY).records[0] as OrderIntended
    desk.take({ kind: 'place-outcome', clientId, outcome: { kind: 'accepted', venueId: 'v1' } })
    return { desk, clientId }
  }

  it('is cancelled once, with the words of the person in the journal', () => {
    const { desk, clientId } = placed()
    const decided = desk.take({ kind: 'call-back', clientId, why: 'operator: enough' })
    expect(decided.records).toMatchObject([{ kind: 'cancel-intended', clientId, why: 'operator: enough' }])
    expect(decided.effects).toEqual([{ kind: 'cancel', symbol: SYMBOLS[0], clientId }])
    expect(decided.increases).toBe(false)
    expect(desk.take({ kind: 'call-back', clientId, why: 'again' }).records).toEqual([])
  })

  it('is asked about first while the venue has not confirmed it', () => {
    const desk = new Desk()
    const { clientId } = desk.decision(BUY).records[0] as OrderIntended
    expect(desk.take({ kind: 'call-back', clientId, why: 'x' })).toMatchObject({ records: [], effects: [{ kind: 'ask', clientId, always: true }] })
  })

  it('stays as it is when it has ended, and is refused when nobody knows it', () => {
    const desk = new Desk()
    desk.enter(BUY)
    const { clientId } = desk.records().find((record): record is OrderIntended => record.kind === 'order-intended')!
    expect(desk.take({ kind: 'call-back', clientId, why: 'x' })).toMatchObject({ records: [], effects: [], refusal: null })
    expect(desk.take({ kind: 'call-back', clientId: 'nobody', why: 'x' }).refusal).toBe('unknown-id')
    expect(desk.take({ kind: 'call-back', clientId: '', why: 'x' }).refusal).toBe('unknown-id')
  })
})

describe('a position that a person closes', () => {
  it('is closed by a reduce-only order that says who and why; of a symbol that is none nothing happens', () => {
    const world = new World(3, NO_FAULTS, settings)
    world.start()
    world.run(400)
    const [symbol] = SYMBOLS as [string]
    const lots = (): number => world.life.actor.state.symbols.get(symbol)?.ledger.signedLots ?? 0
    for (let i = 0; i < 200 && lots() === 0; i++) {
      world.decide(0, 0)
      world.run(200)
    }
    expect(lots()).toBeGreaterThan(0)
    const { length } = world.records()
    world.life.actor.onMessage({ type: 'close-position', symbol: 'XUSDT', why: 'x' })
    world.life.actor.onMessage({ type: 'close-position', symbol: 7 })
    expect(world.records()).toHaveLength(length)
    world.life.actor.onMessage({ type: 'close-position', symbol, why: 'operator: enough' })
    const exits = world.records().filter((record: TradingRecord): record is OrderIntended => record.kind === 'order-intended' && record.purpose === 'exit')
    expect(exits).toMatchObject([{ reduceOnly: true, lots: lots(), why: 'exit-signal: operator: operator: enough' }])
    world.run(5000)
    expect(lots()).toBe(0)
  })
})
