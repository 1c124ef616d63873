import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareDecimals, formatDecimal, signOf, UNKNOWN } from '../../src/dashboard/app/format/decimal.ts'
import { compact, gain, percent } from '../../src/dashboard/app/format/amounts.ts'
import { duration } from '../../src/dashboard/app/format/times.ts'

const decimals = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.integer({ min: 0, max: 12 }))
  .map(([negative, digits, scale]) => {
    const text = digits.toString().padStart(scale + 1, '0')
    return `${negative ? '-' : ''}${text.slice(0, text.length - scale)}${scale === 0 ? '' : `.${text.slice(-scale)}`}`
  })
const bare = (shown: string): string => shown.replaceAll(',', '').replace('\u2212', '-')

describe('amounts on the page', () => {
  test('are rounded as decimals, never through a binary fraction', () => {
    expect(formatDecimal('1.005', { digits: 2 })).toBe('1.01')
    expect(formatDecimal('123456789012345678.125', { digits: 2 })).toBe('123,456,789,012,345,678.13')
    fc.assert(
      fc.property(decimals, fc.integer({ min: 0, max: 8 }), (text, digits) => {
        const wanted = new Decimal(text).toDecimalPlaces(digits, Decimal.ROUND_HALF_UP).toFixed(digits)
        expect(bare(formatDecimal(text, { digits }))).toBe(/^-0(?:\.0+)?$/.test(wanted) ? wanted.slice(1) : wanted)
      }),
    )
  })

  test('keep all their digits where none are asked for', () => {
    fc.assert(fc.property(decimals, (text) => new Decimal(bare(formatDecimal(text))).eq(text)))
  })

  test('are sorted as decimals, with what is unknown below every number', () => {
    fc.assert(fc.property(decimals, decimals, (a, b) => compareDecimals(a, b) === new Decimal(a).cmp(b)))
    expect([compareDecimals(null, '-1'), compareDecimals('0', null), compareDecimals(null, undefined)]).toEqual([-1, 1, 0])
  })

  test('show a dash for what is no number', () => {
    for (const text of [null, undefined, '', 'NaN', '1,5', '--2', '1e999']) expect(formatDecimal(text)).toBe(UNKNOWN)
    expect([percent(null), compact(Number.NaN), duration(undefined)]).toEqual([UNKNOWN, UNKNOWN, UNKNOWN])
  })

  test('carry a sign where it is a gain or a loss, and none where it is nothing', () => {
    expect([gain('12.3'), gain('-0.004'), gain('-12.345'), gain('0')]).toEqual(['+12.30', '0.00', '\u221212.35', '0.00'])
    expect([signOf('-0.00'), signOf('0.01'), signOf('-3')]).toEqual([0, 1, -1])
  })

  test('read numbers with an exponent', () => expect([formatDecimal('1e-7'), formatDecimal('2.5e3')]).toEqual(['0.0000001', '2,500']))
})
