import { describe, expect, it } from 'vitest'
import { BUY, SELL } from '../../../src/core/index.ts'
import { defineContract, MemoryLedger, type ExchangeOrder, type NewOrder, type NewTrigger } from '../../../src/exchange/index.ts'
import { market, openDesk, order, type Desk } from './support.ts'

const A = 'alice'
const rise = (ticks: number, by: NewTrigger['by'] = 'last'): NewTrigger => ({ by, direction: 'rise', ticks })
const fall = (ticks: number, by: NewTrigger['by'] = 'last'): NewTrigger => ({ by, direction: 'fall', ticks })

function place(desk: Desk, wanted: NewOrder, account = A): ExchangeOrder {
  const answer = desk.exchange.place(account, wanted)
  if (!answer.ok) throw new Error(`${answer.refusal}: ${answer.text}`)
  return answer.value
}

/** A print of the market that moves the last price and nothing else. */
const print = (desk: Desk, ticks: number): void => desk.market.print(BUY, ticks, 1)
const statusOf = (desk: Desk, id: { readonly orderId: string }): string | undefined => desk.exchange.findOrder(A, id)?.status

/** A desk whose last price is 1000, with what is told of orders. */
function watched(options: Parameters<typeof openDesk>[0] = {}): { desk: Desk; heard: string[] } {
  const heard: string[] = []
  const desk = openDesk({ ...options, listener: { onOrder: (row) => row.account === A && heard.push([row.clientId || row.trigger?.kind || row.origin, row.status, row.cancelReason ?? ''].join(' ').trim()) } })
  print(desk, 1000)
  return { desk, heard }
}

describe('conditional orders', () => {
  it('wait without margin and without the book, fire once, and keep their order id as an ordinary order', () => {
    const { desk, heard } = watched()
    const waiting = place(desk, order({ clientId: 'stop', side: BUY, priceTicks: 990, lots: 10, trigger: rise(1003) }))
    expect(waiting).toMatchObject({ status: 'Untriggered', trigger: { kind: 'stop', by: 'last', direction: 'rise', ticks: 1003, createdAtTicks: 1000, triggeredMs: null } })
    expect(desk.exchange.wallet(A).orderMargin.toFixed()).toBe('0')
    expect(desk.exchange.orders(A, { open: true })).toEqual([])
    expect(desk.exchange.orders(A, { open: true, conditional: true }).map((row) => row.clientId)).toEqual(['stop'])
    print(desk, 1002)
    expect(statusOf(desk, waiting)).toBe('Untriggered')
    print(desk, 1003)
    expect(heard).toEqual(['stop Untriggered', 'stop Triggered', 'stop New'])
    expect(desk.exchange.orders(A, { open: true })).toMatchObject([{ orderId: waiting.orderId, clientId: 'stop', status: 'New', trigger: { triggerId: waiting.trigger!.triggerId, triggeredMs: desk.time.wallMs() } }])
    expect(waiting.trigger!.triggerId).not.toBe(waiting.orderId)
    expect(desk.exchange.orders(A, { conditional: true })).toEqual([])
    expect(desk.exchange.wallet(A).orderMargin.toFixed()).toBe('990')
    print(desk, 1000)
    print(desk, 1004)
    expect(heard).toHaveLength(3)
  })

  it('fire on a price that came and went inside one market message', () => {
    const { desk } = watched()
    const stop = place(desk, market(SELL, 5, { trigger: fall(997) }))
    desk.market.flow.print(BUY, 996, 1)
    desk.market.flow.print(BUY, 1000, 1)
    desk.market.flow.commit()
    expect(statusOf(desk, stop)).toBe('Filled')
  })

  it('look at the mark or the index when told, and not at the last price', () => {
    const { desk } = watched()
    const marked = place(desk, market(BUY, 5, { trigger: rise(1040, 'mark') }))
    const indexed = place(desk, market(BUY, 5, { trigger: rise(1040, 'index') }))
    print(desk, 1045)
    expect([statusOf(desk, marked), statusOf(desk, indexed)]).toEqual(['Untriggered', 'Untriggered'])
    for (let i = 1; i <= 5; i++) desk.market.flow.setLevel(SELL, 1000 + i, 0)
    desk.market.flow.setLevel(SELL, 1061, 100)
    desk.market.level(BUY, 1059, 100)
    desk.time.runUntil(200e9)
    expect([statusOf(desk, marked), statusOf(desk, indexed)]).toEqual(['Filled', 'Filled'])
  })

  it.each([
    ['a rising trigger at the price', { trigger: rise(1000) }, 'trigger-not-above'],
    ['a rising trigger below it', { trigger: rise(999) }, 'trigger-not-above'],
    ['a falling trigger at the price', { trigger: fall(1000) }, 'trigger-not-below'],
    ['a trigger that is no price', { trigger: rise(0) }, 'bad-price'],
    ['a trigger of half a tick', { trigger: rise(1001.5) }, 'bad-price'],
    ['no size', { trigger: rise(1003), lots: 0 }, 'bad-size'],
    ['a limit that is no price', { trigger: rise(1003), priceTicks: -5 }, 'bad-price'],
    ['a trail without a distance', { trigger: { by: 'last', direction: 'fall', trail: { distanceTicks: null, ratio: null, activeTicks: null } } }, 'bad-price'],
    ['a trail as long as the price', { trigger: { by: 'last', direction: 'fall', trail: { distanceTicks: 1000, ratio: null, activeTicks: null } } }, 'bad-price'],
  ] as const)('are refused for %s, and nothing waits', (_, change, refusal) => {
    const { desk, heard } = watched()
    expect(desk.exchange.place(A, order(change))).toMatchObject({ ok: false, refusal })
    expect(heard).toEqual([])
  })

  it('are at most ten per symbol unless the front says otherwise, and one that ends makes room', () => {
    const { desk } = watched()
    for (let i = 0; i < 10; i++) place(desk, order({ trigger: rise(1010 + i) }))
    const more = order({ clientId: 'more', trigger: rise(1100) })
    expect(desk.exchange.place(A, more)).toMatchObject({ ok: false, refusal: 'too-many-triggers' })
    expect(desk.exchange.place(A, { ...more, clientId: 'many', trigger: { ...rise(1100), activeMax: 100 } }).ok).toBe(true)
    desk.exchange.cancel(A, 'AAAUSDT', desk.exchange.orders(A, { conditional: true })[0])
    desk.exchange.cancel(A, 'AAAUSDT', desk.exchange.orders(A, { conditional: true, open: true })[0])
    expect(desk.exchange.place(A, more).ok).toBe(true)
  })

  it('can be amended and cancelled while they wait; what was cancelled is Deactivated', () => {
    const { desk } = watched()
    const stop = place(desk, order({ clientId: 's', trigger: rise(1003) }))
    expect(desk.exchange.amend(A, 'AAAUSDT', stop, { triggerTicks: 1010, lots: 20, priceTicks: 1001 })).toMatchObject({ ok: true, value: { lots: 20, priceTicks: 1001, trigger: { ticks: 1010 } } })
    expect(desk.exchange.amend(A, 'AAAUSDT', stop, { triggerTicks: 1010 })).toMatchObject({ ok: false, refusal: 'amend-nothing' })
    expect(desk.exchange.amend(A, 'AAAUSDT', stop, { triggerTicks: 999 })).toMatchObject({ ok: false, refusal: 'trigger-not-above' })
    print(desk, 1005)
    expect(statusOf(desk, stop)).toBe('Untriggered')
    expect(desk.exchange.cancel(A, 'AAAUSDT', stop)).toMatchObject({ ok: true, value: { status: 'Deactivated', cancelReason: 'user' } })
    expect(desk.exchange.cancel(A, 'AAAUSDT', stop)).toMatchObject({ ok: false, refusal: 'order-already-final' })
    print(desk, 1020)
    expect(statusOf(desk, stop)).toBe('Deactivated')
    expect(desk.exchange.orders(A, { open: false })).toEqual([])
    expect(desk.exchange.orders(A, { open: false, conditional: true })).toMatchObject([{ clientId: 's', status: 'Deactivated' }])
  })

  it('reduce-only ones shrink to the position when they fire, and do nothing without one', () => {
    const { desk } = watched()
    place(desk, market(BUY, 10))
    const stop = place(desk, market(SELL, 25, { reduceOnly: true, trigger: fall(997) }))
    const all = place(desk, market(SELL, 0, { closeOnTrigger: true, trigger: fall(996) }))
    print(desk, 997)
    expect(desk.exchange.findOrder(A, stop)).toMatchObject({ status: 'Filled', lots: 10 })
    print(desk, 996)
    expect(desk.exchange.findOrder(A, all)).toMatchObject({ status: 'Deactivated', cancelReason: 'reduce-only' })
    expect(desk.exchange.position(A, 'AAAUSDT').signedLots).toBe(0)
  })

  it('are rejected when the margin is not there at their time', () => {
    const { desk, heard } = watched({ startingBalance: '1000', defaultLeverage: '1' })
    place(desk, order({ clientId: 'big', lots: 50, priceTicks: 1001, trigger: rise(1003) }))
    print(desk, 1003)
    expect(heard).toEqual(['big Untriggered', 'big Triggered', 'big New', 'big Rejected margin-at-trigger'])
    expect(desk.exchange.wallet(A).orderMargin.toFixed()).toBe('0')
  })

  it('a stop that fires another fires it in the same command, in the order in which they were made', () => {
    const { desk, heard } = watched({ book: (flow) => {
      for (let i = 1; i <= 5; i++) {
        flow.setLevel(BUY, 1000 - i, 10)
        flow.setLevel(SELL, 1000 + i, 10)
      }
    } })
    place(desk, market(SELL, 30, { clientId: 'first', trigger: fall(999) }))
    place(desk, market(SELL, 10, { clientId: 'second', trigger: fall(997) }))
    heard.length = 0
    desk.market.take(SELL, 999, 1)
    expect(heard.filter((line) => /Triggered|Filled/.test(line) && !/Partially/.test(line))).toEqual(['first Triggered', 'first Filled', 'second Triggered', 'second Filled'])
  })

  it('of one group: the first to fire ends the other', () => {
    const { desk, heard } = watched()
    place(desk, market(BUY, 10))
    place(desk, market(SELL, 10, { clientId: 'tp', reduceOnly: true, trigger: { ...rise(1005), group: 'g' } }))
    place(desk, market(SELL, 10, { clientId: 'sl', reduceOnly: true, trigger: { ...fall(995), group: 'g' } }))
    heard.length = 0
    print(desk, 1005)
    expect(heard.filter((line) => !line.includes('Partially'))).toEqual(['sl Deactivated one-cancels-other', 'tp Triggered', 'tp New', 'tp Filled'])
  })

  it('move a limit that is outside the band at their time to its end', () => {
    const { desk } = watched()
    const stop = place(desk, order({ side: BUY, priceTicks: 1200, lots: 10, trigger: rise(1003) }))
    print(desk, 1003)
    expect(desk.exchange.findOrder(A, stop)).toMatchObject({ status: 'Filled', priceTicks: 1050 })
  })

  it('do not fire at a restart for want of a price', () => {
    const ledger = new MemoryLedger()
    const { desk } = watched({ ledger })
    place(desk, market(BUY, 5))
    const stop = place(desk, market(SELL, 5, { reduceOnly: true, trigger: fall(990) }))
    desk.time.runUntil(60e9)
    const second = openDesk({ ledger: new MemoryLedger(ledger.lines), book: () => {} })
    second.time.runUntil(5e9)
    expect(second.exchange.findOrder(A, stop)!.status).toBe('Untriggered')
  })

  it('wait on through a restart, with their trigger as it was', () => {
    const ledger = new MemoryLedger()
    const { desk } = watched({ ledger })
    const stop = place(desk, order({ clientId: 'kept', priceTicks: 990, trigger: rise(1003) }))
    desk.exchange.amend(A, 'AAAUSDT', stop, { triggerTicks: 1004 })
    const second = openDesk({ ledger: new MemoryLedger(ledger.lines) })
    expect(second.exchange.findOrder(A, stop)).toMatchObject({ status: 'Untriggered', trigger: { ticks: 1004 } })
    print(second, 1004)
    const third = openDesk({ ledger: new MemoryLedger((second.ledger as MemoryLedger).lines) })
    expect(third.exchange.findOrder(A, stop)).toMatchObject({ status: 'New', clientId: 'kept' })
    expect(third.exchange.place(A, order({ clientId: 'kept' }))).toMatchObject({ ok: false, refusal: 'duplicate-client-id' })
  })
})

describe('trailing stops', () => {
  const trailing = (trail: object): Partial<NewOrder> => ({ reduceOnly: true, trigger: { by: 'last', direction: 'fall', trail: { distanceTicks: null, ratio: null, activeTicks: null, ...trail } } })

  it('follow the best price at their distance, never back, and fire when the price comes to them', () => {
    const { desk } = watched()
    place(desk, market(BUY, 10))
    print(desk, 1000)
    const stop = place(desk, market(SELL, 10, trailing({ distanceTicks: 5 })))
    const at = (): number | null | undefined => desk.exchange.findOrder(A, stop)!.trigger!.ticks
    expect(at()).toBe(995)
    print(desk, 1010)
    expect(at()).toBe(1005)
    print(desk, 1006)
    expect(at()).toBe(1005)
    print(desk, 1005)
    expect(statusOf(desk, stop)).toBe('Filled')
  })

  it('begin at their activation price, and a distance may be a share of the price', () => {
    const { desk } = watched()
    place(desk, market(BUY, 10))
    print(desk, 1000)
    const stop = place(desk, market(SELL, 10, trailing({ ratio: '0.01', activeTicks: 1020 })))
    print(desk, 900)
    expect(desk.exchange.findOrder(A, stop)).toMatchObject({ status: 'Untriggered', trigger: { ticks: null } })
    print(desk, 1030)
    expect(desk.exchange.findOrder(A, stop)!.trigger!.ticks).toBe(1020)
    print(desk, 1019)
    expect(statusOf(desk, stop)).toBe('Filled')
  })
})

describe('protection of a position', () => {
  const tpsl = (mode: 'full' | 'partial', tp: number, sl: number): NewOrder['protection'] => ({ mode, takeProfit: { ticks: tp, by: 'last', limitTicks: null }, stopLoss: { ticks: sl, by: 'last', limitTicks: null } })

  it('begins with the first opening fill of its order, takes the whole position, and ends with it', () => {
    const { desk, heard } = watched()
    place(desk, order({ clientId: 'open', priceTicks: 1000, lots: 20, protection: tpsl('full', 1020, 980)! }))
    expect(desk.exchange.position(A, 'AAAUSDT')).toMatchObject({ takeProfit: null, stopLoss: null })
    desk.market.take(SELL, 1000, 5)
    expect(desk.exchange.position(A, 'AAAUSDT')).toMatchObject({ signedLots: 5, takeProfit: { ticks: 1020 }, stopLoss: { ticks: 980 } })
    desk.market.take(SELL, 1000, 15)
    expect(desk.exchange.orders(A, { conditional: true, open: true })).toMatchObject([
      { origin: 'protection', side: SELL, reduceOnly: true, trigger: { kind: 'stop-loss', wholePosition: true, parentClientId: 'open' } },
      { trigger: { kind: 'take-profit' } },
    ])
    heard.length = 0
    print(desk, 1020)
    expect(desk.exchange.position(A, 'AAAUSDT')).toMatchObject({ signedLots: 0, takeProfit: null, stopLoss: null })
    expect(heard).toEqual(['take-profit Triggered', 'take-profit New', 'take-profit Filled', 'stop-loss Deactivated position-closed'])
  })

  it('partial pairs have the size that their order opened, and one fires without the other', () => {
    const { desk } = watched()
    place(desk, order({ priceTicks: 1000, lots: 20, protection: tpsl('partial', 1020, 980)! }))
    desk.market.take(SELL, 1000, 5)
    desk.market.take(SELL, 1000, 15)
    place(desk, market(BUY, 10))
    expect(desk.exchange.orders(A, { conditional: true, open: true }).map((row) => [row.trigger!.kind, row.lots])).toEqual([['partial-stop-loss', 20], ['partial-take-profit', 20]])
    print(desk, 980)
    expect(desk.exchange.position(A, 'AAAUSDT').signedLots).toBe(10)
    expect(desk.exchange.orders(A, { conditional: true, open: true })).toEqual([])
  })

  it('is set, moved and removed later, and every position message carries it', () => {
    const told: unknown[] = []
    const desk = openDesk({ listener: { onPosition: (row) => told.push([row.takeProfit?.ticks ?? null, row.stopLoss?.ticks ?? null]) } })
    place(desk, market(SELL, 10))
    const set = (change: object): unknown => desk.exchange.setProtection(A, 'AAAUSDT', 'net', { mode: 'full', ...change })
    const price = (ticks: number): object => ({ ticks, by: 'last', limitTicks: null })
    expect(set({ takeProfit: price(990), stopLoss: price(1010) })).toMatchObject({ ok: true, value: { takeProfit: { ticks: 990 }, stopLoss: { ticks: 1010 } } })
    expect(set({ takeProfit: price(990) })).toMatchObject({ ok: false, refusal: 'protection-unchanged' })
    expect(set({ takeProfit: price(985) })).toMatchObject({ ok: true, value: { takeProfit: { ticks: 985 } } })
    expect(set({ takeProfit: price(1010) })).toMatchObject({ ok: false, refusal: 'protection-side' })
    expect(set({ stopLoss: null })).toMatchObject({ ok: true, value: { stopLoss: null } })
    expect(set({ trailing: { trail: { distanceTicks: 8, ratio: null, activeTicks: null }, by: 'last' } })).toMatchObject({ ok: true, value: { trailing: { kind: 'trailing-stop' } } })
    expect(told).toEqual([[null, null], [990, 1010], [985, 1010], [985, null], [985, null]])
  })

  it('is refused without a position, with a size beyond it, and beyond twenty partial ones', () => {
    const { desk } = watched()
    const partial = (lots: number, ticks = 980): object => desk.exchange.setProtection(A, 'AAAUSDT', 'net', { mode: 'partial', lots, stopLoss: { ticks, by: 'last', limitTicks: null } })
    expect(partial(1)).toMatchObject({ ok: false, refusal: 'protection-no-position' })
    place(desk, market(BUY, 10))
    expect(partial(11)).toMatchObject({ ok: false, refusal: 'bad-size' })
    for (let i = 0; i < 20; i++) expect(partial(1, 960 + i)).toMatchObject({ ok: true })
    expect(partial(1)).toMatchObject({ ok: false, refusal: 'too-many-triggers' })
  })

  it('of the old side ends when the position turns', () => {
    const { desk } = watched()
    place(desk, market(BUY, 10))
    desk.exchange.setProtection(A, 'AAAUSDT', 'net', { mode: 'full', stopLoss: { ticks: 980, by: 'last', limitTicks: null } })
    place(desk, market(SELL, 30, { protection: tpsl('full', 950, 1050)! }))
    expect(desk.exchange.position(A, 'AAAUSDT')).toMatchObject({ signedLots: -20, takeProfit: { ticks: 950 }, stopLoss: { ticks: 1050 } })
    expect(desk.exchange.orders(A, { conditional: true, open: false })).toMatchObject([{ side: SELL, cancelReason: 'position-closed' }])
  })

  it('lies on the right side of the order that brings it', () => {
    const { desk } = watched()
    expect(desk.exchange.place(A, order({ priceTicks: 990, protection: tpsl('full', 989, 980)! }))).toMatchObject({ ok: false, refusal: 'protection-side' })
    expect(desk.exchange.place(A, order({ priceTicks: 990, protection: tpsl('full', 999, 990)! }))).toMatchObject({ ok: false, refusal: 'protection-side' })
    expect(desk.exchange.place(A, order({ priceTicks: 990, protection: tpsl('full', 991, 989)! })).ok).toBe(true)
    expect(desk.exchange.place(A, market(BUY, 5, { protection: tpsl('full', 1010, 990)!, trigger: rise(1010) }))).toMatchObject({ ok: false, refusal: 'protection-side' })
  })
})

describe('price band', () => {
  it('moves a price to its end when asked to, and refuses it otherwise', () => {
    const { desk } = watched()
    expect(desk.exchange.place(A, order({ priceTicks: 1100 }))).toMatchObject({ ok: false, refusal: 'price-band' })
    expect(desk.exchange.place(A, order({ priceTicks: 1100, onBand: 'move' }))).toMatchObject({ ok: true, value: { priceTicks: 1050, status: 'Filled' } })
    expect(desk.exchange.priceBand('AAAUSDT')).toEqual({ highestBuyTicks: 1050, lowestSellTicks: 950 })
    const resting = place(desk, order({ priceTicks: 999, lots: 3 }))
    expect(desk.exchange.amend(A, 'AAAUSDT', resting, { priceTicks: 1100 })).toMatchObject({ ok: false, refusal: 'price-band' })
    expect(desk.exchange.amend(A, 'AAAUSDT', resting, { priceTicks: 1100, onBand: 'move' })).toMatchObject({ ok: true, value: { priceTicks: 1050 } })
  })

  it('lies on the listed grid', () => {
    const contract = defineContract({ symbol: 'AAAUSDT', baseCoin: 'AAA', tick: '1', lot: '1', minSize: '1', maxSize: '1000000', maxMarketSize: '500000', maxLeverage: 50, maintenanceRate: '0.01', tickSteps: 7 })
    const desk = openDesk({ contract })
    const { highestBuyTicks, lowestSellTicks } = desk.exchange.priceBand('AAAUSDT')
    expect([highestBuyTicks % 7, lowestSellTicks % 7]).toEqual([0, 0])
    expect(desk.exchange.place(A, order({ priceTicks: 996 }))).toMatchObject({ ok: false, refusal: 'bad-price' })
    expect(desk.exchange.place(A, order({ priceTicks: 987 })).ok).toBe(true)
  })
})
