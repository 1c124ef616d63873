import { describe, expect, it } from 'vitest'
import { BUY, SELL, type Side } from '../../src/core/index.ts'
import { CLOSED } from '../../src/trading/index.ts'
import type { TradingPort } from '../../src/venues/index.ts'
import { ExchangeDesk, opposite } from './support/exchange-desk.ts'
import { exitSets } from './support/world.ts'

/*
 * The stop that the venue keeps, with the execution actor, the adapters and the built-in exchange: what a dead engine
 * leaves behind, and what the next one makes of it.
 */

const both = [['bybit'], ['okx']] as const

describe.each(both)('the stop at the venue (%s)', (venue) => {
  it.each<[string, Side]>([['long', BUY], ['short', SELL]])('F11: rests for a %s from its first fill on, beyond the own stop, exactly one', (_name, side) => {
    const desk = new ExchangeDesk(venue)
    desk.start()
    desk.decide(side)
    desk.until('filled at the venue', () => desk.held !== 0)
    // Before the engine has said another word.
    expect(desk.stops).toHaveLength(1)
    desk.until('known to rest', () => desk.books.stop.state === 'resting', 3000)
    desk.run(1000)
    expect(desk.stops).toHaveLength(1)
    const { stop, position } = desk.books
    expect(desk.stops[0]).toMatchObject({ side: opposite(side), reduceOnly: true, type: 'market' })
    expect(desk.stops[0]!.trigger).toMatchObject({ ticks: stop.ticks, by: 'mark' })
    if (side === BUY) expect(stop.ticks).toBeLessThan(position!.stopLossTicks)
    else expect(stop.ticks).toBeGreaterThan(position!.stopLossTicks)
    desk.stop()
  })

  it('F11 F23 EX-15: an engine that is killed with a position: the venue closes it, the next engine books that as its stop, nothing is frozen and nothing rests', () => {
    const desk = new ExchangeDesk(venue)
    desk.start()
    desk.open(SELL)
    const lots = -desk.held
    desk.kill()
    desk.until('the venue closed it', () => desk.held === 0)
    desk.run(2000)
    desk.start()
    const fills = desk.of('fill-booked').filter((fill) => fill.side === BUY)
    expect(fills.length).toBeGreaterThan(0)
    expect(fills.every((fill) => fill.note === 'stop' && fill.source === 'snapshot' && fill.type === 'trade')).toBe(true)
    expect(fills.reduce((sum, fill) => sum + fill.lots, 0)).toBe(lots)
    expect(desk.books).toMatchObject({ frozen: null, position: null, live: [] })
    expect(desk.of('symbol-frozen')).toEqual([])
    expect(desk.of('position-adopted')).toEqual([])
    const closed = desk.life.actor.state.closed.at(-1)!
    expect(closed.state).toBe(CLOSED)
    expect(closed.history.at(-1)!.why).toBe('stop at the venue')
    // With the venue's figures: what the account lost is what the books say.
    expect(Number(desk.exchange.wallet('main').balance.toFixed(6))).toBeCloseTo(10_000 + desk.books.ledger.net.toNumber(), 6)
    desk.run(3000)
    expect(desk.stops).toEqual([])
    // And it trades on.
    desk.open()
    expect(desk.stops).toHaveLength(1)
    desk.stop()
  })

  it('F11 F23: killed between the fill and its own knowledge of it, the stop that came with the entry closes the position, and is known by the next engine', () => {
    const desk = new ExchangeDesk(venue)
    desk.start()
    desk.decide(SELL)
    desk.until('filled at the venue', () => desk.held !== 0, 1000, 1)
    desk.kill()
    expect(desk.of('fill-booked')).toEqual([])
    desk.until('the venue closed it', () => desk.held === 0)
    desk.run(2000)
    desk.start()
    expect(desk.of('fill-booked').map((fill) => fill.note)).toEqual(['', 'stop'])
    expect(desk.books).toMatchObject({ frozen: null, position: null })
    desk.run(3000)
    expect(desk.stops).toEqual([])
    desk.stop()
  })

  it('F23: fired while the engine lives, it is no stranger: booked as it comes, no freeze', () => {
    const desk = new ExchangeDesk(venue)
    desk.start()
    desk.open(SELL)
    // Blind from here on: the own stop sees no price, the venue's does.
    desk.blind = true
    desk.until('the venue closed it', () => desk.held === 0)
    desk.run(2000)
    const fills = desk.of('fill-booked').filter((fill) => fill.side === BUY)
    expect(fills.every((fill) => fill.note === 'stop' && fill.source === 'stream')).toBe(true)
    expect(desk.books).toMatchObject({ frozen: null, position: null })
    expect(desk.of('transition-refused')).toEqual([])
    desk.stop()
  })

  it('F23: a close by hand stays one, and a liquidation stays one', () => {
    for (const act of ['hand', 'liquidation'] as const) {
      const desk = new ExchangeDesk(venue)
      desk.start()
      desk.open()
      if (act === 'hand') desk.closeByHand()
      else desk.liquidate()
      desk.run(3000)
      const fill = desk.of('fill-booked').at(-1)!
      expect([fill.note, fill.type]).toEqual(act === 'hand' ? ['foreign', 'trade'] : ['venue', 'liquidation'])
      if (act === 'hand') expect(desk.books.frozen?.code).toBe('foreign')
      expect(desk.stops).toEqual([])
      desk.stop()
    }
  })

  it('F10: no stop is left when the engine itself has closed the position', () => {
    const desk = new ExchangeDesk(venue)
    desk.start()
    desk.open()
    desk.decide(SELL)
    desk.until('closed', () => desk.held === 0 && desk.books.position === null, 60_000)
    desk.run(1500)
    expect(desk.stops).toEqual([])
    expect(desk.books.stop.alarm).toBe(false)
    desk.stop()
  })

  it('F11: a stop that somebody took away is found missing and set again, on OKX, which names it, within two seconds', () => {
    const desk = new ExchangeDesk(venue)
    desk.start()
    desk.open()
    desk.exchange.cancel('main', 'BTCUSDT', { orderId: desk.stops[0]!.orderId })
    desk.run(100)
    expect(desk.stops).toEqual([])
    if (venue === 'bybit') desk.life.actor.onMessage({ type: 'reconcile' })
    desk.until('set again', () => desk.stops.length === 1, venue === 'bybit' ? 10_000 : 2000)
    expect(desk.of('protection-failed').map((record) => record.trouble)).toEqual([venue === 'bybit' ? 'gone' : 'cancelled'])
    desk.run(500)
    expect(desk.books.stop.state).toBe('resting')
    desk.stop()
  })

  it('F11: after a restart the stop is asked for, and the one that rests is kept', () => {
    const desk = new ExchangeDesk(venue)
    desk.start()
    desk.open()
    const [before] = desk.stops
    desk.kill()
    desk.run(300)
    desk.start()
    expect(desk.held).not.toBe(0)
    desk.until('known again', () => desk.books.stop.state === 'resting', 3000)
    expect(desk.stops.map((order) => order.orderId)).toEqual([before!.orderId])
    desk.stop()
  })

  it('follows the own stop of the position with its step and its pace', () => {
    const desk = new ExchangeDesk(venue, (settings) => ({ ...settings, exit: { ...settings.exit, byRegime: exitSets({ takeProfitPercent: '20', stopLossPercent: '5', holdMsMax: 86_400_000 }) } }))
    desk.start()
    desk.open()
    const { stop, position } = desk.books
    const first = stop.ticks
    const asked = (): number => desk.of('protection-intended').length
    const before = asked()
    desk.run(1500)
    // Less than a step: nothing is asked.
    position!.stopLossTicks += 1
    desk.run(1500)
    expect([asked(), stop.ticks]).toEqual([before, first])
    // A trail that moves all the time is followed once in the interval.
    for (let i = 0; i < 40; i++) {
      position!.stopLossTicks += 100
      desk.run(50)
    }
    expect(asked() - before).toBeGreaterThanOrEqual(2)
    expect(asked() - before).toBeLessThanOrEqual(3)
    desk.run(1500)
    expect(desk.stops).toHaveLength(1)
    expect(desk.stops[0]!.trigger!.ticks).toBe(stop.ticks)
    expect(stop.ticks).toBeGreaterThan(first + 3500)
    expect(stop.ticks).toBeLessThan(position!.stopLossTicks)
    desk.stop()
  })

  it('F11: refused by the venue, the position is left at once, at market and reduce-only', () => {
    const desk = new ExchangeDesk(venue)
    desk.wrap = (port) => refusing(port)
    desk.start()
    desk.decide(BUY)
    desk.until('closed again', () => desk.of('fill-booked').some((fill) => fill.side === SELL) && desk.held === 0, 20_000)
    const exit = desk.of('order-intended').find((order) => order.purpose === 'exit')!
    expect(exit).toMatchObject({ type: 'market', reduceOnly: true, timeInForce: 'IOC' })
    expect(exit.why).toContain('the venue refused the stop')
    desk.stop()
  })

  it('F11: neither set nor left, it is an alarm that stops entries until the stop is there', () => {
    const desk = new ExchangeDesk(venue)
    let silent = true
    desk.wrap = (port) =>
      Object.assign(Object.create(port) as TradingPort, bound(port), {
        setProtection: (...args: Parameters<TradingPort['setProtection']>) => (silent ? args[2]({ kind: 'unsent', reason: 'the road is closed' }) : port.setProtection(...args)),
      })
    desk.start()
    desk.decide(BUY)
    desk.until('held', () => desk.books.ledger.signedLots !== 0)
    desk.run(1500)
    expect(desk.books.stop.alarm).toBe(false)
    desk.run(1000)
    expect(desk.books.stop.alarm).toBe(true)
    const [alarm] = desk.of('protection-alarm')
    expect(alarm!.nakedMs).toBeGreaterThanOrEqual(2000)
    expect(alarm!.why).toContain('the road is closed')
    silent = false
    desk.until('covered', () => desk.books.stop.state === 'resting', 10_000)
    expect(desk.books.stop.alarm).toBe(false)
    expect(desk.of('protection-alarm')).toHaveLength(1)
    desk.stop()
  })
})

// Bybit keeps a stop no longer than its position.
describe('the stop at the venue (okx), alone', () => {
  it('F11: a stop that the venue will not take away after its position is closed is not forgotten: it is asked again until it is gone', () => {
    const desk = new ExchangeDesk('okx')
    let refusals = 2
    let asked = 0
    desk.wrap = (port) =>
      Object.assign(Object.create(port) as TradingPort, bound(port), {
        setProtection: (...args: Parameters<TradingPort['setProtection']>) => {
          if (args[1].stopLossTicks !== null) return port.setProtection(...args)
          asked++
          if (refusals-- > 0) args[2]({ kind: 'refused', errorClass: 'rejected', code: '51006', text: 'not now' })
          else port.setProtection(...args)
        },
      })
    desk.start()
    desk.open()
    desk.until('closed', () => desk.held === 0 && desk.books.position === null)
    desk.until('asked for three times', () => asked >= 3, 60_000)
    desk.until('taken away', () => desk.books.stop.state === 'none', 10_000)
    expect(desk.of('protection-failed').filter((record) => record.trouble === 'refused')).toHaveLength(2)
    expect(desk.stops).toEqual([])
    desk.stop()
  })
})

/** The methods of a port as functions, so that a wrapper can stand in front of single ones. */
function bound(port: TradingPort): Partial<TradingPort> {
  const names = ['start', 'place', 'cancel', 'amend', 'evidence', 'snapshot', 'stop', 'armDeadMan', 'setProtection', 'positionMode', 'setPositionMode', 'setLeverage', 'leverage', 'fees', 'cancelAll'] as const
  return Object.fromEntries(names.map((name) => [name, (port[name] as (...args: unknown[]) => unknown).bind(port)])) as Partial<TradingPort>
}

function refusing(port: TradingPort): TradingPort {
  return Object.assign(Object.create(port) as TradingPort, bound(port), {
    setProtection: (_symbol: string, _protection: unknown, done: (outcome: { kind: 'refused'; errorClass: 'rejected'; code: string; text: string }) => void) => done({ kind: 'refused', errorClass: 'rejected', code: '10001', text: 'the stop is on the wrong side' }),
  })
}
