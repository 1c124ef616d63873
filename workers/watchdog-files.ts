import { join } from 'node:path'
import type { WatchdogFiles } from './watchdog-messages.ts'

/** Files by which engine, watchdog and the next start know of each other. */
export const watchdogFiles = (dataDir: string): WatchdogFiles => ({ pulse: join(dataDir, 'engine.pulse'), journal: join(dataDir, 'watchdog.jsonl'), lock: join(dataDir, 'watchdog.lock') })
