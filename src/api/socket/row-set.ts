/** Rows by their key, and what of them changed since the last look. */
export class RowSet<Row extends object> {
  readonly #key: (row: Row) => string
  #told = new Map<string, { readonly text: string; readonly row: Row }>()

  constructor(key: (row: Row) => string) {
    this.#key = key
  }

  get rows(): Row[] {
    return [...this.#told.values()].map(({ row }) => row)
  }

  /** Takes the rows of now. @returns what changed; null when nothing did */
  look(rows: readonly Row[]): { readonly rows: Row[]; readonly gone: string[] } | null {
    const next = new Map<string, { readonly text: string; readonly row: Row }>()
    const changed: Row[] = []
    for (const row of rows) {
      const key = this.#key(row)
      const text = JSON.stringify(row)
      if (this.#told.get(key)?.text !== text) changed.push(row)
      next.set(key, { text, row })
    }
    const gone = [...this.#told.keys()].filter((key) => !next.has(key))
    this.#told = next
    return changed.length === 0 && gone.length === 0 ? null : { rows: changed, gone }
  }
}
