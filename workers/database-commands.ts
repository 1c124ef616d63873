/** `ringmaster db`, `audit` and `explain`. */
import { existsSync } from 'node:fs'
import { type DatabaseRequest, EXIT } from '../src/cli/index.ts'
import { errorLine, RingmasterError } from '../src/core/index.ts'
import { compareWithJournal, explainOrder, migrateTo, migrationStates, readMigrations, restoreBackup, type ServedDatabase, type Sql, tellStory, verifyAudit, withoutArchive, writeBackup } from '../src/storage/index.ts'
import { databaseOf } from './database-place.ts'
import { journalPath } from './journal-path.ts'

type Print = (line: string) => void

/** Another process may be starting the embedded server at this moment. */
const START_TRIES = 20
const START_WAIT_MS = 500

/** Does one thing with the database of the settings. A server that was started for it is ended again. @returns the exit code */
export async function databaseCommand(request: DatabaseRequest, print: Print): Promise<number> {
  const database = databaseOf(request.loaded.config)
  try {
    await reach(database)
    return await database.session((sql) => answer(sql, request, print))
  } catch (error) {
    print(errorLine(error))
    return EXIT.failure
  } finally {
    await database.close('if-started').catch((error: unknown) => print(errorLine(error)))
  }
}

async function reach(database: ServedDatabase): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return void (await database.session((sql) => sql.query('select 1')))
    } catch (error) {
      const isStarting = error instanceof RingmasterError && error.code === 'RM_DATABASE_UNREACHABLE' && error.message.includes('is starting it')
      if (!isStarting || tries === START_TRIES) throw error
      await new Promise((resolve) => void setTimeout(resolve, START_WAIT_MS))
    }
  }
}

async function answer(sql: Sql, { loaded: { config }, what, json }: DatabaseRequest, print: Print): Promise<number> {
  const known = readMigrations()
  switch (what.kind) {
    case 'status':
      return showStatus(sql, json, print)
    case 'migrate':
      return told(await migrateTo(sql, known), 'applied', print)
    case 'rollback': {
      const applied = (await migrationStates(sql, known)).filter((one) => one.appliedAt !== null).length
      const takeBack = (): Promise<readonly string[]> => migrateTo(sql, known, what.to ?? Math.max(0, applied - 1))
      return told(await (what.force ? takeBack() : withoutArchive(sql, takeBack)), 'taken back', print)
    }
    case 'backup':
      return counted(await writeBackup(sql, what.file, known), `written to ${what.file}`, print)
    case 'restore':
      return counted(await restoreBackup(sql, what.file, known), `restored from ${what.file}`, print)
    case 'verify':
      return verify(sql, journalPath(config), config.venue, json, print)
    case 'explain':
      return explain(sql, what.id, json, print)
  }
}

function told(steps: readonly string[], how: string, print: Print): number {
  for (const step of steps) print(`${how}: ${step}`)
  if (steps.length === 0) print('nothing to do')
  return EXIT.ok
}

function counted(counts: Readonly<Record<string, number>>, how: string, print: Print): number {
  print(`${Object.entries(counts).map(([table, count]) => `${table} ${count}`).join(', ')}: ${how}`)
  return EXIT.ok
}

async function showStatus(sql: Sql, json: boolean, print: Print): Promise<number> {
  const states = await migrationStates(sql, readMigrations())
  const isCurrent = states.every((one) => one.appliedAt !== null)
  const { rows: journals } = isCurrent ? await sql.query('select journal_id, venue, generation, next_sequence, began_at, archived_at, superseded_at from journals order by journal_id') : { rows: [] }
  const { rows: server } = await sql.query("select current_setting('server_version') as version, current_database() as name, pg_database_size(current_database()) as bytes")
  const form = isCurrent ? (await sql.query('select market_data_form() as form')).rows[0]!['form'] as string : null
  if (json) print(JSON.stringify({ server: server[0], migrations: states.map(({ migration, appliedAt }) => ({ name: migration.name, appliedAt })), journals, marketData: form }))
  else {
    print(`PostgreSQL ${String(server[0]!['version'])}, database ${String(server[0]!['name'])}, ${(Number(server[0]!['bytes']) / 1e6).toFixed(1)} MB`)
    for (const { migration, appliedAt } of states) print(`  ${migration.name.padEnd(20)} ${appliedAt === null ? 'not applied' : appliedAt.toISOString()}`)
    if (form !== null) print(`pictures of the market: ${form}`)
    for (const row of journals) print(`journal ${String(row['journal_id'])} of ${String(row['venue'])}, begun ${(row['began_at'] as Date).toISOString()}: ${String(row['next_sequence'])} records${row['superseded_at'] === null ? '' : ', history'}`)
  }
  return EXIT.ok
}

async function verify(sql: Sql, journal: string, venue: string, json: boolean, print: Print): Promise<number> {
  const audit = await verifyAudit(sql)
  const tables = existsSync(journal) ? await compareWithJournal(sql, journal, venue) : null
  const isGood = audit.problem === null && (tables === null || tables.differences.length === 0)
  if (json) print(JSON.stringify({ audit, tables }))
  else {
    print(`${audit.rows} rows, hash of the last one ${audit.head}`)
    print(audit.problem === null ? 'every row is as it was written' : new RingmasterError('RM_AUDIT_BROKEN', { number: audit.problem.number, problem: audit.problem.what }).message)
    if (tables === null) print(`no journal at ${journal}: the tables were compared with nothing`)
    else {
      print(`${tables.orders} orders, ${tables.positions} positions, ${tables.trades} executions of ${tables.records} records${tables.differences.length === 0 ? ' are as the journal says' : ':'}`)
      for (const difference of tables.differences) print(`  ${difference}`)
    }
  }
  return isGood ? EXIT.ok : EXIT.failure
}

async function explain(sql: Sql, id: string, json: boolean, print: Print): Promise<number> {
  const story = await explainOrder(sql, id)
  if (story === null) {
    print(`no order or execution ${id} is in the database`)
    return EXIT.failure
  }
  if (json) print(JSON.stringify(story))
  else for (const line of tellStory(story)) print(line)
  return EXIT.ok
}
