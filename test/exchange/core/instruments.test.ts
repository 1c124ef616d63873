import { describe, expect, it } from 'vitest'
import { BUY, SELL, VirtualTime } from '../../../src/core/index.ts'
import { defaultContracts, Exchange, generatedMarket, MemoryLedger, VolatileLedger, type Contract, type ExchangeOrder, type NewOrder } from '../../../src/exchange/index.ts'
import { levelsOf, market, openDesk, order, type Desk } from './support.ts'

const A = 'alice'
const S = 'AAAUSDT'

function place(desk: Desk, wanted: NewOrder): ExchangeOrder {
  const answer = desk.exchange.place(A, wanted)
  if (!answer.ok) throw new Error(`${answer.refusal}: ${answer.text}`)
  return answer.value
}

describe('a contract that changes while the exchange runs', () => {
  it('takes orders on the new grid only, cancels those off it, and tells it before', () => {
    const heard: string[] = []
    const desk = openDesk({ listener: {
      onOrder: (row) => row.status === 'Cancelled' && heard.push(`${row.clientId} ${row.cancelReason}`),
      onInstrument: (contract) => heard.push(`tick ${contract.tickSteps} lot ${contract.lotSteps}`),
    } })
    place(desk, order({ clientId: 'on', priceTicks: 990, lots: 10 }))
    place(desk, order({ clientId: 'off', priceTicks: 991, lots: 10 }))
    place(desk, order({ clientId: 'odd', priceTicks: 990, lots: 11 }))
    place(desk, order({ clientId: 'stop', priceTicks: 990, trigger: { by: 'last', direction: 'rise', ticks: 1011 } }))
    desk.exchange.operator.changeContract(S, { tickSteps: 5, lotSteps: 2, minLots: 2 })
    expect(heard).toEqual(['tick 5 lot 2', 'off instrument', 'odd instrument'])
    expect(desk.exchange.findOrder(A, { clientId: 'stop' })).toMatchObject({ status: 'Deactivated', cancelReason: 'instrument' })
    expect(desk.exchange.place(A, order({ priceTicks: 991 }))).toMatchObject({ ok: false, refusal: 'bad-price' })
    expect(desk.exchange.place(A, order({ priceTicks: 990, lots: 3 }))).toMatchObject({ ok: false, refusal: 'bad-size' })
    expect(desk.exchange.amend(A, S, { clientId: 'on' }, { priceTicks: 992 })).toMatchObject({ ok: false, refusal: 'bad-price' })
    expect(desk.exchange.amend(A, S, { clientId: 'on' }, { priceTicks: 985 }).ok).toBe(true)
  })

  it('shows the market folded on a coarser tick, never crossed, and as it was on the finer one again', () => {
    const desk = openDesk()
    const before = [levelsOf(desk.exchange, S, BUY), levelsOf(desk.exchange, S, SELL)]
    desk.exchange.operator.changeContract(S, { tickSteps: 5 })
    expect([levelsOf(desk.exchange, S, BUY), levelsOf(desk.exchange, S, SELL)]).toEqual([[[995, 500]], [[1005, 500]]])
    desk.market.level(BUY, 998, 40)
    desk.market.level(SELL, 1012, 7)
    expect([levelsOf(desk.exchange, S, BUY), levelsOf(desk.exchange, S, SELL)]).toEqual([[[995, 440]], [[1005, 500], [1015, 7]]])
    desk.market.print(SELL, 998, 1)
    expect(desk.exchange.recentTrades(S, 1)[0].priceTicks).toBe(995)
    desk.exchange.operator.changeContract(S, { tickSteps: 1 })
    desk.market.level(BUY, 998, 100)
    desk.market.level(SELL, 1012, 0)
    expect([levelsOf(desk.exchange, S, BUY), levelsOf(desk.exchange, S, SELL)]).toEqual(before)
  })

  it('folds a moving market without ever crossing it, with account orders in it', () => {
    const time = new VirtualTime(1_700_000_000_000)
    const exchange = new Exchange({ clock: time, timers: time, markets: [generatedMarket({ contract: defaultContracts[0], seed: 3, startTicks: 600_000, historyMin: 5 })], ledger: new VolatileLedger(), startingBalance: '1000000', defaultLeverage: '10' })
    exchange.start()
    exchange.operator.changeContract('BTCUSDT', { tickSteps: 10 })
    for (let i = 1; i <= 400; i++) {
      time.runUntil(i * 1e8)
      const { bidTicks, askTicks } = exchange.summary('BTCUSDT')
      expect(bidTicks).toBeLessThan(askTicks)
      expect([bidTicks % 10, askTicks % 10]).toEqual([0, 0])
      if (i % 20 === 0) exchange.place(A, order({ symbol: 'BTCUSDT', side: i % 40 === 0 ? BUY : SELL, priceTicks: i % 40 === 0 ? bidTicks : askTicks, lots: 5 }))
      if (i === 200) exchange.operator.changeContract('BTCUSDT', { tickSteps: 50 })
      if (i === 200) exchange.operator.changeContract('BTCUSDT', { tickSteps: 10 })
    }
    expect(exchange.executions(A, {}).length).toBeGreaterThan(0)
    exchange.stop()
  })

  it('suspended takes cancels and nothing else, shows no market, and goes on where the source is', () => {
    const desk = openDesk()
    const resting = place(desk, order({ priceTicks: 990, lots: 10 }))
    const other = place(desk, order({ priceTicks: 980, lots: 10 }))
    const stop = place(desk, market(BUY, 1, { trigger: { by: 'last', direction: 'rise', ticks: 1003 } }))
    desk.exchange.operator.changeContract(S, { status: 'Suspended' })
    expect(levelsOf(desk.exchange, S, SELL)).toEqual([])
    expect(desk.exchange.place(A, order())).toMatchObject({ ok: false, refusal: 'symbol-not-trading' })
    expect(desk.exchange.cancel(A, S, other).ok).toBe(true)
    desk.market.level(SELL, 985, 30)
    expect(desk.market.take(SELL, 900, 50)).toBe(50)
    desk.market.print(BUY, 1004, 5)
    desk.time.runUntil(30e9)
    expect([desk.exchange.findOrder(A, resting)!.status, desk.exchange.findOrder(A, stop)!.status]).toEqual(['New', 'Untriggered'])
    const mark = desk.exchange.summary(S).markPrice
    expect(mark).toBe(1000)
    desk.exchange.operator.changeContract(S, { status: 'Trading' })
    expect(desk.exchange.findOrder(A, resting)).toMatchObject({ status: 'Filled' })
    expect(levelsOf(desk.exchange, S, SELL)[0]).toEqual([985, 20])
    expect(desk.exchange.place(A, order({ priceTicks: 960 })).ok).toBe(true)
  })

  it('closed cancels every order and settles every position at the index, and money adds up', () => {
    const desk = openDesk()
    place(desk, market(BUY, 10))
    place(desk, order({ clientId: 'open', priceTicks: 980 }))
    desk.exchange.operator.changeContract(S, { status: 'Closed' })
    expect(desk.exchange.position(A, S).signedLots).toBe(0)
    expect(desk.exchange.findOrder(A, { clientId: 'open' })).toMatchObject({ status: 'Cancelled', cancelReason: 'instrument' })
    expect(desk.exchange.executions(A, { kind: 'Settlement' })).toMatchObject([{ side: SELL, lots: 10, priceTicks: 1000, closedLots: 10 }])
    expect(desk.exchange.wallet(A).equity.toFixed()).toBe(desk.exchange.wallet(A).balance.toFixed())
  })

  it('an announced change comes into force at its time, and is taken back when asked', () => {
    const heard: (Contract['upcoming'] | number)[] = []
    const desk = openDesk({ listener: { onInstrument: (contract) => heard.push(contract.upcoming, contract.tickSteps) } })
    const atMs = desk.time.wallMs() + 10_000
    desk.exchange.operator.announceChange(S, { tickSteps: 5 }, atMs)
    desk.time.runUntil(9e9)
    expect(desk.exchange.contract(S)).toMatchObject({ tickSteps: 1, upcoming: { atMs, change: { tickSteps: 5 } } })
    desk.time.runUntil(11e9)
    expect(heard).toEqual([{ atMs, change: { tickSteps: 5 } }, 1, null, 5])
    desk.exchange.operator.announceChange(S, { tickSteps: 10 }, atMs + 60_000)
    desk.exchange.operator.announceChange(S, null, atMs + 60_000)
    desk.time.runUntil(100e9)
    expect(desk.exchange.contract(S)).toMatchObject({ tickSteps: 5, upcoming: null })
  })

  it('has its new terms after a restart, an announcement too', () => {
    const ledger = new MemoryLedger()
    const desk = openDesk({ ledger })
    desk.exchange.operator.changeContract(S, { tickSteps: 5, fundingIntervalMin: 60, maintenanceRate: '0.02' })
    desk.exchange.operator.setFundingRate(S, -0.0005)
    desk.exchange.operator.announceChange(S, { status: 'Suspended' }, desk.time.wallMs() + 1000)
    const again = openDesk({ ledger: new MemoryLedger(ledger.lines) })
    expect(again.exchange.contract(S)).toEqual(desk.exchange.contract(S))
    expect(again.exchange.summary(S).fundingRate).toBe(-0.0005)
    expect(levelsOf(again.exchange, S, BUY)).toEqual([[995, 500]])
    again.time.runUntil(2e9)
    expect(again.exchange.contract(S)).toMatchObject({ status: 'Suspended', upcoming: null })
  })

  it('pays funding at its new interval with the rate that was set', () => {
    const desk = openDesk()
    place(desk, market(BUY, 10))
    desk.exchange.operator.changeContract(S, { fundingIntervalMin: 60 })
    desk.exchange.operator.setFundingRate(S, -0.0005)
    const first = desk.exchange.summary(S).nextFundingMs
    expect(first % 3_600_000).toBe(0)
    desk.time.runUntil((first - desk.time.wallMs()) * 1e6 + 3_601e9)
    expect(desk.exchange.executions(A, { kind: 'Funding' }).map((row) => row.fee.toFixed())).toEqual(['-5', '-5'])
    expect(desk.exchange.summary(S).nextFundingMs).toBe(first + 2 * 3_600_000)
  })

  it.each([
    ['a tick of no steps', { tickSteps: 0 }], ['half a step', { tickSteps: 1.5 }], ['a smallest size above the largest', { minLots: 10_000_000 }], ['a smallest size off the grid', { lotSteps: 3 }],
    ['no leverage', { maxLeverage: 0 }], ['a funding interval that divides no day', { fundingIntervalMin: 7 }], ['a rate that is no number', { takerFeeRate: 'much' }],
  ] as const)('with %s is a coded error and changes nothing', (_, change) => {
    const desk = openDesk()
    const before = desk.exchange.contract(S)
    expect(() => desk.exchange.operator.changeContract(S, change)).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_CONTRACT' }))
    expect(() => desk.exchange.operator.announceChange(S, change, 1)).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_CONTRACT' }))
    expect(desk.exchange.contract(S)).toEqual(before)
    expect(() => desk.exchange.operator.changeContract('BBBUSDT', {})).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_SYMBOL' }))
  })
})

describe('the operator', () => {
  it('closes a position by hand: all, or a part, as an order without a client id', () => {
    const desk = openDesk()
    place(desk, market(SELL, 10))
    expect(desk.exchange.operator.closeByHand(A, S, 'net', 4)).toMatchObject({ ok: true, value: { status: 'Filled', lots: 4, side: BUY, clientId: '', origin: 'operator' } })
    expect(desk.exchange.position(A, S).signedLots).toBe(-6)
    expect(desk.exchange.operator.closeByHand(A, S)).toMatchObject({ ok: true, value: { lots: 6 } })
    expect(desk.exchange.operator.closeByHand(A, S)).toMatchObject({ ok: false, refusal: 'reduce-only-no-position' })
    expect(desk.exchange.operator.orderByHand(A, order({ priceTicks: 980 }))).toMatchObject({ ok: true, value: { status: 'New', clientId: '', origin: 'operator' } })
  })

  it('fills a part of a resting order without regard to the queue, on the tape and in the books of the account', () => {
    const desk = openDesk()
    const resting = place(desk, order({ priceTicks: 999, lots: 10 }))
    expect(desk.exchange.operator.fill(A, resting, 4)).toBe(4)
    expect(desk.exchange.findOrder(A, resting)).toMatchObject({ status: 'PartiallyFilled', filledLots: 4 })
    expect(desk.exchange.recentTrades(S, 1)).toMatchObject([{ priceTicks: 999, lots: 4, side: SELL }])
    expect(levelsOf(desk.exchange, S, BUY)[0]).toEqual([999, 106])
    expect(desk.exchange.operator.fill(A, resting, 40)).toBe(6)
    expect(desk.exchange.findOrder(A, resting)!.status).toBe('Filled')
    expect(levelsOf(desk.exchange, S, BUY)[0]).toEqual([999, 100])
    expect(desk.exchange.operator.fill(A, resting, 1)).toBe(0)
    expect(desk.exchange.operator.fill(A, { clientId: 'nobody' }, 1)).toBe(0)
  })

  it('rejects the next orders after they were accepted, or one that rests', () => {
    const heard: string[] = []
    const desk = openDesk({ listener: { onOrder: (row) => heard.push(`${row.account} ${row.status}`) } })
    desk.exchange.operator.rejectNext('bob')
    desk.exchange.operator.rejectNext(null, 2)
    const first = place(desk, order())
    expect(first).toMatchObject({ status: 'Rejected', cancelReason: 'rejected-by-operator' })
    desk.exchange.place('bob', order())
    place(desk, market(BUY, 1))
    const resting = place(desk, order({ clientId: 'rests' }))
    expect(desk.exchange.operator.reject(A, resting)).toBe(true)
    expect(desk.exchange.operator.reject(A, resting)).toBe(false)
    expect(heard).toEqual(['alice New', 'alice Rejected', 'bob New', 'bob Rejected', 'alice New', 'alice Rejected', 'alice New', 'alice Rejected'])
    expect(desk.exchange.wallet(A).orderMargin.toFixed()).toBe('0')
    expect(levelsOf(desk.exchange, S, BUY)[0]).toEqual([999, 100])
  })
})
