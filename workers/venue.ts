import type { Config } from '../src/config/index.ts'
import { type BybitCredentials, type BybitUrls, bybitUrlsAt, createBybitVenue, createOkxVenue, type OkxCredentials, type OkxUrls, okxUrlsAt, type Venue, type VenueServices } from '../src/venues/index.ts'

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

/**
 * The adapter of a venue over the given services.
 * @param access `public` leaves the key out: market data and reference only
 */
export function openVenue(choice: VenueChoice, services: VenueServices, config: Config, access: 'public' | 'private'): Venue {
  const commandMs = config.order_executor.command_deadline_ms
  const bookDepth = config.book_depth
  if (choice.name === 'okx') return createOkxVenue({ ...services, urls: choice.urls, credentials: access === 'private' ? choice.credentials : null, settings: { commandMs } })
  return createBybitVenue({ ...services, urls: choice.urls, credentials: access === 'private' ? choice.credentials : null, settings: { commandMs, bookDepth } })
}
