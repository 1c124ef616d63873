import type { Clock, Timer, Timers, WallMs } from '../../core/index.ts'

/** A maintenance as the venue's status page tells it. */
export interface MaintenanceWindow {
  readonly announcedMs: WallMs
  readonly beginMs: WallMs
  readonly endMs: WallMs
}

export type MaintenanceState = 'scheduled' | 'ongoing' | 'completed'

/** Announced maintenance: told on connections that know such a notice and on the status page, then begun, then over. */
export class Maintenance {
  /** While set, requests are refused and new connections closed at once. */
  on = false
  /** Whether REST refuses with HTTP 503, or with HTTP 200 and the venue's own code. */
  by: 'http' | 'code' = 'http'
  #window: MaintenanceWindow | null = null
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #due: Timer[] = []
  #listener: ((window: MaintenanceWindow & { readonly state: MaintenanceState }) => void) | null = null

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock
    this.#timers = timers
  }

  /** Called once by a front that tells its clients: hears of every announced window when it changes. */
  listen(listener: (window: MaintenanceWindow & { readonly state: MaintenanceState }) => void): void {
    this.#listener = listener
  }

  /** @param begin and @param end are told what happened right behind it. */
  plan(afterMs: number, forMs: number, begin: () => void, end: () => void): MaintenanceWindow {
    this.#forget()
    const announcedMs = this.#clock.wallMs()
    this.#window = { announcedMs, beginMs: announcedMs + afterMs, endMs: announcedMs + afterMs + forMs }
    const turn = (on: boolean, then: () => void) => (): void => {
      this.on = on
      this.#tell()
      then()
    }
    this.#tell()
    this.#due.push(this.#timers.after(afterMs, turn(true, begin)), this.#timers.after(afterMs + forMs, turn(false, end)))
    return this.#window
  }

  /** The last window that was announced, and how far it is; null when there never was one. */
  get status(): (MaintenanceWindow & { readonly state: MaintenanceState }) | null {
    if (this.#window === null) return null
    const nowMs = this.#clock.wallMs()
    return { ...this.#window, state: nowMs < this.#window.beginMs ? 'scheduled' : nowMs < this.#window.endMs ? 'ongoing' : 'completed' }
  }

  heal(): void {
    this.on = false
    this.by = 'http'
    const nowMs = this.#clock.wallMs()
    if (this.#window !== null && this.#window.endMs > nowMs) this.#window = { ...this.#window, beginMs: Math.min(this.#window.beginMs, nowMs), endMs: nowMs }
    this.#forget()
    this.#tell()
  }

  #tell(): void {
    const { status } = this
    if (status !== null) this.#listener?.(status)
  }

  #forget(): void {
    for (const timer of this.#due.splice(0)) timer.cancel()
  }
}
