import { argon2, type Argon2Parameters, randomBytes, timingSafeEqual } from 'node:crypto'
import { fail } from '../../core/index.ts'

/** What a hash costs to make. */
export interface HashCost {
  readonly memoryKib: number
  readonly passes: number
}

/** Memory-hard: 64 MiB for a third of a second. The numbers stand in each hash, so that others may be chosen later. */
export const FULL_COST: HashCost = { memoryKib: 65_536, passes: 3 }
const LANES = 1
const SALT_BYTES = 16
const HASH_BYTES = 32
const PATTERN = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/



/** A password that nobody has to think of: 120 bits. */
export const freshPassword = (): string => randomBytes(15).toString('base64url')

/** The hash of a password as a text that describes itself (PHC string format). */
export async function hashPassword(password: string, cost: HashCost = FULL_COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive({ message: password.normalize('NFKC'), nonce: salt, memory: cost.memoryKib, passes: cost.passes, parallelism: LANES, tagLength: HASH_BYTES })
  return `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=${LANES}$${unpadded(salt)}$${unpadded(hash)}`
}

/** Whether a password is that of the hash; in the same time whatever differs. @throws RM_API_CREDENTIALS for a hash that is none */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const parts = PATTERN.exec(hash)
  if (parts === null) fail('RM_API_CREDENTIALS', { file: 'of the operator', problem: 'holds a hash that cannot be read' })
  const wanted = Buffer.from(parts[5]!, 'base64')
  const found = await derive({ message: password.normalize('NFKC'), nonce: Buffer.from(parts[4]!, 'base64'), memory: Number(parts[1]), passes: Number(parts[2]), parallelism: Number(parts[3]), tagLength: wanted.length })
  return timingSafeEqual(found, wanted)
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

function derive(parameters: Argon2Parameters): Promise<Buffer> {
  return new Promise((resolve, reject) => argon2('argon2id', parameters, (error, key) => (error === null ? resolve(key) : reject(error))))
}
