import { describe, expect, it } from 'vitest'
import { BUY, SELL, type Side } from '../../src/core/index.ts'
import { ExchangeDesk } from './support/exchange-desk.ts'

/**
 * Orders that the venue itself makes against the account, with the execution actor, the adapters and the built-in exchange:
 * they are booked and told, siblings are cancelled, and nobody takes them for a stranger's (F7, F22).
 */
describe.each([['bybit'], ['okx']] as const)('an order that the venue makes against the account (%s)', (venue) => {
  const forced = (desk: ExchangeDesk) => desk.of('fill-booked').filter((fill) => fill.note === 'venue')

  it.each<[string, Side]>([['long', BUY], ['short', SELL]])('a liquidation of a %s is booked and told, its siblings end, nothing is frozen', (_name, side) => {
    const desk = new ExchangeDesk(venue)
    desk.start()
    desk.open(side)
    const lots = Math.abs(desk.held)
    desk.liquidate()
    desk.run(4000)
    expect(forced(desk).reduce((sum, fill) => sum + fill.lots, 0)).toBe(lots)
    expect(new Set(forced(desk).map((fill) => fill.type))).toEqual(new Set(['liquidation']))
    expect(desk.of('symbol-frozen')).toEqual([])
    expect(desk.books).toMatchObject({ frozen: null, position: null, live: [] })
    expect(desk.books.ledger.signedLots).toBe(0)
    expect(desk.stops).toEqual([])
    expect(desk.logs.filter((line) => line.startsWith('warn') && line.includes('(liquidation) VENUE'))).toHaveLength(forced(desk).length)
    desk.stop()
  })

  it.each([['a part', 3], ['all', 1]])('a deleveraging of %s is booked and told, what is left keeps its stop, nothing is frozen, entries go on', (_name, share) => {
    const desk = new ExchangeDesk(venue)
    desk.start()
    desk.open()
    const before = desk.held
    const lots = Math.floor(before / share)
    expect(desk.exchange.operator.deleverage('BTCUSDT', BUY, lots)).toBe(0)
    desk.run(500)
    expect(forced(desk).map((fill) => [fill.type, fill.lots, fill.source])).toEqual([['adl', lots, 'stream']])
    expect(desk.books.ledger.signedLots).toBe(desk.held)
    if (share > 1) expect(desk.stops).toHaveLength(1)
    else expect([desk.books.position, desk.stops]).toEqual([null, []])
    desk.run(5000)
    expect(desk.of('symbol-frozen')).toEqual([])
    if (desk.held === 0) desk.open()
    expect(desk.books.frozen).toBe(null)
    desk.stop()
  })

  it('is found by the next life with its kind, and freezes nothing', () => {
    const desk = new ExchangeDesk(venue)
    desk.start()
    desk.open()
    desk.kill()
    expect(desk.exchange.operator.deleverage('BTCUSDT', BUY, 1)).toBe(0)
    desk.run(2000)
    desk.start()
    expect(forced(desk).map((fill) => [fill.type, fill.source])).toEqual([['adl', 'snapshot']])
    expect(desk.of('symbol-frozen')).toEqual([])
    expect(desk.of('position-adopted')).toEqual([])
    desk.stop()
  })

  it('an order by hand stays a stranger', () => {
    const desk = new ExchangeDesk(venue)
    desk.start()
    desk.open()
    desk.exchange.operator.orderByHand('main', { symbol: 'BTCUSDT', side: BUY, type: 'limit', priceTicks: 500_000, lots: 1, timeInForce: 'GTC', reduceOnly: false, closeOnTrigger: false, leg: 'net' })
    desk.run(500)
    expect(desk.books.frozen?.code).toBe('foreign')
    desk.stop()
  })
})
