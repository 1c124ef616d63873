/** One key of the venue: who signs with it trades for `account`. */
export interface ApiKey {
  readonly apiKey: string
  readonly secret: string
  readonly account: string
}

/** Endpoint groups that have a bucket of their own. */
export type RateGroup =
  | 'create' | 'amend' | 'cancel' | 'cancel-all' | 'create-batch' | 'amend-batch' | 'cancel-batch'
  | 'realtime' | 'history' | 'executions' | 'positions' | 'closed-pnl' | 'leverage' | 'mode' | 'trading-stop'
  | 'pre-check' | 'settings' | 'wallet' | 'transactions' | 'fee-rate' | 'account'

/** The venue's own limits for the default tier of linear contracts. */
export const perSecond: Readonly<Record<RateGroup, number>> = {
  create: 10, amend: 10, cancel: 10, 'cancel-all': 10, 'create-batch': 10, 'amend-batch': 10, 'cancel-batch': 10,
  realtime: 50, history: 50, executions: 50, positions: 50, 'closed-pnl': 50, leverage: 10, mode: 10, 'trading-stop': 10,
  'pre-check': 10, settings: 5, wallet: 50, transactions: 25, 'fee-rate': 5, account: 50,
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
