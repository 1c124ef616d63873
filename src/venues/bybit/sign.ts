import { createHmac } from 'node:crypto'
import type { BybitCredentials } from './settings.ts'

/** Lowercase hex HMAC-SHA256, as the venue wants it. */
export const hmacHex = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('hex')

/**
 * Headers of a signed REST request (reference: Bybit V5, authentication).
 * @param payload the raw query string without `?`, or the raw JSON body
 */
export function signedHeaders(credentials: BybitCredentials, timestampMs: number, recvWindowMs: number, payload: string): Record<string, string> {
  return {
    'X-BAPI-API-KEY': credentials.key,
    'X-BAPI-TIMESTAMP': String(timestampMs),
    'X-BAPI-RECV-WINDOW': String(recvWindowMs),
    'X-BAPI-SIGN-TYPE': '2',
    'X-BAPI-SIGN': hmacHex(credentials.secret, `${timestampMs}${credentials.key}${recvWindowMs}${payload}`),
  }
}

/** Login frame of the private and the trade socket; `expiresMs` must lie in the venue's future. */
export function authFrame(credentials: BybitCredentials, expiresMs: number, requestId: string): string {
  return JSON.stringify({ req_id: requestId, op: 'auth', args: [credentials.key, expiresMs, hmacHex(credentials.secret, `GET/realtime${expiresMs}`)] })
}
