/** One key of the venue: who signs with it trades for `account`. */
export interface OkxKey {
  readonly apiKey: string
  readonly secret: string
  readonly passphrase: string
  readonly account: string
  /** VIP level of the account; 0 (a regular one) when absent. Some channels ask for a level. */
  readonly vip?: number
}

/** VIP level from which the tick-by-tick books and the fills channel are open. */
export const VIP_CHANNELS = 4

/** Endpoint groups that have a bucket of their own. The first six count per account and instrument, over REST and WebSocket together. */
export type RateGroup =
  | 'place' | 'amend' | 'cancel' | 'place-batch' | 'amend-batch' | 'cancel-batch'
  | 'place-algo' | 'amend-algo' | 'cancel-algo' | 'account-orders' | 'account-rate-limit'
  | 'order' | 'orders-history' | 'orders-archive' | 'fills' | 'fills-history' | 'algos' | 'sizes' | 'positions-history' | 'currencies' | 'subtypes' | 'positions' | 'balance' | 'settings' | 'leverage' | 'bills' | 'cancel-all-after' | 'mass-cancel' | 'close-position'
  | 'status' | 'instruments' | 'books' | 'tickers' | 'trades' | 'market'

/** `count` requests (orders, for batches) in each window of `perMs`. */
export interface RateLimit {
  readonly count: number
  readonly perMs: number
}

const in2s = (count: number): RateLimit => ({ count, perMs: 2_000 })

/** The venue's own limits. */
export const venueRates: Readonly<Record<RateGroup, RateLimit>> = {
  place: in2s(60), amend: in2s(60), cancel: in2s(60), 'place-batch': in2s(300), 'amend-batch': in2s(300), 'cancel-batch': in2s(300),
  'place-algo': in2s(20), 'amend-algo': in2s(20), 'cancel-algo': in2s(20), 'account-orders': in2s(1_000), 'account-rate-limit': { count: 1, perMs: 1_000 },
  order: in2s(60), 'orders-history': in2s(40), 'orders-archive': in2s(20), fills: in2s(60), 'fills-history': in2s(10), algos: in2s(20), sizes: in2s(20), 'positions-history': in2s(10),
  currencies: { count: 6, perMs: 1_000 }, subtypes: in2s(5), positions: in2s(10), balance: in2s(10), settings: in2s(5), leverage: in2s(20),
  bills: { count: 5, perMs: 1_000 }, 'cancel-all-after': { count: 1, perMs: 1_000 }, 'mass-cancel': in2s(5), 'close-position': in2s(20),
  status: { count: 1, perMs: 5_000 }, instruments: in2s(20), books: in2s(40), tickers: in2s(20), trades: in2s(100), market: in2s(10),
}

export interface OkxLimits {
  readonly rates: Readonly<Record<RateGroup, RateLimit>>
  /** Bytes of one message or request body. */
  readonly messageBytesMax: number
  /** A connection on which nothing was sent to the client for this long is closed (4004). */
  readonly silenceMs: number
  /** A connection that neither subscribed nor logged in is closed after this. */
  readonly subscribeWithinMs: number
  /** New connections of one address in a second. */
  readonly connectionsPerSecond: number
  /** Connections of one account on one private channel. */
  readonly connectionsPerChannel: number
  /** Logins, subscriptions and unsubscriptions of one connection in an hour. */
  readonly subscribesPerHour: number
  /** Cancelled orders without a fill are forgotten by the queries after this. */
  readonly cancelledKeptMs: number
  /** Positions and account follow the orders after this. */
  readonly stateLagMs: number
  /** Period in which subscribers of positions and account hear them anyway. */
  readonly stateEveryMs: number
}

export const okxLimits: OkxLimits = {
  rates: venueRates,
  messageBytesMax: 65_536,
  silenceMs: 30_000,
  subscribeWithinMs: 30_000,
  connectionsPerSecond: 3,
  connectionsPerChannel: 30,
  subscribesPerHour: 480,
  cancelledKeptMs: 7_200_000,
  stateLagMs: 50,
  stateEveryMs: 5_000,
}
