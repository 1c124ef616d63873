/** One key of the venue: who signs with it trades for `account`. */
export interface ApiKey {
  readonly apiKey: string
  readonly secret: string
  readonly account: string
}

/** Time that the wire takes, ms. Each way gets its own uniform addition in [0, jitter). */
export interface FrontLatency {
  /** From the client to the matching engine. */
  readonly requestMs: number
  /** From the matching engine back to the client that asked. */
  readonly replyMs: number
  /** From the matching engine to the private streams; never sooner than the answer to the command that caused it. */
  readonly pushMs: number
  /** From the market to the public streams, on top of the venue's own push periods. */
  readonly marketMs: number
  readonly jitterMs: number
  /** Age that an order must have before the history shows it. */
  readonly historyMs: number
}

export const noLatency: FrontLatency = { requestMs: 0, replyMs: 0, pushMs: 0, marketMs: 0, jitterMs: 0, historyMs: 0 }

/** Endpoint groups that have a bucket of their own. */
export type RateGroup =
  | 'create' | 'amend' | 'cancel' | 'cancel-all' | 'create-batch' | 'amend-batch' | 'cancel-batch'
  | 'realtime' | 'history' | 'executions' | 'positions' | 'closed-pnl' | 'leverage' | 'mode'
  | 'wallet' | 'transactions' | 'fee-rate' | 'account'

/** The venue's own limits for the default tier of linear contracts. */
export const perSecond: Readonly<Record<RateGroup, number>> = {
  create: 10, amend: 10, cancel: 10, 'cancel-all': 10, 'create-batch': 10, 'amend-batch': 10, 'cancel-batch': 10,
  realtime: 50, history: 50, executions: 50, positions: 50, 'closed-pnl': 50, leverage: 10, mode: 10,
  wallet: 50, transactions: 25, 'fee-rate': 5, account: 50,
}

export interface FrontLimits {
  /** Requests per second of one account, by endpoint group. */
  readonly perSecond: Readonly<Record<RateGroup, number>>
  /** Requests of one address in `ipWindowMs`; one more and the address is shut out for `ipBanMs`. */
  readonly ipRequests: number
  readonly ipWindowMs: number
  readonly ipBanMs: number
  /** Bytes of one message or request body. */
  readonly messageBytesMax: number
  /** Characters of all topics of one public connection. */
  readonly topicCharsMax: number
  /** Silence after which a private or trade connection is cut. */
  readonly idleMs: number
}

export const venueLimits: FrontLimits = {
  perSecond,
  ipRequests: 600,
  ipWindowMs: 5_000,
  ipBanMs: 600_000,
  messageBytesMax: 1 << 20,
  topicCharsMax: 21_000,
  idleMs: 600_000,
}

/** What the front counts; plain numbers, fit for a heartbeat message. */
export interface FrontCounters {
  httpRequests: number
  httpRefused: number
  rateLimited: number
  addressBans: number
  badSignatures: number
  badMessages: number
  connections: number
  connectionsOpen: number
  messagesIn: number
  framesBuilt: number
  framesSent: number
  bytesSent: number
  commands: number
  commandsRefused: number
  repliesLost: number
  slowConsumers: number
  internalErrors: number
}

export const createCounters = (): FrontCounters => ({
  httpRequests: 0, httpRefused: 0, rateLimited: 0, addressBans: 0, badSignatures: 0, badMessages: 0,
  connections: 0, connectionsOpen: 0, messagesIn: 0, framesBuilt: 0, framesSent: 0, bytesSent: 0,
  commands: 0, commandsRefused: 0, repliesLost: 0, slowConsumers: 0, internalErrors: 0,
})
