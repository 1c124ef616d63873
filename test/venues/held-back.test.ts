import { describe, expect, it } from 'vitest'
import { BUY, SELL } from '../../src/core/index.ts'
import type { CommandOutcome, OrderRequest } from '../../src/venues/index.ts'
import { answer } from './fake-transport.ts'
import { item, ok } from './okx/okx-world.ts'
import * as okx from './okx/trading-world.ts'
import * as bybit from './trading-world.ts'

/**
 * Execution has stopped what increases exposure while orders wait for their place under a limit, for the socket, or for
 * their next try: none of them may leave any more, and what reduces still does (F12, F13, F16).
 */

const HELD = { kind: 'unsent', reason: 'nothing that increases exposure may leave any more' }
const EXIT = { side: SELL, type: 'market', priceTicks: null, timeInForce: 'IOC', reduceOnly: true } as const

interface Desk {
  readonly run: (ms: number) => void
  readonly stop: () => void
  readonly place: (request: OrderRequest) => CommandOutcome[]
  readonly batch: (requests: readonly OrderRequest[]) => CommandOutcome[]
  /** New orders that left, by client id; over REST too. */
  readonly left: () => readonly string[]
  readonly dropSocket: () => void
  /** As execution does when the kill switch engages. */
  readonly endHeld: () => void
  readonly waiting: () => number
}

const textOf = (value: unknown): string => JSON.stringify(value)
const idsIn = (texts: readonly string[]): readonly string[] => texts.flatMap((text) => [...text.matchAll(/"(?:orderLinkId|clOrdId|algoClOrdId)":"([^"]+)"/g)].map((match) => match[1]!))

function bybitDesk(): Desk {
  const w = new bybit.World({ placeWaitMs: 4000 })
  w.up()
  w.respond = () => answer({ orderId: 'v1', orderLinkId: 'x' })
  return {
    run: (ms) => w.run(ms),
    stop: () => void (w.mayIncrease = false),
    place: (request) => w.place(request),
    batch: (requests) => {
      const outcomes: CommandOutcome[] = []
      w.port.placeBatch(requests, (all) => outcomes.push(...all))
      return outcomes
    },
    left: () => idsIn(w.transport.sockets.flatMap((socket) => [...socket.ops('order.create'), ...socket.ops('order.create-batch')]).map(textOf).concat(w.transport.requests.filter((one) => /order\/create/.test(one.path)).map((one) => one.body!))),
    dropSocket: () => w.trade.drop(),
    endHeld: () => w.venue.resilience.endHeld(),
    waiting: () => w.venue.resilience.status().groups.reduce((sum, group) => sum + group.waiting, 0),
  }
}

function okxDesk(): Desk {
  const w = new okx.TradingWorld({ placeWaitMs: 4000 })
  w.up()
  w.respond = okx.routes({ 'trade/order': ok([item('0')]), 'trade/batch-orders': ok([item('0')]), 'trade/order-algo': ok([{ algoId: '5', sCode: '0' }]), 'market/ticker': ok([{ last: '60000' }]) })
  return {
    run: (ms) => w.run(ms),
    stop: () => void (w.mayIncrease = false),
    place: (request) => w.place(request),
    batch: (requests) => {
      const outcomes: CommandOutcome[] = []
      w.port.placeBatch(requests, (all) => outcomes.push(...all))
      return outcomes
    },
    left: () => idsIn(w.transport.sockets.flatMap((socket) => [...socket.ops('order'), ...socket.ops('batch-orders')]).map(textOf).concat(w.transport.requests.filter((one) => one.method === 'POST' && /trade\/(order|batch-orders|order-algo)$/.test(one.path)).map((one) => one.body!))),
    dropSocket: () => w.socket.drop(),
    endHeld: () => w.venue.resilience.endHeld(),
    waiting: () => w.venue.resilience.status().groups.reduce((sum, group) => sum + group.waiting, 0),
  }
}

describe.each([
  ['bybit', bybitDesk, bybit.ORDER, 15],
  ['okx', okxDesk, okx.ORDER, 65],
] as const)('orders that wait while execution stops, on %s', (_venue, open, order, moreThanPass) => {
  const entry = (n: number): OrderRequest => ({ ...order, clientId: `n${n}` })
  const exit = (n: number): OrderRequest => ({ ...order, ...EXIT, clientId: `x${n}` })

  it('entries that wait for their place never leave, exits behind them do', () => {
    const desk = open()
    const outcomes = Array.from({ length: moreThanPass }, (_, n) => desk.place(entry(n)))
    const exits = [desk.place(exit(1))]
    const before = desk.left()
    expect(before.length).toBeGreaterThan(5)
    expect(before.length).toBeLessThan(moreThanPass)
    desk.stop()
    desk.run(4500)
    expect(desk.left().filter((id) => id.startsWith('n'))).toEqual(before.filter((id) => id.startsWith('n')))
    expect(desk.left()).toContain('x1')
    expect(outcomes.at(-1)).toEqual([expect.objectContaining({ kind: 'unsent' })])
    expect(outcomes.some(([one]) => one?.kind === 'unsent' && one.reason === HELD.reason)).toBe(true)
    expect(exits[0]!.some((one) => one.kind === 'unsent')).toBe(false)
  })

  it('entries that wait are ended as unsent at once when execution says so, and hold no place before an exit', () => {
    const desk = open()
    const outcomes = Array.from({ length: moreThanPass }, (_, n) => desk.place(entry(n)))
    const left = desk.left().length
    const waiting = desk.waiting()
    expect(waiting).toBeGreaterThan(0)
    desk.stop()
    desk.endHeld()
    expect(desk.waiting()).toBe(0)
    desk.run(1)
    expect(outcomes.flat().filter((one) => one.kind === 'unsent' && one.reason === HELD.reason)).toHaveLength(moreThanPass - left)
    desk.run(2500)
    expect(desk.left()).toHaveLength(left)
  })

  it('entries that wait for their place when the socket goes do not leave over REST', () => {
    const desk = open()
    for (let n = 0; n < moreThanPass; n++) desk.place(entry(n))
    const before = desk.left()
    desk.stop()
    desk.dropSocket()
    desk.run(4500)
    expect(desk.left()).toEqual(before)
  })

  it('an entry given in afterwards is told as unsent, over the socket and over REST', () => {
    const desk = open()
    desk.stop()
    const overSocket = desk.place(entry(1))
    const batch = desk.batch([entry(2), entry(3)])
    const mixed = desk.batch([exit(1), entry(4)])
    desk.run(5)
    desk.dropSocket()
    const overRest = desk.place(entry(5))
    desk.run(5)
    expect([overSocket, batch, mixed, overRest]).toEqual([[HELD], [HELD, HELD], [HELD, HELD], [HELD]])
    expect(desk.left()).toEqual([])
    const exits = [desk.place(exit(6)), desk.batch([exit(7), exit(8)])]
    desk.run(50)
    expect(desk.left()).toEqual(['x6', 'x7', 'x8'])
    expect(exits.flat().some((one) => one.kind === 'unsent')).toBe(false)
  })

  it('a trigger order that could open is held back, one that only closes is not', () => {
    const desk = open()
    desk.stop()
    const trigger = { priceTicks: 610_000, direction: 'rise', by: 'last' } as const
    const opening = desk.place({ ...entry(1), timeInForce: 'GTC', trigger })
    desk.place({ ...exit(2), side: BUY, trigger })
    desk.run(50)
    expect(opening).toEqual([HELD])
    expect(desk.left()).toEqual(['x2'])
  })

  it('everything leaves while execution lets it', () => {
    const desk = open()
    desk.place(entry(1))
    desk.place(exit(2))
    expect(desk.left()).toEqual(['n1', 'x2'])
  })
})

describe('legs of an account in hedge mode, on okx', () => {
  it('are told apart by side: closing a leg leaves, opening one does not', () => {
    const desk = okxDesk()
    desk.stop()
    const outcomes = (['long', 'short'] as const).flatMap((leg) => [BUY, SELL].map((side) => desk.place({ ...okx.ORDER, clientId: `${leg}${side}`, leg, side, reduceOnly: false })))
    desk.run(5)
    expect(desk.left()).toEqual([`long${SELL}`, `short${BUY}`])
    expect(outcomes.map((one) => one.length)).toEqual([1, 0, 0, 1])
  })
})
