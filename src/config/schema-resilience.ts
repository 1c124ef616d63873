import { z } from 'zod'
import { between, setting, whole } from './fields.ts'

/** The way to the venue when the venue, or the way, is not well. */
export const resilienceSections = {
  resilience: z
    .strictObject({
      breaker: z
        .strictObject({
          threshold: setting(whole(1, 1000).default(5), 'Failures of the venue or the network in a row that open the breaker of an endpoint group.'),
          cooldown_ms: setting(whole(100, 600_000).default(5000), 'First wait of an open breaker, in ms, doubled each time that its probe fails.'),
          cooldown_max_ms: setting(whole(100, 3_600_000).default(60_000), 'Longest wait of an open breaker, in ms.'),
          count_limits: setting(z.boolean().default(true), 'Refusals for a rate limit count as failures.'),
          evidence_pace_ms: setting(whole(10, 60_000).default(1000), 'While a breaker is not closed, one question about an order of unknown outcome in so many ms.'),
        })
        .prefault({}),
      reserve_share: setting(between(0, 0.5).default(0.2), 'Share of every limit of the venue that only cancels and reduce-only orders may use.'),
      ban_probe_ms: setting(whole(100, 600_000).default(5000), 'While the venue bans this address, one cancel or exit over REST in so many ms.'),
      retry: z
        .strictObject({
          max: setting(whole(0, 100).default(3), 'Repeats of an entry or a query that was certainly not taken; cancels repeat until their deadline.'),
          backoff_ms: setting(whole(1, 60_000).default(50), 'Pause before the first repeat, in ms, doubled for each further one; up to a half of it is left out by chance.'),
          backoff_max_ms: setting(whole(1, 60_000).default(1000), 'Longest pause before a repeat, in ms.'),
        })
        .prefault({}),
    })
    .prefault({}),
}
