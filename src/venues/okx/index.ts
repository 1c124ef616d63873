import { fail, type Instrument } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import { OkxContracts } from './contracts.ts'
import { OkxLimits } from './limits.ts'
import { OkxMarketFeed } from './market-feed.ts'
import { OkxMarketQueries } from './market-queries.ts'
import { OkxQueries } from './queries.ts'
import { OkxReference } from './reference.ts'
import { OkxRest } from './rest.ts'
import { checkSettings, OKX_DEFAULTS, type OkxCredentials, type OkxSettings, type OkxUrls } from './settings.ts'
import type { Venue } from '../venue.ts'
import { Gate } from '../resilience/gate.ts'
import { VenueTime } from '../common/venue-time.ts'
import { OkxTrading } from './trading.ts'

export { legacyChecksum, type RawLevel } from './checksum.ts'
export { OKX_DEFAULTS, OKX_URLS, type OkxCredentials, type OkxSettings, type OkxUrls, okxUrlsAt } from './settings.ts'

export interface OkxVenueParts extends VenueServices {
  readonly urls: OkxUrls
  /** null for market data only. */
  readonly credentials: OkxCredentials | null
  readonly settings?: Partial<OkxSettings>
}

/**
 * OKX V5 linear perpetual swaps over whatever transport, clock and timers it is given. Symbols are the engine's
 * (`BTCUSDT`), sizes are lots of base coin; the venue's names and contracts stay inside.
 * @throws RM_VENUE_SETTING; `trading` throws RM_VENUE_CREDENTIALS without a key, a secret and a passphrase.
 */
export function createOkxVenue(parts: OkxVenueParts): Venue {
  const { urls, credentials } = parts
  const settings = checkSettings({ ...OKX_DEFAULTS, ...parts.settings })
  const services: VenueServices = parts
  const time = new VenueTime(parts.clock)
  const gate = new Gate(services, settings.resilience)
  const limits = new OkxLimits(services, gate)
  const rest = new OkxRest(services, urls.rest, urls.simulated, credentials, settings, time, limits)
  const queries = new OkxQueries(rest, settings)
  const contracts = new OkxContracts(queries)
  const reference = new OkxReference(services, queries, settings, time, contracts)
  rest.retrier.resyncClock = (done) => reference.clock(() => done())
  return {
    feed: (instrument: Instrument) => new OkxMarketFeed(instrument, services, urls, settings, contracts, credentials, time),
    reference,
    queries: new OkxMarketQueries(services, queries, contracts),
    resilience: gate,
    trading: (instruments: readonly Instrument[]) => {
      for (const [name, words] of [['key', 'the API key'], ['secret', 'the API secret'], ['passphrase', 'the passphrase']] as const) {
        if (credentials === null || credentials[name] === '') fail('RM_VENUE_CREDENTIALS', { missing: words })
      }
      return new OkxTrading({ services, urls, credentials: credentials!, settings, time, rest, limits, queries, reference, contracts }, instruments)
    },
  }
}
