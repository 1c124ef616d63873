import type { MetricSample } from '../../telemetry/root/index.ts'

/** How far the database is behind the journal, and why. Nothing that trades depends on it. */
export interface ArchiveHealth {
  /** `connecting` at first, `catching-up` with what is there, `following`, `waiting` for a database that is not well, `stopped`. */
  readonly state: 'connecting' | 'catching-up' | 'following' | 'waiting' | 'stopped'
  /** Of this journal, in the tables. */
  readonly records: number
  /** Of the journal, not in the tables yet. */
  readonly lagBytes: number
  /** Age of the last record in the tables while others wait; 0 while none do. */
  readonly lagMs: number
  /** Pictures of the market that were dropped because the database was away for too long. */
  readonly snapshotsDropped: number
  /** In a row. */
  readonly failures: number
  readonly error: string | null
  readonly retryInMs: number
}

/** The same as metrics. */
export function archiveMetrics(archive: ArchiveHealth | null): MetricSample[] {
  if (archive === null) return []
  const gauge = (name: string, help: string, value: number): MetricSample => ({ name, help, labels: {}, value })
  return [
    gauge('archive_following', '1 while the database has everything that the journal has', archive.state === 'following' ? 1 : 0),
    gauge('archive_records', 'Records of the journal in the tables', archive.records),
    gauge('archive_lag_bytes', 'Bytes of the journal that are not in the tables', archive.lagBytes),
    gauge('archive_lag_seconds', 'Age of the last record in the tables while others wait', archive.lagMs / 1000),
    gauge('archive_snapshots_dropped', 'Pictures of the market that were dropped while the database was away', archive.snapshotsDropped),
    gauge('archive_failures', 'Failures of the database in a row', archive.failures),
  ]
}
