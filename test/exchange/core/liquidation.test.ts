import { describe, expect, it } from 'vitest'
import { BUY, money, SELL, type Side } from '../../../src/core/index.ts'
import { MemoryLedger, type Execution, type NewOrder, type PublicLiquidation } from '../../../src/exchange/index.ts'
import { market, openDesk, order, type Desk } from './support.ts'

const A = 'alice'
const FUND = '#insurance'

function place(desk: Desk, wanted: NewOrder, account = A): void {
  const answer = desk.exchange.place(account, wanted)
  if (!answer.ok) throw new Error(`${answer.refusal}: ${answer.text}`)
}

/** Moves the whole book so that the mid is at `ticks`, `lots` a side, and lets the mark follow. */
function moveTo(desk: Desk, ticks: number, lots: number, seconds = 300): void {
  for (const side of [BUY, SELL] as const) {
    const out = [new Float64Array(50), new Float64Array(50)] as const
    const count = desk.exchange.levels('AAAUSDT', side, 50, ...out)
    for (let i = 0; i < count; i++) desk.market.flow.setLevel(side, out[0][i], 0)
  }
  if (lots > 0) {
    desk.market.flow.setLevel(BUY, ticks - 1, lots)
    desk.market.flow.setLevel(SELL, ticks + 1, lots)
  }
  desk.market.flow.commit()
  desk.time.runUntil(desk.time.nowNs() + seconds * 1e9)
}

/** The same tick by tick: a mark that never overshoots. */
function walkTo(desk: Desk, from: number, to: number): void {
  for (let ticks = from; ticks !== to; ) {
    ticks += Math.sign(to - ticks)
    moveTo(desk, ticks, 500, 40)
  }
}

const signed = (desk: Desk, account: string): number => desk.exchange.positions(account).reduce((sum, row) => sum + row.signedLots, 0)

describe('liquidation', () => {
  it('takes over at the bankruptcy price, at which nothing below zero is left to the account', () => {
    const seen: PublicLiquidation[] = []
    const desk = openDesk({ startingBalance: '3000', defaultLeverage: '50', listener: { onLiquidation: (row) => seen.push(row) } })
    place(desk, market(BUY, 100))
    place(desk, order({ priceTicks: 960, lots: 3, trigger: { by: 'last', direction: 'rise', ticks: 1100 } }))
    moveTo(desk, 980, 5)
    const rows = desk.exchange.executions(A, { kind: 'Liquidation' })
    expect(rows.reduce((sum, row) => sum + row.lots, 0)).toBe(100)
    expect(desk.exchange.orders(A, { conditional: true })).toMatchObject([{ status: 'Deactivated', cancelReason: 'liquidation' }])
    const { balance } = desk.exchange.wallet(A)
    // Equity at the take-over ends within one tick of zero for what the fund took, plus what the book gave above it.
    expect(balance.isNegative()).toBe(false)
    expect(balance.lt(200)).toBe(true)
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ symbol: 'AAAUSDT', positionSide: BUY, lots: 100, priceTicks: rows[0].priceTicks })
    // The fund bought what was taken over, at the same price.
    const fund = desk.exchange.executions(FUND, { kind: 'Liquidation' }).filter((row) => row.orderId === '')
    expect(fund.map((row) => [row.lots, row.priceTicks, row.side])).toEqual([[95, rows[0].priceTicks, BUY]])
  })

  it('of a short mirrors that of a long', () => {
    const desk = openDesk({ startingBalance: '3000', defaultLeverage: '50' })
    place(desk, market(SELL, 100))
    moveTo(desk, 1025, 5)
    expect(signed(desk, A)).toBe(0)
    expect(desk.exchange.wallet(A).balance.isNegative()).toBe(false)
    expect(desk.exchange.executions(A, { kind: 'Liquidation' })[0]).toMatchObject({ side: BUY })
  })

  it('takes both legs of a hedged position, and the estimate of its price is where it happens', () => {
    const desk = openDesk({ startingBalance: '3000', defaultLeverage: '50' })
    desk.exchange.setPositionMode(A, null, 'hedge')
    place(desk, market(BUY, 90, { leg: 'long' }))
    place(desk, market(SELL, 10, { leg: 'short' }))
    const estimate = desk.exchange.liquidationPrice(A, 'AAAUSDT', 'long')!.toNumber()
    walkTo(desk, 1000, Math.ceil(estimate) + 1)
    expect(desk.exchange.positions(A)).toHaveLength(2)
    walkTo(desk, Math.ceil(estimate) + 1, Math.floor(estimate) - 1)
    expect(desk.exchange.positions(A)).toEqual([])
    expect(desk.exchange.executions(A, { kind: 'Liquidation' }).map((row) => row.leg).sort()).toEqual(['long', 'short'])
  })

  it('the estimate of the price is null when flat or when no price can do it', () => {
    const desk = openDesk()
    expect(desk.exchange.liquidationPrice(A, 'AAAUSDT', 'net')).toBeNull()
    place(desk, market(BUY, 10))
    expect(desk.exchange.liquidationPrice(A, 'AAAUSDT', 'net')).toBeNull()
  })

  it('is carried out on the demand of the operator, whatever the margin', () => {
    const desk = openDesk()
    place(desk, market(BUY, 10))
    place(desk, order({ clientId: 'open' }))
    desk.exchange.operator.liquidate(A)
    expect(signed(desk, A)).toBe(0)
    expect(desk.exchange.executions(A, { kind: 'Liquidation' })).toHaveLength(1)
    expect(desk.exchange.findOrder(A, { clientId: 'open' })).toMatchObject({ status: 'Cancelled', cancelReason: 'liquidation' })
  })
})

describe('insurance fund and deleveraging', () => {
  /** Alice is long 100 with little money, Bob and Carl are short; then the price falls. */
  function crash(options: { readonly bookLots: number; readonly insurance?: string; readonly toTicks?: number; readonly ledger?: MemoryLedger }): { desk: Desk; heard: Execution[] } {
    const heard: Execution[] = []
    const desk = openDesk({ balances: { [A]: '3000' }, defaultLeverage: '50', ...(options.insurance === undefined ? {} : { insurance: options.insurance }), ...(options.ledger === undefined ? {} : { ledger: options.ledger }), listener: { onExecution: (row) => heard.push(row) } })
    place(desk, market(BUY, 100))
    place(desk, market(SELL, 60), 'bob')
    place(desk, market(SELL, 40), 'carl')
    place(desk, order({ clientId: 'resting', side: BUY, priceTicks: 700, lots: 5 }), 'carl')
    heard.length = 0
    moveTo(desk, options.toTicks ?? 980, options.bookLots)
    return { desk, heard }
  }

  it('the fund closes in the book what it took over and keeps the difference', () => {
    const { desk, heard } = crash({ bookLots: 500 })
    expect(heard.filter((row) => row.kind === 'Adl')).toEqual([])
    expect([signed(desk, A), signed(desk, FUND)]).toEqual([0, 0])
  })

  it('reduces profitable opposite accounts at the bankruptcy price when the book does not take it in time, best ranked first', () => {
    const { desk, heard } = crash({ bookLots: 1 })
    const adl = heard.filter((row) => row.kind === 'Adl' && row.account !== FUND)
    expect(adl.reduce((sum, row) => sum + row.lots, 0)).toBe(99)
    const [taken] = desk.exchange.executions(A, { kind: 'Liquidation' })
    for (const row of adl) expect(row).toMatchObject({ side: BUY, priceTicks: taken.priceTicks, feeRate: '0' })
    expect(adl.map((row) => row.account)).toEqual(['bob', 'carl'])
    expect(desk.exchange.findOrder('bob', { orderId: adl[0].orderId })).toMatchObject({ origin: 'adl', status: 'Filled' })
    expect(desk.exchange.findOrder('carl', { clientId: 'resting' })).toMatchObject({ status: 'Cancelled', cancelReason: 'adl' })
    expect([signed(desk, A), signed(desk, FUND), signed(desk, 'bob'), signed(desk, 'carl')]).toEqual([0, 0, 0, -1])
  })

  it('does so at once when the fund is used up', () => {
    const { heard } = crash({ bookLots: 1, insurance: '0', toTicks: 800 })
    const took = heard.find((row) => row.kind === 'Liquidation' && row.account === FUND)!
    const adl = heard.find((row) => row.kind === 'Adl')!
    expect(adl.timeMs - took.timeMs).toBeLessThan(10_000)
  })

  it('never reduces a losing account by itself: the fund keeps what finds nobody', () => {
    const desk = openDesk({ balances: { [A]: '3000' }, defaultLeverage: '50' })
    place(desk, market(BUY, 100))
    moveTo(desk, 980, 1)
    expect([signed(desk, A), signed(desk, FUND)]).toEqual([0, 99])
  })

  it('reduces on demand of the operator, and ranks 5 to 1 along the queue', () => {
    const desk = openDesk({ balances: { poor: '10000' } })
    place(desk, market(SELL, 50), 'rich')
    place(desk, market(SELL, 50), 'poor')
    expect(desk.exchange.adlRank('nobody', 'AAAUSDT', 'net')).toBe(0)
    moveTo(desk, 990, 500)
    expect([desk.exchange.adlRank('poor', 'AAAUSDT', 'net'), desk.exchange.adlRank('rich', 'AAAUSDT', 'net')]).toEqual([5, 3])
    const left = desk.exchange.operator.deleverage('AAAUSDT', SELL, 60)
    expect(left).toBe(0)
    expect([signed(desk, 'poor'), signed(desk, 'rich'), signed(desk, FUND)]).toEqual([0, -40, -60])
    expect(desk.exchange.operator.deleverage('AAAUSDT', BUY, 5)).toBe(5)
  })

  it('is the same after a restart at every prefix of the ledger', () => {
    const ledger = new MemoryLedger()
    const { desk } = crash({ bookLots: 7, insurance: '0', ledger })
    const state = (exchange: Desk['exchange']): string => JSON.stringify([A, 'bob', 'carl', FUND].map((name) => [exchange.wallet(name).balance, exchange.positions(name), exchange.executions(name, {})]))
    expect(state(openDesk({ ledger: new MemoryLedger(ledger.lines), defaultLeverage: '50', book: () => {} }).exchange)).toBe(state(desk.exchange))
  })

  it('every lot and every unit that leaves an account by take-over or deleveraging arrives at another', () => {
    const { desk, heard } = crash({ bookLots: 7 })
    const moved = heard.filter((row) => (row.kind === 'Liquidation' || row.kind === 'Adl') && row.priceTicks !== 979)
    const sum = (side: Side): number => moved.filter((row) => row.side === side).reduce((total, row) => total + row.lots, 0)
    expect(sum(BUY)).toBe(sum(SELL))
    const fund = desk.exchange.executions(FUND, {}).reduce((total, row) => total.plus(row.realisedPnl).minus(row.fee), money('1000000'))
    expect(desk.exchange.wallet(FUND).balance.toFixed()).toBe(fund.toFixed())
  })
})
