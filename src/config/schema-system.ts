import { z } from 'zod'
import { limits } from '../core/index.ts'
import { port, setting, text, whole } from './fields.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** Where and how it runs: placement, supervision, health, logs. */
export const systemSections = {
  data_dir: setting(text().default('./data'), 'Folder for the journal and everything else that must survive a restart.', { allowed: 'path of a folder' }),
  placement: z
    .strictObject({
      policy: setting(z.enum(['shared', 'symbol', 'isolated']).default('symbol'), 'Threads: shared (symbols share shards), symbol (one per symbol) or isolated (one per actor).'),
      shards: setting(z.union([z.literal('auto'), whole(1, limits.symbolsMax)]).default('auto'), 'Shard threads under the shared policy; auto takes one per free core.'),
    })
    .prefault({}),
  supervision: z
    .strictObject({
      heartbeat_ms: setting(whole(10, 10_000).default(100), 'Time between two looks at the heartbeats, in ms.'),
      misses: setting(whole(2, 100).default(3), 'Looks without a beat after which a thread counts as hung.'),
      restart: z
        .strictObject({
          max: setting(whole(1, 1000).default(5), 'Restarts of one actor within the window; one more suspends it.'),
          window_s: setting(whole(1, 86_400).default(60), 'Length of that window in seconds.'),
        })
        .prefault({}),
      backoff: z
        .strictObject({
          initial_ms: setting(whole(1, 60_000).default(50), 'Wait before the second restart of a window, in ms, doubled for each further one; the first restart is at once.'),
          max_ms: setting(whole(1, 600_000).default(5000), 'Longest wait before a restart, in ms.'),
        })
        .prefault({}),
    })
    .prefault({}),
  watchdog: z
    .strictObject({
      enabled: setting(z.boolean().default(true), 'A process of its own cancels the entries of the engine when that has fallen silent, also when the root supervisor is dead.'),
      silent_s: setting(whole(5, 600).default(10), 'Seconds without a pulse of execution after which the engine is taken for dead; a restart takes less.'),
      flatten: setting(z.boolean().default(false), 'It closes the positions of the trading pairs as well, at market. Without this the stops at the venue guard them.'),
      give_up_s: setting(whole(10, 86_400).default(300), 'Seconds without any success after which it ends, when there is no supervisor left; at most 30 in paper mode, whose exchange ends with the supervisor.'),
      api_key: setting(text().default('ringmaster-watchdog'), 'Its own key for the venue: that of the engine may be what is blocked.', { secret: true, allowed: 'text' }),
      api_secret: setting(text().default('paper-money-only'), 'Secret of that key.', { secret: true, allowed: 'text' }),
    })
    .prefault({}),
  health: z
    .strictObject({
      host: setting(text().default('127.0.0.1'), 'Address of the health server. Anything but loopback shows the state of the engine to the network.', { allowed: 'address of this machine' }),
      port: setting(port().default(8080), 'Port of the health server; 0 takes any free one.'),
      token: setting(z.string().regex(/^(auto|[\x21-\x7e]{16,256})$/).default('auto'), 'Bearer token for commands; auto makes one, prints it once and keeps it in the data folder.', {
        secret: true,
        allowed: '"auto", or 16 to 256 visible characters',
      }),
    })
    .prefault({}),
  csv: z
    .strictObject({
      enabled: setting(z.boolean().default(true), 'Write the daily CSV files of orders, trades and open positions, from the journal, by a thread of their own.'),
      dir: setting(text().default('auto'), 'Folder of the CSV files; auto is `csv` in the data folder.', { allowed: '"auto", or path of a folder' }),
      poll_ms: setting(whole(50, 60_000).default(1000), 'Time between two looks at the journal, in ms.'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: setting(z.preprocess((value) => (typeof value === 'string' ? value.toLowerCase() : value), z.enum(LOG_LEVELS)).prefault('info'), 'Least level that is logged.', {
        env: 'LOG_LEVEL',
        allowed: LOG_LEVELS.join(' | '),
      }),
      dir: setting(text().default('./logs'), 'Folder of the daily log files.', { allowed: 'path of a folder' }),
    })
    .prefault({}),
}
