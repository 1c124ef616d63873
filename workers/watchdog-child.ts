import type { Config } from '../src/config/index.ts'
import { fail } from '../src/core/index.ts'
import type { ChildSpec } from '../src/runtime/index.ts'
import { tradingSettings } from './trading-settings.ts'
import type { VenueChoice } from './venue.ts'
import { watchdogFiles } from './watchdog-files.ts'
import { type FromWatchdog, WATCHDOG_ENV, type WatchdogSettings } from './watchdog-messages.ts'

/** What is said to be on its way may be so for the deadline of a command, the venue's window for it, and a margin. */
const SETTLE_MARGIN_MS = 2000
const REQUEST_MS = 5000
/** The exchange of paper mode has died with the supervisor: nobody will answer. */
const PAPER_GIVE_UP_MS = 30_000
/** A start waits for the venue's instruments and for the journal. */
const START_MS = 30_000

/** @param run name of the run of the root supervisor @throws RM_WATCHDOG_SETTINGS */
export function watchdogSettings(config: Config, venue: VenueChoice, run: string): WatchdogSettings {
  const { watchdog } = config
  if (watchdog.api_key === venue.credentials.key) fail('RM_WATCHDOG_SETTINGS', { problem: 'watchdog.api_key is the key of the engine: it needs one of its own, because that may be the one that is blocked' })
  const { account } = tradingSettings(config)
  return {
    venue: venue.name,
    desk: {
      rest: venue.urls.rest,
      credentials: { key: watchdog.api_key, secret: watchdog.api_secret, passphrase: config.exchange.passphrase },
      simulated: venue.name === 'okx' && venue.urls.simulated,
      symbols: config.trading_pairs,
      prefix: `rm${account}E`,
      requestMs: REQUEST_MS,
    },
    guard: {
      run,
      account,
      silentMs: watchdog.silent_s * 1000,
      startMs: START_MS,
      flatten: watchdog.flatten,
      lookMs: 250,
      settleMs: config.order_executor.command_deadline_ms + SETTLE_MARGIN_MS,
      giveUpMs: Math.min(watchdog.give_up_s * 1000, config.mode === 'paper' ? PAPER_GIVE_UP_MS : Number.MAX_SAFE_INTEGER),
      retryMs: 500,
      retryMsMax: 5000,
    },
    files: watchdogFiles(config.data_dir),
  }
}

const SILENT_MS = 5000
const EXIT_USAGE = 2

/** How a supervisor starts the watchdog. */
export function watchdogSpec(settings: WatchdogSettings, on: { readonly message: (message: FromWatchdog) => void; readonly exit: ChildSpec['onExit']; readonly giveUp: ChildSpec['onGiveUp'] }): ChildSpec {
  return {
    name: 'watchdog',
    entry: new URL('./watchdog.ts', import.meta.url),
    env: () => ({ [WATCHDOG_ENV]: JSON.stringify(settings) }),
    silentMs: SILENT_MS,
    fatalCodes: [EXIT_USAGE],
    outlives: true,
    onMessage: (message) => on.message(message as unknown as FromWatchdog),
    onExit: on.exit,
    onGiveUp: on.giveUp,
  }
}
