import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { money } from '../../../src/core/index.ts'
import type { EquitySeen } from '../../../src/trading/kill/records.ts'
import { dayOf, drawdownPercent, foldTrail, lossOfDay, rebase, type Trail } from '../../../src/trading/kill/trail.ts'

const seen = (day: number, equity: string | number, realised: string | number, unrealised: string | number = 0): EquitySeen => ({
  kind: 'equity-seen', atMs: 0, atNs: 0, day, equity: String(equity), realised: String(realised), unrealised: String(unrealised), unexplained: '0',
})
const fold = (...records: EquitySeen[]): Trail => records.reduce<Trail | null>((trail, record) => foldTrail(trail, record), null)!

describe('loss of the day and drawdown (EX-1)', () => {
  it('counts realised and open results from the first record of the day, exactly', () => {
    const trail = fold(seen(1, '1000.1', '-5.3', '0.2'))
    expect(lossOfDay(trail, money('-5.1')).toFixed()).toBe('0')
    expect(lossOfDay(trail, money('-5.4')).toFixed()).toBe('0.3')
    expect(lossOfDay(trail, money('1')).toFixed()).toBe('-6.1')
  })

  it('begins a day where the one before ended: what was lost in between counts', () => {
    const trail = fold(seen(1, 1000, 0), seen(1, 990, -10), seen(2, 960, -40))
    expect(lossOfDay(trail, money(-40)).toFixed()).toBe('30')
    expect(trail.baseEquity.toFixed()).toBe('990')
  })

  it('begins no day anew when the clock is set back over midnight', () => {
    const trail = fold(seen(2, 1000, 0), seen(2, 900, -100), seen(1, 900, -100), seen(2, 890, -110))
    expect(lossOfDay(trail, money(-110)).toFixed()).toBe('110')
  })

  it('changes its day at the configured hour', () => {
    const midnight = Date.UTC(2026, 2, 4)
    expect(dayOf(midnight, 0) - dayOf(midnight - 1, 0)).toBe(1)
    expect(dayOf(midnight, 6)).toBe(dayOf(midnight - 1, 6))
    expect(dayOf(midnight + 6 * 3_600_000, 6) - dayOf(midnight, 6)).toBe(1)
  })

  it('measures the drawdown from the highest record, and none above it', () => {
    const trail = fold(seen(1, 1000, 0), seen(1, 1100, 100), seen(1, 1050, 50))
    expect(drawdownPercent(trail, money(50)).toDecimalPlaces(10).toFixed()).toBe(money(50).div(1100).mul(100).toDecimalPlaces(10).toFixed())
    expect(drawdownPercent(trail, money(150)).toFixed()).toBe('0')
  })

  it('takes no withdrawal for a loss, and hides no loss behind a deposit', () => {
    const withdrawn = fold(seen(1, 100_000, 0), seen(1, 95_000, -5000), seen(1, 5000, -5000))
    expect(drawdownPercent(withdrawn, money(-5000)).toFixed()).toBe('5')
    const deposited = fold(seen(1, 1000, 0), seen(1, 800, -200), seen(1, 100_800, -200))
    expect(drawdownPercent(deposited, money(-200)).toFixed()).toBe('20')
    expect(lossOfDay(deposited, money(-200)).toFixed()).toBe('200')
  })

  it('is the same with and without money paid in and out, for any course of results', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -500_000, max: 500_000 })), { minLength: 1, maxLength: 30 }), (steps) => {
        let plain = fold(seen(1, 1_000_000, 0))
        let paid = plain
        let result = money(0)
        let plainEquity = money(1_000_000)
        let paidEquity = plainEquity
        for (const [permille, flow] of steps) {
          // The same return on both accounts, whatever they hold.
          const gain = plainEquity.mul(permille).div(1000)
          const gainPaid = paidEquity.mul(permille).div(1000)
          plainEquity = plainEquity.add(gain)
          paidEquity = paidEquity.add(gainPaid)
          plain = foldTrail(plain, seen(1, plainEquity.toFixed(), plain.result.add(gain).toFixed()))
          paid = foldTrail(paid, seen(1, paidEquity.toFixed(), paid.result.add(gainPaid).toFixed()))
          result = paid.result
          paidEquity = paidEquity.add(flow).gt(1000) ? paidEquity.add(flow) : paidEquity
          paid = foldTrail(paid, seen(1, paidEquity.toFixed(), result.toFixed()))
        }
        expect(drawdownPercent(paid, result).toNumber()).toBeCloseTo(drawdownPercent(plain, plain.result).toNumber(), 9)
      }),
    )
  })

  it('counts anew after a release that overruled a loss', () => {
    const trail = rebase(fold(seen(1, 1000, 0), seen(1, 900, -100)), money(-120))
    expect(lossOfDay(trail, money(-120)).toFixed()).toBe('0')
    expect(drawdownPercent(trail, money(-120)).toFixed()).toBe('0')
    expect(lossOfDay(trail, money(-130)).toFixed()).toBe('10')
    expect(lossOfDay(rebase(trail, null), money(-120)).toFixed()).toBe('0')
  })

  it('says nothing of percent where there is no equity to set it against', () => {
    const trail = fold(seen(1, 0, 0))
    expect(drawdownPercent(trail, money(-10)).toFixed()).toBe('0')
    expect(lossOfDay(trail, money(-10)).toFixed()).toBe('10')
  })
})
