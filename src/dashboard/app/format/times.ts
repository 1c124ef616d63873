import { plain } from './amounts.ts'
import { UNKNOWN } from './decimal.ts'

const two = (value: number): string => String(value).padStart(2, '0')

/** `14:03:07` of this browser's time zone. */
export function clock(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return UNKNOWN
  const at = new Date(ms)
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** `2026-03-01 14:03:07`, of this browser's time zone. */
export function moment(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return UNKNOWN
  const at = new Date(ms)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(ms)}`
}

/** How long, in the one unit that says it best: `840 µs`, `12 ms`, `3.1 s`, `4 min`, `2 h`, `5 d`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return UNKNOWN
  const size = Math.abs(ms)
  if (size < 1 && size > 0) return `${plain(ms * 1000)} µs`
  if (size < 1000) return `${plain(ms, size < 10 && size > 0 ? 1 : 0)} ms`
  if (size < 60_000) return `${plain(ms / 1000, 1)} s`
  if (size < 3_600_000) return `${plain(ms / 60_000)} min`
  if (size < 172_800_000) return `${plain(ms / 3_600_000, 1)} h`
  return `${plain(ms / 86_400_000)} d`
}

/** The same of nanoseconds. */
export const nanoseconds = (ns: number | null | undefined): string => duration(ns === null || ns === undefined ? ns : ns / 1e6)
