import { errorLine, type Instrument, type Timer } from '../../core/index.ts'
import { Link } from '../link.ts'
import type { VenueServices } from '../services.ts'
import type { CommandOutcome, TradingHandler } from '../trading-port.ts'
import { DEAD_MAN_REQUEST, DeadManTopic } from './dead-man.ts'
import { wordsOf } from './decode/json-decoder.ts'
import { isObject, type Json } from '../common/json.ts'
import { readFill, readOrder, readPosition, readWallet } from './rows.ts'
import type { BybitCredentials, BybitSettings } from './settings.ts'
import { authFrame } from './sign.ts'
import type { VenueTime } from '../common/venue-time.ts'

const TOPICS = ['order', 'execution', 'position', 'wallet'] as const
/** Validity of a login frame. */
const AUTH_MS = 10_000

/**
 * Orders, executions, positions and wallet as they happen. Nothing is filtered or merged: duplicates and repeats
 * pass on. A row that cannot be read would be a lost event, so it takes the link down and up again, which makes the
 * owner reconcile.
 */
export class PrivateStream {
  readonly #services: VenueServices
  readonly #settings: BybitSettings
  readonly #credentials: BybitCredentials
  readonly #time: VenueTime
  readonly #instruments: ReadonlyMap<string, Instrument>
  readonly #quoteCoin: string
  readonly #link: Link
  readonly #deadMan: DeadManTopic
  #handler: TradingHandler | null = null
  #up = false
  #loggedIn = false
  #deadline: Timer | null = null
  /** Called when a login was refused for its time stamp. */
  resyncClock: () => void = () => {}
  /** Called when a session begins and when one ends. */
  sessionChanged: () => void = () => {}

  constructor(services: VenueServices, url: string, credentials: BybitCredentials, settings: BybitSettings, time: VenueTime, instruments: ReadonlyMap<string, Instrument>, quoteCoin: string) {
    this.#services = services
    this.#settings = settings
    this.#credentials = credentials
    this.#time = time
    this.#instruments = instruments
    this.#quoteCoin = quoteCoin
    this.#link = new Link(services, 'bybit-private', url, settings.privateLink, {
      connecting: () => {},
      opened: () => this.#opened(),
      frame: (bytes) => this.#frame(bytes),
      lost: (reason) => this.#lost(reason),
      ping: () => '{"req_id":"ping","op":"ping"}',
    })
    this.#deadMan = new DeadManTopic(services, settings.ackMs, (text) => this.#loggedIn && this.#link.send(text), (reason) => this.#link.fail(reason))
  }

  /** Logged in and subscribed. */
  get up(): boolean {
    return this.#up
  }

  start(handler: TradingHandler): void {
    this.#handler = handler
    this.#link.start()
  }

  stop(): void {
    this.#handler = null
    this.#deadline?.cancel()
    this.#link.stop()
    this.#loggedIn = false
    this.#deadMan.lost('the trading port was stopped')
  }

  /** Puts this connection, and every later one, under the venue's disconnect protection. */
  joinDeadMan(withinMs: number, done: (outcome: CommandOutcome) => void): void {
    this.#deadMan.join(withinMs, done)
  }

  leaveDeadMan(done: (outcome: CommandOutcome) => void): void {
    this.#deadMan.leave(done)
  }

  #opened(): void {
    this.#loggedIn = false
    this.#deadline?.cancel()
    this.#deadline = this.#services.timers.after(this.#settings.ackMs, () => this.#link.fail(`${this.#loggedIn ? 'subscription' : 'login'} not answered within ${this.#settings.ackMs} ms`))
    this.#link.send(authFrame(this.#credentials, this.#time.nowMs() + AUTH_MS, 'login'))
  }

  #lost(reason: string): void {
    this.#deadline?.cancel()
    this.#up = false
    this.#loggedIn = false
    this.#deadMan.lost(reason)
    this.sessionChanged()
    this.#handler?.onLink('down', reason)
  }

  #frame(bytes: Uint8Array): void {
    let frame: Json
    try {
      const parsed: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
      if (!isObject(parsed)) throw new TypeError('not an object')
      frame = parsed
    } catch (error) {
      this.#distrust(`frame of ${bytes.length} bytes is no JSON: ${errorLine(error)}`)
      return
    }
    if (typeof frame['topic'] === 'string') this.#rows(frame['topic'], frame['data'])
    else this.#control(frame)
  }

  #control(frame: Json): void {
    const op = frame['op']
    if (op !== 'auth' && op !== 'subscribe' && op !== 'unsubscribe') return
    const code = frame['retCode']
    const good = frame['success'] === true || (frame['success'] === undefined && code === 0)
    const text = `${typeof code === 'number' && code !== 0 ? `${code} ` : ''}${wordsOf(frame)}`
    // The venue leaves the request id out of some refusals; the topics were acknowledged before the link was up.
    if (op === 'unsubscribe' || frame['req_id'] === DEAD_MAN_REQUEST || (!good && this.#up && op === 'subscribe' && this.#deadMan.asked)) {
      this.#deadMan.acknowledged(good, text)
      return
    }
    if (!good) {
      this.#services.count('bybit_private_refused', op)
      // A login is refused for a wrong time as well as for a wrong key, and the texts are not stable.
      if (op === 'auth') this.resyncClock()
      this.#link.fail(`${op === 'auth' ? 'login' : 'subscription'} refused: ${text}`)
      return
    }
    if (op === 'auth') {
      if (this.#loggedIn) return
      this.#loggedIn = true
      this.#link.send(JSON.stringify({ req_id: 'topics', op: 'subscribe', args: TOPICS }))
      this.#deadMan.loggedIn()
    } else if (!this.#up) {
      this.#deadline?.cancel()
      this.#up = true
      this.sessionChanged()
      this.#link.settled()
      this.#handler?.onLink('up', '')
    }
  }

  #rows(topic: string, data: unknown): void {
    const kind = topic.split('.', 1)[0]
    if (topic.includes('.fast') || !TOPICS.some((name) => name === kind)) {
      this.#services.count('bybit_private_topic', topic)
      return
    }
    if (!Array.isArray(data)) {
      this.#distrust(`${topic} without a list of rows`)
      return
    }
    for (const row of data as unknown[]) {
      // A handler may stop or cut the link between two rows.
      if (this.#handler === null) return
      if (!isObject(row)) {
        this.#distrust(`${topic} with a row that is no object`)
        return
      }
      if (!this.#row(kind!, row)) return
    }
  }

  #row(kind: string, row: Json): boolean {
    const handler = this.#handler!
    let deliver: (() => void) | null
    try {
      deliver = this.#read(kind, row, handler)
    } catch (error) {
      this.#distrust(errorLine(error))
      return false
    }
    deliver?.()
    return true
  }

  /** Reads outside of the handler's code, so that an exception of the handler stays its own. */
  #read(kind: string, row: Json, handler: TradingHandler): (() => void) | null {
    if (kind === 'wallet') {
      const wallet = readWallet(row, this.#quoteCoin)
      return wallet === null ? null : () => handler.onWallet(wallet)
    }
    const instrument = row['category'] === 'linear' ? this.#instruments.get(String(row['symbol'])) : undefined
    if (instrument === undefined) {
      this.#services.count('bybit_foreign_row', kind)
      return null
    }
    if (kind === 'order') {
      const order = readOrder(row, instrument)
      return () => handler.onOrder(order)
    }
    if (kind === 'execution') {
      const fill = readFill(row, instrument)
      return () => handler.onFill(fill)
    }
    const position = readPosition(row, instrument, this.#settings.hedge)
    return () => handler.onPosition(position)
  }

  #distrust(reason: string): void {
    this.#services.count('bybit_private_bad_frame')
    this.#link.fail(reason)
  }
}
