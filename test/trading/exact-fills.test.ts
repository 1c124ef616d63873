import { describe, expect, it } from 'vitest'
import { money } from '../../src/core/index.ts'
import { apply, createState, type ExitPlan, FileJournal, Ledger, readJournal, type FillBooked, type FundingBooked, type TradingRecord, type TradingState } from '../../src/trading/index.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const plan: ExitPlan = { takeProfitPercent: '1', stopLossPercent: '1', holdMsMax: 1000, source: 'test', regime: 'choppy', atrTicks: null, takeProfit: null, stopLoss: null, trailing: null }
const stamp = { atMs: 1_700_000_000_000, atNs: 1 }
const opening: readonly TradingRecord[] = [
  { kind: 'epoch-started', ...stamp, epoch: 1, account: 'test', plan, planBySymbol: {} },
  { kind: 'instrument-seen', ...stamp, symbol: 'AAAUSDT', symbolIndex: 0, tick: '0.5', lot: '0.01' },
]
const fill = (n: number, side: 0 | 1, lots: number, before: number, change: Partial<FillBooked> = {}): FillBooked => ({
  kind: 'fill-booked', ...stamp, executionId: `e${n}`, clientId: '', venueId: 'v', symbol: 'AAAUSDT', side, priceTicks: 20_000, priceText: null, lots, fee: '0.1', feeCoin: null, realised: null, maker: false, type: 'trade',
  timeMs: stamp.atMs + n, beforeLots: before, afterLots: before + (side === 0 ? lots : -lots), note: 'foreign', source: 'stream', ...change,
})
const funding = (n: number, fee: string): FundingBooked => ({ kind: 'funding-booked', ...stamp, executionId: `f${n}`, symbol: 'AAAUSDT', fee, rate: '0.0001', lots: 5, priceText: '10000.25', timeMs: stamp.atMs + n })

function books(...records: readonly TradingRecord[]): TradingState {
  const state = createState()
  for (const record of [...opening, ...records]) apply(state, record)
  return state
}
const ledgerOf = (state: TradingState): Ledger => state.symbols.get('AAAUSDT')!.ledger

describe('EX-50: executions as the venue tells them', () => {
  it('books a price between two ticks exactly', () => {
    const state = books(fill(1, 0, 5, 0), fill(2, 1, 5, 5, { priceTicks: 19_000, priceText: '9500.12', type: 'liquidation', note: 'venue' }))
    // (9500.12 - 10000) × 0.05
    expect(ledgerOf(state).realised.toFixed()).toBe('-24.994')
    expect(state.closed.at(-1)!.closes).toMatchObject([{ beforeLots: 5, afterLots: 0, priceText: '9500.12', type: 'liquidation', realised: '-24.994' }])
  })

  it('takes the venue\'s own result where it tells one, also when executions come out of order', () => {
    const state = books(fill(2, 1, 3, 0, { realised: '7.00000001' }), fill(1, 0, 3, -3, { realised: '0' }))
    expect(ledgerOf(state).realised.toFixed()).toBe('7.00000001')
    expect(ledgerOf(state).signedLots).toBe(0)
  })

  it('keeps a fee in another coin out of the quote, and names it', () => {
    const state = books(fill(1, 0, 5, 0, { fee: '0.003', feeCoin: 'OKB' }), fill(2, 1, 5, 5, { fee: '0.002', feeCoin: 'OKB' }))
    expect(ledgerOf(state).fees.toFixed()).toBe('0')
    expect([...ledgerOf(state).otherFees].map(([coin, fee]) => [coin, fee.toFixed()])).toEqual([['OKB', '0.005']])
    expect([...state.closed.at(-1)!.otherFees].map(([coin, fee]) => [coin, fee.toFixed()])).toEqual([['OKB', '0.005']])
  })

  it('an execution through zero closes one position and opens another: profit to the first, the fee to both by size, nothing lost', () => {
    const state = books(fill(1, 0, 2, 0), fill(2, 1, 5, 2, { priceTicks: 20_100, fee: '0.1' }))
    const closed = state.closed.at(-1)!
    const open = state.symbols.get('AAAUSDT')!.position!
    expect(closed.realised.toFixed()).toBe('1')
    expect(open.realised.toFixed()).toBe('0')
    expect([closed.fees.toFixed(), open.fees.toFixed()]).toEqual(['0.14', '0.06'])
    expect(closed.closes).toMatchObject([{ beforeLots: 2, afterLots: 0, fee: '0.04' }])
  })

  it('funding that is told late belongs to the position that was open when it was charged', () => {
    const state = books(fill(1, 0, 5, 0), fill(10, 1, 5, 5), fill(20, 0, 4, 0), funding(5, '0.25'), funding(25, '0.5'), funding(5, '0.25'))
    expect(state.closed.at(-1)!.funding.toFixed()).toBe('0.25')
    expect(state.symbols.get('AAAUSDT')!.position!.funding.toFixed()).toBe('0.5')
    expect(ledgerOf(state).funding.toFixed()).toBe('0.75')
  })

  it('a journal of before these fields folds as it did', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringmaster-old-'))
    try {
      const path = join(folder, 'journal')
      const strip = (record: TradingRecord, ...fields: string[]): TradingRecord => Object.fromEntries(Object.entries(record).filter(([name]) => !fields.includes(name))) as unknown as TradingRecord
      const journal = new FileJournal(path)
      journal.append([...opening, ...[fill(1, 0, 5, 0), fill(2, 1, 5, 5, { priceTicks: 20_100 })].map((one) => strip(one, 'priceText', 'feeCoin', 'realised')), strip(funding(3, '0.25'), 'rate', 'lots', 'priceText')])
      journal.close()
      const state = createState()
      for (const { record } of readJournal(path)) apply(state, record)
      expect([ledgerOf(state).realised, ledgerOf(state).fees, ledgerOf(state).funding].map((one) => one.toFixed())).toEqual(['2.5', '0.2', '0.25'])
      expect([...readJournal(path)].at(-1)!.record).toMatchObject({ rate: null, lots: null, priceText: null })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('the sum of many partial closes is exact', () => {
    const ledger = new Ledger()
    const unit = money('0.005')
    ledger.book(0, 7, 20_001, money(0), unit)
    let sum = money(0)
    for (let n = 0; n < 7; n++) sum = sum.add(ledger.book(1, 1, money('20002.3'), money(0), unit))
    expect(sum.toFixed()).toBe(money('1.3').mul(7).mul(unit).toFixed())
  })
})
