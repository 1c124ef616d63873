import * as nodeFs from 'node:fs'
import { join } from 'node:path'
import { errorLine, fail } from '../../core/index.ts'
import type { KillCode, KillOrder, KillWay } from './records.ts'
import { type KillStore, touchOrder } from './store.ts'

/** The calls of the disk that the store makes; tests put faulty ones in their place. */
export type KillFs = Pick<typeof nodeFs, 'openSync' | 'closeSync' | 'writeSync' | 'fsyncSync' | 'renameSync' | 'readFileSync' | 'mkdirSync'>

const VERSION = 1
const WORDS_MAX = 300
const WAYS: readonly KillWay[] = ['trip', 'cli', 'api', 'signal', 'file', 'command']

/** What stands in the side file. */
interface Content {
  readonly version: number
  readonly engaged: boolean
  readonly id: string
  readonly by?: unknown
  readonly code?: unknown
  readonly reason?: unknown
  readonly flatten?: unknown
  readonly values?: unknown
  readonly atMs: number
}

/**
 * The kill switch in a data folder: `kill-switch.json`, which the engine and the commands write, and `KILL`, which a
 * person touches when nothing else answers. Written whole or not at all (a new file takes the place of the old one).
 */
export class FileKillStore implements KillStore {
  readonly path: string
  readonly touchPath: string
  readonly #folder: string
  readonly #fs: KillFs

  constructor(dataDir: string, fs: KillFs = nodeFs) {
    this.#folder = dataDir
    this.path = join(dataDir, 'kill-switch.json')
    this.touchPath = join(dataDir, 'KILL')
    this.#fs = fs
  }

  look(): KillOrder | null {
    const words = this.#read(this.touchPath)
    if (words !== null) return touchOrder(this.touchPath, words.problem === '' ? words.text.slice(0, WORDS_MAX).replace(/\s+/g, ' ').trim() : '')
    const found = this.#read(this.path)
    if (found === null) return null
    if (found.problem !== '') return unreadable(this.path, found.problem)
    return orderOf(this.path, found.text)
  }

  touched(): string | null {
    return this.#read(this.touchPath) === null ? null : this.touchPath
  }

  engage(order: KillOrder, sinceMs: number): void {
    this.#write({ version: VERSION, engaged: true, ...order, atMs: sinceMs })
  }

  release(id: string, atMs: number): void {
    this.#write({ version: VERSION, engaged: false, id, atMs })
  }

  /** null when there is no such file: whatever else keeps it from being read is a problem, not an absence. */
  #read(path: string): { readonly text: string; readonly problem: string } | null {
    try {
      return { text: this.#fs.readFileSync(path, 'utf8'), problem: '' }
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : { text: '', problem: errorLine(error) }
    }
  }

  #write(content: Content): void {
    const next = `${this.path}.new`
    try {
      this.#fs.mkdirSync(this.#folder, { recursive: true })
      const fd = this.#fs.openSync(next, 'w', 0o600)
      try {
        this.#fs.writeSync(fd, `${JSON.stringify(content)}\n`)
        this.#fs.fsyncSync(fd)
      } finally {
        this.#fs.closeSync(fd)
      }
      this.#fs.renameSync(next, this.path)
      // The name must outlive a power loss too.
      const folder = this.#fs.openSync(this.#folder, 'r')
      try {
        this.#fs.fsyncSync(folder)
      } finally {
        this.#fs.closeSync(folder)
      }
    } catch (error) {
      fail('RM_KILL_FILE', { path: this.path, reason: errorLine(error) }, error)
    }
  }
}

const unreadable = (path: string, problem: string): KillOrder => ({ id: '', by: 'file', code: 'unreadable', reason: `${path} cannot be relied on (${problem})`, flatten: false, values: {} })

/** The order that a side file holds; null for one that says "released" in so many words. */
function orderOf(path: string, text: string): KillOrder | null {
  let content: Content
  try {
    content = JSON.parse(text) as Content
  } catch (error) {
    return unreadable(path, errorLine(error))
  }
  if (typeof content !== 'object' || content === null || content.version !== VERSION || typeof content.engaged !== 'boolean' || typeof content.id !== 'string' || content.id === '') return unreadable(path, 'it is not of the form that this version writes')
  if (!content.engaged) return null
  const { id, by, code, reason, flatten, values } = content
  return {
    id,
    by: WAYS.find((one) => one === by) ?? 'file',
    code: typeof code === 'string' ? (code as KillCode) : 'manual',
    reason: typeof reason === 'string' && reason !== '' ? reason : 'no reason was given',
    flatten: flatten === true,
    values: typeof values === 'object' && values !== null ? (Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]))) : {},
  }
}
