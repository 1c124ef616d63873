import { money, type Money, type Nanos, type PriceTicks } from '../core/index.ts'
import type { VENUE_STOP_STATES } from '../memory/index.ts'

/**
 * What is known of the stop at the venue. `promised`: it comes with an entry that has not filled. `resting`: the venue said
 * so. `unsure`: it may be there. `triggered`: it fired, its fills are on their way. `leftover`: its position is closed.
 */
export type StopState = (typeof VENUE_STOP_STATES)[number]

/** The stop that the venue keeps for the position of a symbol, and the last command about it. Only `apply` writes here. */
export interface VenueStop {
  /** Position it is for, -1 for none. */
  positionId: number
  state: StopState
  /** Trigger price as far as is known, 0 for none. */
  ticks: PriceTicks
  /** Names that were given to stops of the position and may still rest, newest last. */
  readonly ids: string[]
  /** Stops asked for on this symbol so far, with an entry or by themselves: numbers the next one. */
  commands: number
  /** When the command was given that is not answered yet, -1 for none. */
  askedNs: Nanos
  /** Its name and its price. */
  askedId: string
  askedTicks: PriceTicks
  /** Last command, answer or change: paces the next command. */
  changedNs: Nanos
  /** Commands in a row that did not do it. */
  failures: number
  /** Since when a position is held without a stop that is known to rest, -1 while there is none such. */
  nakedNs: Nanos
  /** No entries until the position is covered or closed. */
  alarm: boolean
  /** Why it is not resting, '' when it is. */
  why: string
}

/** Names kept for one position: more than can rest at a time. */
export const STOP_IDS_MAX = 8

export const noStop = (): VenueStop => ({ positionId: -1, state: 'none', ticks: 0, ids: [], commands: 0, askedNs: -1, askedId: '', askedTicks: 0, changedNs: 0, failures: 0, nakedNs: -1, alarm: false, why: '' })

/** Trigger price for the venue: `behindPercent` beyond our own stop, rounded away from the market, so that ours comes first. At least one tick. */
export function venueStopTicks(stopLossTicks: PriceTicks, long: boolean, behindPercent: Money): PriceTicks {
  const away = money(stopLossTicks).mul(money(100).add(long ? behindPercent.neg() : behindPercent)).div(100)
  return long ? Math.max(1, Math.min(stopLossTicks - 1, away.floor().toNumber())) : Math.max(stopLossTicks + 1, away.ceil().toNumber())
}
