import { fail } from '../../core/index.ts'
import { type AccessClaims, readAccess, signAccess } from './access-tokens.ts'
import { Lockout } from './lockout.ts'
import type { Operator } from './operator.ts'
import type { OpenedSession, Sessions } from './sessions.ts'

export interface GateParts {
  readonly operator: Operator
  readonly sessions: Sessions
  readonly accessS: number
  readonly attempts: number
  readonly lockMs: number
  /** Wall time. */
  readonly wallMs: () => number
  /** Monotonic. */
  readonly nowMs: () => number
  /** Every session has ended: sockets have to go. */
  readonly onEndAll: () => void
}

/** What a client gets when it signs in or refreshes. */
export interface Admission {
  readonly accessToken: string
  readonly expiresMs: number
  readonly session: OpenedSession
}

/** Who may in: password, sessions and access tokens in one place. */
export class Gate {
  readonly #parts: GateParts
  readonly #lockout: Lockout

  constructor(parts: GateParts) {
    this.#parts = parts
    this.#lockout = new Lockout(parts.attempts, parts.lockMs, parts.nowMs)
  }

  /** @param address of the client @throws RM_API_PASSWORD, RM_API_LOCKED */
  async login(address: string, password: string): Promise<Admission> {
    if (!(await this.#lockout.guard(address, () => this.#parts.operator.knows(password)))) fail('RM_API_PASSWORD')
    return this.#admit(this.#parts.sessions.open())
  }

  /** @throws RM_API_UNAUTHORISED, RM_API_REFRESH_REUSED */
  refresh(refreshToken: string): Promise<Admission> {
    return this.#admit(this.#parts.sessions.refresh(refreshToken))
  }

  logout(refreshToken: string): void {
    const id = this.#parts.sessions.ownerOf(refreshToken)
    if (id !== null) this.#parts.sessions.end(id)
  }

  /** Reads an access token, whose session must live. @throws RM_API_UNAUTHORISED, RM_API_TOKEN_EXPIRED */
  async verify(token: string): Promise<AccessClaims> {
    const claims = await readAccess(this.#parts.operator.key, token, this.#parts.wallMs())
    if (!this.#parts.sessions.lives(claims.session)) fail('RM_API_UNAUTHORISED', { problem: 'the session has ended' })
    return claims
  }

  /** Another password: every session ends, and a new one begins for who asked. @throws RM_API_PASSWORD, RM_API_LOCKED */
  async changePassword(address: string, current: string, next: string): Promise<Admission> {
    const { operator, sessions, wallMs, onEndAll } = this.#parts
    if (!(await this.#lockout.guard(address, () => operator.knows(current)))) fail('RM_API_PASSWORD')
    await operator.change(next, wallMs())
    sessions.endAll()
    onEndAll()
    return this.#admit(sessions.open())
  }

  async #admit(session: OpenedSession): Promise<Admission> {
    const { operator, accessS, wallMs } = this.#parts
    const { token, expiresMs } = await signAccess(operator.key, session.id, accessS, wallMs())
    return { accessToken: token, expiresMs, session }
  }
}
