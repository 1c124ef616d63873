/** The archive process: it follows the journal into the database and has no part in trading. */
import { ArchiveActor } from '../actors/archive.ts'
import { RingmasterError, SystemTimers } from '../src/core/index.ts'
import { ArchiveMark, ArchiveSession, ArchiveStore, snapshotRow } from '../src/storage/index.ts'
import { relayLog } from '../src/telemetry/index.ts'
import { ARCHIVE_ENV, type ArchiveSettings, type FromArchive, type ToArchive } from './archive-messages.ts'
import { databaseOf } from './database-place.ts'
import { usageOf } from './usage.ts'

const BEAT_MS = 500
const UPKEEP_MS = 600_000
const EXIT_USAGE = 2

const text = process.env[ARCHIVE_ENV]
if (text === undefined) {
  console.error(new RingmasterError('RM_USAGE', { what: 'archive', problem: `it is started by the supervisor: use \`make run\` (${ARCHIVE_ENV} is not set)` }).message)
  process.exit(EXIT_USAGE)
}
const { config, journal } = JSON.parse(text) as ArchiveSettings
const settings = config.database
// Children of ours, such as the server, do not have to know it.
delete process.env[ARCHIVE_ENV]

// A channel that closes under a message is no failure.
const tell = (message: FromArchive): void => void (process.connected && process.send?.(message, undefined, undefined, () => {}))
const { log } = relayLog((record) => tell({ type: 'log', record }), { from: 'archive', level: config.log.level, wallMs: () => Date.now() })

const database = databaseOf(config)
const mark = new ArchiveMark(database)
const session = new ArchiveSession({
  mark,
  store: new ArchiveStore(database),
  venue: config.venue,
  journal,
  alone: settings.url === 'auto',
  batchRecords: settings.batch_records,
  snapshotDays: settings.snapshot_days,
  idempotencyMs: settings.idempotency_h * 3_600_000,
  say: (level, words) => log(level, words, { database: database.where }),
})
const actor = new ArchiveActor({
  way: session,
  timers: new SystemTimers(),
  wallMs: () => Date.now(),
  settings: { pollMs: settings.poll_ms, backoffMs: settings.backoff.initial_ms, backoffMsMax: settings.backoff.max_ms, upkeepMs: UPKEEP_MS },
  say: log,
})

let stopping = false
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  await actor.stop()
  session.close()
  await mark.release().catch(() => {})
  await database.close('always').catch((error: unknown) => log('warn', 'the database was not closed in good order; it recovers at its next start', { error: String(error) }))
  tell({ type: 'beat', health: actor.health, ...usageOf(process) })
  process.exit(0)
}

// A person's Ctrl-C is for the supervisor, which ends us when the engine has written its last record.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => void stop())
process.on('disconnect', () => void stop())
process.on('message', (message: ToArchive) => {
  if (message.type === 'stop') void stop()
  else session.addSnapshots(message.symbols.map((symbol) => snapshotRow(config.venue, message.atMs, symbol)))
})
setInterval(() => tell({ type: 'beat', health: actor.health, ...usageOf(process) }), BEAT_MS)
actor.start()
