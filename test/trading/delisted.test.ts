import { describe, expect, it } from 'vitest'
import { BUY } from '../../src/core/index.ts'
import { ExchangeDesk } from './support/exchange-desk.ts'

/**
 * A symbol that the venue has taken off its list, or whose grid it has changed, while the engine was not there to see it: that symbol
 * takes no entries, its settlement is booked, and the others neither wait for it nor notice (F24).
 */
const OTHER = 'ETHUSDT'

describe.each([['bybit'], ['okx']] as const)('a symbol that is no longer what it was (%s)', (venue) => {
  const held = (): ExchangeDesk => {
    const desk = new ExchangeDesk(venue, undefined, [OTHER])
    desk.start()
    desk.decide(BUY, 1)
    desk.until('a position in the other', () => desk.booksOf(OTHER).ledger.signedLots > 0 && desk.booksOf(OTHER).stop.state === 'resting', 60_000)
    return desk
  }

  it('delisted between two lives: the private side comes up, the position is closed in the books with the figures of the venue, the other symbol trades', () => {
    const desk = held()
    desk.kill()
    desk.exchange.operator.changeContract(OTHER, { status: 'Closed' })
    desk.run(2000)
    desk.start()
    const settled = desk.of('fill-booked').filter((fill) => fill.symbol === OTHER && fill.type === 'settle')
    expect(settled.map((fill) => [fill.note, fill.source])).toEqual([['venue', 'snapshot']])
    expect(desk.booksOf(OTHER)).toMatchObject({ position: null, frozen: null, live: [] })
    expect(desk.of('position-adopted')).toEqual([])
    const net = desk.booksOf(OTHER).ledger.net.add(desk.books.ledger.net)
    expect(desk.exchange.wallet('main').balance.sub(net).toNumber()).toBeCloseTo(10_000, 8)
    // On Bybit the account still answers for it: there the feed, whose cells this desk does not have, keeps entries off.
    if (venue === 'okx') expect(desk.status!.note).toContain(OTHER)
    const entries = (symbol: string): number => desk.of('order-intended').filter((intent) => intent.symbol === symbol && intent.purpose === 'entry').length
    const before = entries(OTHER)
    desk.decide(BUY, 1)
    desk.run(500)
    if (venue === 'okx') expect(entries(OTHER)).toBe(before)
    else expect(desk.booksOf(OTHER).ledger.signedLots).toBe(0)
    desk.open()
    expect(desk.held).toBeGreaterThan(0)
    desk.stop()
  })

  it('delisted while the engine lives: settled in the books as it happens, and a new link comes up without it', () => {
    const desk = held()
    desk.exchange.operator.changeContract(OTHER, { status: 'Closed' })
    desk.until('settled in the books', () => desk.booksOf(OTHER).ledger.signedLots === 0, 60_000)
    expect(desk.booksOf(OTHER)).toMatchObject({ position: null, live: [] })
    expect(desk.of('position-adopted')).toEqual([])
    desk.front.faults.dropConnections()
    desk.run(10_000)
    expect(desk.status!.state).toBe('ready')
    desk.open()
    desk.stop()
  })

  it.each([['tick', { tickSteps: 5 }], ['lot', { lotSteps: 2, minLots: 2 }]])('another %s between two lives of one process: the private side comes up with the position, and the other symbol trades', (_grid, change) => {
    const desk = held()
    desk.kill()
    desk.exchange.operator.changeContract(OTHER, change)
    desk.run(500)
    desk.start()
    expect(desk.booksOf(OTHER).ledger.signedLots).toBe(desk.exchange.position('main', OTHER).signedLots)
    desk.until('the other trades', () => {
      if (desk.held === 0) desk.decide(BUY)
      return desk.held !== 0
    }, 120_000, 500)
    expect(desk.of('symbol-frozen')).toEqual([])
    desk.stop()
  })
})
