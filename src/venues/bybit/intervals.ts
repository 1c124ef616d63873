const MINUTE_MS = 60_000

const INTERVALS: readonly (readonly [name: string, intervalMs: number])[] = [
  ['1', MINUTE_MS], ['3', 3 * MINUTE_MS], ['5', 5 * MINUTE_MS], ['15', 15 * MINUTE_MS], ['30', 30 * MINUTE_MS],
  ['60', 60 * MINUTE_MS], ['120', 120 * MINUTE_MS], ['240', 240 * MINUTE_MS], ['360', 360 * MINUTE_MS], ['720', 720 * MINUTE_MS],
  ['D', 1440 * MINUTE_MS], ['W', 7 * 1440 * MINUTE_MS],
]
const BY_NAME = new Map(INTERVALS)
const BY_MS = new Map(INTERVALS.map(([name, intervalMs]) => [intervalMs, name]))

/** Length of a candle interval of the venue, null for one without a fixed length (months) or unknown. */
export const intervalMsOf = (name: string): number | null => BY_NAME.get(name) ?? null
/** The venue's name of an interval, null when it has none of that length. */
export const intervalNameOf = (intervalMs: number): string | null => BY_MS.get(intervalMs) ?? null
