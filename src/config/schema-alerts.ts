import { z } from 'zod'
import { setting, text, whole } from './fields.ts'

const SEVERITIES = ['info', 'warning', 'critical'] as const

const least = (standard: (typeof SEVERITIES)[number]) => setting(z.enum(SEVERITIES).default(standard), 'Least severity that this channel is told.')

/** Who is told when something is wrong, and from when on. */
export const alertSections = {
  alerts: z
    .strictObject({
      enabled: setting(z.boolean().default(true), 'Tell people what is wrong, by the channels below.'),
      log: z.strictObject({ min_severity: least('info') }).prefault({}),
      webhook: z
        .strictObject({
          url: setting(z.string().regex(/^(off|https?:\/\/[^\s/@]+(:\d+)?(\/\S*)?)$/).default('off'), 'Address that gets every alert as JSON by POST; off has no webhook. From the environment only.', { secret: true, allowed: '"off", or http(s)://host/path without user and password' }),
          token: setting(z.string().regex(/^(off|[\x21-\x7e]{6,512})$/).default('off'), 'Bearer token that is sent along; off sends none. From the environment only.', { secret: true, allowed: '"off", or 6 to 512 visible characters' }),
          min_severity: least('warning'),
        })
        .prefault({}),
      telegram: z
        .strictObject({
          token: setting(z.string().regex(/^(off|\d{3,20}:[A-Za-z0-9_-]{20,100})$/).default('off'), 'Token of a bot; off has no Telegram. From the environment only.', { secret: true, allowed: '"off", or the token as BotFather gives it' }),
          chat_id: setting(z.string().regex(/^(off|-?\d{1,20}|@[A-Za-z0-9_]{4,40})$/).default('off'), 'Chat that the bot writes to.', { allowed: '"off", a number, or @name of a channel' }),
          api_url: setting(text().regex(/^https?:\/\/[^\s/@]+(:\d+)?(\/[^\s/]+)*$/).default('https://api.telegram.org'), 'Address of the Bot API, or of a server of your own for it.', { allowed: 'http(s)://host, without a slash at the end' }),
          min_severity: least('warning'),
        })
        .prefault({}),
      timeout_ms: setting(whole(100, 60_000).default(5000), 'Longest that a channel may take to answer, in ms.'),
      backoff: z
        .strictObject({
          initial_ms: setting(whole(10, 60_000).default(1000), 'Wait after a failure, in ms, doubled for each further one in a row; up to half of it is left to chance.'),
          max_ms: setting(whole(10, 3_600_000).default(60_000), 'Longest wait between two tries, in ms, unless the other side asks for more.'),
        })
        .prefault({}),
      give_up_s: setting(whole(1, 86_400).default(3600), 'Seconds after which an alert that could not be sent is dropped and counted.'),
      queue_max: setting(whole(1, 10_000).default(200), 'Alerts that wait for one channel; beyond it the least severe go first, of those the oldest.'),
      per_channel: z
        .strictObject({
          burst: setting(whole(1, 1000).default(10), 'Messages that a channel is sent at once.'),
          every_s: setting(whole(1, 3600).default(3), 'Then one more every so many seconds.'),
        })
        .prefault({}),
      per_key: z
        .strictObject({
          burst: setting(whole(1, 100).default(2), 'Alerts of one kind that are told at once; the rest is counted and told together.'),
          every_s: setting(whole(1, 86_400).default(300), 'Then one more every so many seconds.'),
          quiet_s: setting(whole(1, 86_400).default(60), 'Seconds of silence of a kind after which what was kept back is told.'),
        })
        .prefault({}),
      stale_s: setting(whole(1, 3600).default(30), 'Seconds without usable market data after which somebody is told.'),
      not_ready_s: setting(whole(1, 3600).default(60), 'Seconds that the engine, a process or a symbol may take to come back before somebody is told.'),
      archive_s: setting(whole(1, 86_400).default(120), 'Seconds that the database may be away before somebody is told.'),
      model_down_s: setting(whole(1, 86_400).default(300), 'Seconds that a registered model may fail to answer before somebody is told.'),
      rate_window_s: setting(whole(60, 86_400).default(600), 'Time over which the two rates below are measured, in seconds.'),
      manipulation_percent: setting(z.number().min(0).max(100).default(10), 'Share of the time with a blocked side above which somebody is told; 0 tells nobody.'),
      consensus_percent: setting(z.number().min(0).max(100).default(30), 'Share of votes with a consensus below which somebody is told, from 100 votes on; 0 tells nobody.'),
    })
    .prefault({}),
}
