import { createHmac } from 'node:crypto'
import type { OkxCredentials } from './settings.ts'

/** Base64 HMAC-SHA256, as the venue wants it. */
export const hmacBase64 = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('base64')

const DAY_MS = 86_400_000
/** Days of 400 Gregorian years, after which the calendar repeats. */
const ERA_DAYS = 146_097

const padded = (value: number, digits: number): string => String(value).padStart(digits, '0')

/**
 * ISO 8601 in UTC with milliseconds, of a whole number of ms since 1970 (years 1970 to 9999). Years are counted from
 * March, so that the leap day is the last of its year (proleptic Gregorian calendar).
 */
export function isoTime(ms: number): string {
  const days = Math.floor(ms / DAY_MS)
  const sinceMarch = days + 719_468
  const era = Math.floor(sinceMarch / ERA_DAYS)
  const dayOfEra = sinceMarch - era * ERA_DAYS
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const year = yearOfEra + 400 * era + (month <= 2 ? 1 : 0)
  const inDay = ms - days * DAY_MS
  const time = [inDay / 3_600_000, (inDay / 60_000) % 60, (inDay / 1000) % 60].map((part) => padded(Math.floor(part), 2)).join(':')
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}T${time}.${padded(inDay % 1000, 3)}Z`
}

/**
 * Headers of a signed REST request (reference: OKX V5, making requests).
 * @param timestampMs the venue's time; sent as ISO 8601 with milliseconds
 * @param pathAndQuery from `/api/v5/` on, with `?` and the query exactly as sent
 * @param body the raw JSON text, '' for a GET
 */
export function signedHeaders(credentials: OkxCredentials, timestampMs: number, method: 'GET' | 'POST', pathAndQuery: string, body: string): Record<string, string> {
  const timestamp = isoTime(timestampMs)
  return {
    'OK-ACCESS-KEY': credentials.key,
    'OK-ACCESS-SIGN': hmacBase64(credentials.secret, `${timestamp}${method}${pathAndQuery}${body}`),
    'OK-ACCESS-TIMESTAMP': timestamp,
    'OK-ACCESS-PASSPHRASE': credentials.passphrase,
  }
}

/** Login frame of the private socket; its time stamp is in whole seconds of the venue's time. */
export function loginFrame(credentials: OkxCredentials, timestampMs: number): string {
  const timestamp = String(Math.floor(timestampMs / 1000))
  const sign = hmacBase64(credentials.secret, `${timestamp}GET/users/self/verify`)
  return JSON.stringify({ op: 'login', args: [{ apiKey: credentials.key, passphrase: credentials.passphrase, timestamp, sign }] })
}
