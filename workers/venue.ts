import type { Config } from '../src/config/index.ts'
import type { Clock } from '../src/core/index.ts'
import type { ConnectPlace, ConnectSchedule, RestLimits } from '../src/market/index.ts'
import {
  BYBIT_DEFAULTS, type BybitCredentials, type BybitUrls, bybitUrlsAt, createBybitVenue, createOkxVenue, OKX_DEFAULTS, type OkxCredentials, type OkxUrls, okxUrlsAt, type ResilienceSettings, type Venue, type VenueServices,
} from '../src/venues/index.ts'

/** Which venue an engine trades on, where it is, and with which key: plain data that crosses processes and threads. */
export type VenueChoice =
  | { readonly name: 'bybit'; readonly urls: BybitUrls; readonly credentials: BybitCredentials }
  | { readonly name: 'okx'; readonly urls: OkxUrls; readonly credentials: OkxCredentials }

/** The configured protocol of an exchange that listens on one port for each. */
export function venueAt(config: Config, host: string, ports: { readonly bybit: number; readonly okx: number }): VenueChoice {
  const { api_key: key, api_secret: secret, passphrase } = config.exchange
  if (config.venue === 'okx') return { name: 'okx', urls: okxUrlsAt(host, ports.okx), credentials: { key, secret, passphrase } }
  return { name: 'bybit', urls: bybitUrlsAt(host, ports.bybit), credentials: { key, secret } }
}

/** The same place without the key: for who only looks at public data. */
export function withoutKey(choice: VenueChoice): VenueChoice {
  return choice.name === 'okx' ? { ...choice, credentials: { key: '', secret: '', passphrase: '' } } : { ...choice, credentials: { key: '', secret: '' } }
}

/** The budget of market data by REST, from the configuration. */
export const restLimits = ({ market_data }: Config): RestLimits => ({ inFlight: market_data.rest_in_flight, spacingMs: market_data.rest_spacing_ms })

/** OKX takes three new connections a second from one address: two and a half, so that a late timer does not make four. */
const OKX_CONNECT_MS = 400

const AT_ONCE: ConnectPlace = { waitMs: 0, granted: true }

/** How the connections of all threads are spaced out, the account first, candles behind the rest; Bybit's limit (500 in five minutes) is held by the back-off of the feeds. */
export function connectPace(venue: VenueChoice['name'], schedule: ConnectSchedule, clock: Clock): (url: string) => ConnectPlace {
  if (venue === 'bybit') return () => AT_ONCE
  return (url) => schedule.take(url.endsWith('/private') ? 'account' : url.endsWith('/business') ? 'later' : 'first', OKX_CONNECT_MS, clock.nowNs())
}

/** What holds on the way to a venue, from the configuration. */
export const resilienceSettings = ({ resilience: { breaker, retry, reserve_share, ban_probe_ms } }: Config): ResilienceSettings => ({
  threshold: breaker.threshold,
  cooldownMs: breaker.cooldown_ms,
  cooldownMsMax: breaker.cooldown_max_ms,
  countLimits: breaker.count_limits,
  reserveShare: reserve_share,
  evidencePaceMs: breaker.evidence_pace_ms,
  banProbeMs: ban_probe_ms,
  retryMax: retry.max,
  retryMs: retry.backoff_ms,
  retryMsMax: retry.backoff_max_ms,
})

const BACKOFF_MS_MIN = 4000
const BACKOFF_MS_MAX = 30_000

/**
 * Longest wait of a public feed between two tries to connect. One second for each symbol keeps all of them together
 * under 400 tries in five minutes (a venue takes 500), and with many symbols one of them tries every second: the others
 * follow it (`FeedWishes`).
 */
export const feedBackoffMaxMs = (symbols: number): number => Math.min(BACKOFF_MS_MAX, Math.max(BACKOFF_MS_MIN, symbols * 1000))

/**
 * The adapter of a venue over the given services.
 * @param access `public` leaves the key out: market data and reference only
 */
export function openVenue(choice: VenueChoice, services: VenueServices, config: Config, access: 'public' | 'private'): Venue {
  const commandMs = config.order_executor.command_deadline_ms
  const protectionBy = config.protection.trigger
  const bookDepth = config.book_depth
  const resilience = resilienceSettings(config)
  const backoffMaxMs = feedBackoffMaxMs(config.trading_pairs.length)
  if (choice.name === 'okx')
    return createOkxVenue({ ...services, urls: choice.urls, credentials: access === 'private' ? choice.credentials : null, settings: { commandMs, resilience, protectionBy, publicLink: { ...OKX_DEFAULTS.publicLink, backoffMaxMs } } })
  return createBybitVenue({ ...services, urls: choice.urls, credentials: access === 'private' ? choice.credentials : null, settings: { commandMs, resilience, bookDepth, protectionBy, publicLink: { ...BYBIT_DEFAULTS.publicLink, backoffMaxMs } } })
}
