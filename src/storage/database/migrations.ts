import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../../core/index.ts'

/** A step of the schema, there and back, as plain SQL. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly up: string
  readonly down: string
  /** SHA-256 of `up`: an applied step never changes. */
  readonly checksum: string
}

const FILE = /^(\d{4})-([a-z-]+)\.up\.sql$/

/** The steps in a folder, in order. @throws RM_DATABASE_MIGRATION when one has no way back, or a number is left out or used twice */
export function readMigrations(dir: string = join(import.meta.dirname, 'migrations')): readonly Migration[] {
  const files = readdirSync(dir)
  return files
    .filter((file) => FILE.test(file))
    .toSorted()
    .map((file, index) => {
      const [, number, name] = FILE.exec(file)!
      if (Number(number) !== index + 1) fail('RM_DATABASE_MIGRATION', { name: file, problem: `is number ${number} where ${index + 1} was due` })
      const back = `${number}-${name}.down.sql`
      if (!files.includes(back)) fail('RM_DATABASE_MIGRATION', { name: file, problem: `has no ${back} beside it` })
      const up = readFileSync(join(dir, file), 'utf8')
      return { version: index + 1, name: `${number}-${name}`, up, down: readFileSync(join(dir, back), 'utf8'), checksum: createHash('sha256').update(up).digest('hex') }
    })
}
