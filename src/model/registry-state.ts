import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import type { ZodType } from 'zod'
import { errorLine, fail, releaseProcessLock, takeProcessLock } from '../core/index.ts'
import { VERSION } from './bundle-schema.ts'

const STATE = 'state.json'
/** What named the active version before there was a state. */
const FIRST_POINTER = 'active'
const LOCK = '.lock'

export type ModelAction = 'activate' | 'deactivate' | 'shadow' | 'unshadow' | 'rollback' | 'archive'

/** One change of what a registry offers: who made it, when and why. */
export interface ModelChange {
  /** ISO 8601. */
  readonly when: string
  readonly who: string
  readonly why: string
  readonly action: ModelAction
  /** null: no model is active any more. */
  readonly version: string | null
  /** What was active before. */
  readonly activeBefore: string | null
}

export interface RegistryState {
  readonly format: 1
  readonly active: string | null
  /** Runs beside the active one and is never traded on. */
  readonly shadow: string | null
  readonly archived: readonly string[]
  /** Oldest first. */
  readonly history: readonly ModelChange[]
}

const EMPTY: RegistryState = { format: 1, active: null, shadow: null, archived: [], history: [] }

/** The state of a registry, one file that is replaced as a whole: pointers and the history of their changes are never apart. */
export class RegistryStateFile {
  readonly #folder: string
  readonly #path: string

  constructor(folder: string) {
    this.#folder = folder
    this.#path = join(folder, STATE)
  }

  /** Changes whenever the state was written; cheap enough to ask every second. */
  get stamp(): string {
    const found = statSync(this.#path, { throwIfNoEntry: false }) ?? statSync(join(this.#folder, FIRST_POINTER), { throwIfNoEntry: false })
    return found === undefined ? 'none' : `${found.ino} ${found.mtimeMs} ${found.size}`
  }

  /** @throws RM_MODEL_POINTER for a file that is not a state */
  read(): RegistryState {
    if (!existsSync(this.#path)) return this.#first()
    let found: unknown
    try {
      found = JSON.parse(readFileSync(this.#path, 'utf8'))
    } catch (error) {
      return fail('RM_MODEL_POINTER', { folder: this.#folder, version: STATE, problem: `cannot be read (${errorLine(error)})` }, error)
    }
    const result = schema().safeParse(found)
    if (result.success) return result.data
    return fail('RM_MODEL_POINTER', { folder: this.#folder, version: STATE, problem: `does not fit its format (${result.error.issues.map((issue) => `${issue.path.join('.') || 'top'}: ${issue.message}`).join('; ')})` })
  }

  /**
   * Replaces the state by what `change` makes of it, with nobody else writing.
   * @throws RM_MODEL_LOCKED, and what `change` throws: then nothing changed
   */
  update(change: (state: RegistryState) => RegistryState): RegistryState {
    mkdirSync(this.#folder, { recursive: true })
    const lock = join(this.#folder, LOCK)
    const pid = takeProcessLock(lock)
    if (pid !== null) fail('RM_MODEL_LOCKED', { folder: this.#folder, pid })
    try {
      const next = change(this.read())
      const part = join(this.#folder, `.${STATE}.part`)
      writeFileSync(part, `${JSON.stringify(next, null, 2)}\n`, { flush: true })
      renameSync(part, this.#path)
      // From now on it would only be a second opinion.
      rmSync(join(this.#folder, FIRST_POINTER), { force: true })
      return next
    } finally {
      releaseProcessLock(lock)
    }
  }

  #first(): RegistryState {
    const path = join(this.#folder, FIRST_POINTER)
    if (!existsSync(path)) return EMPTY
    const active = readFileSync(path, 'utf8').trim()
    if (!VERSION.test(active)) fail('RM_MODEL_POINTER', { folder: this.#folder, version: active, problem: 'is not a version name' })
    return { ...EMPTY, active }
  }
}

/**
 * The version that was active before the one that is: what `activate` put on top of it is taken off, and a rollback took one off already.
 * @returns null when there is none
 */
export function previousActive({ history }: RegistryState): string | null {
  const below: string[] = []
  for (const { action, activeBefore } of history) {
    if (action === 'rollback') below.pop()
    else if (action === 'activate' && activeBefore !== null) below.push(activeBefore)
  }
  return below.at(-1) ?? null
}

let known: ZodType<RegistryState> | null = null

function schema(): ZodType<RegistryState> {
  if (known !== null) return known
  const { z } = createRequire(import.meta.url)('zod') as typeof import('zod')
  const version = z.string().regex(VERSION)
  known = z.strictObject({
    format: z.literal(1),
    active: version.nullable(),
    shadow: version.nullable(),
    archived: z.array(version),
    history: z.array(
      z.strictObject({
        when: z.iso.datetime(),
        who: z.string().min(1),
        why: z.string(),
        action: z.enum(['activate', 'deactivate', 'shadow', 'unshadow', 'rollback', 'archive']),
        version: version.nullable(),
        activeBefore: version.nullable(),
      }),
    ),
  })
  return known
}
