/** An order of the engine at the venue that can still increase exposure. */
export interface GuardedOrder {
  readonly symbol: string
  readonly clientId: string
  /** The venue's id. */
  readonly venueId: string
}

/** A position of a traded symbol; sizes as the venue writes them. */
export interface GuardedPosition {
  readonly symbol: string
  readonly side: 'long' | 'short'
  /** Decimal text above 0, in the venue's own unit (coins or contracts). */
  readonly size: string
  /** Stops that rest for it. */
  readonly stops: number
}

/**
 * All that the watchdog can do at a venue, over signed REST of its own. Every answer is whole or an error
 * (RM_WATCHDOG_REQUEST, RM_WATCHDOG_REFUSED, RM_WATCHDOG_ANSWER); an order or position that is gone already is no error.
 */
export interface GuardDesk {
  /** Measures the venue's clock: a wrong one here must not keep an order alive. */
  sync(): Promise<void>
  /** Entries of the engine: never what only reduces, never a stop, never somebody else's. */
  entries(): Promise<readonly GuardedOrder[]>
  cancel(order: GuardedOrder): Promise<void>
  positions(): Promise<readonly GuardedPosition[]>
  /** Sends an order at market that can only reduce. @param clientId names it */
  close(position: GuardedPosition, clientId: string): Promise<void>
}

export interface GuardKey {
  readonly key: string
  readonly secret: string
  /** OKX only. */
  readonly passphrase: string
}

export interface DeskSettings {
  readonly rest: string
  readonly credentials: GuardKey
  /** Header of demo accounts on OKX. */
  readonly simulated: boolean
  readonly symbols: readonly string[]
  /** How the client ids of the engine's orders begin. */
  readonly prefix: string
  readonly requestMs: number
}
