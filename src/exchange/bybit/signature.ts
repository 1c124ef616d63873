import { createHmac, timingSafeEqual } from 'node:crypto'

import type { WallMs } from '../../core/index.ts'
import { codes, wrong } from './codes.ts'
import type { Verdict } from '../front/verdict.ts'
import type { ApiKey } from './settings.ts'

/** Lower-case hex HMAC-SHA256 of `text`. */
export const sign = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('hex')

/** How much faster than the venue a client's clock may run, ms. */
const AHEAD_MS = 1_000
const WINDOW_MS_DEFAULT = 5_000
const WINDOW_MS_MAX = 60_000

export type KeyCheck = { readonly ok: true; readonly key: ApiKey } | { readonly ok: false; readonly verdict: Verdict }

/** Checks who sends and whether they may: keys, clock window and signatures of REST requests and connections. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, ApiKey>

  constructor(keys: readonly ApiKey[]) {
    this.#keys = new Map(keys.map((key) => [key.apiKey, key]))
  }

  /**
   * REST: the signature covers timestamp + key + window + payload, payload being the raw query string of a GET or
   * the raw body of a POST.
   */
  request(headers: Readonly<Record<string, string | undefined>>, payload: string, nowMs: WallMs): KeyCheck {
    const apiKey = headers['x-bapi-api-key'] ?? ''
    const timestamp = headers['x-bapi-timestamp'] ?? ''
    const window = headers['x-bapi-recv-window'] ?? ''
    const key = this.#keys.get(apiKey)
    if (key === undefined) return { ok: false, verdict: codes.unknownKey }
    const verdict = clockVerdict(timestamp, window, nowMs)
    if (verdict !== null) return { ok: false, verdict }
    const text = timestamp + apiKey + window + payload
    if (!equal(sign(key.secret, text), headers['x-bapi-sign'] ?? '')) {
      return { ok: false, verdict: { code: codes.badSign.code, text: `${codes.badSign.text} origin_string[${text.slice(0, 512)}]` } }
    }
    return { ok: true, key }
  }

  /** WebSocket `auth`: `args` is [key, expires, signature of "GET/realtime" + expires]. */
  connection(args: unknown, nowMs: WallMs): KeyCheck {
    if (!Array.isArray(args) || args.length < 3) return { ok: false, verdict: wrong('auth needs apiKey, expires and signature') }
    const [apiKey, expires, signature] = args as readonly unknown[]
    const key = typeof apiKey === 'string' ? this.#keys.get(apiKey) : undefined
    if (key === undefined) return { ok: false, verdict: codes.unknownKey }
    const text = typeof expires === 'number' ? String(expires) : expires
    if (typeof text !== 'string' || !/^\d{1,16}$/.test(text)) return { ok: false, verdict: wrong('expires invalid') }
    if (Number(text) <= nowMs) return { ok: false, verdict: { code: codes.clock.code, text: `request expired. expires[${text}],server_timestamp[${nowMs}]` } }
    if (typeof signature !== 'string' || !equal(sign(key.secret, `GET/realtime${text}`), signature)) return { ok: false, verdict: codes.badSign }
    return { ok: true, key }
  }
}

/** The venue's rule: server − window ≤ timestamp < server + 1 s. @returns null when the timestamp holds. */
export function clockVerdict(timestamp: unknown, window: unknown, nowMs: WallMs): Verdict | null {
  if (typeof timestamp !== 'string' || !/^\d{1,16}$/.test(timestamp)) return wrong('timestamp invalid')
  const windowMs = window === '' || window === undefined ? WINDOW_MS_DEFAULT : typeof window === 'string' && /^\d{1,6}$/.test(window) ? Number(window) : Number.NaN
  if (!(windowMs <= WINDOW_MS_MAX)) return wrong('recv_window invalid')
  const sentMs = Number(timestamp)
  if (nowMs - windowMs <= sentMs && sentMs < nowMs + AHEAD_MS) return null
  return { code: codes.clock.code, text: `${codes.clock.text} req_timestamp[${timestamp}],server_timestamp[${nowMs}],recv_window[${windowMs}]` }
}

function equal(expected: string, given: string): boolean {
  const a = Buffer.from(expected)
  const b = Buffer.from(given)
  return a.length === b.length && timingSafeEqual(a, b)
}
