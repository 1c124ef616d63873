import type { Nanos, Timer } from '../core/index.ts'
import type { VenueServices } from './services.ts'
import type { Socket } from './transport.ts'

export interface LinkSettings {
  /** Time for the connection to open, ms. */
  readonly openMs: number
  /** Period of the application ping, ms. */
  readonly pingMs: number
  /** Silence (no frame at all, pongs included) after which the connection counts as dead; at half of it a ping asks. */
  readonly silentMs: number
  readonly backoffMinMs: number
  readonly backoffMaxMs: number
  /** A session that lasted this long makes the back-off start over. */
  readonly stableMs: number
}

/** A place for a new connection holds so long beyond its time, ms. */
const PLACE_LATE_MS = 100

export interface LinkHandlers {
  connecting(attempt: number): void
  opened(): void
  frame(bytes: Uint8Array, receiveNs: Nanos): void
  /** The connection is gone; a new one follows after a back-off. Comes once per connection, before anything else is done. */
  lost(reason: string): void
  /** Text of an application ping. */
  ping(): string
}

/**
 * One WebSocket that is kept alive: opens, pings, notices silence, and reconnects with exponential back-off and
 * jitter. What is said over it is its owner's business. After `fail` or a close no frame of the old connection arrives.
 */
export class Link {
  readonly #services: VenueServices
  readonly #name: string
  readonly #url: string
  readonly #settings: LinkSettings
  readonly #handlers: LinkHandlers
  #socket: Socket | null = null
  #open = false
  #running = false
  #paused = false
  #attempt = 0
  #settledNs = -1
  #lastFrameNs: Nanos = 0
  #lastWatchNs: Nanos = 0
  #asked = false
  #timer: Timer | null = null
  #heartbeat: Timer | null = null
  #watch: Timer | null = null

  constructor(services: VenueServices, name: string, url: string, settings: LinkSettings, handlers: LinkHandlers) {
    this.#services = services
    this.#name = name
    this.#url = url
    this.#settings = settings
    this.#handlers = handlers
  }

  /** Whether a frame can be sent now. */
  get open(): boolean {
    return this.#open
  }

  get paused(): boolean {
    return this.#paused
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    this.#connect()
  }

  stop(): void {
    this.#running = false
    this.#timer?.cancel()
    this.#cut()
  }

  /** @returns false when nothing was sent. */
  send(text: string): boolean {
    return this.#open && this.#socket !== null && this.#socket.send(text)
  }

  /** Cuts the connection and plans the next one. */
  fail(reason: string): void {
    if (!this.#running || this.#socket === null) return
    this.#cut()
    this.#lost(reason)
  }

  /** Cuts the connection and plans the next one; while that is waited for, makes it at once. */
  renew(reason: string): void {
    if (this.#socket !== null) return this.fail(reason)
    if (!this.#running) return
    this.#timer?.cancel()
    this.#connect()
  }

  /** The session works (subscribed, logged in): from `stableMs` on the next back-off starts over. */
  settled(): void {
    this.#settledNs = this.#services.clock.nowNs()
  }

  /** Stops reading. Silence is not held against a paused connection. */
  pause(): void {
    this.#paused = true
    this.#socket?.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#lastFrameNs = this.#services.clock.nowNs()
    this.#socket?.resume()
  }

  #connect(): void {
    this.#settledNs = -1
    this.#handlers.connecting(this.#attempt)
    if (!this.#running || this.#socket !== null) return
    this.#await()
  }

  /** Dials when the venue may be dialled. */
  #await(): void {
    const place = this.#services.connectPlace?.(this.#url)
    if (place === undefined || (place.granted && place.waitMs <= 0)) return this.#dial()
    this.#timer?.cancel()
    const { clock, timers } = this.#services
    const lateNs = clock.nowNs() + (place.waitMs + PLACE_LATE_MS) * 1e6
    this.#timer = timers.after(place.waitMs, () => {
      if (!this.#running || this.#socket !== null) return
      // After a pause of the process all places that passed meanwhile come at once: each is taken anew.
      if (place.granted && clock.nowNs() <= lateNs) this.#dial()
      else this.#await()
    })
  }

  #dial(): void {
    const { clock, timers, transport } = this.#services
    const socket: Socket = transport.socket(this.#url, {
      open: () => {
        if (this.#socket === socket) this.#opened()
      },
      message: (frame) => {
        if (this.#socket !== socket) return
        const now = clock.nowNs()
        this.#lastFrameNs = now
        this.#asked = false
        this.#handlers.frame(frame, now)
      },
      close: (code, reason) => {
        if (this.#socket !== socket) return
        this.#forget()
        this.#lost(`closed by the other side: ${code} ${reason}`.trimEnd())
      },
    })
    this.#socket = socket
    if (this.#paused) socket.pause()
    this.#timer = timers.after(this.#settings.openMs, () => this.fail(`not open after ${this.#settings.openMs} ms`))
  }

  #opened(): void {
    const { clock, timers } = this.#services
    this.#timer?.cancel()
    this.#open = true
    this.#asked = false
    this.#lastFrameNs = this.#lastWatchNs = clock.nowNs()
    this.#heartbeat = timers.every(this.#settings.pingMs, () => void this.send(this.#handlers.ping()))
    const periodMs = Math.max(1, Math.floor(this.#settings.silentMs / 8))
    this.#watch = timers.every(periodMs, () => this.#check(periodMs))
    this.#handlers.opened()
  }

  #check(periodMs: number): void {
    const now = this.#services.clock.nowNs()
    const late = now - this.#lastWatchNs > 3 * periodMs * 1e6
    this.#lastWatchNs = now
    // A thread that was held up itself finds its frames unread: give the socket a turn before judging it.
    if (late || this.#paused) return
    const silentMs = (now - this.#lastFrameNs) / 1e6
    if (silentMs >= this.#settings.silentMs) {
      this.#services.count('venue_silent', this.#name)
      this.fail(`no frame for ${Math.round(silentMs)} ms`)
    } else if (!this.#asked && silentMs >= this.#settings.silentMs / 2) {
      this.#asked = true
      this.send(this.#handlers.ping())
    }
  }

  #cut(): void {
    const socket = this.#socket
    this.#forget()
    socket?.terminate()
  }

  #forget(): void {
    this.#socket = null
    this.#open = false
    this.#timer?.cancel()
    this.#heartbeat?.cancel()
    this.#watch?.cancel()
  }

  #lost(reason: string): void {
    const { clock, timers, random, count } = this.#services
    const { backoffMinMs, backoffMaxMs, stableMs } = this.#settings
    count('venue_link_lost', this.#name)
    if (this.#settledNs >= 0 && clock.nowNs() - this.#settledNs >= stableMs * 1e6) this.#attempt = 0
    const ceilingMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(this.#attempt, 20))
    this.#attempt++
    // Half fixed, half random: never at once, and a crowd of symbols does not come back in step.
    const delayMs = ceilingMs * (0.5 + 0.5 * random.next())
    this.#timer = timers.after(delayMs, () => {
      if (this.#running && this.#socket === null) this.#connect()
    })
    this.#handlers.lost(reason)
  }
}
