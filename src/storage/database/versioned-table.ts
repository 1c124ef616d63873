import { fail, RingmasterError } from '../../core/index.ts'
import { arrayText } from './array-text.ts'
import { copyRows } from './copy-text.ts'
import type { CopySql, Row, Sql } from './sql.ts'
import type { Texts } from './texts.ts'

export interface VersionedWrite {
  readonly values: Texts
  /** Version that the row had when it was read; 0: there was none. */
  readonly expected: number
}

const UPDATE_TRIES = 8

/**
 * A table whose rows carry a `version`. A write says which version it was made from, and is refused when somebody else has
 * written since: nobody's change is lost without a word. Many rows go in one statement.
 */
export class VersionedTable {
  readonly name: string
  readonly #keys: readonly string[]
  /** SQL types by name, `version` excluded. */
  readonly columns: Readonly<Record<string, string>>
  readonly #save: string
  readonly #versions: string
  readonly #copied: readonly string[]
  readonly #copy: string

  /** @param columns SQL types by name, those of the keys included */
  constructor(name: string, keys: readonly string[], columns: Readonly<Record<string, string>>) {
    this.name = name
    this.#keys = keys
    this.columns = columns
    const names = Object.keys(columns)
    const places = (list: readonly string[]): string => list.map((_, index) => `$${index + 1}::text[]`).join(', ')
    const cast = (column: string): string => (columns[column] === 'text' ? `u.${column}` : `u.${column}::${columns[column]!}`)
    const changed = names.filter((column) => !keys.includes(column))
    this.#save = `insert into ${name} as old (${names.join(', ')}, version)
      select ${names.map(cast).join(', ')}, u.expected::bigint + 1 from unnest(${places([...names, 'expected'])}) as u(${names.join(', ')}, expected)
      where u.expected = '0' or exists (select from ${name} t where ${keys.map((key) => `t.${key} = ${cast(key)}`).join(' and ')})
      on conflict (${keys.join(', ')}) do update set ${changed.map((column) => `${column} = excluded.${column}`).join(', ')}, version = old.version + 1
      where old.version = excluded.version - 1`
    this.#copied = [...names, 'version']
    this.#copy = `copy ${name} (${this.#copied.join(', ')}) from stdin`
    this.#versions = `select ${keys.map((key) => `t.${key}::text`).join(', ')}, t.version from unnest(${places(keys)}) as u(${keys.join(', ')}) join ${name} t on ${keys.map((key) => `t.${key} = ${cast(key)}`).join(' and ')}`
  }

  /** The key of a row as one text. */
  keyOf(row: Row): string {
    return this.#keys.map((key) => String(row[key])).join('/')
  }

  /** Versions of rows by `keyOf`; those that are not there are left out. */
  async versions(sql: Sql, keys: readonly Texts[]): Promise<ReadonlyMap<string, number>> {
    const { rows } = await sql.query(this.#versions, this.#keys.map((key) => keys.map((row) => row[key])))
    return new Map(rows.map((row) => [this.keyOf(row), Number(row['version'])]))
  }

  /** Writes all rows, or none when it is called in a transaction. @throws RM_DATABASE_CONFLICT when one is not at the version expected */
  async save(sql: Sql, writes: readonly VersionedWrite[]): Promise<void> {
    if (writes.length === 0) return
    const values = Object.keys(this.columns).map((column) => arrayText(writes.map((write) => write.values[column] ?? null)))
    const { count } = await sql.query(this.#save, [...values, arrayText(writes.map((write) => String(write.expected)))])
    if (count !== writes.length) fail('RM_DATABASE_CONFLICT', { table: this.name, key: writes.length === 1 ? this.keyOf(writes[0]!.values) : `${writes.length} rows`, expected: writes.length === 1 ? writes[0]!.expected : 'of the reading' })
  }

  /**
   * Writes rows over whatever version stands there now: reads the versions and saves with them. Rows that were not there are copied in: of
   * two who make the same one, the key lets one through.
   * @throws RM_DATABASE_CONFLICT
   */
  async saveCurrent(sql: CopySql, rows: readonly Texts[]): Promise<void> {
    if (rows.length === 0) return
    const versions = await this.versions(sql, rows)
    const made: Texts[] = []
    const changed: VersionedWrite[] = []
    for (const values of rows) {
      const expected = versions.get(this.keyOf(values))
      if (expected === undefined) made.push({ ...values, version: '1' })
      else changed.push({ values, expected })
    }
    if (made.length > 0) await sql.copy(this.#copy, copyRows(this.#copied, made))
    await this.save(sql, changed)
  }

  /** One row with its version, or null. */
  async find(sql: Sql, key: Texts): Promise<{ readonly values: Texts; readonly version: number } | null> {
    const names = Object.keys(this.columns)
    const { rows } = await sql.query(`select ${names.map((column) => `${column}::text`).join(', ')}, version from ${this.name} where ${this.#keys.map((one, index) => `${one} = $${index + 1}::text::${this.columns[one]!}`).join(' and ')}`, this.#keys.map((one) => key[one]))
    const row = rows[0]
    return row === undefined ? null : { values: Object.fromEntries(names.map((column) => [column, row[column] as string | null])), version: Number(row['version']) }
  }

  /**
   * Changes one row by what stands in it. When somebody else writes in between, it is read again and changed again.
   * @param change new values by the old ones, which are null when there is no row
   * @returns the version written
   * @throws RM_DATABASE_CONFLICT after eight tries
   */
  async update(sql: Sql, key: Texts, change: (old: Texts | null) => Texts): Promise<number> {
    for (let tries = 1; ; tries++) {
      const found = await this.find(sql, key)
      const expected = found?.version ?? 0
      try {
        await this.save(sql, [{ values: { ...found?.values, ...change(found?.values ?? null), ...key }, expected }])
        return expected + 1
      } catch (error) {
        if (!(error instanceof RingmasterError) || error.code !== 'RM_DATABASE_CONFLICT' || tries === UPDATE_TRIES) throw error
      }
    }
  }
}
