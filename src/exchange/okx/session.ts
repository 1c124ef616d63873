import type { Clock, Random, Timer, Timers, WallMs } from '../../core/index.ts'
import type { ConnectionKind } from '../front/faults.ts'
import { field, isFields, parseObject, type Fields } from '../front/json.ts'
import { Lane } from '../front/lane.ts'
import type { FrontPeer, FrontSession } from '../front/wire.ts'
import type { FrontCounters } from '../front/counters.ts'
import type { FrontLatency } from '../front/latency.ts'
import { codes, invalidRequest, type Verdict } from './codes.ts'
import type { OkxFaults } from './faults.ts'
import type { OkxLimits } from './settings.ts'

export interface SessionParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly latency: FrontLatency
  readonly limits: OkxLimits
  readonly counters: FrontCounters
  readonly faults: OkxFaults
  /** The venue's clock, skew included. */
  readonly venueMs: () => WallMs
  readonly forget: (session: Session) => void
  readonly onDefect: (error: unknown) => void
}

const HOUR_MS = 3_600_000

/** What public, business and private connections have in common: lanes both ways, ping, limits, defence. */
export abstract class Session implements FrontSession {
  readonly kind: ConnectionKind
  readonly connectionId: string
  protected readonly parts: SessionParts
  readonly #peer: FrontPeer
  readonly #inbound: Lane<string>
  readonly #outbound: Lane<string>
  #silence: Timer | null = null
  #sentNs: number
  #open = true
  #hourMs: WallMs
  #changes = 0

  constructor(kind: ConnectionKind, connectionId: string, peer: FrontPeer, parts: SessionParts) {
    this.kind = kind
    this.connectionId = connectionId
    this.parts = parts
    this.#peer = peer
    this.#sentNs = parts.clock.nowNs()
    this.#hourMs = parts.clock.wallMs()
    this.#inbound = new Lane(parts.clock, parts.timers, this.#handle)
    this.#outbound = new Lane(parts.clock, parts.timers, this.#write)
    this.#armSilence(parts.limits.silenceMs)
  }

  get open(): boolean {
    return this.#open
  }

  receive(text: string): void {
    if (!this.#open) return
    const { counters, latency, limits } = this.parts
    counters.messagesIn++
    if (text.length > limits.messageBytesMax || Buffer.byteLength(text) > limits.messageBytesMax) {
      counters.badMessages++
      return this.hangUp(1009, 'message too big')
    }
    this.#inbound.pass(text, this.delay(latency.requestMs))
  }

  closed(): void {
    if (!this.#open) return
    this.#open = false
    this.#inbound.close()
    this.#outbound.close()
    this.#silence?.cancel()
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

  /** Tells that the connection will be closed. */
  notice(): void {
    this.reply({ event: 'notice', code: codes.upgrade.code, msg: codes.upgrade.text, connId: this.connectionId })
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

  /** An event of the connection itself; carries the id only when the request did. */
  protected event(id: unknown, body: object): void {
    this.reply({ ...idOf(id), ...body, connId: this.connectionId })
  }

  protected error(id: unknown, verdict: Verdict): void {
    this.parts.counters.badMessages++
    this.event(id, { event: 'error', code: verdict.code, msg: verdict.text })
  }

  protected abstract onLogin(request: Fields, id: unknown): void
  /** One argument of a subscription; answers it. */
  protected abstract onChange(subscribe: boolean, arg: Fields, id: unknown): void
  /** Any other operation. */
  protected abstract onOperation(request: Fields, op: string, id: unknown, text: string): void
  /** The connection is gone: give up subscriptions. */
  protected abstract leave(): void

  readonly #handle = (text: string): void => {
    if (!this.#open) return
    try {
      if (text === 'ping') return this.reply('pong')
      const parsed = parseObject(text)
      const op = parsed.ok ? field(parsed.value, 'op') : undefined
      if (!parsed.ok || typeof op !== 'string') return this.error(undefined, invalidRequest(text))
      const id = field(parsed.value, 'id')
      if (op === 'login' || op === 'subscribe' || op === 'unsubscribe') this.#change(parsed.value, op, id, text)
      else this.onOperation(parsed.value, op, id, text)
    } catch (error) {
      // A defect of ours costs this connection, never the exchange.
      this.parts.counters.internalErrors++
      this.parts.onDefect(error)
      this.hangUp(1011, 'server error')
    }
  }

  #change(request: Fields, op: 'login' | 'subscribe' | 'unsubscribe', id: unknown, text: string): void {
    const now = this.parts.clock.wallMs()
    if (now - this.#hourMs >= HOUR_MS) {
      this.#hourMs = now
      this.#changes = 0
    }
    if (++this.#changes > this.parts.limits.subscribesPerHour) return this.error(id, codes.tooFrequent)
    if (op === 'login') return this.onLogin(request, id)
    const args = field(request, 'args')
    if (!Array.isArray(args) || args.length === 0) return this.error(id, invalidRequest(text))
    // Each argument stands for itself: a bad one does not hurt the others.
    for (const arg of args as readonly unknown[]) {
      if (isFields(arg)) this.onChange(op === 'subscribe', arg, id)
      else this.error(id, invalidRequest(text))
    }
  }

  readonly #write = (text: string): void => {
    if (!this.#open) return
    this.#sentNs = this.parts.clock.nowNs()
    this.parts.counters.framesSent++
    this.parts.counters.bytesSent += text.length
    this.#peer.send(text)
  }

  #armSilence(delayMs: number): void {
    this.#silence = this.parts.timers.after(delayMs, () => {
      const restMs = this.parts.limits.silenceMs - (this.parts.clock.nowNs() - this.#sentNs) / 1e6
      if (restMs > 1) this.#armSilence(restMs)
      else this.hangUp(4004, 'No data received in 30s')
    })
  }
}

/** Request ids come back as they came, when they came. */
export const idOf = (id: unknown): { readonly id?: string } => (typeof id === 'string' ? { id: id.slice(0, 200) } : typeof id === 'number' && Number.isFinite(id) ? { id: String(id) } : {})
/** Text of an argument; "" when absent or no text. */
export const textIn = (arg: Fields, name: string): string => {
  const value = field(arg, name)
  return typeof value === 'string' ? value.slice(0, 100) : ''
}
/** An argument as error texts say it. */
export const argText = (arg: Fields): string => Object.entries(arg).slice(0, 8).map(([name, value]) => `${name.slice(0, 50)}:${String(value).slice(0, 100)}`).join(',')
