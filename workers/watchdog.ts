/**
 * The watchdog process: small, of its own code and with a key of its own. It outlives engine and root supervisor, cancels
 * the entries of an engine that has fallen silent, and ends when there is nothing left to guard.
 */
import { releaseProcessLock, RingmasterError, takeProcessLock } from '../src/core/index.ts'
import { BybitDesk, Guard, GuardJournal, OkxDesk, readPulse } from '../src/watchdog/index.ts'
import { usageOf } from './usage.ts'
import { type FromWatchdog, WATCHDOG_ENV, type WatchdogSettings } from './watchdog-messages.ts'

const BEAT_MS = 500
const LOCK_LOOK_MS = 500
const EXIT_USAGE = 2
const EXIT_GAVE_UP = 3

const text = process.env[WATCHDOG_ENV]
if (text === undefined) {
  console.error(new RingmasterError('RM_WATCHDOG_SETTINGS', { problem: `it is started by the supervisor: use \`make run\` (${WATCHDOG_ENV} is not set)` }).message)
  process.exit(EXIT_USAGE)
}
const { venue, desk, guard: settings, files } = JSON.parse(text) as WatchdogSettings

let dismissed = false
// A person's Ctrl-C is for the supervisor; a service manager that ends the whole group means it.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => void (dismissed = true))

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))
// A channel that closes under a message is no failure.
const tell = (message: FromWatchdog): void => void (process.connected && process.send?.(message, undefined, undefined, () => {}))

const journal = new GuardJournal(files.journal, settings.run)
let guard: Guard | null = null
setInterval(() => tell({ type: 'beat', state: guard?.state ?? 'waiting', silentMs: Math.round(guard?.silentMs ?? 0), lastAction: guard?.lastAction ?? '', ...usageOf(process) }), BEAT_MS)

// The one of an earlier run acts to its end, or until it sees our engine.
while (!dismissed && takeProcessLock(files.lock) !== null) await sleep(LOCK_LOOK_MS)
process.once('exit', () => releaseProcessLock(files.lock))
if (dismissed) process.exit(0)

guard = new Guard(settings, {
  desk: venue === 'okx' ? new OkxDesk(desk) : new BybitDesk(desk),
  journal: {
    write: (event, what) => {
      journal.write(event, what)
      tell({ type: 'log', record: { level: event === 'engine-back' ? 'info' : 'warn', wallMs: Date.now(), from: 'watchdog', message: `${event}: ${what}`, data: {} } })
    },
  },
  pulse: () => readPulse(files.pulse),
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep,
  supervised: () => process.connected,
  dismissed: () => dismissed,
})
journal.write('started', `watching for ${settings.silentMs} ms of silence${settings.flatten ? ', will close positions' : ''}`)
const end = await guard.run()
journal.write('ended', end)
process.exit(end === 'gave-up' ? EXIT_GAVE_UP : 0)
