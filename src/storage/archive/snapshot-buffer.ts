import type { Texts } from '../database/texts.ts'

/** Rows in one statement. */
const CHUNK_ROWS = 1000

/** Pictures of the market that wait for the database. They are no record of anything: of too many, the oldest are dropped. */
export class SnapshotBuffer {
  readonly #rowsMax: number
  #rows: Texts[] = []
  #dropped = 0

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax
  }

  /** Rows that wait. */
  get waiting(): number {
    return this.#rows.length
  }

  /** Rows that were dropped so far. */
  get dropped(): number {
    return this.#dropped
  }

  add(rows: readonly Texts[]): void {
    this.#rows.push(...rows)
    const over = this.#rows.length - this.#rowsMax
    if (over <= 0) return
    this.#rows.splice(0, over)
    this.#dropped += over
  }

  /** Hands rows on until none wait; those that were not taken stay. */
  async flush(write: (rows: readonly Texts[]) => Promise<unknown>): Promise<void> {
    while (this.#rows.length > 0) {
      const chunk = this.#rows.slice(0, CHUNK_ROWS)
      await write(chunk)
      // Rows may have been added, or dropped from the front, meanwhile.
      const taken = new Set(chunk)
      this.#rows = this.#rows.filter((row) => !taken.has(row))
    }
  }
}
