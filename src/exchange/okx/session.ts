import type { Clock, Random, Timer, Timers, WallMs } from '../../core/index.ts'
import type { ConnectionKind } from '../front/faults.ts'
import { field, isFields, parseObject, type Fields } from '../front/json.ts'
import { Lane } from '../front/lane.ts'
import type { FrontPeer, FrontSession } from '../front/wire.ts'
import type { FrontCounters } from '../front/counters.ts'
import type { FrontLatency } from '../front/latency.ts'
import type { ChannelSink } from './account-channels.ts'
import { idOf } from './arg.ts'
import { codes, invalidRequest, type Verdict } from './codes.ts'
import type { OkxFaults } from './faults.ts'
import type { OkxKey, OkxLimits } from './settings.ts'
import type { KeyRing } from './signature.ts'

export interface SessionParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly latency: FrontLatency
  readonly limits: OkxLimits
  readonly counters: FrontCounters
  readonly faults: OkxFaults
  readonly keys: KeyRing
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
  /** When the message that is being handled reached the venue. */
  protected arrivedMs: WallMs = 0
  readonly #peer: FrontPeer
  readonly #inbound: Lane<string>
  readonly #outbound: Lane<string>
  /** When the messages in the inbound lane reached the venue. */
  readonly #arrivals: WallMs[] = []
  #silence: Timer | null = null
  #sentNs: number
  #open = true
  #hourMs: WallMs
  #changes = 0
  #login: OkxKey | null = null
  #idle: Timer | null

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
    this.#idle = parts.timers.after(parts.limits.subscribeWithinMs, () => this.hangUp(4004, `No subscription in ${parts.limits.subscribeWithinMs / 1_000}s`))
  }

  /** Who logged in; null before that. */
  protected get key(): OkxKey | null {
    return this.#login
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
    this.#arrivals.push(this.parts.venueMs())
    this.#inbound.pass(text, this.delay(latency.requestMs))
  }

  closed(): void {
    if (!this.#open) return
    this.#open = false
    this.#inbound.close()
    this.#outbound.close()
    this.#silence?.cancel()
    this.inUse()
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

  /** The connection has a purpose: it is not closed for the lack of one. */
  protected inUse(): void {
    this.#idle?.cancel()
    this.#idle = null
  }

  /** Somebody else than before may be logged in now. */
  protected abstract onLogin(): void

  /** This connection as account channels speak through it. */
  protected sink(): ChannelSink {
    return {
      connectionId: this.connectionId,
      reply: (frame) => this.reply(frame),
      push: (frame) => this.pushFrame(frame, 0),
      acknowledge: (id, body) => this.event(id, body),
      refuse: (id, verdict) => this.error(id, verdict),
    }
  }

  /** One argument of a subscription; answers it. */
  protected abstract onChange(subscribe: boolean, arg: Fields, id: unknown): void
  /** Any other operation. */
  protected abstract onOperation(request: Fields, op: string, id: unknown, text: string): void
  /** The connection is gone: give up subscriptions. */
  protected abstract leave(): void

  readonly #handle = (text: string): void => {
    if (!this.#open) return
    this.arrivedMs = this.#arrivals.shift()!
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
    if (op === 'login') return this.#logIn(request, id)
    const args = field(request, 'args')
    if (!Array.isArray(args) || args.length === 0) return this.error(id, invalidRequest(text))
    // Each argument stands for itself: a bad one does not hurt the others.
    for (const arg of args as readonly unknown[]) {
      if (isFields(arg)) this.onChange(op === 'subscribe', arg, id)
      else this.error(id, invalidRequest(text))
    }
  }

  #logIn(request: Fields, id: unknown): void {
    const args = field(request, 'args')
    const check = this.parts.keys.login(Array.isArray(args) ? args[0] : undefined, this.parts.venueMs())
    if (!check.ok) {
      this.parts.counters.badSignatures++
      this.error(id, check.verdict)
      // After the refusal has left, as the venue does.
      this.parts.timers.after(this.parts.latency.replyMs + this.parts.latency.jitterMs + 10, () => this.hangUp(4001, 'Login failed'))
      return
    }
    this.#login = check.key
    this.onLogin()
    this.event(id, { event: 'login', code: '0', msg: '' })
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
