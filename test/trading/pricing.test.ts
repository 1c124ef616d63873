import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, money, SELL } from '../../src/core/index.ts'
import {
  checkTradingSettings,
  coinsToContracts,
  compileRules,
  contractsToCoins,
  entryPriceTicks,
  exitPriceTicks,
  lotsFor,
  offsetFor,
  outsideCollar,
  soundQuote,
  tradingDefaults,
  unitOf,
  valueOf,
  type OffsetSettings,
} from '../../src/trading/index.ts'
import { exitSets, instruments } from './support/world.ts'

const trailing = { source: 'here', activationPercent: '0.3', distancePercent: '0.2', activationAtr: null, distanceAtr: null }

const at = (percent: string, marketOrder = false) => ({ percent, marketOrder })
const offsets: OffsetSettings = {
  defaultPercent: '0.05',
  byRegime: { trending: at('0.10'), choppy: at('0.05'), ranging: at('0.08') },
  bySymbol: { 'XRP-USDT': { own: null, byRegime: { trending: at('0.12'), choppy: at('0.03') } }, 'DOGE-USDT': { own: at('0.06'), byRegime: { choppy: at('0.04') } } },
}

describe('entry prices (EX-5)', () => {
  it.each([
    ['XRP-USDT', 'trending', '0.12', 'by_symbol.XRP-USDT.by_regime.trending'],
    ['XRP-USDT', 'ranging', '0.08', 'by_regime.ranging'],
    ['XRP-USDT', null, '0.05', 'default_offset_percent'],
    ['DOGE-USDT', 'choppy', '0.04', 'by_symbol.DOGE-USDT.by_regime.choppy'],
    ['DOGE-USDT', 'trending', '0.06', 'by_symbol.DOGE-USDT'],
    ['BTC-USDT', 'trending', '0.1', 'by_regime.trending'],
    ['BTC-USDT', 'unheard-of', '0.05', 'default_offset_percent'],
  ])('%s in %s takes %s from %s', (symbol, regime, percent, source) => {
    const offset = offsetFor(offsets, symbol, regime)
    expect([offset.percent.toFixed(), offset.source]).toEqual([percent, source])
  })

  it('lies on the passive side, exactly the offset from the middle, rounded away from the market', () => {
    expect(entryPriceTicks(BUY, 99_999, 100_001, money('0.05'))).toBe(99_950)
    expect(entryPriceTicks(SELL, 99_999, 100_001, money('0.05'))).toBe(100_050)
    expect(entryPriceTicks(BUY, 1000, 1001, money('0.07'))).toBe(999) // 1000.5 · 0.9993 = 999.79965
    expect(entryPriceTicks(SELL, 1000, 1001, money('0.07'))).toBe(1002) // 1000.5 · 1.0007 = 1001.20035
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 500 }), (bid, spread, hundredths) => {
        const percent = money(hundredths).div(100)
        const twice = 2n * BigInt(bid) + BigInt(spread)
        const exact = twice * BigInt(10_000 - hundredths) // in 1/20000 ticks
        expect(entryPriceTicks(BUY, bid, bid + spread, percent)).toBe(Number(exact / 20_000n))
      }),
      { numRuns: 200 },
    )
  })

  it('limits an exit to the slippage behind the touch, never below one tick', () => {
    expect(exitPriceTicks(SELL, 10_000, 10_001, money('0.1'))).toBe(9990)
    expect(exitPriceTicks(BUY, 10_000, 10_001, money('0.1'))).toBe(10_012) // 10011.001 rounded up
    expect(exitPriceTicks(SELL, 1, 2, money('50'))).toBe(1)
  })

  it('F24: takes no quote that is crossed, empty, fractional or not finite', () => {
    expect(soundQuote(100, 101)).toBe(true)
    for (const [bid, ask] of [[101, 100], [100, 100], [0, 1], [-1, 5], [1.5, 2], [Number.NaN, 2], [1, Number.POSITIVE_INFINITY], [1, Number.MAX_SAFE_INTEGER]]) expect(soundQuote(bid!, ask!)).toBe(false)
  })

  it('sees a price outside the collar on either side, and not one on it', () => {
    expect(outsideCollar(99_000, 99_999, 100_001, money(1))).toBe(false)
    expect(outsideCollar(98_999, 99_999, 100_001, money(1))).toBe(true)
    expect(outsideCollar(101_001, 99_999, 100_001, money(1))).toBe(true)
  })
})

describe('sizes (EX-3)', () => {
  it('buys whole lots for a value and never more than it', () => {
    const unit = unitOf('0.10', '0.001')
    expect(lotsFor(money(100), 302_472, unit)).toBe(3) // 30247.2 · 0.001 = 30.2472 a lot
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 10_000_000 }), (cents, priceTicks) => {
        const value = money(cents).div(100)
        const lots = lotsFor(value, priceTicks, unit)
        expect(valueOf(lots, priceTicks, unit).lte(value)).toBe(true)
        expect(valueOf(lots + 1, priceTicks, unit).gt(value)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('converts contracts and coins exactly (0.1 + 0.2 contracts of 0.01 are 0.003)', () => {
    expect(contractsToCoins('0.1', '0.01').add(contractsToCoins('0.2', '0.01')).toFixed()).toBe('0.003')
    expect(coinsToContracts('0.003', '0.01').toFixed()).toBe('0.3')
    expect(coinsToContracts(contractsToCoins('12345.67', '0.01').toFixed(), '0.01').toFixed()).toBe('12345.67')
  })
})

describe('settings', () => {
  it('takes its own defaults', () => {
    expect(() => checkTradingSettings(tradingDefaults)).not.toThrow()
  })

  it.each([
    ['account', { account: 'Not Ours' }],
    ['entry.notional', { entry: { ...tradingDefaults.entry, notional: '0' } }],
    ['entry.notional', { entry: { ...tradingDefaults.entry, notional: 'NaN' } }],
    ['entry.offset.defaultPercent', { entry: { ...tradingDefaults.entry, offset: { ...offsets, defaultPercent: '0' } } }],
    ['entry.offset.byRegime.choppy', { entry: { ...tradingDefaults.entry, offset: { ...offsets, byRegime: { choppy: at('100') } } } }],
    ['entry.confidenceMin', { entry: { ...tradingDefaults.entry, confidenceMin: Number.NaN } }],
    ['entry.ttlMs', { entry: { ...tradingDefaults.entry, ttlMs: 0 } }],
    ['limits.exposureMax', { limits: { ...tradingDefaults.limits, exposureMax: '-1' } }],
    ['limits.ordersPerWindowMax', { limits: { ...tradingDefaults.limits, ordersPerWindowMax: 100_000 } }],
    ['exit.byRegime.trending.stopLossPercent', { exit: { ...tradingDefaults.exit, byRegime: exitSets({ stopLossPercent: '' }) } }],
    ['exit.byRegime.trending.stopLossPercent', { exit: { ...tradingDefaults.exit, byRegime: exitSets({ stopLossPercent: '100' }) } }],
    ['exit.bySymbol.X.trending.takeProfitAtr', { exit: { ...tradingDefaults.exit, bySymbol: { X: exitSets({ takeProfitAtr: '0' }) } } }],
    ['exit.bySymbol.X.trending.holdMsMax', { exit: { ...tradingDefaults.exit, bySymbol: { X: exitSets({ holdMsMax: 0.5 }) } } }],
    ['exit.byRegime.trending.trailing.distancePercent', { exit: { ...tradingDefaults.exit, byRegime: exitSets({ trailing: { ...trailing, distancePercent: '-1' } }) } }],
    ['exit.trailingByMaker.model.activationPercent', { exit: { ...tradingDefaults.exit, trailingByMaker: { model: { ...trailing, activationPercent: 'x' } } } }],
    ['exit.rangeFactorMin', { exit: { ...tradingDefaults.exit, rangeFactorMin: '3' } }],
    ['exit.takerFeePercent', { exit: { ...tradingDefaults.exit, takerFeePercent: '-0.01' } }],
    ['exit.trailingStepPercent', { exit: { ...tradingDefaults.exit, trailingStepPercent: '0' } }],
    ['reconcile.tries', { reconcile: { ...tradingDefaults.reconcile, tries: 1 } }],
    ['venue.askMs', { venue: { ...tradingDefaults.venue, askMs: 0.5 } }],
  ])('refuses a bad %s by name', (field, change) => {
    expect(() => checkTradingSettings({ ...tradingDefaults, ...change })).toThrow(`RM_TRADING_SETTINGS: trading settings: ${field} is`)
  })

  it('refuses instruments that do not stand at their index', () => {
    expect(() => compileRules(tradingDefaults, [instruments[1]!])).toThrow('RM_TRADING_SETTINGS')
  })
})
