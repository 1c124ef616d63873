import { z } from 'zod'
import { port, setting, whole } from './fields.ts'

/** The database that is fed from the journal. Trading does not wait for it. */
export const databaseSections = {
  database: z
    .strictObject({
      enabled: setting(z.boolean().default(true), 'Keep orders, positions, trades and audit in PostgreSQL as well, from the journal, by a process of its own.'),
      url: setting(z.string().regex(/^(auto$|postgres(ql)?:\/\/\S+$)/).default('auto'), 'PostgreSQL server, 14 or newer; auto runs one of our own on the loopback, with its data in `postgres` in the data folder.', {
        env: 'DATABASE_URL',
        secret: true,
        allowed: '"auto", or postgresql://user:password@host:port/name',
      }),
      port: setting(port().default(0), 'Port of the embedded server on the loopback; 0 takes the one of last time where it is free, else any.'),
      pool_max: setting(whole(2, 64).default(4), 'Most connections to the database.'),
      connect_timeout_ms: setting(whole(100, 60_000).default(5000), 'Longest wait for a connection, in ms.'),
      statement_timeout_ms: setting(whole(100, 600_000).default(30_000), 'Longest a statement may take, in ms; then it is given up and tried again.'),
      batch_records: setting(whole(1, 20_000).default(2000), 'Most journal records in one transaction.'),
      poll_ms: setting(whole(20, 60_000).default(250), 'Time between two looks at the journal, in ms.'),
      backoff: z
        .strictObject({
          initial_ms: setting(whole(10, 60_000).default(500), 'Wait after the first failure, in ms, doubled for each further one in a row.'),
          max_ms: setting(whole(10, 600_000).default(30_000), 'Longest wait between two tries, in ms.'),
        })
        .prefault({}),
      snapshot_s: setting(whole(0, 3600).default(10), 'Time between two pictures of the market, in seconds; 0 takes none. While the database is away the oldest are dropped.'),
      snapshot_days: setting(whole(1, 3650).default(30), 'Days for which pictures of the market are kept.'),
      idempotency_h: setting(whole(1, 8760).default(24), 'Hours for which answers to commands are kept under their key.'),
    })
    .prefault({}),
}
