import { createHmac, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { fail } from '../../core/index.ts'
import { FULL_COST, freshPassword, type HashCost, hashPassword, isPassword } from './password.ts'
import { readPrivate, writePrivate } from './private-file.ts'

const FILE = 'gateway.operator.json'
const KEY_BYTES = 32

const stored = z.strictObject({
  version: z.literal(1),
  hash: z.string(),
  /** Hash of the configured password that was taken over; null: it was made here. */
  configured: z.string().nullable(),
  /** Signs access tokens, together with the configured secret. */
  seed: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  changedMs: z.number(),
})
type Stored = z.output<typeof stored>

/** The one account: its password, kept as a hash, and the key that signs its access tokens. A new password is a new key. */
export class Operator {
  readonly #path: string
  readonly #secret: string
  readonly #cost: HashCost
  #stored: Stored

  private constructor(path: string, secret: string, found: Stored, cost: HashCost) {
    this.#path = path
    this.#secret = secret
    this.#cost = cost
    this.#stored = found
  }

  /**
   * Reads or makes the account. A configured password that was not seen before replaces the one that is kept; one that was
   * changed since over the API stays.
   * @param password configured, or `auto` @param secret configured, or `auto` @param cost of hashes that are made
   * @returns with the password that was made just now, to be shown once; null when none was
   * @throws RM_API_CREDENTIALS
   */
  static async open(dataDir: string, password: string, secret: string, nowMs: number, cost: HashCost = FULL_COST): Promise<{ readonly operator: Operator; readonly fresh: string | null }> {
    const path = join(dataDir, FILE)
    const found = readStored(path)
    const same = found !== null && (password === 'auto' || (found.configured !== null && (await isPassword(password, found.configured))))
    if (same) return { operator: new Operator(path, secret, found, cost), fresh: null }
    const chosen = password === 'auto' ? freshPassword() : password
    const hash = await hashPassword(chosen, cost)
    const made: Stored = { version: 1, hash, configured: password === 'auto' ? null : hash, seed: newSeed(), changedMs: nowMs }
    writePrivate(path, made)
    return { operator: new Operator(path, secret, made, cost), fresh: password === 'auto' ? chosen : null }
  }

  /** Key of the access tokens. */
  get key(): Uint8Array {
    return createHmac('sha256', `ringmaster access token ${this.#secret}`).update(this.#stored.seed).digest()
  }

  knows(password: string): Promise<boolean> {
    return isPassword(password, this.#stored.hash)
  }

  /** Another password; tokens that were signed before are void. @throws RM_API_CREDENTIALS */
  async change(password: string, nowMs: number): Promise<void> {
    const next: Stored = { ...this.#stored, hash: await hashPassword(password, this.#cost), seed: newSeed(), changedMs: nowMs }
    writePrivate(this.#path, next)
    this.#stored = next
  }
}

const newSeed = (): string => randomBytes(KEY_BYTES).toString('base64url')

function readStored(path: string): Stored | null {
  const found = readPrivate(path)
  if (found === null) return null
  const result = stored.safeParse(found)
  return result.success ? result.data : fail('RM_API_CREDENTIALS', { file: path, problem: 'is not what was written there' })
}
