import { fail } from '../../core/index.ts'
import { checkResilience, RESILIENCE_DEFAULTS, type ResilienceSettings } from '../resilience/settings.ts'
import type { LinkSettings } from '../link.ts'
import type { PositionMode } from '../trading-port.ts'
import { BOOK_CHANNELS, FAST_BOOK } from './decode/channels.ts'

export interface OkxUrls {
  /** Without a slash at the end. */
  readonly rest: string
  readonly public: string
  /** Private channels and order operations. */
  readonly private: string
  /** Candles. */
  readonly business: string
  /** Demo trading: the same REST host, told apart by a header. */
  readonly simulated: boolean
}

/** The venue's own addresses. */
export const OKX_URLS = {
  live: {
    rest: 'https://www.okx.com', public: 'wss://ws.okx.com:8443/ws/v5/public',
    private: 'wss://ws.okx.com:8443/ws/v5/private', business: 'wss://ws.okx.com:8443/ws/v5/business', simulated: false,
  },
  demo: {
    rest: 'https://www.okx.com', public: 'wss://wspap.okx.com:8443/ws/v5/public',
    private: 'wss://wspap.okx.com:8443/ws/v5/private', business: 'wss://wspap.okx.com:8443/ws/v5/business', simulated: true,
  },
} as const satisfies Record<string, OkxUrls>

/** Addresses of an exchange that serves all of it on one host and port, the built-in one for example. */
export const okxUrlsAt = (host: string, port: number): OkxUrls => ({
  rest: `http://${host}:${port}`,
  public: `ws://${host}:${port}/ws/v5/public`,
  private: `ws://${host}:${port}/ws/v5/private`,
  business: `ws://${host}:${port}/ws/v5/business`,
  simulated: false,
})

export interface OkxCredentials {
  readonly key: string
  readonly secret: string
  readonly passphrase: string
}

export interface OkxSettings {
  /** Levels of a side: 1 (`bbo-tbt`), 5 (`books5`), 50 (`books50-l2-tbt`) or 400 (`books`). */
  readonly bookDepth: keyof typeof BOOK_CHANNELS
  /**
   * All 400 levels at every change instead of every 100 ms (`books-l2-tbt`). This one and 50 levels need a login and the
   * venue's higher fee tiers; an account that is refused them gets `books`, counted and told with a coded error.
   */
  readonly bookFast: boolean
  /** Mode that the account must be in: requests without a leg are for `one-way`, those with one for `hedge`. */
  readonly positionMode: PositionMode
  /** Candle streams to subscribe, in the venue's names; an empty list opens no candle connection. */
  readonly klineIntervals: readonly string[]
  readonly publicLink: LinkSettings
  readonly privateLink: LinkSettings
  /** Time for acknowledgements of subscriptions and logins, ms. */
  readonly ackMs: number
  /** A live feed whose book says nothing for so long takes its subscription again, ms; the venue is silent for 60 s on a book that does not change. */
  readonly bookSilentMs: number
  /** More resyncs than `resyncMax` within `resyncWindowMs` cut the connection instead: no resubscribe storm. */
  readonly resyncMax: number
  readonly resyncWindowMs: number
  /** Order commands: answer or unknown within this time; the venue drops an entry that it sees later, ms. */
  readonly commandMs: number
  /** An entry that could not leave within this time (rate limit) does not leave any more, ms. */
  readonly placeWaitMs: number
  /** Queries: answer or failure within this time, ms. */
  readonly queryMs: number
  /** Orders go over the private socket while it is up. */
  readonly ordersOverSocket: boolean
  /** Orders go over REST while the socket is not up. */
  readonly restWhenSocketDown: boolean
  /** History lags the matching engine: an order found nowhere is asked about again after this time before it is `absent`, ms. */
  readonly evidenceDelayMs: number
  /** How far back the history and the executions are searched for an order that the venue does not find by its client id, ms. */
  readonly evidenceReachMs: number
  /** How far back a snapshot asks for executions, ms; the venue keeps them 3 days here. */
  readonly fillsReachMs: number
  /** What the venue measures attached and kept take-profits and stop-losses by. */
  readonly protectionBy: 'last' | 'mark' | 'index'
  readonly clockSamples: number
  readonly clockSyncMs: number
  /** Pause before contracts or the account's mode are asked for again, ms. */
  readonly retryMs: number
  /** After HTTP 403 or 418 (address shut out) nothing but the probe of a cancel or exit leaves over REST for so long, and no entry at all, ms. */
  readonly banMs: number
  readonly resilience: ResilienceSettings
}

export const OKX_DEFAULTS: OkxSettings = {
  bookDepth: 400,
  bookFast: false,
  positionMode: 'one-way',
  klineIntervals: ['1m'],
  publicLink: { openMs: 10_000, pingMs: 20_000, silentMs: 10_000, backoffMinMs: 400, backoffMaxMs: 30_000, stableMs: 30_000 },
  privateLink: { openMs: 10_000, pingMs: 20_000, silentMs: 28_000, backoffMinMs: 400, backoffMaxMs: 30_000, stableMs: 30_000 },
  ackMs: 5_000,
  bookSilentMs: 70_000,
  resyncMax: 3,
  resyncWindowMs: 60_000,
  commandMs: 5_000,
  placeWaitMs: 500,
  queryMs: 5_000,
  ordersOverSocket: true,
  restWhenSocketDown: true,
  evidenceDelayMs: 2_000,
  evidenceReachMs: 6 * 3_600_000,
  fillsReachMs: 3 * 86_400_000,
  protectionBy: 'last',
  clockSamples: 3,
  clockSyncMs: 60_000,
  retryMs: 1_000,
  banMs: 60_000,
  resilience: RESILIENCE_DEFAULTS,
}

export const bookChannelOf = ({ bookDepth, bookFast }: OkxSettings): string => (bookDepth === 400 && bookFast ? FAST_BOOK : BOOK_CHANNELS[bookDepth])

/** @throws RM_VENUE_SETTING for a number that cannot work. */
export function checkSettings(settings: OkxSettings): OkxSettings {
  const positive = (name: string, value: number): void => {
    if (!(Number.isFinite(value) && value > 0)) fail('RM_VENUE_SETTING', { name, actual: value, expected: 'a positive number' })
  }
  for (const [name, value] of Object.entries(settings)) if (typeof value === 'number') positive(name, value)
  checkResilience(settings.resilience)
  if (!(settings.bookDepth in BOOK_CHANNELS)) fail('RM_VENUE_SETTING', { name: 'bookDepth', actual: settings.bookDepth, expected: '1, 5, 50 or 400' })
  for (const link of ['publicLink', 'privateLink'] as const) {
    for (const [name, value] of Object.entries(settings[link])) positive(`${link}.${name}`, value as number)
    if (settings[link].backoffMaxMs < settings[link].backoffMinMs) fail('RM_VENUE_SETTING', { name: `${link}.backoffMaxMs`, actual: settings[link].backoffMaxMs, expected: `at least backoffMinMs ${settings[link].backoffMinMs}` })
    // The venue closes a connection on which it had nothing to say for 30 s; half of `silentMs` asks for a pong.
    if (settings[link].pingMs >= 30_000) fail('RM_VENUE_SETTING', { name: `${link}.pingMs`, actual: settings[link].pingMs, expected: 'less than the 30000 ms of the venue' })
  }
  for (const name of ['resyncMax', 'clockSamples'] as const) {
    if (!Number.isInteger(settings[name])) fail('RM_VENUE_SETTING', { name, actual: settings[name], expected: 'a whole number' })
  }
  return settings
}
