import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, DecimalStep, type Instrument, money, SELL } from '../../src/core/index.ts'
import { apply, compileRules, createState, decide, type DecisionEvent, type Funds, openingRecords, sizeByRisk, sizeFixed, symbolState, type TradingSettings, type TradingState, unitOf, valueOf } from '../../src/trading/index.ts'
import { DEFAULT_ROWS, lotInCoins } from './support/okx-contracts.ts'
import { CLEARED, instruments, settings } from './support/world.ts'

const LARGE: Partial<TradingSettings['limits']> = { exposureMax: '1000000', symbolExposureMax: '1000000', directionExposureMax: '1000000' }
const rulesOf = (limits: Partial<TradingSettings['limits']> = LARGE, sizing: Partial<TradingSettings['sizing']> = {}, of: readonly Instrument[] = instruments, multiplier: Readonly<Record<string, string>> = {}) =>
  compileRules({ ...settings, limits: { ...settings.limits, ...limits }, sizing: { ...settings.sizing, rule: 'risk', riskPercent: '1', ...sizing }, entry: { ...settings.entry, multiplierBySymbol: multiplier } }, of)

function books(rules: ReturnType<typeof rulesOf>): TradingState {
  const state = createState()
  for (const record of openingRecords(rules, state, true, { ns: 1, wallMs: 1, opens: true })) apply(state, record)
  return state
}

const funds = (equity: string, marginAvailable = equity): Funds => ({ equity: money(equity), marginAvailable: money(marginAvailable) })

/** Size of a buy on the first symbol at 10000 USDT, with a stop 0.5 % away. */
function sized(rules: ReturnType<typeof rulesOf>, confidence: number, own: Funds, leverage = '100', state = books(rules)) {
  return sizeByRisk(rules.limits, rules.symbols[0]!, state, symbolState(state, 'AAAUSDT'), BUY, 100_000, money('0.5'), confidence, own, money(leverage))
}

describe('EX-3 size by the loss at the stop', () => {
  it('is equity · risk % · confidence · multiplier / stop distance, rounded down to whole lots', () => {
    // 1000 · 1 % = 10 USDT at the stop 0.5 % away: 2000 USDT, 200 lots of 0.001 at 10000.
    expect(sized(rulesOf(), 1, funds('1000'))).toEqual({ lots: 200, by: 'risk' })
    expect(sized(rulesOf(), 0.5, funds('1000'))).toEqual({ lots: 100, by: 'risk' })
    expect(sized(rulesOf(LARGE, {}, instruments, { AAAUSDT: '1.1' }), 1, funds('1000'))).toEqual({ lots: 220, by: 'risk' })
    expect(sized(rulesOf(LARGE, { riskPercent: '0.1' }), 1, funds('1004.99'))).toEqual({ lots: 20, by: 'risk' })
  })

  it('loses no more than that at the stop, and one lot more would lose more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 10_000_000 }), fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 1_000_000 }), (cents, confidence, stop, ticks) => {
        const rules = rulesOf()
        const own = rules.symbols[0]!
        const state = books(rules)
        const equity = money(cents).div(100)
        const stopPercent = money(stop).div(100)
        const result = sizeByRisk(rules.limits, own, state, symbolState(state, 'AAAUSDT'), BUY, ticks, stopPercent, confidence / 10_000, { equity, marginAvailable: equity }, money(1_000_000))
        if (!('lots' in result) || result.by !== 'risk') return
        const allowed = equity.div(100).mul(money(confidence).div(10_000))
        const loss = (lots: number) => valueOf(lots, ticks, own.unit).mul(stopPercent).div(100)
        expect(loss(result.lots).lte(allowed)).toBe(true)
        expect(loss(result.lots + 1).gt(allowed)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it.each<[string, Partial<TradingSettings['limits']>, Funds, string, number]>([
    ['limit-symbol-exposure', { ...LARGE, symbolExposureMax: '1500' }, funds('1000'), '100', 150],
    ['limit-direction-exposure', { ...LARGE, directionExposureMax: '1234.567' }, funds('1000'), '100', 123],
    ['limit-exposure', { ...LARGE, exposureMax: '999.99' }, funds('1000'), '100', 99],
    ['limit-margin', LARGE, funds('1000', '100'), '10', 95], // 100 · 10 · 0.95
    ['above-maximum', { ...LARGE, exposureMax: '30000000', symbolExposureMax: '30000000', directionExposureMax: '30000000' }, funds('10000000'), '1000', 100_000],
  ])('is cut down to what %s leaves', (by, limits, own, leverage, lots) => {
    expect(sized(rulesOf(limits), 1, own, leverage)).toEqual({ lots, by })
  })

  it('counts what is held and pending on the side of the entry, and names the cap that leaves too little, with both numbers', () => {
    const rules = rulesOf({ ...LARGE, directionExposureMax: '1500' })
    const state = books(rules)
    apply(state, { kind: 'position-adopted', atMs: 1, atNs: 1, symbol: 'BBBUSDT', fromLots: 0, toLots: 1496, entryTicks: '10000', why: 'test' })
    const at = (side: 0 | 1) => sizeByRisk(rules.limits, rules.symbols[0]!, state, symbolState(state, 'AAAUSDT'), side, 100_000, money('0.5'), 1, funds('1000'), money(100))
    // 1496 of 1500 USDT are taken on the long side; one lot here is 10.
    expect(at(BUY)).toEqual({ refusal: 'limit-direction-exposure', found: '10', allowed: '4' })
    expect(at(SELL)).toEqual({ lots: 150, by: 'limit-direction-exposure' })
    expect(sized(rules, 1, funds('1000', '-50'))).toEqual({ refusal: 'limit-margin', found: '10', allowed: '0' })
  })
})

describe('EX-3 fixed size', () => {
  it('is the configured value times the multiplier, and is refused where the margin does not carry it', () => {
    const own = rulesOf(LARGE, { rule: 'fixed' }, instruments, { AAAUSDT: '1.5' }).symbols[0]!
    expect(sizeFixed(own, 100_000, null, funds('1000'), money('10'))).toEqual({ lots: 15, by: 'order-size' })
    expect(sizeFixed(own, 100_000, 0.5, funds('1000'), money('10'))).toEqual({ lots: 7, by: 'order-size' })
    expect(sizeFixed(own, 100_000, null, funds('1000', '15'), money('10'))).toEqual({ refusal: 'limit-margin', found: '150', allowed: '142.5' })
  })
})

describe('EX-3 contracts and coins', () => {
  // ctVal below, at and above one coin, with whole and broken contracts.
  it.each(DEFAULT_ROWS)('an order on $instId (ctVal $ctVal, lotSz $lotSz) is the same number of coins in lots and in contracts, to the last digit', ({ ctVal, ctMult, lotSz, tickSz }) => {
    const lot = new DecimalStep(lotInCoins(lotSz, ctVal, ctMult))
    const size = new DecimalStep(lotSz)
    const tick = new DecimalStep(tickSz)
    const unit = unitOf(tick.text, lot.text)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 1_000_000 }), (lots, ticks) => {
        const contracts = money(size.format(lots))
        const coins = contracts.mul(ctVal).mul(ctMult)
        expect(coins.eq(lot.format(lots))).toBe(true)
        expect(size.parse(contracts.toFixed())).toBe(lots)
        expect(valueOf(lots, ticks, unit).eq(coins.mul(tick.format(ticks)))).toBe(true)
      }),
    )
    const instrument: Instrument = { ...instruments[0]!, tick, lot, maxLots: 1e9, minLots: 1, minNotional: '0' }
    const rules = rulesOf(LARGE, {}, [instrument])
    const state = books(rules)
    const priceTicks = 1000
    const result = sizeByRisk(rules.limits, rules.symbols[0]!, state, symbolState(state, 'AAAUSDT'), BUY, priceTicks, money('0.5'), 1, funds('100000'), money(100))
    if (!('lots' in result)) throw new Error(`no size: ${result.refusal}`)
    const value = (lots: number) => money(size.format(lots)).mul(ctVal).mul(ctMult).mul(tick.format(priceTicks))
    expect([value(result.lots).lte(200_000), value(result.lots + 1).gt(200_000)]).toEqual([true, true])
  })
})

describe('EX-3 at the decision', () => {
  it('stores the rule of the size, equity and leverage with the order; refuses where the venue has said nothing of the account', () => {
    const rules = rulesOf()
    const state = books(rules)
    const event: DecisionEvent = {
      kind: 'decision', symbolIndex: 0, sequence: 1, tickSequence: 1, receiveNs: 1, side: BUY, confidence: 0.9, by: 1, regime: 'choppy', atrTicks: Number.NaN, clearance: CLEARED,
      price: { refused: false, bidTicks: 99_999, askTicks: 100_001, receiveNs: 1 },
    }
    const now = { ns: 1, wallMs: 1, opens: true }
    expect(decide(rules, state, event, now).records[0]).toMatchObject({ kind: 'order-intended', terms: { sizedBy: 'risk', equity: '1000', leverage: '10', confidence: 0.9 } })
    expect(decide(rules, state, { ...event, clearance: { ...CLEARED, funds: null } }, now)).toMatchObject({ refusal: 'account-unknown', records: [], broken: { allowed: 'one of the last 180000 ms' } })
  })
})
