import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, parse, resolve } from 'node:path'
import { fail } from '../../core/index.ts'

/** Whose rights the server runs with. */
export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL does not run as root. No user is made for it: the usual one, or the one that has no rights. */
const STAND_INS = ['postgres', 'nobody'] as const

/**
 * The user that the server of a data folder runs as: null for our own. For root it is the owner of the folder, else a stand-in.
 * @throws RM_DATABASE_EMBEDDED when there is none
 */
export function serverUser(dir: string): ServerUser | null {
  if (process.getuid?.() !== 0) return null
  if (existsSync(dir)) {
    const { uid, gid } = statSync(dir)
    if (uid !== 0) return { uid, gid }
  }
  for (const name of STAND_INS) {
    const [uid, gid] = [idOf('-u', name), idOf('-g', name)]
    if (uid > 0 && gid > 0) return { uid, gid }
  }
  return fail('RM_DATABASE_EMBEDDED', { problem: `PostgreSQL does not run as root, and this system has no user ${STAND_INS.join(' or ')}` })
}

function idOf(what: '-u' | '-g', name: string): number {
  try {
    return Number(execFileSync('id', [what, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim())
  } catch {
    return 0
  }
}

/** @throws RM_DATABASE_EMBEDDED when a folder on the way to `path` is closed to that user */
export function checkWay(path: string, user: ServerUser | null): void {
  if (user === null) return
  const { root } = parse(resolve(path))
  for (let folder = dirname(resolve(path)); folder !== root; folder = dirname(folder)) {
    if (!existsSync(folder)) continue
    const { mode, uid, gid } = statSync(folder)
    const passes = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001
    if (passes === 0) fail('RM_DATABASE_EMBEDDED', { problem: `we run as root, PostgreSQL must not, and folder ${folder} (mode ${(mode & 0o777).toString(8)}) is closed to its user ${user.uid}: run as an ordinary user, or set data_dir outside of it` })
  }
}
