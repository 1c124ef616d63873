import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorLine, fail, releaseProcessLock, RingmasterError, takeProcessLock } from '../../core/index.ts'
import { JournalFollower } from '../journal-follower.ts'
import { CsvFold } from './csv-fold.ts'
import { DailyFiles } from './daily-files.ts'
import { csvTables } from './tables.ts'

export interface CsvJournalParts {
  /** The journal that is followed; it may not exist yet. */
  readonly journal: string
  /** Folder of the CSV files. */
  readonly dir: string
  readonly venue: string
}

/**
 * The CSV files of one venue, made from its journal and nothing else, each row once. The books are folded anew at every
 * start; which rows are written already is told by the last row of each file, and by a cursor beside them, so that files
 * which were taken away are not made again. The cursor is written after the rows that it stands for.
 */
export class CsvJournal {
  readonly #parts: CsvJournalParts
  readonly #files: DailyFiles
  readonly #cursorFile: string
  readonly #lockFile: string
  #follower: JournalFollower
  #fold: CsvFold
  /** Records below it have all their rows. */
  #written: number
  #rows = 0

  /** Takes the folder for this process. @throws RM_CSV_FOLDER, RM_CSV_LOCKED */
  constructor(parts: CsvJournalParts) {
    this.#parts = parts
    const { dir, venue, journal } = parts
    this.#lockFile = join(dir, `.lock_${venue}`)
    this.#cursorFile = join(dir, `.cursor_${venue}`)
    try {
      mkdirSync(dir, { recursive: true })
      accessSync(dir, constants.W_OK)
      const holder = takeProcessLock(this.#lockFile)
      if (holder !== null) fail('RM_CSV_LOCKED', { dir, pid: holder })
    } catch (error) {
      if (error instanceof RingmasterError) throw error
      fail('RM_CSV_FOLDER', { dir, problem: errorLine(error) }, error)
    }
    this.#files = new DailyFiles(dir, venue, csvTables)
    this.#follower = new JournalFollower(journal)
    this.#fold = new CsvFold(venue)
    this.#written = this.#readCursor()
  }

  /** Rows that this object has written. */
  get rows(): number {
    return this.#rows
  }

  /**
   * Writes what the journal has gained since the last call, a part of it where it is much. A journal that was taken back
   * under the reader makes the files anew.
   * @returns false when nothing was left to read
   * @throws what the disk says; the next call goes on behind the last whole row
   */
  poll(): boolean {
    try {
      const entries = this.#follower.read()
      for (const { sequence, record } of entries) this.#take(sequence, record)
      if (entries.length === 0) return false
      this.#keepCursor()
      return true
    } catch (error) {
      if (!(error instanceof RingmasterError) || error.code !== 'RM_JOURNAL_REWOUND') {
        // What was read and not written is read again.
        this.#restart()
        throw error
      }
      this.rebuild()
      return true
    }
  }

  /** Makes all files of the venue anew from the whole journal. */
  rebuild(): void {
    rmSync(this.#cursorFile, { force: true })
    this.#files.clear()
    this.#written = 0
    this.#restart()
    while (this.poll());
  }

  close(): void {
    this.#follower.close()
    this.#files.close()
    releaseProcessLock(this.#lockFile)
  }

  #restart(): void {
    this.#follower.close()
    this.#files.close()
    this.#follower = new JournalFollower(this.#parts.journal)
    this.#fold = new CsvFold(this.#parts.venue)
  }

  #take(sequence: number, record: Parameters<CsvFold['take']>[0]): void {
    const rows = this.#fold.take(record)
    if (sequence < this.#written || rows.length === 0) return
    // Rows of one record for one file go out together; there are three tables and one day.
    for (const table of Object.keys(csvTables)) {
      const own = rows.filter((row) => row.table === table)
      if (own.length > 0) this.#rows += this.#files.append(table, own[0]!.day, own.map((row) => row.cells), sequence)
    }
  }

  #keepCursor(): void {
    const { sequence } = this.#follower.cursor
    if (sequence <= this.#written) return
    this.#files.flush()
    writeFileSync(`${this.#cursorFile}.new`, `${sequence}\n`, { mode: 0o600 })
    renameSync(`${this.#cursorFile}.new`, this.#cursorFile)
    this.#written = sequence
  }

  /** A cursor that is missing or no number says nothing: the files themselves tell. */
  #readCursor(): number {
    let text = ''
    try {
      text = readFileSync(this.#cursorFile, 'utf8').trim()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    return /^\d+$/.test(text) ? Number(text) : 0
  }
}
