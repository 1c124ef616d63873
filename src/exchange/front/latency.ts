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
