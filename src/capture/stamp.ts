/** When a line was received, in two numbers: nanoseconds since 1970 do not fit one. */
export interface Stamp {
  /** Whole seconds since 1970, -1 where there is no receive time. */
  readonly seconds: number
  /** 0 to 999 999 999. */
  readonly nanos: number
}

export const NO_STAMP: Stamp = { seconds: -1, nanos: 0 }

/** Microseconds (16 digits) or nanoseconds (19 digits) since 1970; null for anything else. */
export function readEpochDigits(text: string): Stamp | null {
  if (!/^(?:\d{16}|\d{19})$/.test(text)) return null
  return { seconds: Number(text.slice(0, 10)), nanos: Number(text.slice(10).padEnd(9, '0')) }
}

/** Seconds since 1970 with a fraction of up to nine digits; null for anything else. */
export function readEpochSeconds(text: string): Stamp | null {
  const match = /^(\d{9,10})(?:\.(\d{1,9}))?$/.exec(text)
  return match === null ? null : { seconds: Number(match[1]), nanos: Number((match[2] ?? '').padEnd(9, '0')) }
}

/** A time in milliseconds, perhaps with a fraction, as a stamp. */
export function stampOfMs(ms: number): Stamp {
  const seconds = Math.floor(ms / 1000)
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) }
}

/** Milliseconds since 1970 with the microseconds as a fraction; NaN without a receive time. */
export const stampMs = ({ seconds, nanos }: Stamp): number => (seconds < 0 ? Number.NaN : seconds * 1000 + nanos / 1e6)
