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
import { Gate } from '../resilience/gate.ts'
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
  const services: VenueServices = parts
  const time = new VenueTime(parts.clock)
  const gate = new Gate(services, settings.resilience)
  const rest = new BybitRest(services, urls.rest, credentials, settings, time, gate)
  const queries = new BybitQueries(rest, settings)
  const marketQueries = new BybitMarketQueries(services, queries)
  const watch = new InstrumentWatch(services, marketQueries, settings)
  const reference = new BybitReference(services, queries, settings, time)
  rest.retrier.resyncClock = (done) => reference.clock(() => done())
  return {
    feed: (instrument) => new BybitMarketFeed(instrument, services, urls.publicLinear, settings, watch),
    reference,
    queries: marketQueries,
    resilience: gate,
    trading: (instruments) => {
      if (credentials === null || credentials.key === '' || credentials.secret === '') {
        fail('RM_VENUE_CREDENTIALS', { missing: credentials === null || credentials.key === '' ? 'the API key' : 'the API secret' })
      }
      return new BybitTrading({ services, urls, credentials, settings, time, rest, queries, reference }, instruments)
    },
  }
}
