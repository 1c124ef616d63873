import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../../core/index.ts'

export interface HealthToken {
  readonly token: string
  /** Made just now: to be shown once. */
  readonly fresh: boolean
  /** Where it is kept; null when it came from the configuration. */
  readonly file: string | null
}

const FILE = 'health.token'
const VALID = /^[\x21-\x7e]{16,256}$/

/**
 * The bearer token for commands: the configured one, or with `auto` the one kept in the data folder, made at the
 * first start and readable by its owner only.
 * @throws RM_TOKEN_FILE when the file cannot be read, written or used
 */
export function healthToken(configured: string, dataDir: string): HealthToken {
  if (configured !== 'auto') return { token: configured, fresh: false, file: null }
  const file = join(dataDir, FILE)
  const kept = readHealthToken(dataDir)
  if (kept !== null) return { token: kept, fresh: false, file }
  const token = randomBytes(24).toString('base64url')
  try {
    mkdirSync(dataDir, { recursive: true })
    writeFileSync(file, `${token}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    fail('RM_TOKEN_FILE', { file, problem: `cannot be written (${(error as Error).message})` }, error)
  }
  return { token, fresh: true, file }
}

/** The token kept in a data folder, for clients on this machine; null when there is none. @throws RM_TOKEN_FILE */
export function readHealthToken(dataDir: string): string | null {
  const file = join(dataDir, FILE)
  if (!existsSync(file)) return null
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    return fail('RM_TOKEN_FILE', { file, problem: `cannot be read (${(error as Error).message})` }, error)
  }
  if (!VALID.test(text)) fail('RM_TOKEN_FILE', { file, problem: 'holds no token' })
  return text
}

/** Compares in the same time whatever the difference, lengths included. */
export function sameToken(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}
