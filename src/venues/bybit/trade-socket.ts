import { type Nanos, type Timer } from '../../core/index.ts'
import { Link } from '../link.ts'
import type { VenueServices } from '../services.ts'
import { wordsOf } from './decode/json-decoder.ts'
import { isObject, type Json } from '../common/json.ts'
import { answerOf, headerOf, type RestAnswer } from './rest.ts'
import type { BybitCredentials, BybitSettings } from './settings.ts'
import { authFrame } from './sign.ts'
import type { VenueTime } from '../common/venue-time.ts'

export type TradeOp = 'order.create' | 'order.amend' | 'order.cancel' | 'order.create-batch' | 'order.cancel-batch'

/** Called with the limit headers of an answer. */
export type LimitListener = (op: TradeOp, header: (name: string) => string | undefined, exceeded: boolean) => void

interface Pending {
  readonly op: TradeOp
  readonly done: (answer: RestAnswer) => void
  readonly deadline: Timer
}

const AUTH_MS = 10_000
/** Code with which a restarting service says goodbye to a session. */
const SERVICE_RESTART = 10019

/**
 * Order entry over the venue's trade socket. Every command that left is answered exactly once: by the venue, or as
 * unknown when its deadline passes or the connection goes.
 */
export class TradeSocket {
  readonly #services: VenueServices
  readonly #settings: BybitSettings
  readonly #credentials: BybitCredentials
  readonly #time: VenueTime
  readonly #limits: LimitListener
  readonly #link: Link
  readonly #pending = new Map<string, Pending>()
  readonly #session: string
  #requests = 0
  #up = false
  #deadline: Timer | null = null
  resyncClock: () => void = () => {}
  /** Called when a session begins and when one ends. */
  sessionChanged: () => void = () => {}

  constructor(services: VenueServices, url: string, credentials: BybitCredentials, settings: BybitSettings, time: VenueTime, limits: LimitListener) {
    this.#services = services
    this.#settings = settings
    this.#credentials = credentials
    this.#time = time
    this.#limits = limits
    // Request ids must not repeat over a restart: an answer to the last life would be taken for ours.
    this.#session = (services.random.nextInt32() >>> 0).toString(36) + (services.random.nextInt32() >>> 0).toString(36)
    this.#link = new Link(services, 'bybit-trade', url, settings.privateLink, {
      connecting: () => {},
      opened: () => this.#opened(),
      frame: (bytes) => this.#frame(bytes),
      lost: (reason) => this.#lost(reason),
      ping: () => '{"op":"ping"}',
    })
  }

  /** Logged in: commands can leave. */
  get up(): boolean {
    return this.#up
  }

  start(): void {
    this.#link.start()
  }

  stop(): void {
    this.#deadline?.cancel()
    this.#up = false
    this.#link.stop()
    this.#giveUp('the trading port was stopped')
  }

  /** @returns false when nothing was sent; `done` does not run then. */
  send(op: TradeOp, args: Json, deadlineNs: Nanos, done: (answer: RestAnswer) => void): boolean {
    if (!this.#up) return false
    const id = `${this.#session}-${++this.#requests}`
    const sent = this.#link.send(JSON.stringify({
      reqId: id,
      header: { 'X-BAPI-TIMESTAMP': String(this.#time.nowMs()), 'X-BAPI-RECV-WINDOW': String(this.#settings.recvWindowMs) },
      op,
      args: [args],
    }))
    if (!sent) return false
    const { clock, timers } = this.#services
    const leftMs = Math.max(0, (deadlineNs - clock.nowNs()) / 1e6)
    const deadline = timers.after(leftMs, () => {
      this.#pending.delete(id)
      this.#services.count('bybit_trade_unanswered', op)
      done({ kind: 'unknown', reason: `no answer to ${id} within ${Math.round(leftMs)} ms` })
    })
    this.#pending.set(id, { op, done, deadline })
    return true
  }

  #opened(): void {
    this.#deadline?.cancel()
    this.#deadline = this.#services.timers.after(this.#settings.ackMs, () => this.#link.fail(`login not answered within ${this.#settings.ackMs} ms`))
    this.#link.send(authFrame(this.#credentials, this.#time.nowMs() + AUTH_MS, 'login'))
  }

  #lost(reason: string): void {
    this.#deadline?.cancel()
    this.#up = false
    this.sessionChanged()
    this.#giveUp(`connection lost after sending: ${reason}`)
  }

  #giveUp(reason: string): void {
    const lost = [...this.#pending.values()]
    this.#pending.clear()
    for (const pending of lost) pending.deadline.cancel()
    // Never inside `stop` or inside another command's answer.
    if (lost.length > 0) this.#services.timers.after(0, () => {
      for (const pending of lost) pending.done({ kind: 'unknown', reason })
    })
  }

  #frame(bytes: Uint8Array): void {
    let frame: Json
    try {
      const parsed: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
      if (!isObject(parsed)) throw new TypeError('not an object')
      frame = parsed
    } catch {
      // It may have been the answer to any command: those become unknown with the connection.
      this.#services.count('bybit_trade_bad_frame')
      this.#link.fail(`frame of ${bytes.length} bytes is no JSON object`)
      return
    }
    const op = frame['op']
    const code = frame['retCode']
    if (op === 'pong' || op === 'ping') return
    if (op === 'auth') {
      this.#login(frame, code)
      return
    }
    const id = frame['reqId']
    const pending = typeof id === 'string' ? this.#pending.get(id) : undefined
    if (pending === undefined || typeof id !== 'string') this.#services.count('bybit_trade_answer_unexpected')
    else {
      this.#pending.delete(id)
      pending.deadline.cancel()
      pending.done(this.#answer(pending.op, frame, code))
    }
    if (code === SERVICE_RESTART) this.#link.fail(`the venue's service restarts: ${wordsOf(frame)}`)
  }

  #login(frame: Json, code: unknown): void {
    const good = code === 0 || (code === undefined && frame['success'] === true)
    // Code 20001 is a repeated login of a session that is logged in.
    if (!good && code !== 20001) {
      this.#services.count('bybit_trade_refused', 'auth')
      this.resyncClock()
      this.#link.fail(`login refused: ${String(code)} ${wordsOf(frame)}`)
      return
    }
    this.#deadline?.cancel()
    this.#up = true
    this.sessionChanged()
    this.#link.settled()
  }

  #answer(op: TradeOp, frame: Json, code: unknown): RestAnswer {
    if (typeof code !== 'number') return { kind: 'unknown', reason: 'the answer has no return code' }
    const answer = answerOf(code, frame, 'data')
    const limited = answer.kind === 'refused' && answer.errorClass === 'rate-limited'
    const header = frame['header']
    if (isObject(header)) this.#limits(op, (name) => headerOf(header, name), limited)
    else if (limited) this.#limits(op, () => undefined, true)
    return answer
  }
}
