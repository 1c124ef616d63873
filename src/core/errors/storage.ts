import { defineErrors } from './define.ts'

export const storageErrors = defineErrors({
  RM_JOURNAL_REWOUND: { action: 'resync', message: 'journal {path} no longer holds record {sequence} at byte {offset} as it was read: what was made from it must be made anew' },
  RM_JOURNAL_LOCKED: { action: 'halt', message: 'journal {path} is written by process {pid}: one engine trades on one journal' },
  RM_CSV_FOLDER: { action: 'halt', message: 'CSV folder {dir}: {problem}' },
  RM_CSV_LOCKED: { action: 'retry', message: 'CSV folder {dir} is written by process {pid}: stop the engine first' },
  RM_DATABASE_UNREACHABLE: { action: 'retry', message: 'database {where} is not reachable: {reason}' },
  RM_DATABASE_REFUSED: { action: 'halt', message: 'database {where} refuses us ({state}): {reason}; check user, password and rights in database.url' },
  RM_DATABASE_READ_ONLY: { action: 'retry', message: 'database {where} takes no writes: {reason}' },
  RM_DATABASE_FULL: { action: 'retry', message: 'database {where} is out of room ({state}): {reason}; make room, the archive catches up by itself' },
  RM_DATABASE_SLOW: { action: 'retry', message: 'database {where} did not answer within {limitMs} ms: {reason}' },
  RM_DATABASE_CONFLICT: { action: 'retry', message: '{table} {key}: expected version {expected}, somebody else has written since: read again and retry' },
  RM_DATABASE_CURSOR: { action: 'resync', message: 'journal {journal} is archived up to record {found} where {expected} was expected: another archive writes too, or the database was set back' },
  RM_DATABASE_QUERY: { action: 'halt', message: 'database {where} refused a statement ({state}): {reason}' },
  RM_DATABASE_VERSION: { action: 'halt', message: 'database {where} is PostgreSQL {found}, at least {least} is needed' },
  RM_DATABASE_MIGRATION: { action: 'halt', message: 'migration {name} {problem}' },
  RM_DATABASE_SCHEMA_NEWER: { action: 'halt', message: 'the database has schema version {found}, this program knows {known}: run the newer program, or roll back with it ("ringmaster db rollback --to {known}")' },
  RM_DATABASE_EMBEDDED: { action: 'halt', message: 'the embedded database cannot run: {problem}; DATABASE_URL takes any other PostgreSQL server' },
  RM_DATABASE_MAJOR: { action: 'halt', message: 'data folder {dir} was made by PostgreSQL {found}, this program brings {known}: move the folder away and start again (orders, positions, trades and audit are made anew from the journal), or take a backup with the older program and restore it here' },
  RM_DATABASE_BACKUP: { action: 'reject', message: 'backup {path}: {problem}' },
  RM_DATABASE_IN_USE: { action: 'retry', message: 'the database is in use: {what}' },
  RM_AUDIT_BROKEN: { action: 'halt', message: 'audit row {number}: {problem}' },
})
