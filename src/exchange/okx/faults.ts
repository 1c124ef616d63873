import { FaultPlan } from '../front/faults.ts'
import type { Timer, Timers, WallMs } from '../../core/index.ts'
import type { StatusBoard } from './status-board.ts'

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
  readonly #status: StatusBoard
  readonly #nowMs: () => WallMs
  #notices: NoticeTarget | null = null
  readonly #planned = new Set<Timer>()

  constructor(timers: Timers, status: StatusBoard, nowMs: () => WallMs) {
    super(timers)
    this.#timers = timers
    this.#status = status
    this.#nowMs = nowMs
  }

  /** Called once by the front. */
  attachNotices(target: NoticeTarget): void {
    this.#notices = target
  }

  /** Sends notice 64008 on every connection and cuts them all after `closeAfterMs`. @returns how many heard it. */
  announceUpgrade(closeAfterMs = 60_000): number {
    const heard = this.#notices?.notice() ?? 0
    this.#after(closeAfterMs, () => void this.dropConnections('all', 1006, 'service upgrade'))
    return heard
  }

  /** Lists a maintenance window, and carries it out: announced, then out of service for `forMs`, then as before. */
  scheduleMaintenance(inMs: number, forMs: number, title = 'Unified trading system upgrade'): void {
    const beginMs = this.#nowMs() + inMs
    const move = this.#status.announce(title, beginMs, beginMs + forMs, 'scheduled')
    this.#after(inMs, () => {
      move('ongoing')
      this.maintenance = true
      this.dropConnections('all', 1006, 'maintenance')
      this.#after(forMs, () => {
        this.maintenance = false
        move('completed')
      })
    })
  }

  /** Nothing that is planned happens any more. */
  close(): void {
    for (const timer of this.#planned) timer.cancel()
    this.#planned.clear()
  }

  #after(delayMs: number, run: () => void): void {
    const timer = this.#timers.after(delayMs, () => {
      this.#planned.delete(timer)
      run()
    })
    this.#planned.add(timer)
  }
}
