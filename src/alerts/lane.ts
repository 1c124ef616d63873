import { type Clock, errorLine, type Random, type Timer, type Timers } from '../core/index.ts'
import type { AlertChannelHealth } from '../runtime/health/index.ts'
import type { AlertSeverity, Log } from '../telemetry/index.ts'
import type { AlertChannel, Delivery } from './channel.ts'
import { KeyLimiter, type KeyLimits } from './key-limiter.ts'
import { type Notice, rankOf } from './notice.ts'
import { Outbox } from './outbox.ts'
import { TokenBucket } from './token-bucket.ts'

export interface LaneLimits {
  readonly key: KeyLimits
  /** Notices that a channel is sent at once, and one more after every so many ms. */
  readonly burst: number
  readonly everyMs: number
  readonly queueMax: number
  /** Wait after a failure, doubled with each further one in a row; half of it is chance. */
  readonly backoffMs: number
  readonly backoffMaxMs: number
  /** A notice that could not be sent for this long is dropped. */
  readonly giveUpMs: number
}

export interface LaneParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly log: Log
}

/** No channel is made to wait longer than this by what its other side says. */
const RETRY_AFTER_MAX_MS = 3_600_000

/**
 * One channel with its threshold, limits, queue and retries. Nobody waits for it: whatever the other side does, `accept` only writes down.
 * One notice is under way at a time.
 */
export class Lane {
  readonly #channel: AlertChannel
  readonly #least: AlertSeverity
  readonly #limits: LaneLimits
  readonly #parts: LaneParts
  readonly #keys: KeyLimiter
  readonly #bucket: TokenBucket
  readonly #outbox: Outbox
  #sending: Notice | null = null
  #sendingDropped = 0
  #timer: Timer | null = null
  #notBeforeMs = 0
  #failures = 0
  #failingSinceMs = 0
  #closed = false
  #untold = 0
  #delivered = 0
  #stoodFor = 0
  #refused = 0
  #dropped = 0
  #retries = 0
  #below = 0
  #lastError: string | null = null
  #deliveredWallMs: number | null = null
  #idle: (() => void)[] = []

  constructor(channel: AlertChannel, least: AlertSeverity, limits: LaneLimits, parts: LaneParts) {
    this.#channel = channel
    this.#least = least
    this.#limits = limits
    this.#parts = parts
    const nowMs = this.#nowMs()
    this.#keys = new KeyLimiter(limits.key)
    this.#bucket = new TokenBucket(limits.burst, limits.everyMs, nowMs)
    this.#outbox = new Outbox(limits.queueMax)
  }

  accept(notice: Notice): void {
    if (this.#closed) return
    if (rankOf(notice.alert.severity) < rankOf(this.#least)) return void (this.#below += 1)
    for (const passed of this.#keys.admit(notice, this.#nowMs())) this.#put(passed)
    this.#go()
  }

  health(): AlertChannelHealth {
    const nowMs = this.#nowMs()
    return {
      name: this.#channel.name,
      minSeverity: this.#least,
      state: this.#failures > 0 ? 'failing' : this.#sending !== null ? 'sending' : this.#outbox.size > 0 ? 'waiting' : 'idle',
      waiting: this.#outbox.size + (this.#sending === null ? 0 : 1),
      keptBack: this.#keys.held,
      delivered: this.#delivered,
      stoodFor: this.#stoodFor,
      belowSeverity: this.#below,
      refused: this.#refused,
      dropped: this.#dropped,
      retries: this.#retries,
      failures: this.#failures,
      retryInMs: this.#failures > 0 ? Math.max(0, Math.round(this.#notBeforeMs - nowMs)) : 0,
      lastError: this.#lastError,
      lastDeliveredMs: this.#deliveredWallMs,
    }
  }

  /** Resolves once nothing waits any more, or after the time. Then no more is sent; what is left is lost, counted and said. */
  async close(withinMs: number): Promise<void> {
    if (this.#closed) return
    for (const held of this.#keys.rest()) this.#put(held)
    this.#go()
    await this.#drained(withinMs)
    this.#closed = true
    this.#timer?.cancel()
    this.#channel.close()
    const left = this.#outbox.size + (this.#sending === null ? 0 : 1)
    if (left > 0) this.#parts.log('warn', `${left} alerts did not leave by ${this.#channel.name} before the end`)
  }

  #drained(withinMs: number): Promise<void> {
    if (this.#sending === null && this.#outbox.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#parts.timers.after(withinMs, resolve)
      this.#idle.push(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  #put(notice: Notice): void {
    const gone = this.#outbox.put(notice)
    if (gone !== null) this.#drop(gone, `its queue of ${this.#limits.queueMax} is full`)
  }

  #drop({ alert, more }: Notice, why: string): void {
    // Said once for a row of them; how many there were is said with the next notice that leaves.
    if (this.#untold === 0) this.#parts.log('warn', `an alert for ${this.#channel.name} is dropped: ${why}`, { title: alert.title, severity: alert.severity })
    this.#untold += 1 + more
    this.#dropped += 1 + more
  }

  /** Sends what may be sent now, and comes back when more may be. */
  #go(): void {
    if (this.#closed || this.#sending !== null) return
    this.#timer?.cancel()
    this.#timer = null
    const nowMs = this.#nowMs()
    for (const held of this.#keys.calmed(nowMs)) this.#put(held)
    const queued = this.#outbox.size > 0
    const waitMs = queued ? Math.max(this.#notBeforeMs - nowMs, this.#bucket.waitMs(nowMs)) : this.#keys.waitMs(nowMs)
    if (!queued || waitMs > 0) {
      if (Number.isFinite(waitMs)) this.#timer = this.#parts.timers.after(Math.max(1, Math.ceil(waitMs)), () => this.#go())
      return
    }
    this.#bucket.take(nowMs)
    const next = this.#outbox.take()!
    void this.#send(next.triedMs === null ? { ...next, triedMs: nowMs } : next)
  }

  async #send(notice: Notice): Promise<void> {
    this.#sending = notice
    this.#sendingDropped = this.#untold
    let delivery: Delivery
    try {
      delivery = await this.#channel.send(notice, this.#untold)
    } catch (error) {
      delivery = { kind: 'later', reason: errorLine(error), afterMs: null }
    }
    this.#sending = null
    if (this.#closed) return
    this.#settle(notice, delivery)
    this.#go()
    if (this.#sending === null && this.#outbox.size === 0) for (const wake of this.#idle.splice(0)) wake()
  }

  #settle(notice: Notice, delivery: Delivery): void {
    const nowMs = this.#nowMs()
    if (delivery.kind === 'later') return this.#later(notice, delivery, nowMs)
    if (this.#failures > 0) this.#parts.log('info', `${this.#channel.name} takes alerts again after ${Math.round((nowMs - this.#failingSinceMs) / 1000)} s`)
    this.#failures = 0
    if (delivery.kind === 'delivered') {
      this.#delivered += 1
      this.#stoodFor += notice.more
      this.#untold -= this.#sendingDropped
      this.#lastError = null
      this.#deliveredWallMs = this.#parts.clock.wallMs()
      return
    }
    this.#refused += 1 + notice.more
    this.#lastError = delivery.reason
    this.#parts.log('error', `${this.#channel.name} refuses an alert, it is not sent again`, { reason: delivery.reason, title: notice.alert.title })
  }

  #later(notice: Notice, { reason, afterMs }: Extract<Delivery, { kind: 'later' }>, nowMs: number): void {
    this.#failures += 1
    this.#retries += 1
    this.#lastError = reason
    if (this.#failures === 1) {
      this.#failingSinceMs = nowMs
      this.#parts.log('warn', `alerts cannot leave by ${this.#channel.name}, tried again: ${reason}`)
    }
    const { backoffMs, backoffMaxMs, giveUpMs } = this.#limits
    const whole = Math.min(backoffMaxMs, backoffMs * 2 ** Math.min(30, this.#failures - 1))
    const said = Math.min(RETRY_AFTER_MAX_MS, afterMs ?? 0)
    this.#notBeforeMs = nowMs + Math.max(said, whole * this.#parts.random.between(0.5, 1))
    if (nowMs - notice.triedMs! >= giveUpMs) this.#drop(notice, `not taken for ${Math.round(giveUpMs / 1000)} s (${reason})`)
    else this.#put(notice)
  }

  #nowMs(): number {
    return this.#parts.clock.nowNs() / 1e6
  }
}
