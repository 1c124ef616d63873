import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorLine, fail } from '../../core/index.ts'

/** Plain data in a file that only its owner can read; null when there is none. @throws RM_API_CREDENTIALS */
export function readPrivate(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    return fail('RM_API_CREDENTIALS', { file: path, problem: `cannot be read (${errorLine(error)})` }, error)
  }
}

/** Puts it there, whole or not at all. @throws RM_API_CREDENTIALS */
export function writePrivate(path: string, value: unknown): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    const file = openSync(`${path}.new`, 'w', 0o600)
    try {
      writeSync(file, `${JSON.stringify(value)}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(`${path}.new`, path)
  } catch (error) {
    fail('RM_API_CREDENTIALS', { file: path, problem: `cannot be written (${errorLine(error)})` }, error)
  }
}
