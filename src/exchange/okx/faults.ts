import { FaultPlan } from '../front/faults.ts'
import type { Timers } from '../../core/index.ts'

/** What only this venue does: it announces that connections will be closed. */
export interface NoticeTarget {
  notice(): number
}

/**
 * Faults on demand of the front. Topics are written `channel:instId` (`books:BTC-USDT-SWAP`); connections of the
 * business path count as public ones, the kind `trade` does not occur.
 */
export class OkxFaults extends FaultPlan {
  readonly #timers: Timers
  #notices: NoticeTarget | null = null

  constructor(timers: Timers) {
    super(timers)
    this.#timers = timers
  }

  /** Called once by the front. */
  attachNotices(target: NoticeTarget): void {
    this.#notices = target
  }

  /** Sends notice 64008 on every connection and cuts them all after `closeAfterMs`. @returns how many heard it. */
  announceUpgrade(closeAfterMs = 60_000): number {
    const heard = this.#notices?.notice() ?? 0
    this.#timers.after(closeAfterMs, () => void this.dropConnections('all', 1006, 'service upgrade'))
    return heard
  }
}
