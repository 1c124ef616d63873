import { describe, expect, it } from 'vitest'
import { BUY, SELL } from '../../src/core/index.ts'
import type { CommandOutcome, InstrumentState, OrderRequest, PositionMode } from '../../src/venues/index.ts'
import { World } from './exchange-world.ts'

/*
 * What the venue does by itself, by our wish or against it, on the built-in exchange: triggers, exits that it keeps,
 * legs, disconnect protection, forced closes, changes of an instrument.
 */

const up = (settings: ConstructorParameters<typeof World>[0] = {}): World => {
  const w = new World(settings)
  w.up()
  return w
}
const accepted = (outcome: CommandOutcome): void => expect(outcome).toMatchObject({ kind: 'accepted' })
/** Opens a position at market. */
const open = (w: World, clientId: string, change: Partial<OrderRequest> = {}): void => {
  accepted(w.place({ clientId, type: 'market', priceTicks: null, timeInForce: 'IOC', lots: 20, ...change }))
  w.run(200)
}
const midOf = (w: World): number => Math.round(w.exchange.summary('BTCUSDT').lastTicks)
/** Runs until the last price has been seen at or beyond it, or fails. */
const runUntil = (w: World, done: () => boolean): void => {
  for (let i = 0; i < 6000 && !done(); i++) w.run(50)
  expect(done()).toBe(true)
}

describe('trigger orders', () => {
  it('wait untriggered, without margin, in stream, evidence and snapshot; a cancel ends them', () => {
    const w = up()
    const price = midOf(w) + 50_000
    accepted(w.place({ clientId: 't', priceTicks: price, trigger: { priceTicks: price, direction: 'rise', by: 'last' } }))
    w.run(100)
    expect(w.of('t')).toEqual([['untriggered', 0]])
    expect(w.evidence('t')).toMatchObject({ kind: 'found', order: { status: 'untriggered' } })
    const snapshot = w.snapshot()
    expect(snapshot.openOrders.map((order) => [order.clientId, order.status])).toEqual([['t', 'untriggered']])
    expect(Number(snapshot.wallet.marginUsed)).toBe(0)
    accepted(w.command((done) => w.port.cancel('BTCUSDT', 't', done)))
    w.run(100)
    expect(w.of('t').at(-1)![0]).toBe('cancelled')
    w.stop()
  })

  it('become orders when the price crosses, under the same client id', () => {
    const w = up()
    accepted(w.place({ clientId: 't', type: 'market', priceTicks: null, timeInForce: 'IOC', lots: 5, trigger: { priceTicks: midOf(w) + 5, direction: 'rise', by: 'last' } }))
    runUntil(w, () => w.of('t').some(([status]) => status === 'filled'))
    expect(w.of('t')[0]![0]).toBe('untriggered')
    const evidence = w.evidence('t')
    expect(evidence).toMatchObject({ kind: 'found', order: { status: 'filled', filledLots: 5 } })
    expect(w.snapshot().positions).toMatchObject([{ signedLots: 5 }])
    w.stop()
  })

  it('on the wrong side of the market are refused', () => {
    const w = up()
    expect(w.place({ clientId: 't', trigger: { priceTicks: midOf(w) - 5000, direction: 'rise', by: 'last' } })).toMatchObject({ kind: 'refused', errorClass: 'rejected', code: '110092' })
    w.stop()
  })
})

describe('exits that the venue keeps', () => {
  it('attached to an entry they close its position, and the close arrives as fills, orders and a flat position', () => {
    const w = up()
    const mid = midOf(w)
    open(w, 'e', { attach: { takeProfitTicks: mid + 60, stopLossTicks: mid - 60 } })
    const children = w.snapshot().openOrders
    expect(children.map((order) => [order.status, order.reduceOnly, order.side])).toEqual([['untriggered', true, SELL], ['untriggered', true, SELL]])
    runUntil(w, () => w.heard.positions.at(-1)?.signedLots === 0)
    w.run(1000)
    const closing = w.heard.fills.filter((fill) => fill.side === SELL)
    expect(closing.reduce((sum, fill) => sum + fill.lots, 0)).toBe(20)
    expect(closing.every((fill) => fill.kind === 'trade' && fill.clientId === '')).toBe(true)
    const after = w.snapshot()
    expect(after.openOrders).toEqual([])
    expect(after.positions).toMatchObject([{ signedLots: 0 }])
    w.stop()
  })

  it('are set, changed and taken away for a position; the same again is unchanged', () => {
    const w = up()
    open(w, 'e')
    const mid = midOf(w)
    const protect = (takeProfitTicks: number | null, stopLossTicks: number | null): CommandOutcome => w.command((done) => w.port.setProtection('BTCUSDT', { takeProfitTicks, stopLossTicks }, done))
    accepted(protect(mid + 20_000, mid - 20_000))
    expect(w.snapshot().openOrders).toHaveLength(2)
    expect(protect(mid + 20_000, mid - 20_000)).toMatchObject({ kind: 'refused', errorClass: 'unchanged' })
    accepted(protect(null, mid - 10_000))
    expect(w.snapshot().openOrders).toHaveLength(1)
    accepted(protect(null, null))
    expect(w.snapshot().openOrders).toEqual([])
    w.stop()
  })
})

describe('an account in hedge mode', () => {
  it('is switched when it is flat, holds a leg each way, and is switched back when flat again', () => {
    const w = up({ hedge: true })
    accepted(w.command((done) => w.port.setPositionMode('hedge', done)))
    expect(w.ask<PositionMode>((done) => w.port.positionMode('BTCUSDT', done))).toBe('hedge')
    expect(w.place({ clientId: 'no-leg' })).toMatchObject({ kind: 'refused', errorClass: 'rejected' })
    open(w, 'l', { leg: 'long', lots: 20 })
    open(w, 's', { leg: 'short', side: SELL, lots: 8 })
    const legs = w.snapshot().positions.map((position) => [position.leg, position.signedLots])
    expect(legs).toEqual([['long', 20], ['short', -8]])
    expect(new Map(w.heard.positions.map((position) => [position.leg, position.signedLots]))).toEqual(new Map([['long', 20], ['short', -8]]))
    expect(w.command((done) => w.port.setPositionMode('one-way', done))).toMatchObject({ kind: 'refused', errorClass: 'rejected' })
    open(w, 'lx', { leg: 'long', side: SELL, lots: 20, reduceOnly: true })
    open(w, 'sx', { leg: 'short', side: BUY, lots: 8, reduceOnly: true })
    accepted(w.command((done) => w.port.setPositionMode('one-way', done)))
    w.stop()
  })

  it('is refused where one position is expected: the snapshot fails, with the code', () => {
    const w = up()
    accepted(w.command((done) => w.port.setPositionMode('hedge', done)))
    expect(w.wait<string>((done) => w.port.snapshot(['BTCUSDT'], 0, (error) => done(String(error))))).toContain('RM_VENUE_POSITION_MODE')
    w.stop()
  })
})

describe('disconnect protection', () => {
  it('cancels the orders when the connection stays away for its time, and not when it comes back in time', () => {
    const w = up()
    accepted(w.place({ clientId: 'a' }))
    accepted(w.command((done) => w.port.armDeadMan(10_000, done)))
    w.front.faults.dropConnections('private')
    w.run(15_000)
    expect(w.heard.links.map((line) => line.split(':')[0])).toEqual(['up', 'down', 'up'])
    expect(w.snapshot().openOrders).toHaveLength(1)
    w.port.stop()
    w.run(9_000)
    expect(w.exchange.orders('main', { open: true })).toHaveLength(1)
    w.run(3_000)
    expect(w.exchange.orders('main', { open: true })).toEqual([])
    w.stop()
  })

  it('disarmed, the orders stay', () => {
    const w = up()
    accepted(w.place({ clientId: 'a' }))
    accepted(w.command((done) => w.port.armDeadMan(10_000, done)))
    accepted(w.command((done) => w.port.armDeadMan(0, done)))
    w.port.stop()
    w.run(60_000)
    expect(w.exchange.orders('main', { open: true })).toHaveLength(1)
    w.stop()
  })
})

describe('what the venue does to a position', () => {
  it('a close by hand, a liquidation and a deleveraging arrive, each as what it is', () => {
    const kinds: string[] = []
    for (const act of ['hand', 'liquidation', 'adl'] as const) {
      const w = up()
      open(w, 'p')
      if (act === 'hand') w.exchange.operator.closeByHand('main', 'BTCUSDT')
      else if (act === 'liquidation') w.exchange.operator.liquidate('main')
      else w.exchange.operator.deleverage('BTCUSDT', BUY, 20)
      w.run(1000)
      const closing = w.heard.fills.filter((fill) => fill.side === SELL)
      expect(closing.reduce((sum, fill) => sum + fill.lots, 0)).toBe(20)
      expect(closing.every((fill) => fill.clientId === '')).toBe(true)
      expect(w.heard.positions.at(-1)).toMatchObject({ signedLots: 0 })
      expect(w.heard.links).toEqual(['up'])
      kinds.push(...new Set(closing.map((fill) => fill.kind)))
      const snapshot = w.snapshot()
      expect(snapshot.positions).toMatchObject([{ signedLots: 0 }])
      expect(new Set(snapshot.fills.map((fill) => fill.executionId))).toEqual(new Set(w.heard.fills.map((fill) => fill.executionId)))
      w.stop()
    }
    expect(kinds).toEqual(['trade', 'liquidation', 'adl'])
  })

  it('the forced close is on the public stream, as the order that closed', () => {
    const w = up()
    const feed = w.venue.feed(w.btc)
    feed.start(w.heard)
    w.run(500)
    open(w, 'p')
    w.exchange.operator.liquidate('main')
    w.run(2000)
    expect(w.heard.liquidations).toMatchObject([{ side: SELL, lots: 20 }])
    feed.stop()
    w.stop()
  })

  it('an instrument that changes while it is fed is told with its new grid', () => {
    const w = new World({ instrumentsMs: 2000 })
    const feed = w.venue.feed(w.btc)
    feed.start(w.heard)
    w.run(6000)
    expect(w.heard.instruments).toEqual([])
    w.exchange.operator.changeContract('BTCUSDT', { maxLots: 5000 })
    w.run(6000)
    const states: readonly InstrumentState[] = w.heard.instruments
    expect(states).toHaveLength(1)
    expect(states[0]!.instrument.maxLots).not.toBe(w.btc.maxLots)
    feed.stop()
    w.stop()
  })
})
