import { describe, expect, it } from 'vitest'
import { NO_FAULTS } from './support/model-venue.ts'
import { World } from './support/world.ts'

describe('an entry whose price the market refuses', () => {
  it.each([
    ['integrity', 'book-integrity'],
    ['not-trading', 'not-trading'],
    ['instrument-changed', 'instrument-changed'],
    ['stale', 'no-price'],
    ['invalid-book', 'no-price'],
    ['unknown', 'no-price'],
  ])('for %s is counted as %s and sends nothing', (reason, counted) => {
    const world = new World(3, NO_FAULTS)
    world.start(true, -1, 'after-append', { prices: { orderPrice: () => ({ refused: true, reason }), exitPrice: () => ({ refused: true, reason: 'stale' }) } })
    world.run(400)
    world.decide(0, 0)
    expect(world.life.counts.get(`decisions_refused/${counted}`)).toBe(1)
    world.run(500)
    expect([world.venue.orders.length, world.records().filter((record) => record.kind === 'order-intended').length]).toEqual([0, 0])
  })

  it('for integrity still has its exits: they are judged by another purpose', () => {
    const world = new World(3, NO_FAULTS)
    let entries = true
    const quote = { refused: false as const, bidTicks: 0, askTicks: 0, receiveNs: 0 }
    const now = () => Object.assign(quote, { bidTicks: world.venue.bid('AAAUSDT'), askTicks: world.venue.ask('AAAUSDT'), receiveNs: world.time.nowNs() })
    world.start(true, -1, 'after-append', { prices: { orderPrice: () => (entries ? now() : { refused: true, reason: 'integrity' }), exitPrice: now } })
    world.run(400)
    for (let i = 0; i < 50 && world.life.actor.state.symbols.get('AAAUSDT')!.ledger.signedLots === 0; i++) {
      world.decide(0, 0)
      world.run(100)
    }
    expect(world.life.actor.state.symbols.get('AAAUSDT')!.ledger.signedLots).not.toBe(0)
    entries = false
    world.run(6000)
    expect(world.life.actor.state.symbols.get('AAAUSDT')!.ledger.signedLots).toBe(0)
    expect(world.records().some((record) => record.kind === 'order-intended' && record.purpose === 'exit')).toBe(true)
  })
})
