const MINUTE_MS = 60_000

/** From 6 hours on the plain names are cut at midnight of UTC+8: those with `utc` are the ones meant. */
const INTERVALS: readonly (readonly [name: string, intervalMs: number])[] = [
  ['1m', MINUTE_MS], ['3m', 3 * MINUTE_MS], ['5m', 5 * MINUTE_MS], ['15m', 15 * MINUTE_MS], ['30m', 30 * MINUTE_MS],
  ['1H', 60 * MINUTE_MS], ['2H', 120 * MINUTE_MS], ['4H', 240 * MINUTE_MS], ['6Hutc', 360 * MINUTE_MS], ['12Hutc', 720 * MINUTE_MS],
  ['1Dutc', 1440 * MINUTE_MS], ['1Wutc', 7 * 1440 * MINUTE_MS],
]
const BY_NAME = new Map(INTERVALS)
const BY_MS = new Map(INTERVALS.map(([name, intervalMs]) => [intervalMs, name]))

/** Length of a candle interval of the venue, null for an unknown one or one without a fixed length. */
export const intervalMsOf = (name: string): number | null => BY_NAME.get(name) ?? null
/** The venue's name of an interval, null when it has none of that length. */
export const intervalNameOf = (intervalMs: number): string | null => BY_MS.get(intervalMs) ?? null
