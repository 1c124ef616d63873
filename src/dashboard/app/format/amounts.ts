import { formatDecimal, UNKNOWN } from './decimal.ts'

type Text = string | null | undefined

/** Quote currency with two digits behind the point. */
export const money = (text: Text): string => formatDecimal(text, { digits: 2 })

/** The same with a sign, for gains and losses. */
export const gain = (text: Text): string => formatDecimal(text, { digits: 2, sign: true })

/** A price or a size as the venue writes it: all its digits. */
export const exact = (text: Text): string => formatDecimal(text)

/** A number that is no money, with digits behind the point; a dash for what is not known. */
export function plain(value: number | null | undefined, digits = 0, sign = false): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN
  return formatDecimal(value.toFixed(digits), { sign })
}

/** `0.1234` as `12.3 %`. */
export const share = (value: number | null | undefined, digits = 0): string => {
  const text = plain(value === null || value === undefined ? value : value * 100, digits)
  return text === UNKNOWN ? text : `${text} %`
}

/** A number of percent. */
export const percent = (value: number | null | undefined, digits = 2, sign = false): string => {
  const text = plain(value, digits, sign)
  return text === UNKNOWN ? text : `${text} %`
}

const STEPS: readonly (readonly [number, string])[] = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']]

/** Three digits and a letter for the thousands: `1.23 M`. For volumes and counts, where the size matters and not the last digit. */
export function compact(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN
  const step = STEPS.find(([size]) => Math.abs(value) >= size)
  if (step === undefined) return plain(value, Number.isInteger(value) ? 0 : 2)
  const scaled = value / step[0]
  const size = Math.abs(scaled)
  return `${plain(scaled, size >= 100 ? 0 : size >= 10 ? 1 : 2)} ${step[1]}`
}

/** Bytes by powers of 1024. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN
  return value >= 2 ** 30 ? `${plain(value / 2 ** 30, 1)} GiB` : value >= 2 ** 20 ? `${plain(value / 2 ** 20)} MiB` : `${plain(value / 1024)} KiB`
}
