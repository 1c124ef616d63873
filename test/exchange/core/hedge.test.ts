import { describe, expect, it } from 'vitest'
import { BUY, SELL } from '../../../src/core/index.ts'
import { MemoryLedger, type ExchangeOrder, type NewOrder } from '../../../src/exchange/index.ts'
import { market, openDesk, order, type Desk } from './support.ts'

const A = 'alice'

function place(desk: Desk, wanted: NewOrder): ExchangeOrder {
  const answer = desk.exchange.place(A, wanted)
  if (!answer.ok) throw new Error(`${answer.refusal}: ${answer.text}`)
  return answer.value
}

/** A desk whose account A is in hedge mode, 30 lots long and 20 lots short. */
function hedged(options: Parameters<typeof openDesk>[0] = {}): Desk {
  const desk = openDesk(options)
  expect(desk.exchange.setPositionMode(A, 'AAAUSDT', 'hedge').ok).toBe(true)
  place(desk, market(BUY, 30, { leg: 'long' }))
  place(desk, market(SELL, 20, { leg: 'short' }))
  return desk
}

const legs = (desk: Desk): [string, number][] => desk.exchange.positions(A).map((row) => [row.leg, row.signedLots])

describe('hedge mode', () => {
  it('holds a long and a short of one symbol beside each other, each with its own entry and result', () => {
    const desk = hedged()
    expect(legs(desk)).toEqual([['long', 30], ['short', -20]])
    expect(desk.exchange.position(A, 'AAAUSDT', 'long').entryPrice.toFixed()).toBe('1001')
    expect(desk.exchange.position(A, 'AAAUSDT', 'short').entryPrice.toFixed()).toBe('999')
    place(desk, market(SELL, 10, { leg: 'long' }))
    place(desk, market(BUY, 5, { leg: 'short' }))
    expect(legs(desk)).toEqual([['long', 20], ['short', -15]])
    expect(desk.exchange.position(A, 'AAAUSDT', 'long').realisedPnl.toFixed()).toBe('-20')
    expect(desk.exchange.position(A, 'AAAUSDT', 'short').realisedPnl.toFixed()).toBe('-10')
    expect(desk.exchange.executions(A, {}).map((row) => [row.leg, row.closedLots])).toEqual([['short', 5], ['long', 10], ['short', 0], ['long', 0]])
  })

  it('an order against its leg only closes: cut to the leg, refused without it, cancelled when the leg is gone', () => {
    const desk = hedged()
    expect(place(desk, order({ side: SELL, priceTicks: 1010, lots: 50, leg: 'long' }))).toMatchObject({ lots: 30, reduceOnly: true })
    place(desk, market(SELL, 30, { leg: 'long' }))
    expect(desk.exchange.orders(A, { open: true })).toEqual([])
    expect(desk.exchange.place(A, market(SELL, 1, { leg: 'long' }))).toMatchObject({ ok: false, refusal: 'reduce-only-no-position' })
    expect(legs(desk)).toEqual([['short', -20]])
  })

  it('margin and exposure of the legs add up; closing orders hold none', () => {
    const desk = hedged()
    expect(desk.exchange.wallet(A).positionMargin.toFixed()).toBe('5000')
    place(desk, order({ side: BUY, priceTicks: 990, lots: 10, leg: 'long' }))
    place(desk, order({ side: SELL, priceTicks: 1010, lots: 10, leg: 'short' }))
    place(desk, order({ side: SELL, priceTicks: 1010, lots: 10, leg: 'long' }))
    expect(desk.exchange.wallet(A).orderMargin.toFixed()).toBe('2000')
    expect(desk.exchange.setLeverage(A, 'AAAUSDT', '20').ok).toBe(true)
    expect([desk.exchange.position(A, 'AAAUSDT', 'long').leverage, desk.exchange.position(A, 'AAAUSDT', 'short').leverage]).toEqual(['20', '20'])
    expect(desk.exchange.wallet(A).positionMargin.toFixed()).toBe('2500')
  })

  it('funding is paid by the long leg and received by the short one', () => {
    const desk = hedged()
    desk.exchange.operator.setFundingRate('AAAUSDT', 0.001)
    const { nextFundingMs } = desk.exchange.summary('AAAUSDT')
    desk.time.runUntil((nextFundingMs - desk.time.wallMs()) * 1e6 + 2e9)
    expect(desk.exchange.executions(A, { kind: 'Funding' }).map((row) => [row.leg, row.fee.toFixed()])).toEqual([['short', '-20'], ['long', '30']])
  })

  it('protection of one leg leaves the other alone', () => {
    const desk = hedged()
    desk.exchange.setProtection(A, 'AAAUSDT', 'short', { mode: 'full', stopLoss: { ticks: 1010, by: 'last', limitTicks: null } })
    desk.exchange.setProtection(A, 'AAAUSDT', 'long', { mode: 'full', takeProfit: { ticks: 1020, by: 'last', limitTicks: null } })
    desk.market.print(BUY, 1010, 1)
    expect(legs(desk)).toEqual([['long', 30]])
    expect(desk.exchange.position(A, 'AAAUSDT', 'long').takeProfit).toMatchObject({ ticks: 1020 })
  })

  it('a leg that does not fit the mode is refused', () => {
    const desk = hedged()
    expect(desk.exchange.place(A, market(BUY, 1))).toMatchObject({ ok: false, refusal: 'leg-mismatch' })
    expect(openDesk().exchange.place(A, market(BUY, 1, { leg: 'long' }))).toMatchObject({ ok: false, refusal: 'leg-mismatch' })
  })

  it('is switched only without positions and orders, waiting ones too', () => {
    const desk = openDesk()
    const to = (mode: 'hedge' | 'one-way', symbol: string | null = 'AAAUSDT'): unknown => desk.exchange.setPositionMode(A, symbol, mode)
    expect(to('one-way')).toMatchObject({ ok: false, refusal: 'mode-unchanged' })
    place(desk, order())
    expect(to('hedge')).toMatchObject({ ok: false, refusal: 'mode-has-orders' })
    desk.exchange.cancelAll(A, null)
    place(desk, order({ trigger: { by: 'last', direction: 'rise', ticks: 1010 } }))
    expect(to('hedge')).toMatchObject({ ok: false, refusal: 'mode-has-orders' })
    expect(desk.exchange.cancelAll(A, null, { kinds: 'orders' })).toEqual([])
    expect(desk.exchange.cancelAll(A, null)).toHaveLength(1)
    place(desk, market(BUY, 1))
    expect(to('hedge', null)).toMatchObject({ ok: false, refusal: 'mode-has-positions' })
    place(desk, market(SELL, 1))
    expect(to('hedge', null)).toMatchObject({ ok: true })
    expect(to('hedge', 'BBBUSDT')).toMatchObject({ ok: false, refusal: 'unknown-symbol' })
    expect(desk.exchange.positionMode(A, 'AAAUSDT')).toBe('hedge')
  })

  it('is the same after a restart: mode, legs, leverage, waiting orders', () => {
    const ledger = new MemoryLedger()
    const desk = hedged({ ledger })
    desk.exchange.setLeverage(A, 'AAAUSDT', '25')
    desk.exchange.setProtection(A, 'AAAUSDT', 'long', { mode: 'full', takeProfit: { ticks: 1020, by: 'last', limitTicks: null } })
    const again = openDesk({ ledger: new MemoryLedger(ledger.lines) }).exchange
    expect(again.positionMode(A, 'AAAUSDT')).toBe('hedge')
    expect(again.positions(A)).toEqual(desk.exchange.positions(A))
    expect(again.position(A, 'AAAUSDT', 'short').leverage).toBe('25')
    expect(again.position(A, 'AAAUSDT', 'long').takeProfit).toMatchObject({ ticks: 1020 })
  })
})
