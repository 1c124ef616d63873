import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Instrument, money } from '../../src/core/index.ts'
import { checkOutbound, clientId, EffectRunner, unitOf } from '../../src/trading/index.ts'
import type { OrderRequest } from '../../src/venues/index.ts'
import { NO_FAULTS } from './support/model-venue.ts'
import { instruments, World } from './support/world.ts'

const instrument: Instrument = { ...instruments[0]!, minLots: 2, maxLots: 1000, minNotional: '5' }
const books = { tick: '0.10', lot: '0.001' }
// 10 lots at 10000 USDT are 100 USDT.
const good: OrderRequest = { clientId: 'rmtestE1D0S1A0', symbol: 'AAAUSDT', side: 0, type: 'limit', priceTicks: 100_000, lots: 10, timeInForce: 'GTC', reduceOnly: false }
const exit: OrderRequest = { ...good, clientId: clientId({ account: 'test', epoch: 1, intent: { kind: 'exit', positionId: 1, n: 0 }, attempt: 0 }), side: 1, timeInForce: 'IOC', reduceOnly: true }

describe('F24 the last gate before an order leaves', () => {
  it('lets a sound entry and a sound exit through, limit and market', () => {
    for (const one of [good, exit, { ...good, type: 'market' as const, priceTicks: null }, { ...exit, type: 'market' as const, priceTicks: null }]) expect(checkOutbound(one, instrument, books)).toBe('')
  })

  it.each<[string, Partial<OrderRequest>, string]>([
    ['a price that is no number', { priceTicks: Number.NaN }, 'a limit order at NaN ticks'],
    ['an endless price', { priceTicks: Number.POSITIVE_INFINITY }, 'at Infinity ticks'],
    ['a price of zero', { priceTicks: 0 }, 'at 0 ticks'],
    ['a price below zero', { priceTicks: -5 }, 'at -5 ticks'],
    ['a price between ticks', { priceTicks: 100_000.5 }, 'at 100000.5 ticks'],
    ['a limit order without a price', { priceTicks: null }, 'a limit order at null ticks'],
    ['a market order with one', { type: 'market' }, 'a market order at 100000 ticks'],
    ['a size of zero', { lots: 0 }, '0 lots is no whole number above 0'],
    ['a size that is no number', { lots: Number.NaN }, 'NaN lots'],
    ['a size between lots', { lots: 10.000_000_1 }, '10.0000001 lots'],
    ['a size below the smallest', { lots: 1, priceTicks: 1_000_000 }, '1 lots are fewer than the 2'],
    ['a size above the largest', { lots: 1001 }, '1001 lots are more than the 1000'],
    ['a value below the smallest', { lots: 2, priceTicks: 24_999 }, 'its value 4.9998 is below the smallest of 5'],
    ['no side', { side: 2 as 0 }, 'side 2 is neither'],
    ['an exit that may open', { clientId: exit.clientId }, 'an exit that is not reduce-only'],
    ['a trigger that is no price', { trigger: { priceTicks: Number.NaN, direction: 'rise', by: 'last' } }, 'a trigger at NaN ticks'],
  ])('holds back %s', (_what, change, problem) => {
    expect(checkOutbound({ ...good, ...change }, instrument, books)).toContain(problem)
  })

  it('holds back what was counted in another grid than the instrument has now, and what has no instrument', () => {
    expect(checkOutbound(good, instrument, { tick: '0.01', lot: '0.001' })).toBe('the books count in tick 0.01 lot 0.001, the instrument in tick 0.10 lot 0.001')
    expect(checkOutbound(good, instrument, undefined)).toContain('the books count in tick none')
    expect(checkOutbound(good, undefined, books)).toBe('there is no instrument AAAUSDT')
  })

  it('never keeps a rest of a position from leaving: an exit has no smallest size and no smallest value', () => {
    expect(checkOutbound({ ...exit, lots: 1, priceTicks: 1 }, instrument, books)).toBe('')
  })

  it('what it lets through is finite, on the grid, and inside sizes and value, whatever comes', () => {
    const numbers = fc.oneof(fc.integer({ min: -10, max: 2000 }), fc.double(), fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 0.1))
    fc.assert(
      fc.property(numbers, fc.oneof(numbers, fc.constant(null)), fc.constantFrom('limit' as const, 'market' as const), fc.boolean(), (lots, priceTicks, type, reduceOnly) => {
        if (checkOutbound({ ...good, clientId: reduceOnly ? exit.clientId : good.clientId, lots, priceTicks, type, reduceOnly }, instrument, books) !== '') return
        expect(Number.isSafeInteger(lots) && lots > 0 && lots <= instrument.maxLots).toBe(true)
        expect(type === 'market' ? priceTicks === null : Number.isSafeInteger(priceTicks) && priceTicks! > 0).toBe(true)
        if (!reduceOnly) expect(lots >= instrument.minLots && (priceTicks === null || money(lots).mul(priceTicks).mul(unitOf('0.10', '0.001')).gte(5))).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('an order that it holds back is never sent, never left pending, and its symbol takes no entries until a person releases it', () => {
    const world = new World(3, NO_FAULTS)
    world.start()
    world.run(400)
    // What no code of ours should do: an effect whose size went wrong between decision and wire.
    const run = EffectRunner.prototype.run
    EffectRunner.prototype.run = function (effect) {
      run.call(this, effect.kind === 'place' ? { ...effect, request: { ...effect.request, lots: effect.request.lots + 0.5 } } : effect)
    }
    try {
      world.decide(0, 0)
    } finally {
      EffectRunner.prototype.run = run
    }
    expect([world.venue.orders.length, world.life.actor.state.symbols.get('AAAUSDT')!.live.length]).toEqual([0, 0])
    expect(world.records().slice(-3).map((record) => record.kind)).toEqual(['order-intended', 'order-unsent', 'symbol-frozen'])
    expect(world.life.actor.state.symbols.get('AAAUSDT')!.frozen).toMatchObject({ code: 'insane-order', why: expect.stringContaining('RM_ORDER_INSANE: order rmtestE1D0S1A0 of AAAUSDT was not sent') })
    world.decide(0, 0)
    expect(world.life.counts.get('decisions_refused/frozen')).toBe(1)
    world.decide(1, 0)
    world.life.actor.onMessage({ type: 'release-symbol', symbol: 'AAAUSDT', why: 'looked at' })
    world.decide(0, 0)
    expect(world.records().filter((record) => record.kind === 'order-intended').map((record) => record.symbol)).toEqual(['AAAUSDT', 'BBBUSDT', 'AAAUSDT'])
  })
})
