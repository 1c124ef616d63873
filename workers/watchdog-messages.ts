import type { LogRecord } from '../src/telemetry/index.ts'
import type { DeskSettings, GuardSettings, GuardState } from '../src/watchdog/index.ts'
import type { Usage } from './usage.ts'
import type { VenueChoice } from './venue.ts'

/* Types and a name only: the watchdog loads nothing of what it guards. */

/** Environment variable that carries `WatchdogSettings` as JSON. */
export const WATCHDOG_ENV = 'RINGMASTER_INTERNAL_WATCHDOG'

/** What the watchdog process is started with. */
export interface WatchdogSettings {
  readonly venue: VenueChoice['name']
  readonly desk: DeskSettings
  readonly guard: GuardSettings
  readonly files: WatchdogFiles
}

export interface WatchdogFiles {
  readonly pulse: string
  readonly journal: string
  /** One watchdog acts at a time. */
  readonly lock: string
}

/** Watchdog → root supervisor, while there is one. */
export type FromWatchdog =
  | ({ readonly type: 'beat'; readonly state: GuardState | 'waiting'; readonly silentMs: number; readonly lastAction: string } & Usage)
  | { readonly type: 'log'; readonly record: LogRecord }
