import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** A server that runs on a data folder. */
export interface Postmaster {
  readonly pid: number
  readonly port: number
}

/**
 * The server that runs on a folder, by the file that it keeps there; null when there is none. The file of a server that is gone, whose
 * number may by now be that of any other process, is removed: the server itself would take that one for its brother and not start.
 */
export function runningPostmaster(dir: string): Postmaster | null {
  const file = join(dir, 'postmaster.pid')
  let lines: readonly string[]
  try {
    lines = readFileSync(file, 'utf8').split('\n')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const pid = Math.abs(Number(lines[0]))
  const port = Number(lines[3])
  if (Number.isInteger(pid) && pid > 0 && isServerOf(pid, dir)) return { pid, port: Number.isInteger(port) ? port : 0 }
  rmSync(file, { force: true })
  return null
}

/** A server stands in its data folder. Where the system does not show that, its name has to do. */
function isServerOf(pid: number, dir: string): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dir)
  } catch {
    // No such file system, or a process of somebody else's.
  }
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes('postgres')
  } catch {
    return true
  }
}
