import { fail } from '../../core/index.ts'
import { checkResilience, RESILIENCE_DEFAULTS, type ResilienceSettings } from '../resilience/settings.ts'
import type { LinkSettings } from '../link.ts'

export interface BybitUrls {
  /** Without a slash at the end. */
  readonly rest: string
  readonly publicLinear: string
  readonly private: string
  /** null where the venue has none (demo accounts): orders go over REST. */
  readonly trade: string | null
}

/** The venue's own addresses. Public data of the demo account is that of the live one. */
export const BYBIT_URLS = {
  live: {
    rest: 'https://api.bybit.com', publicLinear: 'wss://stream.bybit.com/v5/public/linear',
    private: 'wss://stream.bybit.com/v5/private', trade: 'wss://stream.bybit.com/v5/trade',
  },
  testnet: {
    rest: 'https://api-testnet.bybit.com', publicLinear: 'wss://stream-testnet.bybit.com/v5/public/linear',
    private: 'wss://stream-testnet.bybit.com/v5/private', trade: 'wss://stream-testnet.bybit.com/v5/trade',
  },
  demo: {
    rest: 'https://api-demo.bybit.com', publicLinear: 'wss://stream.bybit.com/v5/public/linear',
    private: 'wss://stream-demo.bybit.com/v5/private', trade: null,
  },
} as const satisfies Record<string, BybitUrls>

/** Addresses of an exchange that serves all of it on one host and port, the built-in one for example. */
export const bybitUrlsAt = (host: string, port: number): BybitUrls => ({
  rest: `http://${host}:${port}`,
  publicLinear: `ws://${host}:${port}/v5/public/linear`,
  private: `ws://${host}:${port}/v5/private`,
  trade: `ws://${host}:${port}/v5/trade`,
})

export interface BybitCredentials {
  readonly key: string
  readonly secret: string
}

export interface BybitSettings {
  readonly bookDepth: 1 | 50 | 200 | 1000
  /** Candle streams to subscribe, in the venue's names. */
  readonly klineIntervals: readonly string[]
  /** Forced closes of everybody, and the price band: streams that the feed can be live without. */
  readonly liquidations: boolean
  readonly priceLimits: boolean
  /** Period, give or take a tenth, at which the venue is asked whether an instrument that is fed has changed, ms. */
  readonly instrumentsMs: number
  readonly publicLink: LinkSettings
  readonly privateLink: LinkSettings
  /** Time for acknowledgements of subscriptions and logins, ms. */
  readonly ackMs: number
  /** A live feed whose book says nothing for so long takes its subscription again, ms. */
  readonly bookSilentMs: number
  /** More resyncs than `resyncMax` within `resyncWindowMs` cut the connection instead: no resubscribe storm. */
  readonly resyncMax: number
  readonly resyncWindowMs: number
  /** Signed requests are valid for so long at the venue, ms. */
  readonly recvWindowMs: number
  /** Order commands: answer or unknown within this time, ms. */
  readonly commandMs: number
  /** An entry that could not leave within this time (rate limit) does not leave any more, ms. */
  readonly placeWaitMs: number
  /** Queries: answer or failure within this time, ms. */
  readonly queryMs: number
  /** Orders go over REST while the trade socket is not up. */
  readonly restWhenTradeSocketDown: boolean
  /** History lags the matching engine: an order found nowhere is asked about again after this time before it is `absent`, ms. */
  readonly evidenceDelayMs: number
  /** How far back a snapshot asks for executions, ms. */
  readonly fillsReachMs: number
  /** Legs of a hedge position are delivered as such; where false they take the link down: these books know one position. */
  readonly hedge: boolean
  /** What the venue measures attached and kept take-profits and stop-losses by. */
  readonly protectionBy: 'last' | 'mark' | 'index'
  readonly clockSamples: number
  /** A time answer that took longer says too little (half of it is the error) and does not count, ms. */
  readonly clockRoundTripMs: number
  readonly clockSyncMs: number
  /** Sends per second of each order and settings endpoint; the orders of a batch count one by one. */
  readonly tradePerSecond: number
  readonly queryPerSecond: number
  /** Requests of any kind per five seconds: the venue allows 600 per address, which other programs may share. */
  readonly addressPer5s: number
  /** After HTTP 403 or 418 (address banned) nothing but the probe of a cancel or exit leaves over REST for so long, and no entry at all, ms. */
  readonly banMs: number
  readonly resilience: ResilienceSettings
}

export const BYBIT_DEFAULTS: BybitSettings = {
  bookDepth: 50,
  klineIntervals: ['1'],
  liquidations: true,
  priceLimits: true,
  instrumentsMs: 60_000,
  publicLink: { openMs: 10_000, pingMs: 20_000, silentMs: 10_000, backoffMinMs: 250, backoffMaxMs: 30_000, stableMs: 30_000 },
  privateLink: { openMs: 10_000, pingMs: 20_000, silentMs: 30_000, backoffMinMs: 250, backoffMaxMs: 30_000, stableMs: 30_000 },
  ackMs: 5_000,
  bookSilentMs: 15_000,
  resyncMax: 3,
  resyncWindowMs: 60_000,
  recvWindowMs: 5_000,
  commandMs: 5_000,
  placeWaitMs: 500,
  queryMs: 5_000,
  restWhenTradeSocketDown: true,
  evidenceDelayMs: 2_000,
  fillsReachMs: 7 * 86_400_000,
  hedge: false,
  protectionBy: 'last',
  clockSamples: 5,
  clockRoundTripMs: 1_000,
  clockSyncMs: 60_000,
  tradePerSecond: 10,
  queryPerSecond: 50,
  addressPer5s: 400,
  banMs: 600_000,
  resilience: RESILIENCE_DEFAULTS,
}

/** Depths of the venue's linear books. */
const BOOK_DEPTHS: readonly number[] = [1, 50, 200, 1000]

/** @throws RM_VENUE_SETTING for a number that cannot work. */
export function checkSettings(settings: BybitSettings): BybitSettings {
  const positive = (name: string, value: number): void => {
    if (!(Number.isFinite(value) && value > 0)) fail('RM_VENUE_SETTING', { name, actual: value, expected: 'a positive number' })
  }
  for (const [name, value] of Object.entries(settings)) if (typeof value === 'number') positive(name, value)
  for (const link of ['publicLink', 'privateLink'] as const) {
    for (const [name, value] of Object.entries(settings[link])) positive(`${link}.${name}`, value as number)
    if (settings[link].backoffMaxMs < settings[link].backoffMinMs) fail('RM_VENUE_SETTING', { name: `${link}.backoffMaxMs`, actual: settings[link].backoffMaxMs, expected: `at least backoffMinMs ${settings[link].backoffMinMs}` })
  }
  for (const name of ['resyncMax', 'clockSamples', 'tradePerSecond', 'queryPerSecond', 'addressPer5s'] as const) {
    if (!Number.isInteger(settings[name])) fail('RM_VENUE_SETTING', { name, actual: settings[name], expected: 'a whole number' })
  }
  checkResilience(settings.resilience)
  // What a setting file can hold, whatever its type says.
  if (!BOOK_DEPTHS.includes(settings.bookDepth)) fail('RM_VENUE_SETTING', { name: 'bookDepth', actual: settings.bookDepth, expected: BOOK_DEPTHS.join(', ') })
  return settings
}
