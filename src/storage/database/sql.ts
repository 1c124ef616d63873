/** A row as the driver gives it: names of columns and their values. */
export type Row = Readonly<Record<string, unknown>>

export interface SqlResult<T extends Row = Row> {
  readonly rows: readonly T[]
  /** Rows that were changed or found. */
  readonly count: number
}

/** One connection to a database, inside or outside of a transaction. Without values a text may hold several statements. */
export interface Sql {
  query<T extends Row = Row>(text: string, values?: readonly unknown[]): Promise<SqlResult<T>>
}

/** A connection that is lent: it also takes many rows in one go. */
export interface CopySql extends Sql {
  /** Resolves when the connection is gone, never before. */
  readonly lost: Promise<unknown>
  /**
   * Runs `copy … from stdin`.
   * @param rows in the text format of COPY
   * @returns how many were added
   */
  copy(text: string, rows: Buffer): Promise<number>
}

/** Runs work in one transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  await sql.query('begin')
  try {
    const result = await work()
    await sql.query('commit')
    return result
  } catch (error) {
    // A connection that is gone has rolled back by itself; the first error is the one that matters.
    await sql.query('rollback').catch(() => {})
    throw error
  }
}
