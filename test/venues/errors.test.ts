import { describe, expect, it } from 'vitest'
import type { VenueErrorClass } from '../../src/venues/index.ts'
import { classifyCode, classifyStatus } from '../../src/venues/bybit/errors.ts'

/*
 * The classification of the protocol sheet (Bybit V5, section 9), row by row, copied by hand. What the sheet calls
 * "venue state" is retryable where time heals it and rejected where it does not.
 */
const TABLE: readonly (readonly [row: string, codes: readonly number[], errorClass: VenueErrorClass])[] = [
  ['retry after a pause: limits', [10006, 10018, 10403, 10429, 20003, 170005, 429], 'rate-limited'],
  ['retry after a pause: service restarting', [10019], 'retryable'],
  ['outcome unknown', [10000, 10016, 40004, 110079, 170007, 170146, 170147], 'unknown'],
  ['duplicate', [110072, 10014, 20006, 30001, 170141], 'duplicate'],
  ['clock', [10002, -1], 'clock'],
  ['insufficient margin', [110004, 110006, 110007, 110012, 110014, 110044, 110045, 110051, 110052, 110053], 'insufficient-margin'],
  ['order not found or already final', [110001, 110008, 110010, 110019], 'not-found'],
  ['position zero, reduce-only', [110017, 110034, 110023, 110042, 30228], 'reduce-only'],
  ['price band, lot, notional, trigger side', [110003, 30208, 30209, 110120, 110121, 110094, 10001, 110092, 110093], 'rejected'],
  ['position limits', [110009, 110020, 110021, 110013, 110086, 110089, 110090], 'rejected'],
  ['not modified', [110043, 110025, 110026, 110027, 34040], 'unchanged'],
  ['key or permission', [10003, 10004, 10005, 10007, 10010, 33004], 'auth'],
  ['ban, region, compliance', [10008, 10009, 10024, 10027, 10028, 10029, 110066, 110123, 110124, 110125, 110132], 'auth'],
  ['venue state that passes: settlement, contract not live', [110063, 110074], 'retryable'],
  ['venue state that does not: would liquidate', [110040], 'rejected'],
  ['pre-market phases', [110095, 110096, 110097, 110098, 110099, 110100, 110101, 110102, 110103], 'rejected'],
  ['mode with positions or orders, size below what is filled', [110024, 110028, 110064], 'rejected'],
  ['not on demo accounts, bad operation of the trade socket', [10032, 10404], 'rejected'],
]

describe('every code of the venue\'s error table has its class', () => {
  for (const [row, codes, errorClass] of TABLE) {
    it.each(codes.map((code) => [code] as const))(`${row}: %i is ${errorClass}`, (code) => expect(classifyCode(code)).toBe(errorClass))
  }

  it('no code stands in two rows', () => {
    const codes = TABLE.flatMap(([, row]) => row)
    expect(new Set(codes).size).toBe(codes.length)
  })

  it('an unlisted code of the order service is a refusal, any other proves nothing', () => {
    expect([110500, 110000, 110999].map(classifyCode)).toEqual(['rejected', 'rejected', 'rejected'])
    expect([1, 3, 109_999, 111_000, 181_001, Number.NaN, Number.POSITIVE_INFINITY, 0.5].map(classifyCode)).toEqual(Array.from({ length: 8 }, () => 'unknown'))
  })
})

it.each([[429, 'rate-limited'], [418, 'rate-limited'], [403, 'auth'], [401, 'auth'], [400, 'rejected'], [404, 'rejected'], [405, 'rejected'], [500, 'unknown'], [502, 'unknown'], [504, 'unknown'], [302, 'unknown']])('HTTP %i is %s', (status, errorClass) => {
  expect(classifyStatus(status)).toBe(errorClass)
})
