import type { Config } from '../src/config/index.ts'
import type { ArchiveHealth, SymbolHealth } from '../src/runtime/health/index.ts'
import type { LogRecord } from '../src/telemetry/index.ts'
import type { Usage } from './usage.ts'

/** Environment variable that carries `ArchiveSettings` as JSON. */
export const ARCHIVE_ENV = 'RINGMASTER_INTERNAL_ARCHIVE'

/** What the archive process is started with. */
export interface ArchiveSettings {
  readonly config: Pick<Config, 'database' | 'data_dir' | 'venue' | 'log'>
  readonly journal: string
}

/** Root supervisor → archive. */
export type ToArchive = { readonly type: 'stop' } | { readonly type: 'market'; readonly atMs: number; readonly symbols: readonly SymbolHealth[] }

/** Archive → root supervisor. */
export type FromArchive =
  | ({ readonly type: 'beat'; readonly health: ArchiveHealth } & Usage)
  | { readonly type: 'log'; readonly record: LogRecord }
