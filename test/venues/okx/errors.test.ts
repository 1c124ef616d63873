import { describe, expect, it } from 'vitest'
import { classifyCode, classifyStatus } from '../../../src/venues/okx/errors.ts'
import type { VenueErrorClass } from '../../../src/venues/index.ts'

/*
 * The venue's table of codes (protocol sheet, error classification), written down once more, by what a caller has to do.
 * A code that changes its class changes what the engine does with somebody's order.
 */
const TABLE: Readonly<Record<VenueErrorClass, readonly (number | readonly [from: number, to: number])[]>> = {
  'rate-limited': [50011, 50040, 50061, 60014],
  retryable: [50013, 50001, 51113, 60011, 63999],
  // The command may have been taken.
  unknown: [50004, 50026, 51149, 51054, 51412, 64007],
  duplicate: [51016, 51011, 51065, 50071, 50042],
  clock: [50102, 50112, 60004, 60006, 50036, 50037],
  'insufficient-margin': [51008, 51502, 51131, 51127, 59108],
  'not-found': [51603, 51400, 51503, 51410, 51401],
  'reduce-only': [51169, 51170, 51112, 51023, 51205, 51148],
  'would-cross': [51511],
  rejected: [51006, 51137, 51138, 51116, 51121, 51020, 51001, [51027, 51030], 51022, 51155, 51004, 51174, 51000, [59000, 59003], 60012, 60013, 60018, 60019, 60027, 60028, 60033],
  auth: [50101, 50103, 50105, 50110, 50111, 50113, 50114, 50119, 50120, 60005, 60007, 60009, 60024, 60032, [50007, 50010], 50012, [50027, 50029], 51024, 51010],
  // The venue has no code for a change that changes nothing.
  unchanged: [],
}

const codes = Object.entries(TABLE).flatMap(([errorClass, list]) => list.flatMap((one) => (typeof one === 'number' ? [one] : Array.from({ length: one[1] - one[0] + 1 }, (_, i) => one[0] + i))).map((code) => [String(code), errorClass as VenueErrorClass] as const))

describe('codes of the venue', () => {
  it.each(codes)('%s is %s', (code, errorClass) => {
    expect(classifyCode(code)).toBe(errorClass)
  })

  it('are in the table once each', () => {
    expect(new Set(codes.map(([code]) => code)).size).toBe(codes.length)
  })

  it.each(['12345', '50999', '5XXXX', '', '-1', '51000.0', ' 51000', '0x1'])('"%s" is not known, and what is not known proves nothing', (code) => {
    expect(classifyCode(code)).toBe('unknown')
  })

  it('an unlisted refusal of the order service or of the settings is a refusal', () => {
    expect(['51999', '51777', '59999', '59500'].map(classifyCode)).toEqual(['rejected', 'rejected', 'rejected', 'rejected'])
  })

  it('an HTTP status tells a limit from a key, and a server error from a refusal', () => {
    expect([429, 401, 403, 400, 404, 405, 500, 502, 503, 504, 302, 418].map(classifyStatus)).toEqual(['rate-limited', 'auth', 'auth', 'rejected', 'rejected', 'rejected', 'unknown', 'unknown', 'unknown', 'unknown', 'unknown', 'rate-limited'])
  })
})
