import { createHmac, timingSafeEqual } from 'node:crypto'

import type { WallMs } from '../../core/index.ts'
import { field, isFields } from '../front/json.ts'
import { codes, type Verdict } from './codes.ts'
import type { OkxKey } from './settings.ts'

/** Base64 HMAC-SHA256 of `text`. */
export const sign = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('base64')

/** How far a client's clock may be off, either way. */
const WINDOW_MS = 30_000
const ISO = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?Z$/

export type KeyCheck = { readonly ok: true; readonly key: OkxKey } | { readonly ok: false; readonly verdict: Verdict }

const no = (verdict: Verdict): KeyCheck => ({ ok: false, verdict })

/** Checks who sends and whether they may: keys, passphrases, clock window and signatures. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, OkxKey>

  constructor(keys: readonly OkxKey[]) {
    this.#keys = new Map(keys.map((key) => [key.apiKey, key]))
  }

  /** REST: the signature covers ISO timestamp + method + path with query + body. @param headers names in lower case. */
  request(headers: Readonly<Record<string, string | undefined>>, method: string, pathAndQuery: string, body: string, nowMs: WallMs): KeyCheck {
    const apiKey = headers['ok-access-key'] ?? ''
    const passphrase = headers['ok-access-passphrase'] ?? ''
    const signature = headers['ok-access-sign'] ?? ''
    const timestamp = headers['ok-access-timestamp'] ?? ''
    if (apiKey === '') return no(codes.noKey)
    if (passphrase === '') return no(codes.noPassphrase)
    if (signature === '') return no(codes.noSign)
    if (timestamp === '') return no(codes.noTimestamp)
    const sentMs = isoMs(timestamp)
    if (Number.isNaN(sentMs)) return no(codes.badTimestamp)
    if (Math.abs(nowMs - sentMs) > WINDOW_MS) return no(codes.clock)
    const key = this.#keys.get(apiKey)
    if (key === undefined) return no(codes.badKey)
    if (!equal(key.passphrase, passphrase)) return no(codes.badPassphrase)
    if (!equal(sign(key.secret, timestamp + method + pathAndQuery + body), signature)) return no(codes.badSign)
    return { ok: true, key }
  }

  /** WebSocket `login`: one object with apiKey, passphrase, timestamp in seconds and the signature of timestamp + "GET/users/self/verify". */
  login(arg: unknown, nowMs: WallMs): KeyCheck {
    if (!isFields(arg)) return no(codes.badArgs)
    const apiKey = field(arg, 'apiKey')
    const passphrase = field(arg, 'passphrase')
    const given = field(arg, 'timestamp')
    const signature = field(arg, 'sign')
    // Clients send the seconds as text or as a number, with or without a fraction.
    const timestamp = typeof given === 'number' ? String(given) : given
    if (typeof timestamp !== 'string' || !/^\d{1,12}(?:\.\d{1,6})?$/.test(timestamp)) return no(codes.wsTimestamp)
    const key = typeof apiKey === 'string' ? this.#keys.get(apiKey) : undefined
    if (key === undefined) return no(codes.wsKey)
    if (typeof passphrase !== 'string' || !equal(key.passphrase, passphrase)) return no(codes.wsPassphrase)
    if (Math.abs(nowMs - Number(timestamp) * 1_000) > WINDOW_MS) return no(codes.wsClock)
    if (typeof signature !== 'string' || !equal(sign(key.secret, `${timestamp}GET/users/self/verify`), signature)) return no(codes.wsSign)
    return { ok: true, key }
  }
}

/**
 * Milliseconds of an ISO-8601 UTC time, NaN when it is none. Days are counted from the first of March, so that the leap
 * day is the last of its year (the "days from civil" method of Howard Hinnant's calendar notes).
 */
export function isoMs(text: string): WallMs {
  const match = ISO.exec(text)
  if (match === null) return Number.NaN
  const [years, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((group) => Number(match[group])) as [number, number, number, number, number, number]
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return Number.NaN
  const year = month <= 2 ? years - 1 : years
  const era = Math.floor(year / 400)
  const yearOfEra = year - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const days = era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + Number((match[7] ?? '').padEnd(3, '0'))
}

function equal(expected: string, given: string): boolean {
  const a = Buffer.from(expected)
  const b = Buffer.from(given)
  return a.length === b.length && timingSafeEqual(a, b)
}
