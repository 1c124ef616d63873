import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { fail } from '../../core/index.ts'
import { readPrivate, writePrivate } from './private-file.ts'

const FILE = 'gateway.sessions.json'
const TOKEN_BYTES = 32
const SESSIONS_MAX = 100
/** Refresh tokens of a session that are known to have been used. */
const USED_KEPT = 50

const sessionShape = z.strictObject({ id: z.string(), current: z.string(), used: z.array(z.string()), createdMs: z.number(), expiresMs: z.number() })
const fileShape = z.strictObject({ version: z.literal(1), sessions: z.array(sessionShape) })
type SessionRow = z.output<typeof sessionShape>

/** A session and the refresh token that is its next proof. */
export interface OpenedSession {
  readonly id: string
  readonly refreshToken: string
  readonly expiresMs: number
}

/**
 * Sessions of the operator. A refresh token is good once: it is replaced with every use, and one that comes back ends its
 * session, for somebody else has it. Only hashes are kept, in a file, so that a restart signs nobody out.
 */
export class Sessions {
  readonly #path: string
  readonly #lifeMs: number
  readonly #nowMs: () => number
  readonly #byId = new Map<string, SessionRow>()

  /** @param lifeMs of a session without use @param nowMs wall time @throws RM_API_CREDENTIALS */
  constructor(dataDir: string, lifeMs: number, nowMs: () => number) {
    this.#path = join(dataDir, FILE)
    this.#lifeMs = lifeMs
    this.#nowMs = nowMs
    const found = readPrivate(this.#path)
    if (found === null) return
    const result = fileShape.safeParse(found)
    if (!result.success) fail('RM_API_CREDENTIALS', { file: this.#path, problem: 'is not what was written there' })
    for (const row of result.data.sessions) if (row.expiresMs > nowMs()) this.#byId.set(row.id, row)
  }

  /** Begins a session. @throws RM_API_CREDENTIALS */
  open(): OpenedSession {
    if (this.#byId.size >= SESSIONS_MAX) {
      const [oldest] = [...this.#byId.values()].toSorted((a, b) => a.expiresMs - b.expiresMs)
      this.#byId.delete(oldest!.id)
    }
    const token = newToken()
    const row: SessionRow = { id: randomBytes(12).toString('base64url'), current: digest(token), used: [], createdMs: this.#nowMs(), expiresMs: this.#nowMs() + this.#lifeMs }
    this.#byId.set(row.id, row)
    this.#save()
    return { id: row.id, refreshToken: `${row.id}.${token}`, expiresMs: row.expiresMs }
  }

  /** Takes a refresh token for the next one. @throws RM_API_UNAUTHORISED, RM_API_REFRESH_REUSED, RM_API_CREDENTIALS */
  refresh(refreshToken: string): OpenedSession {
    const [id = '', token = ''] = refreshToken.split('.', 2)
    const row = this.#byId.get(id)
    if (row === undefined || row.expiresMs <= this.#nowMs()) return fail('RM_API_UNAUTHORISED', { problem: 'the session has ended' })
    const given = digest(token)
    if (given !== row.current) {
      if (!row.used.includes(given)) return fail('RM_API_UNAUTHORISED', { problem: 'the refresh token is not known' })
      this.end(id)
      return fail('RM_API_REFRESH_REUSED')
    }
    const next = newToken()
    row.used.push(row.current)
    if (row.used.length > USED_KEPT) row.used.shift()
    row.current = digest(next)
    row.expiresMs = this.#nowMs() + this.#lifeMs
    this.#save()
    return { id, refreshToken: `${id}.${next}`, expiresMs: row.expiresMs }
  }

  /** Whether a session has not ended. */
  lives(id: string): boolean {
    const row = this.#byId.get(id)
    return row !== undefined && row.expiresMs > this.#nowMs()
  }

  /** The session that a refresh token belongs to, if it is its current one. */
  ownerOf(refreshToken: string): string | null {
    const [id = '', token = ''] = refreshToken.split('.', 2)
    return this.#byId.get(id)?.current === digest(token) ? id : null
  }

  end(id: string): void {
    if (this.#byId.delete(id)) this.#save()
  }

  endAll(): void {
    this.#byId.clear()
    this.#save()
  }

  #save(): void {
    const nowMs = this.#nowMs()
    for (const [id, row] of this.#byId) if (row.expiresMs <= nowMs) this.#byId.delete(id)
    writePrivate(this.#path, { version: 1, sessions: [...this.#byId.values()] } satisfies z.output<typeof fileShape>)
  }
}

const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url')
// Of 256 random bits: nothing to slow down.
const digest = (token: string): string => createHash('sha256').update(token).digest('base64url')
