import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecimalStep, type RingmasterError } from '../../src/core/index.ts'

/** Enough digits that nothing below is ever rounded. */
const Exact = Decimal.clone({ precision: 400, toExpNeg: -400, toExpPos: 400 })

const codeOf = (body: () => unknown): string => {
  try {
    body()
  } catch (error) {
    return (error as RingmasterError).code
  }
  return 'no error'
}

const stepTexts = fc.oneof(
  fc.constantFrom('0.1', '0.10', '0.5', '0.05', '0.25', '0.001', '0.00000001', '1', '10', '100', '0.2', '2.5', '0.000000000001'),
  fc.tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 0, max: 12 })).map(([units, decimals]) => new Exact(units).div(new Exact(10).pow(decimals)).toFixed()),
)
const counts = fc.oneof(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.maxSafeInteger())

describe('decimal step', () => {
  test('formats every number of steps as the exact product and parses it back to the same number', () => {
    fc.assert(
      fc.property(stepTexts, counts, (text, count) => {
        const step = new DecimalStep(text)
        const formatted = step.format(count)
        expect(new Exact(formatted).equals(new Exact(text).times(count))).toBe(true)
        expect(formatted.split('.')[1]?.length ?? 0).toBe(step.decimals)
        expect(step.parse(formatted)).toBe(count)
        expect(step.tryParse(formatted)).toBe(count)
      }),
      { numRuns: 2000 },
    )
  })

  test('agrees with exact division about what is on the grid, off it, or too large', () => {
    const decimalTexts = fc
      .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.integer({ min: 0, max: 14 }))
      .map(([negative, mantissa, decimals]) => new Exact(mantissa.toString()).div(new Exact(10).pow(decimals)).times(negative ? -1 : 1).toFixed())
    fc.assert(
      fc.property(stepTexts, decimalTexts, (text, value) => {
        const step = new DecimalStep(text)
        const quotient = new Exact(value).div(text)
        const onGrid = quotient.isInteger() && quotient.times(text).equals(value)
        const safe = quotient.abs().lte(Number.MAX_SAFE_INTEGER)
        expect(codeOf(() => step.parse(value))).toBe(!onGrid ? 'RM_DECIMAL_STEP' : !safe ? 'RM_DECIMAL_RANGE' : 'no error')
        if (onGrid && safe) expect(step.parse(value)).toBe(quotient.toNumber() + 0)
        else expect(step.tryParse(value)).toBeNaN()
      }),
      { numRuns: 2000 },
    )
  })

  test('takes the same number with zeros added before and behind', () => {
    fc.assert(
      fc.property(stepTexts, counts, fc.nat(4), fc.nat(25), (text, count, before, behind) => {
        const step = new DecimalStep(text)
        const plain = step.format(count)
        const padded = `${plain.startsWith('-') ? '-' : ''}${'0'.repeat(before)}${plain.replace('-', '')}${plain.includes('.') || behind === 0 ? '' : '.'}${'0'.repeat(behind)}`
        expect(step.parse(padded)).toBe(count)
        expect(new DecimalStep(text.includes('.') ? `${text}000` : `${text}.000`).parse(plain)).toBe(count)
      }),
    )
  })

  test.each([
    ['0.10', '30247.20', 302472],
    ['0.0001', '1.9520', 19520],
    ['0.05', '-1.15', -23],
    ['0.2', '180143985094819.8', 900719925474099],
    ['5', '45035996273704955', 9007199254740991],
    ['0.1', '-0.0', 0],
  ])('on a grid of %s reads %s as %d steps', (step, text, count) => {
    expect(new DecimalStep(step).parse(text)).toBe(count)
  })

  test('never takes a huge number off the grid for its rounded neighbour on it', () => {
    expect(codeOf(() => new DecimalStep('0.2').parse('900719925474099.3'))).toBe('RM_DECIMAL_STEP')
    expect(codeOf(() => new DecimalStep('0.2').parse('-900719925474099.3'))).toBe('RM_DECIMAL_STEP')
    expect(new DecimalStep('0.05').parse('180143985094819.85')).toBe(3602879701896397)
  })

  test('refuses numbers beyond 2^53 steps, however long', () => {
    for (const text of ['9007199254740992', `-${'9'.repeat(30)}`, '9'.repeat(400)]) expect(codeOf(() => new DecimalStep('1').parse(text))).toBe('RM_DECIMAL_RANGE')
    for (const steps of [2 ** 53, -(2 ** 53), 0.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(codeOf(() => new DecimalStep('0.1').format(steps))).toBe('RM_DECIMAL_RANGE')
  })

  test('refuses what is no plain decimal', () => {
    for (const text of ['', ' 1', '1 ', '1e3', '.5', '5.', '+1', '--1', '1,000', '0x10', 'NaN', 'Infinity', '1.2.3', '१', '1\n'])
      expect([text, codeOf(() => new DecimalStep('0.1').parse(text)), new DecimalStep('0.1').tryParse(text)]).toEqual([text, 'RM_DECIMAL_SYNTAX', Number.NaN])
    for (const step of ['', '0', '0.000', '-0.1', '1e-8', 'abc', '9007199254740993', '.1']) expect(codeOf(() => new DecimalStep(step))).toBe('RM_DECIMAL_SYNTAX')
  })

  test('names both sides in its errors', () => {
    let message = ''
    try {
      new DecimalStep('0.5').parse('1.25', 'price')
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toBe('RM_DECIMAL_STEP: price "1.25" is not a multiple of 0.5')
  })

  test('gives back the step itself when a binary number of it is rounded down or up', () => {
    fc.assert(
      fc.property(stepTexts, fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), (text, count) => {
        const step = new DecimalStep(text)
        const value = new Exact(text).times(count).toNumber()
        // One rounding more where the product itself has no exact binary number.
        const slack = Number.isSafeInteger(count * step.units) ? 0 : Math.abs(value) * 2 ** -52
        expect(Math.abs(step.toNumber(count) - value)).toBeLessThanOrEqual(slack)
        expect([step.floor(value) + 0, step.ceil(value) + 0]).toEqual([count, count])
      }),
      { numRuns: 2000 },
    )
  })

  test('rounds what lies between two steps down and up to them', () => {
    fc.assert(
      fc.property(stepTexts, fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.double({ min: 0.001, max: 0.999, noNaN: true }), (text, count, part) => {
        const step = new DecimalStep(text)
        const value = new Exact(text).times(new Exact(count).plus(part)).toNumber()
        expect([step.floor(value) + 0, step.ceil(value) + 0]).toEqual([count, count + 1])
      }),
      { numRuns: 2000 },
    )
  })
})
