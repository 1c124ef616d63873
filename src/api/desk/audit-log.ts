import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorLine } from '../../core/index.ts'

const ROWS_KEPT = 2000

/** A call that changed something, or was refused to. */
export interface AuditRow {
  readonly id: string
  readonly atMs: number
  readonly user: string
  readonly action: string
  readonly target: string
  readonly why: string
  /** `accepted`, or why not. */
  readonly answer: string
  readonly requestId: string
  readonly ip: string
}

/** Who changed what and why, a line a call in a file that is only added to. What touches money stands in the journal too. */
export class AuditLog {
  readonly #path: string
  readonly #say: (words: string) => void
  #rows: AuditRow[] = []
  #number = 0

  /** @param path of the file, made when it is first needed @param say hears when a line could not be written */
  constructor(path: string, say: (words: string) => void) {
    this.#path = path
    this.#say = say
    this.#rows = readRows(path)
    this.#number = this.#rows.length
  }

  /** Oldest first. */
  get rows(): readonly AuditRow[] {
    return this.#rows
  }

  add(row: Omit<AuditRow, 'id'>): void {
    const whole: AuditRow = { id: `u${++this.#number}-${row.atMs.toString(36)}`, ...row }
    this.#rows.push(whole)
    if (this.#rows.length > 2 * ROWS_KEPT) this.#rows = this.#rows.slice(-ROWS_KEPT)
    try {
      mkdirSync(dirname(this.#path), { recursive: true })
      appendFileSync(this.#path, `${JSON.stringify(whole)}\n`, { mode: 0o600 })
    } catch (error) {
      this.#say(`a line of the audit could not be written to ${this.#path}: ${errorLine(error)}`)
    }
  }
}

/** A line that was cut off by a crash is left out. */
function readRows(path: string): AuditRow[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(-ROWS_KEPT)
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as AuditRow]
      } catch {
        return []
      }
    })
}
