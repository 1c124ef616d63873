import { fail } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { Venue } from '../venue.ts'
import { BybitMarketFeed } from './market-feed.ts'
import { InstrumentWatch } from './instrument-watch.ts'
import { BybitMarketQueries } from './market-queries.ts'
import { BybitQueries } from './queries.ts'
import { BybitReference } from './reference.ts'
import { BybitRest } from './rest.ts'
import { BYBIT_DEFAULTS, type BybitCredentials, type BybitSettings, type BybitUrls, checkSettings } from './settings.ts'
import { BybitTrading } from './trading.ts'
import { VenueTime } from '../common/venue-time.ts'

export { BYBIT_DEFAULTS, BYBIT_URLS, type BybitCredentials, type BybitSettings, type BybitUrls, bybitUrlsAt } from './settings.ts'

export interface BybitVenueParts extends VenueServices {
  readonly urls: BybitUrls
  /** null for market data only. */
  readonly credentials: BybitCredentials | null
  readonly settings?: Partial<BybitSettings>
}

/**
 * Bybit V5 linear perpetuals over whatever transport, clock and timers it is given.
 * @throws RM_VENUE_SETTING; `trading` throws RM_VENUE_CREDENTIALS without a key and a secret.
 */
export function createBybitVenue(parts: BybitVenueParts): Venue {
  const { urls, credentials } = parts
  const settings = checkSettings({ ...BYBIT_DEFAULTS, ...parts.settings })
  const services: VenueServices = { transport: parts.transport, clock: parts.clock, timers: parts.timers, random: parts.random, count: parts.count }
  const time = new VenueTime(parts.clock)
  const rest = new BybitRest(services, urls.rest, credentials, settings, time)
  const queries = new BybitQueries(rest, settings)
  const marketQueries = new BybitMarketQueries(services, queries)
  const watch = new InstrumentWatch(services, marketQueries, settings)
  const reference = new BybitReference(services, queries, settings, time)
  rest.resyncClock = (done) => reference.clock(() => done())
  return {
    feed: (instrument) => new BybitMarketFeed(instrument, services, urls.publicLinear, settings, watch),
    reference,
    queries: marketQueries,
    trading: (instruments) => {
      if (credentials === null || credentials.key === '' || credentials.secret === '') {
        fail('RM_VENUE_CREDENTIALS', { missing: credentials === null || credentials.key === '' ? 'the API key' : 'the API secret' })
      }
      return new BybitTrading({ services, urls, credentials, settings, time, rest, queries, reference }, instruments)
    },
  }
}
