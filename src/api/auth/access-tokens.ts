import { errors, jwtVerify, SignJWT } from 'jose'
import { fail } from '../../core/index.ts'

const ALGORITHM = 'HS256'
const ISSUER = 'ringmaster'
const AUDIENCE = 'ringmaster-gateway'

export interface AccessClaims {
  readonly session: string
  readonly expiresMs: number
}

/** Signs an access token of a session. */
export async function signAccess(key: Uint8Array, session: string, lifeS: number, nowMs: number): Promise<{ readonly token: string; readonly expiresMs: number }> {
  const nowS = Math.floor(nowMs / 1000)
  const token = await new SignJWT({ sid: session }).setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt' }).setSubject('operator').setIssuer(ISSUER).setAudience(AUDIENCE).setIssuedAt(nowS).setExpirationTime(nowS + lifeS).sign(key)
  return { token, expiresMs: (nowS + lifeS) * 1000 }
}

/** Reads one. The algorithm is ours, never that of the token. @throws RM_API_UNAUTHORISED, RM_API_TOKEN_EXPIRED */
export async function readAccess(key: Uint8Array, token: string, nowMs: number): Promise<AccessClaims> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: [ALGORITHM], issuer: ISSUER, audience: AUDIENCE, subject: 'operator', typ: 'at+jwt', requiredClaims: ['exp', 'sid'], currentDate: new Date(nowMs) })
    return { session: String(payload['sid']), expiresMs: payload.exp! * 1000 }
  } catch (error) {
    if (error instanceof errors.JWTExpired) return fail('RM_API_TOKEN_EXPIRED', {}, error)
    return fail('RM_API_UNAUTHORISED', { problem: 'the access token is not one of ours' }, error)
  }
}
