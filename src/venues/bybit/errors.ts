import type { VenueErrorClass } from '../trading-port.ts'

/**
 * The venue's return codes by what they mean for a command. The one place: texts of the venue are not stable and
 * decide nothing. `unknown` means that the command may have been taken.
 */
const BY_CLASS: Readonly<Record<VenueErrorClass, readonly number[]>> = {
  retryable: [10019, 110063, 110074],
  rejected: [
    // price band, lot, notional, parameters
    10001, 10032, 10404, 110003, 30208, 30209, 110092, 110093, 110094, 110120, 110121, 20001,
    // position and order limits, would liquidate
    110009, 110013, 110020, 110021, 110040, 110086, 110089, 110090,
    // modes that cannot be switched now
    110024, 110028, 110064,
    // pre-market phases
    110095, 110096, 110097, 110098, 110099, 110100, 110101, 110102, 110103,
  ],
  unknown: [10000, 10016, 40004, 110079, 170007, 170146, 170147],
  duplicate: [110072, 10014, 20006, 30001, 170141],
  'insufficient-margin': [110004, 110006, 110007, 110012, 110014, 110044, 110045, 110051, 110052, 110053],
  // The venue acknowledges a post-only order that would cross and cancels it by stream: no code of its own.
  'would-cross': [],
  'not-found': [110001, 110008, 110010, 110019],
  'reduce-only': [110017, 110034, 110023, 110042, 30228],
  'rate-limited': [10006, 10018, 10403, 10429, 20003, 170005, 429],
  clock: [10002, -1],
  auth: [10003, 10004, 10005, 10007, 10008, 10009, 10010, 10024, 10027, 10028, 10029, 33004, 110066, 110123, 110124, 110125, 110132],
  unchanged: [110043, 110025, 110026, 110027, 34040],
}

const BY_CODE = new Map<number, VenueErrorClass>()
for (const [errorClass, codes] of Object.entries(BY_CLASS)) for (const code of codes) BY_CODE.set(code, errorClass as VenueErrorClass)

/**
 * Class of a return code other than 0. Codes 110000 to 110999 are the order service's own refusals, so an unlisted
 * one there is a refusal; any other unlisted code proves nothing and is `unknown`.
 */
export function classifyCode(code: number): VenueErrorClass {
  return BY_CODE.get(code) ?? (code >= 110_000 && code <= 110_999 ? 'rejected' : 'unknown')
}

/** Class of an HTTP status other than 2xx. */
export function classifyStatus(status: number): VenueErrorClass {
  if (status === 429 || status === 418) return 'rate-limited'
  if (status === 401 || status === 403) return 'auth'
  if (status === 400 || status === 404 || status === 405) return 'rejected'
  return 'unknown'
}
