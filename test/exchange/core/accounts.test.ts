import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, money, Random, SELL, ZERO, type Side } from '../../../src/core/index.ts'
import { defaultContracts, defineContract, type Execution } from '../../../src/exchange/index.ts'
import { market, openDesk, order, type Desk } from './support.ts'

const A = 'alice'

const place = (desk: Desk, account: string, wanted: ReturnType<typeof order>): void => {
  const answer = desk.exchange.place(account, wanted)
  if (!answer.ok) throw new Error(`${answer.refusal}: ${answer.text}`)
}

describe('positions', () => {
  it('average the entry, realise on the way down, and flip with the remainder', () => {
    const desk = openDesk()
    place(desk, A, market(BUY, 100)) // 1001
    place(desk, A, market(BUY, 50)) // 1002, the first level is gone
    expect(desk.exchange.position(A, 'AAAUSDT').entryPrice.toFixed(8)).toBe('1001.33333333')
    place(desk, A, market(SELL, 100)) // 999: 100 × (999 − 1001.3333…)
    expect(desk.exchange.position(A, 'AAAUSDT')).toMatchObject({ signedLots: 50 })
    expect(desk.exchange.executions(A, {})[0]).toMatchObject({ closedLots: 100, leavesLots: 0 })
    expect(desk.exchange.executions(A, {})[0].realisedPnl.toFixed()).toBe('-233.33333333')
    place(desk, A, market(SELL, 80)) // 998: closes 50, opens 30 short
    const [row] = desk.exchange.executions(A, {})
    expect([row.closedLots, row.realisedPnl.toFixed()]).toEqual([50, '-166.66666667'])
    const flipped = desk.exchange.position(A, 'AAAUSDT')
    expect([flipped.signedLots, flipped.entryPrice.toFixed()]).toEqual([-30, '998'])
    // 100 at 1001 and 50 at 1002 sold at 99900 and 49900: the cents of the first close came back with the second.
    expect(flipped.realisedPnl.toFixed()).toBe(money(99900 + 49900 - 100100 - 50100).toFixed())
  })

  it('wallet = start + Σ realised − Σ fees, to the last digit, whatever was traded', () => {
    fc.assert(fc.property(fc.integer(), (seed) => {
      const random = new Random(seed)
      const contract = defineContract({ symbol: 'AAAUSDT', baseCoin: 'AAA', tick: '0.05', lot: '0.003', minSize: '0.003', maxSize: '30000', maxMarketSize: '3000', maxLeverage: 50, maintenanceRate: '0.005' })
      const rows: Execution[] = []
      const desk = openDesk({ contract, startingBalance: '10000.123456789', book: (flow) => {
        for (let i = 1; i <= 20; i++) for (const side of [BUY, SELL] as const) flow.setLevel(side, side === BUY ? 20_000 - i : 20_000 + i, 500)
      }, listener: { onExecution: (row) => rows.push(row) } })
      for (let i = 0; i < 60; i++) {
        const account = random.chance(0.5) ? A : 'bob'
        const side: Side = random.chance(0.5) ? BUY : SELL
        const ticks = 20_000 + random.below(31) - 15
        const lots = 2 + random.below(200)
        const action = random.below(4)
        if (action === 0) desk.exchange.place(account, market(side, lots, { reduceOnly: random.chance(0.3) }))
        else if (action === 1) desk.exchange.place(account, order({ side, priceTicks: ticks, lots, reduceOnly: random.chance(0.2) }))
        else if (action === 2) desk.market.take(side, ticks, lots)
        else desk.market.level(side, ticks, random.below(400))
        if (random.chance(0.1)) desk.exchange.cancelAll(account, null)
        if (random.chance(0.1)) desk.time.runUntil(desk.time.nowNs() + 3e9)
      }
      for (const account of [A, 'bob']) {
        const wallet = desk.exchange.wallet(account)
        const mine = rows.filter((row) => row.account === account)
        const sum = mine.reduce((total, row) => total.plus(row.realisedPnl).minus(row.fee), money('10000.123456789'))
        expect(wallet.balance.toFixed()).toBe(sum.toFixed())
        const realised = mine.reduce((total, row) => total.plus(row.realisedPnl), ZERO).toFixed()
        expect([wallet.realisedPnl.toFixed(), desk.exchange.position(account, 'AAAUSDT').realisedPnl.toFixed()]).toEqual([realised, realised])
        expect(mine.reduce((total, row) => total + (row.side === BUY ? row.lots : -row.lots), 0)).toBe(desk.exchange.position(account, 'AAAUSDT').signedLots)
        expect([...desk.exchange.executions(account, {})].reverse()).toEqual(mine)
        for (const one of desk.exchange.orders(account, {})) {
          const fills = mine.filter((row) => row.orderId === one.orderId)
          expect(fills.reduce((total, row) => total + row.lots, 0)).toBe(one.filledLots)
          expect(fills.reduce((total, row) => total.plus(row.value), ZERO).toFixed()).toBe(one.filledValue.toFixed())
          expect(fills.reduce((total, row) => total.plus(row.fee), ZERO).toFixed()).toBe(one.fee.toFixed())
          expect(one.filledLots).toBeLessThanOrEqual(one.lots)
        }
        const open = desk.exchange.orders(account, { open: true })
        const position = desk.exchange.position(account, 'AAAUSDT').signedLots
        for (const one of open) if (one.reduceOnly) expect(one.lots - one.filledLots).toBeLessThanOrEqual(one.side === BUY ? -position : position)
      }
    }), { numRuns: 40 })
  })

  it('a full close leaves nothing behind, on grids finer than the rounding of partial closes', () => {
    const contract = defineContract({ symbol: 'AAAUSDT', baseCoin: 'AAA', tick: '0.000001', lot: '0.00001', minSize: '0.00001', maxSize: '100000', maxMarketSize: '100000', maxLeverage: 50, maintenanceRate: '0.005', minNotional: '0' })
    const desk = openDesk({ contract, book: (flow) => {
      flow.setLevel(BUY, 999_983, 100)
      flow.setLevel(SELL, 1_000_003, 100)
    } })
    place(desk, A, market(BUY, 7))
    place(desk, A, market(SELL, 3))
    place(desk, A, market(SELL, 4))
    const position = desk.exchange.position(A, 'AAAUSDT')
    expect([position.signedLots, position.entryPrice.toFixed()]).toEqual([0, '0'])
    // 7 lots × 20 ticks of 1e-6 × 1e-5, to the last digit.
    expect(position.realisedPnl.toFixed()).toBe('-0.0000000014')
    place(desk, A, market(BUY, 1))
    expect(desk.exchange.position(A, 'AAAUSDT').entryPrice.toFixed()).toBe('1.000003')
  })

  it('charges maker and taker rates on the value', () => {
    const desk = openDesk()
    place(desk, A, order({ priceTicks: 1000, lots: 10 }))
    desk.market.take(SELL, 1000, 10)
    place(desk, A, market(SELL, 10))
    const [taker, maker] = desk.exchange.executions(A, {})
    expect([maker.fee.toFixed(), maker.feeRate, maker.maker]).toEqual(['2', '0.0002', true])
    expect([taker.fee.toFixed(), taker.feeRate, taker.maker]).toEqual(['5.4945', '0.00055', false])
  })
})

describe('margin', () => {
  it('an order holds value / leverage, the larger side counts, closing orders hold nothing', () => {
    const desk = openDesk()
    place(desk, A, order({ lots: 100, priceTicks: 990 }))
    expect(desk.exchange.wallet(A).orderMargin.toFixed()).toBe('9900')
    place(desk, A, order({ side: SELL, lots: 50, priceTicks: 1010 }))
    expect(desk.exchange.wallet(A).orderMargin.toFixed()).toBe('9900')
    place(desk, A, market(BUY, 100))
    const wallet = desk.exchange.wallet(A)
    expect([wallet.positionMargin.toFixed(), wallet.orderMargin.toFixed()]).toEqual(['10000', '9900'])
    desk.exchange.cancelAll(A, null)
    expect(desk.exchange.wallet(A).orderMargin.toFixed()).toBe('0')
    expect(desk.exchange.setLeverage(A, 'AAAUSDT', '20').ok).toBe(true)
    expect(desk.exchange.wallet(A).positionMargin.toFixed()).toBe('5000')
  })

  it('unrealised result follows the mark', () => {
    const desk = openDesk()
    place(desk, A, market(BUY, 100))
    for (let ticks = 1001; ticks <= 1010; ticks++) desk.market.flow.setLevel(SELL, ticks, 0)
    desk.market.flow.setLevel(SELL, 1011, 100)
    desk.market.level(BUY, 1009, 100)
    desk.time.runUntil(600e9)
    expect(desk.exchange.summary('AAAUSDT').markPrice).toBe(1010)
    expect(desk.exchange.positionMargin(A, 'AAAUSDT').unrealised.toFixed()).toBe('900')
    const wallet = desk.exchange.wallet(A)
    expect(wallet.equity.minus(wallet.balance).toFixed()).toBe('900')
  })

  it('an account under water may still close', () => {
    const desk = openDesk({ startingBalance: '1000', defaultLeverage: '50' })
    place(desk, A, market(BUY, 40))
    expect(desk.exchange.place(A, order({ lots: 40 }))).toMatchObject({ ok: false, refusal: 'insufficient-margin' })
    expect(desk.exchange.place(A, market(SELL, 40))).toMatchObject({ ok: true, value: { status: 'Filled' } })
  })
})

describe('funding', () => {
  it('longs pay shorts at the boundary, exactly mark × size × rate, and only once', () => {
    const desk = openDesk()
    place(desk, A, market(BUY, 100))
    place(desk, 'bob', market(SELL, 100))
    const before = desk.exchange.wallet(A).balance
    const { nextFundingMs } = desk.exchange.summary('AAAUSDT')
    expect(nextFundingMs % (480 * 60_000)).toBe(0)
    desk.time.runUntil((nextFundingMs - desk.time.wallMs()) * 1e6 + 5e9)
    const [row] = desk.exchange.executions(A, { kind: 'Funding' })
    const [other] = desk.exchange.executions('bob', { kind: 'Funding' })
    expect(row).toMatchObject({ kind: 'Funding', lots: 100, orderId: '', closedLots: 0, feeRate: '0.00010000' })
    expect(row.fee.toFixed()).toBe(row.price.times(100).times(row.feeRate).toFixed())
    expect(other.fee.toFixed()).toBe(row.fee.neg().toFixed())
    expect(desk.exchange.wallet(A).balance.toFixed()).toBe(before.minus(row.fee).toFixed())
    expect(desk.exchange.executions(A, { kind: 'Funding' })).toHaveLength(1)
    expect(desk.exchange.fundingHistory('AAAUSDT', 5)).toEqual([{ rate: 0.0001, timeMs: nextFundingMs }])
    expect(desk.exchange.summary('AAAUSDT').nextFundingMs).toBe(nextFundingMs + 480 * 60_000)
  })
})

describe('funding of a running exchange', () => {
  it('an interval begins without the premium of the one before', () => {
    const desk = openDesk({ contract: defineContract({ symbol: 'AAAUSDT', baseCoin: 'AAA', tick: '1', lot: '1', minSize: '1', maxSize: '1000', maxMarketSize: '1000', maxLeverage: 50, maintenanceRate: '0.01', fundingIntervalMin: 1 }) })
    const first = desk.exchange.summary('AAAUSDT').nextFundingMs
    const toNs = (ms: number): number => (ms - 1_700_000_000_000) * 1e6
    desk.time.runUntil(toNs(first - 5000))
    for (let i = 1; i <= 5; i++) desk.market.flow.setLevel(SELL, 1000 + i, 0)
    desk.market.flow.setLevel(SELL, 1451, 10)
    desk.market.level(BUY, 1449, 10)
    desk.time.runUntil(toNs(first + 300_000))
    const rates = desk.exchange.fundingHistory('AAAUSDT', 10).map((row) => row.rate)
    // The jump dominates the first interval; minutes later only interest is left.
    expect(rates[0]).toBeGreaterThan(0.00001)
    expect(rates[rates.length - 1]).toBeCloseTo(0.0001 / 480, 8)
  })
})

describe('liquidation', () => {
  it('cancels the orders, closes at market with kind Liquidation, and takes over what the book does not hold', () => {
    const heard: string[] = []
    const desk = openDesk({ startingBalance: '3000', defaultLeverage: '50', listener: {
      onOrder: (row) => row.account === A && heard.push(`${row.status} ${row.cancelReason ?? ''}`.trim()),
      onExecution: (row) => row.account === A && heard.push(`${row.kind} ${row.lots}`),
    } })
    place(desk, A, market(BUY, 100))
    place(desk, A, order({ priceTicks: 900, lots: 10 }))
    heard.length = 0
    for (let ticks = 995; ticks <= 999; ticks++) desk.market.flow.setLevel(BUY, ticks, 0)
    desk.market.flow.setLevel(SELL, 981, 100)
    desk.market.flow.setLevel(BUY, 979, 60)
    desk.market.flow.commit()
    desk.time.runUntil(300e9)
    expect(heard).toEqual(['Cancelled liquidation', 'New', 'Liquidation 60', 'PartiallyFilled', 'Liquidation 40', 'Filled'])
    expect(desk.exchange.position(A, 'AAAUSDT').signedLots).toBe(0)
    expect(desk.exchange.orders(A, { open: true })).toEqual([])
    const wallet = desk.exchange.wallet(A)
    const sum = desk.exchange.executions(A, {}).reduce((total, row) => total.plus(row.realisedPnl).minus(row.fee), money('3000'))
    expect(wallet.balance.toFixed()).toBe(sum.toFixed())
  })

  it('leaves an account alone whose equity covers the maintenance margin', () => {
    const desk = openDesk({ startingBalance: '3000', defaultLeverage: '50' })
    place(desk, A, market(BUY, 100))
    desk.time.runUntil(300e9)
    expect(desk.exchange.position(A, 'AAAUSDT').signedLots).toBe(100)
  })
})

describe('accounts', () => {
  it('start with their configured balance, everybody else with the common one', () => {
    const desk = openDesk({ balances: { rich: '1000000' } })
    expect(desk.exchange.wallet('rich').balance.toFixed()).toBe('1000000')
    expect(desk.exchange.wallet('anyone').balance.toFixed()).toBe('100000')
    expect(desk.exchange.orders('nobody', {})).toEqual([])
    expect(desk.exchange.positions('nobody')).toEqual([])
  })

  it.each([
    ['balance', { startingBalance: 'much' }], ['negative balance', { balances: { a: '-5' } }], ['leverage', { defaultLeverage: '0' }], ['no markets', { markets: [] }],
  ])('set-up with a bad %s is a coded error', (_, options) => {
    expect(() => openDesk(options)).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_SETUP' }))
  })

  it('a contract with limits that contradict each other is a coded error', () => {
    const row = { symbol: 'X', baseCoin: 'X', tick: '0.1', lot: '0.1', minSize: '1', maxSize: '0.5', maxMarketSize: '1', maxLeverage: 10, maintenanceRate: '0.01' }
    expect(() => defineContract(row)).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_CONTRACT' }))
    expect(() => defineContract({ ...row, maxSize: '5', minSize: '0.15' })).toThrow(expect.objectContaining({ code: 'RM_DECIMAL_STEP' }))
    expect(defaultContracts.map((contract) => contract.symbol)).toEqual(['BTCUSDT', 'ETHUSDT', 'XRPUSDT'])
  })

  it('cannot be started twice, and stops its sources and ledger', () => {
    const desk = openDesk()
    expect(() => desk.exchange.start()).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_SETUP' }))
    desk.exchange.stop()
    desk.exchange.stop()
    expect(desk.market.stopped).toBe(true)
    const pending = desk.time.pending
    desk.time.runUntil(10e9)
    expect(desk.time.pending).toBeLessThanOrEqual(pending)
    expect(desk.time.nextNs).toBe(Number.POSITIVE_INFINITY)
  })
})
