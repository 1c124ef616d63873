import { describe, expect, it } from 'vitest'
import { BUY, SELL, type Side } from '../../../src/core/index.ts'
import { exchangeRules, type Answer, type ExchangeOrder, type NewOrder, type Refusal } from '../../../src/exchange/index.ts'
import { levelsOf, market, openDesk, order, plainBook, type Desk } from './support.ts'

const A = 'alice'
const B = 'bob'

function placed(desk: Desk, account: string, wanted: NewOrder): ExchangeOrder {
  const answer = desk.exchange.place(account, wanted)
  if (!answer.ok) throw new Error(`${answer.refusal}: ${answer.text}`)
  return answer.value
}

const refusalOf = (answer: Answer<unknown>): Refusal | 'accepted' => (answer.ok ? 'accepted' : answer.refusal)

describe('order types', () => {
  // Book: bids 999..995, asks 1001..1005, 100 lots each.
  const cases: readonly { readonly id: string; readonly order: Partial<NewOrder>; readonly status: string; readonly filled: number; readonly reason: string | null; readonly rests: number }[] = [
    { id: 'GTC that does not cross rests', order: { priceTicks: 999, lots: 10 }, status: 'New', filled: 0, reason: null, rests: 110 },
    { id: 'GTC that crosses takes and rests with the remainder', order: { priceTicks: 1002, lots: 250 }, status: 'PartiallyFilled', filled: 200, reason: null, rests: 50 },
    { id: 'GTC that is filled at once', order: { priceTicks: 1005, lots: 120 }, status: 'Filled', filled: 120, reason: null, rests: 0 },
    { id: 'IOC takes what there is and ends', order: { priceTicks: 1001, lots: 150, timeInForce: 'IOC' }, status: 'Cancelled', filled: 100, reason: 'ioc-remainder', rests: 0 },
    { id: 'IOC without a counterparty ends unfilled', order: { priceTicks: 1000, lots: 5, timeInForce: 'IOC' }, status: 'Cancelled', filled: 0, reason: 'ioc-remainder', rests: 0 },
    { id: 'IOC that is filled', order: { priceTicks: 1001, lots: 100, timeInForce: 'IOC' }, status: 'Filled', filled: 100, reason: null, rests: 0 },
    { id: 'FOK that the book covers', order: { priceTicks: 1002, lots: 200, timeInForce: 'FOK' }, status: 'Filled', filled: 200, reason: null, rests: 0 },
    { id: 'FOK that the book does not cover takes nothing', order: { priceTicks: 1002, lots: 201, timeInForce: 'FOK' }, status: 'Cancelled', filled: 0, reason: 'fok-not-fillable', rests: 0 },
    { id: 'PostOnly that does not cross rests', order: { priceTicks: 1000, lots: 7, timeInForce: 'PostOnly' }, status: 'New', filled: 0, reason: null, rests: 7 },
    { id: 'PostOnly that would take is cancelled', order: { priceTicks: 1001, lots: 7, timeInForce: 'PostOnly' }, status: 'Cancelled', filled: 0, reason: 'post-only-would-take', rests: 0 },
    { id: 'market takes level by level', order: { type: 'market', priceTicks: null, lots: 150, timeInForce: 'IOC' }, status: 'Filled', filled: 150, reason: null, rests: 0 },
    { id: 'market ends where the book ends', order: { type: 'market', priceTicks: null, lots: 600, timeInForce: 'IOC' }, status: 'Cancelled', filled: 500, reason: 'no-liquidity', rests: 0 },
  ]
  it.each(cases)('$id', ({ order: change, status, filled, reason, rests }) => {
    const desk = openDesk({ startingBalance: '1000000' })
    const wanted = order(change)
    const answer = placed(desk, A, wanted)
    expect([answer.status, answer.filledLots, answer.cancelReason]).toEqual([status, filled, reason])
    expect(desk.exchange.findOrder(A, { clientId: wanted.clientId })).toEqual(answer)
    const rows = desk.exchange.executions(A, { orderId: answer.orderId })
    expect(rows.reduce((sum, row) => sum + row.lots, 0)).toBe(filled)
    expect(rows.reduce((sum, row) => sum.plus(row.value), answer.filledValue.minus(answer.filledValue))).toEqual(answer.filledValue)
    expect(levelsOf(desk.exchange, 'AAAUSDT', BUY).find(([ticks]) => ticks === wanted.priceTicks)?.[1] ?? 0).toBe(rests)
    expect(desk.exchange.position(A, 'AAAUSDT').signedLots).toBe(filled)
  })

  it('a market order stops at the protective cap of five per cent', () => {
    const desk = openDesk({ startingBalance: '1000000', book: (flow) => {
      flow.setLevel(BUY, 999, 10)
      flow.setLevel(SELL, 1001, 10)
      flow.setLevel(SELL, 1050, 10)
      flow.setLevel(SELL, 1051, 10)
    } })
    const answer = placed(desk, A, market(BUY, 30))
    expect([answer.status, answer.filledLots, answer.cancelReason]).toEqual(['Cancelled', 20, 'no-liquidity'])
  })

  it('fills makers at their price, oldest first, and the taker at the makers\' prices', () => {
    const desk = openDesk()
    placed(desk, A, order({ side: SELL, priceTicks: 1000, lots: 4 }))
    placed(desk, B, order({ side: SELL, priceTicks: 1000, lots: 6 }))
    placed(desk, 'carol', order({ priceTicks: 1001, lots: 15 }))
    const rows = desk.exchange.executions('carol', {}).map((row) => [row.priceTicks, row.lots, row.maker]).reverse()
    expect(rows).toEqual([[1000, 4, false], [1000, 6, false], [1001, 5, false]])
    expect(desk.exchange.executions(A, {})[0].maker).toBe(true)
    expect(desk.exchange.externalLots('AAAUSDT', SELL, 1001)).toBe(95)
  })

  it('a level taken by an account is what the market says again at its next update', () => {
    const desk = openDesk()
    placed(desk, A, market(BUY, 60))
    expect(levelsOf(desk.exchange, 'AAAUSDT', SELL)[0]).toEqual([1001, 40])
    desk.market.level(SELL, 1001, 100)
    expect(levelsOf(desk.exchange, 'AAAUSDT', SELL)[0]).toEqual([1001, 100])
  })
})

describe('self-trade prevention', () => {
  it('cancels the resting order and lets the new one go on', () => {
    const desk = openDesk()
    const own = placed(desk, A, order({ side: SELL, priceTicks: 1000, lots: 5 }))
    const taker = placed(desk, A, order({ priceTicks: 1001, lots: 8, timeInForce: 'IOC' }))
    expect([taker.status, taker.filledLots]).toEqual(['Filled', 8])
    const ended = desk.exchange.findOrder(A, { orderId: own.orderId })!
    expect([ended.status, ended.cancelReason, ended.filledLots]).toEqual(['Cancelled', 'self-trade', 0])
  })

  it('does not count own orders towards a fill-or-kill', () => {
    const desk = openDesk()
    placed(desk, A, order({ side: SELL, priceTicks: 1000, lots: 5 }))
    const answer = placed(desk, A, order({ priceTicks: 1001, lots: 105, timeInForce: 'FOK' }))
    expect(answer.cancelReason).toBe('fok-not-fillable')
    expect(desk.exchange.orders(A, { open: true })).toHaveLength(1)
  })
})

describe('amend', () => {
  it('keeps its place when the size goes down, loses it when the size goes up or the price changes', () => {
    const desk = openDesk()
    const mine = placed(desk, A, order({ lots: 20 }))
    placed(desk, B, order({ lots: 5 }))
    expect(desk.exchange.queueAheadLots(A, mine)).toBe(100)
    expect(desk.exchange.amend(A, 'AAAUSDT', mine, { lots: 10 }).ok).toBe(true)
    expect(desk.exchange.queueAheadLots(A, mine)).toBe(100)
    expect(desk.exchange.amend(A, 'AAAUSDT', mine, { lots: 12 }).ok).toBe(true)
    expect(desk.exchange.queueAheadLots(A, mine)).toBe(105)
    expect(desk.exchange.amend(A, 'AAAUSDT', mine, { priceTicks: 998 }).ok).toBe(true)
    expect(desk.exchange.queueAheadLots(A, mine)).toBe(100)
  })

  it('the size is the new total: filled lots count', () => {
    const desk = openDesk()
    const mine = placed(desk, A, order({ priceTicks: 1000, lots: 20 }))
    desk.market.take(SELL, 1000, 8)
    const answer = desk.exchange.amend(A, 'AAAUSDT', mine, { lots: 15 })
    expect(answer.ok && [answer.value.lots, answer.value.filledLots, answer.value.status]).toEqual([15, 8, 'PartiallyFilled'])
    expect(levelsOf(desk.exchange, 'AAAUSDT', BUY)[0]).toEqual([1000, 7])
  })

  it('a price that crosses takes; a post-only order is cancelled instead', () => {
    const desk = openDesk()
    const taker = placed(desk, A, order({ lots: 5 }))
    const moved = desk.exchange.amend(A, 'AAAUSDT', taker, { priceTicks: 1001 })
    expect(moved.ok && [moved.value.status, moved.value.filledLots]).toEqual(['Filled', 5])
    const shy = placed(desk, A, order({ lots: 5, timeInForce: 'PostOnly' }))
    const ended = desk.exchange.amend(A, 'AAAUSDT', shy, { priceTicks: 1001 })
    expect(ended.ok && [ended.value.status, ended.value.cancelReason]).toEqual(['Cancelled', 'post-only-would-take'])
  })
})

describe('reduce-only', () => {
  const long = (lots: number): Desk => {
    const desk = openDesk()
    placed(desk, A, market(BUY, lots))
    return desk
  }

  it('is cut to the position, and never turns it', () => {
    const desk = long(10)
    const answer = placed(desk, A, market(SELL, 25, { reduceOnly: true }))
    expect([answer.lots, answer.status]).toEqual([10, 'Filled'])
    expect(desk.exchange.position(A, 'AAAUSDT').signedLots).toBe(0)
  })

  it('closes everything with size zero and close-on-trigger', () => {
    const desk = long(37)
    const answer = placed(desk, A, market(SELL, 0, { reduceOnly: true, closeOnTrigger: true }))
    expect([answer.lots, answer.status]).toEqual([37, 'Filled'])
  })

  it('a resting one shrinks with the position and is cancelled with it', () => {
    const desk = long(10)
    const exit = placed(desk, A, order({ side: SELL, priceTicks: 1010, lots: 10, reduceOnly: true }))
    placed(desk, A, market(SELL, 4))
    expect(desk.exchange.findOrder(A, exit)).toMatchObject({ status: 'New', lots: 6 })
    expect(levelsOf(desk.exchange, 'AAAUSDT', SELL).find(([ticks]) => ticks === 1010)).toEqual([1010, 6])
    placed(desk, A, market(SELL, 6))
    expect(desk.exchange.findOrder(A, exit)).toMatchObject({ status: 'Cancelled', cancelReason: 'reduce-only', filledLots: 0 })
    expect(levelsOf(desk.exchange, 'AAAUSDT', SELL).some(([ticks]) => ticks === 1010)).toBe(false)
  })

  it('several of them met by one sweep do not turn the position', () => {
    const desk = long(10)
    const first = placed(desk, A, order({ side: SELL, priceTicks: 1000, lots: 10, reduceOnly: true }))
    const second = placed(desk, A, order({ side: SELL, priceTicks: 1000, lots: 10, reduceOnly: true }))
    desk.market.take(BUY, 1000, 15)
    expect(desk.exchange.position(A, 'AAAUSDT').signedLots).toBe(0)
    expect(desk.exchange.findOrder(A, first)!.status).toBe('Filled')
    expect(desk.exchange.findOrder(A, second)).toMatchObject({ status: 'Cancelled', cancelReason: 'reduce-only', filledLots: 0 })
  })

  it('needs no margin and no minimum value', () => {
    const desk = openDesk({ startingBalance: '200' })
    placed(desk, A, market(BUY, 1))
    expect(placed(desk, A, order({ side: SELL, priceTicks: 1001, lots: 1, reduceOnly: true })).status).toBe('New')
  })
})

describe('refusals happen before anything else', () => {
  const sell: Side = SELL
  const cases: readonly { readonly refusal: Refusal; readonly why: string; readonly run: (desk: Desk) => Answer<unknown> }[] = [
    { refusal: 'unknown-symbol', why: 'place', run: ({ exchange }) => exchange.place(A, order({ symbol: 'ZZZ' })) },
    { refusal: 'unknown-symbol', why: 'cancel', run: ({ exchange }) => exchange.cancel(A, 'ZZZ', { clientId: 'x' }) },
    { refusal: 'unknown-symbol', why: 'amend', run: ({ exchange }) => exchange.amend(A, 'ZZZ', { clientId: 'x' }, { lots: 1 }) },
    { refusal: 'unknown-symbol', why: 'leverage', run: ({ exchange }) => exchange.setLeverage(A, 'ZZZ', '5') },
    { refusal: 'symbol-not-trading', why: 'halted', run: ({ exchange }) => (exchange.halt('AAAUSDT', true), exchange.place(A, order())) },
    { refusal: 'duplicate-client-id', why: 'of an open order', run: ({ exchange }) => (exchange.place(A, order({ clientId: 'same' })), exchange.place(A, order({ clientId: 'same' }))) },
    { refusal: 'duplicate-client-id', why: 'of a final order', run: ({ exchange }) => (exchange.place(A, order({ clientId: 'same', timeInForce: 'IOC' })), exchange.place(A, order({ clientId: 'same' }))) },
    { refusal: 'order-not-found', why: 'cancel', run: ({ exchange }) => exchange.cancel(A, 'AAAUSDT', { clientId: 'nobody' }) },
    { refusal: 'order-not-found', why: 'foreign order', run: (desk) => desk.exchange.cancel(B, 'AAAUSDT', { orderId: placed(desk, A, order()).orderId }) },
    { refusal: 'order-not-found', why: 'no id of ours', run: ({ exchange }) => exchange.cancel(A, 'AAAUSDT', { orderId: '1' }) },
    { refusal: 'order-not-found', why: 'amend', run: ({ exchange }) => exchange.amend(A, 'AAAUSDT', { clientId: 'nobody' }, { lots: 5 }) },
    { refusal: 'order-already-final', why: 'cancel twice', run: (desk) => { const one = placed(desk, A, order()); desk.exchange.cancel(A, 'AAAUSDT', one); return desk.exchange.cancel(A, 'AAAUSDT', one) } },
    { refusal: 'order-already-final', why: 'amend a filled one', run: (desk) => desk.exchange.amend(A, 'AAAUSDT', placed(desk, A, market(BUY, 5)), { lots: 9 }) },
    { refusal: 'bad-price', why: 'none', run: ({ exchange }) => exchange.place(A, order({ priceTicks: null })) },
    { refusal: 'bad-price', why: 'zero', run: ({ exchange }) => exchange.place(A, order({ priceTicks: 0 })) },
    { refusal: 'bad-price', why: 'fraction', run: ({ exchange }) => exchange.place(A, order({ priceTicks: 999.5 })) },
    { refusal: 'bad-price', why: 'NaN', run: ({ exchange }) => exchange.place(A, order({ priceTicks: Number.NaN })) },
    { refusal: 'bad-size', why: 'zero', run: ({ exchange }) => exchange.place(A, order({ lots: 0 })) },
    { refusal: 'bad-size', why: 'negative', run: ({ exchange }) => exchange.place(A, order({ lots: -5 })) },
    { refusal: 'bad-size', why: 'Infinity', run: ({ exchange }) => exchange.place(A, order({ lots: Number.POSITIVE_INFINITY })) },
    { refusal: 'bad-size', why: 'amended to nothing', run: (desk) => desk.exchange.amend(A, 'AAAUSDT', placed(desk, A, order()), { lots: 0 }) },
    { refusal: 'above-max-size', why: 'limit', run: ({ exchange }) => exchange.place(A, order({ lots: 1_000_001 })) },
    { refusal: 'above-max-size', why: 'market', run: ({ exchange }) => exchange.place(A, market(BUY, 500_001)) },
    { refusal: 'price-band', why: 'buy above', run: ({ exchange }) => exchange.place(A, order({ priceTicks: 1051, lots: 1 })) },
    { refusal: 'price-band', why: 'sale below', run: ({ exchange }) => exchange.place(A, order({ side: sell, priceTicks: 949, lots: 1 })) },
    { refusal: 'price-band', why: 'buy absurdly low', run: ({ exchange }) => exchange.place(A, order({ priceTicks: 99 })) },
    { refusal: 'price-band', why: 'sale absurdly high', run: ({ exchange }) => exchange.place(A, order({ side: sell, priceTicks: 10_001 })) },
    { refusal: 'price-band', why: 'amend', run: (desk) => desk.exchange.amend(A, 'AAAUSDT', placed(desk, A, order()), { priceTicks: 1100 }) },
    { refusal: 'insufficient-margin', why: 'limit', run: ({ exchange }) => exchange.place(A, order({ lots: 1100 })) },
    { refusal: 'insufficient-margin', why: 'market', run: ({ exchange }) => exchange.place(A, market(BUY, 1100)) },
    { refusal: 'insufficient-margin', why: 'amend', run: (desk) => desk.exchange.amend(A, 'AAAUSDT', placed(desk, A, order()), { lots: 1100 }) },
    { refusal: 'insufficient-margin', why: 'leverage', run: (desk) => (placed(desk, A, order({ lots: 900 })), desk.exchange.setLeverage(A, 'AAAUSDT', '5')) },
    { refusal: 'reduce-only-no-position', why: 'flat', run: ({ exchange }) => exchange.place(A, order({ reduceOnly: true })) },
    { refusal: 'reduce-only-no-position', why: 'same direction', run: (desk) => (placed(desk, A, market(BUY, 5)), desk.exchange.place(A, order({ reduceOnly: true }))) },
    { refusal: 'reduce-only-no-position', why: 'close all of nothing', run: ({ exchange }) => exchange.place(A, market(SELL, 0, { reduceOnly: true, closeOnTrigger: true })) },
    { refusal: 'leverage-range', why: 'too high', run: ({ exchange }) => exchange.setLeverage(A, 'AAAUSDT', '51') },
    { refusal: 'leverage-range', why: 'below one', run: ({ exchange }) => exchange.setLeverage(A, 'AAAUSDT', '0.5') },
    { refusal: 'leverage-range', why: 'no number', run: ({ exchange }) => exchange.setLeverage(A, 'AAAUSDT', 'ten') },
    { refusal: 'leverage-unchanged', why: 'default', run: ({ exchange }) => exchange.setLeverage(A, 'AAAUSDT', '10.0') },
    { refusal: 'amend-nothing', why: 'same values', run: (desk) => desk.exchange.amend(A, 'AAAUSDT', placed(desk, A, order()), { lots: 10, priceTicks: 999 }) },
    { refusal: 'amend-nothing', why: 'no values', run: (desk) => desk.exchange.amend(A, 'AAAUSDT', placed(desk, A, order()), {}) },
    { refusal: 'amend-below-filled', why: 'to the filled size', run: (desk) => { const one = placed(desk, A, order({ priceTicks: 1000, lots: 20 })); desk.market.take(SELL, 1000, 8); return desk.exchange.amend(A, 'AAAUSDT', one, { lots: 8 }) } },
  ]
  it.each(cases)('$refusal ($why)', ({ refusal, run }) => {
    const desk = openDesk()
    const answer = run(desk)
    expect(refusalOf(answer)).toBe(refusal)
    if (!answer.ok) expect(answer.text.length).toBeGreaterThan(10)
  })

  it('below-min-notional', () => {
    // The plain contract's smallest order is worth a thousand; a cheap one is needed here.
    const desk = openDesk({ book: (flow) => { flow.setLevel(BUY, 2, 1000); flow.setLevel(SELL, 3, 1000) } })
    expect(refusalOf(desk.exchange.place(A, order({ priceTicks: 2, lots: 2 })))).toBe('below-min-notional')
    expect(refusalOf(desk.exchange.place(A, order({ priceTicks: 2, lots: 3 })))).toBe('accepted')
  })

  it('too-many-orders', () => {
    const desk = openDesk()
    for (let i = 0; i < exchangeRules.activeOrdersMax; i++) placed(desk, A, order({ lots: 1 }))
    expect(refusalOf(desk.exchange.place(A, order({ lots: 1 })))).toBe('too-many-orders')
    expect(refusalOf(desk.exchange.place(B, order({ lots: 1 })))).toBe('accepted')
    desk.exchange.cancelAll(A, 'AAAUSDT')
    expect(refusalOf(desk.exchange.place(A, order({ lots: 1 })))).toBe('accepted')
  })

  it('a refused order changes nothing and does not use up its client id', () => {
    const heard: string[] = []
    const desk = openDesk({ listener: { onOrder: () => heard.push('order'), onExecution: () => heard.push('execution') } })
    const before = [levelsOf(desk.exchange, 'AAAUSDT', BUY), desk.exchange.wallet(A).available.toFixed()]
    expect(refusalOf(desk.exchange.place(A, order({ clientId: 'again', priceTicks: 1051 })))).toBe('price-band')
    expect([levelsOf(desk.exchange, 'AAAUSDT', BUY), desk.exchange.wallet(A).available.toFixed()]).toEqual(before)
    expect(heard).toEqual([])
    expect(refusalOf(desk.exchange.place(A, order({ clientId: 'again' })))).toBe('accepted')
  })

  it('a market without any price trades nothing', () => {
    const desk = openDesk({ book: () => {} })
    expect(refusalOf(desk.exchange.place(A, order()))).toBe('symbol-not-trading')
    plainBook(desk.market.flow)
    desk.market.flow.commit()
    expect(refusalOf(desk.exchange.place(A, order()))).toBe('accepted')
  })

  it.each([['levels', (desk: Desk) => levelsOf(desk.exchange, 'ZZZ', BUY)], ['summary', (desk: Desk) => desk.exchange.summary('ZZZ')], ['position', (desk: Desk) => desk.exchange.position(A, 'ZZZ')]] as const)(
    'a query of an unlisted symbol (%s) is a coded error', (_, run) => {
      expect(() => run(openDesk())).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_SYMBOL' }))
    })
})

describe('listeners', () => {
  it('hear in the order in which things happened, and only after the ledger has it', () => {
    const heard: string[] = []
    const lines: number[] = []
    const desk = openDesk()
    const ledger = desk.ledger as unknown as { readonly lines: string[] }
    desk.exchange.listen({
      onTrade: (trade) => heard.push(`trade ${trade.lots}@${trade.priceTicks}`),
      onExecution: (row) => { heard.push(`execution ${row.lots}`); lines.push(ledger.lines.filter((line) => line.includes('"exec"')).length) },
      onOrder: (row) => heard.push(`order ${row.status}`),
      onPosition: (row) => heard.push(`position ${row.signedLots}`),
      onWallet: (account) => heard.push(`wallet ${account}`),
      onBookChanged: () => heard.push('book'),
    })
    placed(desk, A, order({ priceTicks: 1001, lots: 3 }))
    expect(heard).toEqual(['order New', 'trade 3@1001', 'execution 3', 'order Filled', 'position 3', `wallet ${A}`, 'book'])
    expect(lines).toEqual([1])
  })

  it('may give commands of their own: those events follow behind', () => {
    const heard: string[] = []
    const desk = openDesk()
    desk.exchange.listen({
      onOrder: (row) => {
        heard.push(`${row.clientId} ${row.status}`)
        if (row.clientId === 'one' && row.status === 'New') desk.exchange.cancel(A, 'AAAUSDT', row)
      },
    })
    desk.exchange.place(A, order({ clientId: 'one' }))
    expect(heard).toEqual(['one New', 'one Cancelled'])
    expect(desk.exchange.orders(A, { open: true })).toEqual([])
  })

  it('get snapshots that later changes do not touch, and nothing after they left', () => {
    const seen: ExchangeOrder[] = []
    const desk = openDesk()
    const leave = desk.exchange.listen({ onOrder: (row) => seen.push(row) })
    const one = placed(desk, A, order())
    desk.exchange.cancel(A, 'AAAUSDT', one)
    leave()
    placed(desk, A, order())
    expect(seen.map((row) => row.status)).toEqual(['New', 'Cancelled'])
  })
})

describe('operator', () => {
  it('cancels with its own reason and leaves other accounts alone', () => {
    const desk = openDesk()
    placed(desk, A, order())
    placed(desk, B, order())
    expect(desk.exchange.cancelByOperator(A, null).map((row) => row.cancelReason)).toEqual(['admin'])
    expect(desk.exchange.orders(B, { open: true })).toHaveLength(1)
  })

  it('a halted symbol still lets orders be cancelled', () => {
    const desk = openDesk()
    const one = placed(desk, A, order())
    desk.exchange.halt('AAAUSDT', true)
    expect(refusalOf(desk.exchange.cancel(A, 'AAAUSDT', one))).toBe('accepted')
  })
})
