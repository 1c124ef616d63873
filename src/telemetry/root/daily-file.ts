import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A log file for each day (UTC). Lines are written at once: a few a second at most, and the last ones before a crash
 * are the ones that matter. A full or missing disk never throws: it is told once, and lines are counted as lost.
 */
export class DailyFile {
  readonly #dir: string
  readonly #prefix: string
  readonly #onProblem: (problem: string) => void
  #day = ''
  #file: number | null = null
  #lost = 0

  constructor(dir: string, prefix: string, onProblem: (problem: string) => void) {
    this.#dir = dir
    this.#prefix = prefix
    this.#onProblem = onProblem
  }

  /** Lines that could not be written. */
  get lost(): number {
    return this.#lost
  }

  write(line: string, wallMs: number): void {
    try {
      writeSync(this.#open(wallMs), line)
    } catch (error) {
      if (this.#lost === 0) this.#onProblem(`log file ${this.#prefix} in ${this.#dir} cannot be written: ${(error as Error).message}`)
      this.#lost += 1
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
    this.#day = ''
  }

  #open(wallMs: number): number {
    const day = new Date(wallMs).toISOString().slice(0, 10)
    if (this.#file !== null && day === this.#day) return this.#file
    this.close()
    mkdirSync(this.#dir, { recursive: true })
    this.#file = openSync(join(this.#dir, `${this.#prefix}-${day}.log`), 'a')
    this.#day = day
    return this.#file
  }
}
