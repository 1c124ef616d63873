import type { VenueErrorClass } from '../trading-port.ts'

/**
 * The venue's codes (`sCode` of an item where there is one, else `code`) by what they mean for a command. The one
 * place: texts of the venue are not stable and decide nothing. `unknown` means that the command may have been taken.
 */
const BY_CLASS: Readonly<Record<VenueErrorClass, readonly number[]>> = {
  retryable: [50001, 50013, 51113, 60011, 63999],
  rejected: [
    // syntax and parameters of the request
    50000, 50002, 50014, 50015, 50016, 50017, 50018, 50019, 60012, 60013, 60018, 60019, 60027, 60028, 60033,
  ],
  unknown: [50004, 50026, 51149, 51054, 51412, 64007],
  duplicate: [51016, 51011, 51065, 50071, 50042],
  'insufficient-margin': [51008, 51502, 51131, 51127, 59108],
  // A post-only order that would cross is accepted and cancelled by stream; only an amendment has a code.
  'would-cross': [51511],
  'not-found': [51603, 51400, 51401, 51402, 51503, 51410],
  'reduce-only': [51169, 51170, 51112, 51023, 51205, 51148],
  'rate-limited': [50011, 50040, 50061, 60014],
  // 50036 and 50037: the deadline sent along had passed, certainly not executed.
  clock: [50102, 50112, 60004, 60006, 50036, 50037],
  auth: [
    50100, 50101, 50103, 50104, 50105, 50106, 50107, 50110, 50111, 50113, 50114, 50119, 50120, 60005, 60007, 60009, 60024, 60032,
    // account blocked or in a mode that cannot trade
    50007, 50008, 50009, 50010, 50012, 50027, 50028, 50029, 51024, 51010,
  ],
  unchanged: [],
}

const BY_CODE = new Map<number, VenueErrorClass>()
for (const [errorClass, codes] of Object.entries(BY_CLASS)) for (const code of codes) BY_CODE.set(code, errorClass as VenueErrorClass)

/**
 * Class of a code other than 0. Codes 51000 to 51999 are the order service's own refusals and 59000 to 59999 those of
 * the account's settings, so an unlisted one there is a refusal; any other unlisted code proves nothing and is `unknown`.
 */
export function classifyCode(code: string): VenueErrorClass {
  const number = /^\d+$/.test(code) ? Number(code) : Number.NaN
  const listed = BY_CODE.get(number)
  if (listed !== undefined) return listed
  return (number >= 51_000 && number <= 51_999) || (number >= 59_000 && number <= 59_999) ? 'rejected' : 'unknown'
}

/** Class of an HTTP status other than 2xx whose body has no code that tells more. */
export function classifyStatus(status: number): VenueErrorClass {
  if (status === 429 || status === 418) return 'rate-limited'
  if (status === 401 || status === 403) return 'auth'
  if (status === 400 || status === 404 || status === 405) return 'rejected'
  return 'unknown'
}
