import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, money, SELL, type Side, ZERO } from '../../src/core/index.ts'
import { Ledger } from '../../src/trading/index.ts'

const fill = fc.record({ side: fc.constantFrom<Side>(BUY, SELL), lots: fc.integer({ min: 1, max: 1_000_000 }), priceTicks: fc.integer({ min: 1, max: 1_000_000_000 }) })

describe('the books of a symbol (EX-50)', () => {
  it('books the venue\'s own worked example: 3 bought at 1180.59833333, sold at 1194.97516667, fees of 0.0006 each way, 47.4065 lost on the short side', () => {
    // Prices of the sample are averages, so they are given in ticks of 1e-8; sizes in lots of 1.
    const ledger = new Ledger()
    const unit = money('0.00000001')
    ledger.book(SELL, 3, 118059833333, money('3541.795').mul('0.0006'), unit)
    ledger.book(BUY, 3, 119497516667, money('3584.9255').mul('0.0006'), unit)
    expect(ledger.signedLots).toBe(0)
    expect(ledger.net.toDecimalPlaces(4).toFixed()).toBe('-47.4065')
  })

  it('earns, over any round trip to flat, exactly the cash that changed hands', () => {
    fc.assert(
      fc.property(fc.array(fill, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 1_000_000 }), (fills, lastPrice) => {
        const ledger = new Ledger()
        let cash = 0n
        let lots = 0
        const book = (side: Side, size: number, priceTicks: number) => {
          ledger.book(side, size, priceTicks, ZERO, money(1))
          cash += BigInt(priceTicks) * BigInt(size) * (side === BUY ? -1n : 1n)
          lots += side === BUY ? size : -size
        }
        for (const { side, lots: size, priceTicks } of fills) book(side, size, priceTicks)
        if (lots !== 0) book(lots > 0 ? SELL : BUY, Math.abs(lots), lastPrice)
        expect(ledger.signedLots).toBe(0)
        // A partial close of an odd average rounds in the 40th digit; nothing a currency knows is lost.
        expect(ledger.realised.toDecimalPlaces(15).toFixed()).toBe(money(cash.toString()).toFixed())
        expect(ledger.costTickLots.toFixed()).toBe('0')
      }),
      { numRuns: 200 },
    )
  })

  it('keeps the average entry over partial closes and starts a new one through zero', () => {
    const ledger = new Ledger()
    ledger.book(BUY, 10, 100, ZERO, money(1))
    ledger.book(BUY, 10, 200, ZERO, money(1))
    expect(ledger.entryTicks.toFixed()).toBe('150')
    ledger.book(SELL, 5, 160, ZERO, money(1))
    expect(ledger.entryTicks.toFixed()).toBe('150')
    expect(ledger.realised.toFixed()).toBe('50')
    ledger.book(SELL, 20, 150, ZERO, money(1))
    expect(ledger.signedLots).toBe(-5)
    expect(ledger.entryTicks.toFixed()).toBe('150')
    expect(ledger.realised.toFixed()).toBe('50')
  })

  it('does not add up money in binary: ten fees of 0.1 are 1', () => {
    const ledger = new Ledger()
    for (let i = 0; i < 10; i++) ledger.book(i % 2 === 0 ? BUY : SELL, 1, 100, money('0.1'), money('0.0001'))
    expect(ledger.fees.toFixed()).toBe('1')
    expect(ledger.net.toFixed()).toBe('-1')
  })

  it('invents no profit when the venue\'s position takes the place of ours', () => {
    const ledger = new Ledger()
    ledger.book(BUY, 10, 100, ZERO, money(1))
    ledger.adopt(0, ZERO)
    expect(ledger.realised.toFixed()).toBe('0')
    expect(ledger.signedLots).toBe(0)
    ledger.adopt(-4, money('123.5'))
    expect(ledger.entryTicks.toFixed()).toBe('123.5')
  })
})
