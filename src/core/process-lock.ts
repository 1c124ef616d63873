import { readFileSync, rmSync, writeFileSync } from 'node:fs'

/*
 * A file that says which process writes beside it: its id, and where the system tells it (Linux) the time at which it
 * began, so that a number that was given anew, as in a container that starts again, is not taken for the old writer.
 */

/**
 * Takes a lock for this process. The lock of a process that is gone is taken over.
 * @returns null when it is ours now, else the id of the living process that has it, which may be this one
 * @throws what the file system says when the file can be neither read nor written
 */
export function takeProcessLock(path: string): number | null {
  const own = `${process.pid} ${startOf(process.pid)}`
  for (;;) {
    const written = create(path, own)
    const found = read(path)
    // Who takes over a dead lock at the same moment may have removed ours: what is read back decides.
    if (written && found === own) return null
    const [pid = '', start = ''] = found.split(' ')
    if (isRunning(Number(pid), start)) return Number(pid)
    rmSync(path, { force: true })
  }
}

/** Gives up a lock that is ours; that of another is left alone. */
export function releaseProcessLock(path: string): void {
  if (read(path) === `${process.pid} ${startOf(process.pid)}`) rmSync(path, { force: true })
}

/** @returns false when it is there */
function create(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

function isRunning(pid: number, start: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const now = startOf(pid)
  return start === '' || now === '' || now === start
}

/** Field 22 of /proc/<pid>/stat: clock ticks from the boot of the machine to the start of the process; empty where there is no such file. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name of the program stands in brackets and may hold anything: fields are counted from behind it, the first there is the third.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
