import { type Command, Option } from 'commander'
import type { CliActions, CliIo, DatabaseRequest } from './actions.ts'
import { type ConfigOptions, loadFor, wholeFrom, withConfig } from './options.ts'

const PAGE = '\nThe database is the one of the settings (DATABASE_URL, or the embedded one, which is started where it does not run). Page: docs/storage.md'

type Ends = (work: Promise<number>) => Promise<void>

/** `db`, `audit` and `explain`. @param ends leaves the exit code of what was started */
export function addDatabase(program: Command, actions: CliActions, io: CliIo, ends: Ends): void {
  const print = (line: string): void => io.out(`${line}\n`)
  const ask = (options: ConfigOptions, what: DatabaseRequest['what'], json = false): Promise<void> => ends(actions.database({ loaded: loadFor(options, io), what, json }, print))

  const db = program.command('db').description('the database that is fed from the journal').addHelpText('after', PAGE)
  withConfig(db.command('status').description('schema, journals and how far each is archived'))
    .option('--json', 'as JSON')
    .action((options: ConfigOptions & { readonly json?: boolean }) => ask(options, { kind: 'status' }, options.json))
  withConfig(db.command('migrate').description('brings the schema up to date, as every start does'))
    .action((options: ConfigOptions) => ask(options, { kind: 'migrate' }))
  withConfig(db.command('rollback').description('takes the schema back; what later versions added is dropped. The engine must not run'))
    .addOption(new Option('--to <version>', 'schema version to reach (default: one back)').argParser(wholeFrom(0)))
    .option('--force', 'even while the archive of an engine runs on it, which then fails until its next start')
    .action((options: ConfigOptions & { readonly to?: number; readonly force?: boolean }) => ask(options, { kind: 'rollback', to: options.to ?? null, force: options.force === true }))
  withConfig(db.command('backup').description('writes all tables to one packed file, as of one moment; the engine may run').argument('<file>', 'such as monday.jsonl.gz'))
    .action((file: string, options: ConfigOptions) => ask(options, { kind: 'backup', file }))
  withConfig(db.command('restore').description('fills an empty database from a backup; the archive goes on behind it. The engine must not run').argument('<file>', 'a backup'))
    .action((file: string, options: ConfigOptions) => ask(options, { kind: 'restore', file }))

  const audit = program.command('audit').description('the audit of everything that touched capital').addHelpText('after', PAGE)
  withConfig(audit.command('verify').description('computes the hash of every row again, and compares the tables with the journal; exit code 1 when something is not as it was written'))
    .option('--json', 'as JSON')
    .action((options: ConfigOptions & { readonly json?: boolean }) => ask(options, { kind: 'verify' }, options.json))

  withConfig(program.command('explain').description('why an order was made and what came of it, in plain words').argument('<id>', 'our id of an order, the venue\'s, or the id of an execution'))
    .option('--json', 'as JSON')
    .addHelpText('after', PAGE)
    .action((id: string, options: ConfigOptions & { readonly json?: boolean }) => ask(options, { kind: 'explain', id }, options.json))
}
