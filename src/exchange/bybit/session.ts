import type { FrontPeer, FrontSession } from '../front/wire.ts'
import type { Clock, Random, Timer, Timers, WallMs } from '../../core/index.ts'
import type { ConnectionKind, FaultPlan } from '../front/faults.ts'
import { field, parseObject, type Fields } from '../front/json.ts'
import { Lane } from '../front/lane.ts'
import type { FrontLimits } from './settings.ts'
import type { FrontCounters } from '../front/counters.ts'
import type { FrontLatency } from '../front/latency.ts'

export interface SessionParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly latency: FrontLatency
  readonly limits: FrontLimits
  readonly counters: FrontCounters
  readonly faults: FaultPlan
  /** The venue's clock, skew included. */
  readonly venueMs: () => WallMs
  readonly forget: (session: Session) => void
  readonly onDefect: (error: unknown) => void
}

/** What public, private and trade connections have in common: lanes both ways, size limits, idle limit, defence. */
export abstract class Session implements FrontSession {
  readonly kind: ConnectionKind
  readonly connectionId: string
  protected readonly parts: SessionParts
  readonly #peer: FrontPeer
  readonly #inbound: Lane<string>
  readonly #outbound: Lane<string>
  readonly #idleMs: number | null
  #idle: Timer | null = null
  #heardNs: number
  #open = true

  /** @param idleMs silence after which the connection is cut; null for never. */
  constructor(kind: ConnectionKind, connectionId: string, idleMs: number | null, peer: FrontPeer, parts: SessionParts) {
    this.kind = kind
    this.connectionId = connectionId
    this.parts = parts
    this.#peer = peer
    this.#idleMs = idleMs
    this.#heardNs = parts.clock.nowNs()
    this.#inbound = new Lane(parts.clock, parts.timers, this.#handle)
    this.#outbound = new Lane(parts.clock, parts.timers, this.#write)
    if (idleMs !== null) this.#armIdle(idleMs)
  }

  get open(): boolean {
    return this.#open
  }

  receive(text: string): void {
    if (!this.#open) return
    this.parts.counters.messagesIn++
    this.#heardNs = this.parts.clock.nowNs()
    if (text.length > this.parts.limits.messageBytesMax || Buffer.byteLength(text) > this.parts.limits.messageBytesMax) {
      this.parts.counters.badMessages++
      return this.hangUp(1009, 'message too big')
    }
    this.#inbound.pass(text, this.delay(this.parts.latency.requestMs))
  }

  closed(): void {
    if (!this.#open) return
    this.#open = false
    this.#inbound.close()
    this.#outbound.close()
    this.#idle?.cancel()
    this.parts.counters.connectionsOpen--
    this.leave()
    this.parts.forget(this)
  }

  /** Closes from the venue's side. */
  hangUp(code: number, reason: string): void {
    if (!this.#open) return
    this.closed()
    this.#peer.close(code, reason)
  }

  /** Sends after the latency of an answer (or the given one), behind everything sent before. */
  protected reply(body: object | string, delayMs = this.delay(this.parts.latency.replyMs)): void {
    this.#outbound.push(typeof body === 'string' ? body : JSON.stringify(body), delayMs)
  }

  /** Sends what the venue says unasked. */
  protected pushFrame(frame: string, delayMs: number): void {
    this.#outbound.pass(frame, delayMs)
  }

  protected delay(baseMs: number): number {
    const { jitterMs } = this.parts.latency
    return jitterMs > 0 ? baseMs + this.parts.random.between(0, jitterMs) : baseMs
  }

  /** One request of the client. */
  protected abstract onRequest(request: Fields, op: string): void
  /** Text that is no request. */
  protected abstract onGarbage(reason: string): void
  /** The connection is gone: give up subscriptions. */
  protected abstract leave(): void

  readonly #handle = (text: string): void => {
    if (!this.#open) return
    try {
      const parsed = parseObject(text)
      const op = parsed.ok ? field(parsed.value, 'op') : undefined
      if (parsed.ok && typeof op === 'string') return this.onRequest(parsed.value, op)
      this.onGarbage(parsed.ok ? 'no op' : parsed.reason)
    } catch (error) {
      // A defect of ours costs this connection, never the exchange.
      this.parts.counters.internalErrors++
      this.parts.onDefect(error)
      this.hangUp(1011, 'server error')
    }
  }

  readonly #write = (text: string): void => {
    if (!this.#open) return
    this.parts.counters.framesSent++
    this.parts.counters.bytesSent += text.length
    this.#peer.send(text)
  }

  #armIdle(delayMs: number): void {
    this.#idle = this.parts.timers.after(delayMs, () => {
      const restMs = this.#idleMs! - (this.parts.clock.nowNs() - this.#heardNs) / 1e6
      if (restMs > 1) this.#armIdle(restMs)
      else this.hangUp(1006, 'idle')
    })
  }
}
