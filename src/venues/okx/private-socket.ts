import { errorLine, type Nanos, type Timer, type WallMs } from '../../core/index.ts'
import { Link } from '../link.ts'
import type { VenueServices } from '../services.ts'
import type { TradingHandler } from '../trading-port.ts'
import { type OkxContract, type OkxContracts, symbolOf } from './contracts.ts'
import type { AlgoIds } from './algo-ids.ts'
import { isPong } from './decode/index.ts'
import type { OkxLimits } from './limits.ts'
import { OPS, type TradeOp } from './ops.ts'
import { expiryOf, readAnswer, readItem, type RestAnswer } from './rest.ts'
import { readOrder, readOrderFill, readPosition, readWallet } from './rows.ts'
import type { OkxCredentials, OkxSettings } from './settings.ts'
import { isObject, type Json } from '../common/json.ts'
import type { VenueTime } from '../common/venue-time.ts'
import { loginFrame } from './sign.ts'

interface Pending {
  readonly op: TradeOp
  readonly instId: string
  readonly done: (answer: RestAnswer) => void
  readonly deadline: Timer
}

const CHANNELS = ['orders', 'positions', 'account', 'balance_and_position'] as const
/** Subscriptions; the account's channels are not of a kind of instrument. */
const CHANNEL_ARGS = [{ channel: 'orders', instType: 'SWAP' }, { channel: 'positions', instType: 'SWAP' }, { channel: 'account' }, { channel: 'balance_and_position' }] as const
/** What happened, in a row of balances and positions, when funding was charged. */
const FUNDING_EVENT = 'funding_fee'
const UPGRADE_NOTICE = '64008'

export interface PrivateSocketParts {
  readonly services: VenueServices
  readonly url: string
  readonly credentials: OkxCredentials
  readonly settings: OkxSettings
  readonly time: VenueTime
  readonly contracts: OkxContracts
  /** What this account trades here; rows of anything else are not ours to judge. */
  readonly symbols: ReadonlySet<string>
  readonly quoteCoin: string
  readonly ids: AlgoIds
  readonly limits: OkxLimits
  /** Funding was charged: the amount is in the bills. */
  readonly funded: (timeMs: WallMs) => void
  /** Called when a session begins and when one ends. */
  readonly sessionChanged: () => void
  /** Called when a login, or an order of a batch, was refused for its time stamp. */
  readonly resyncClock: () => void
}

/**
 * The private connection: orders (and the fills in them), positions, account, and order operations. Nothing is
 * filtered or merged: duplicates and repeats pass on. A row that cannot be read would be a lost event, so it takes the
 * link down and up again, which makes the owner reconcile. Every command that left is answered exactly once: by the
 * venue, or as unknown when its deadline passes or the connection goes.
 */
export class PrivateSocket {
  readonly #parts: PrivateSocketParts
  readonly #link: Link
  readonly #session: string
  readonly #pending = new Map<string, Pending>()
  readonly #unacknowledged = new Set<string>()
  #handler: TradingHandler | null = null
  #requests = 0
  #up = false
  #loggedIn = false
  /** The venue will close this connection: no command goes over it any more, and it is cut when the last is answered. */
  #leaving = false
  #deadline: Timer | null = null
  /** Time of the newest row of each position, by instrument and side: two channels tell of them, at different speeds. */
  readonly #positionMs = new Map<string, WallMs>()

  constructor(parts: PrivateSocketParts) {
    const { services, settings, url } = parts
    this.#parts = parts
    // Request ids must not repeat over a restart: an answer to the last life would be taken for ours.
    this.#session = (services.random.nextInt32() >>> 0).toString(36) + (services.random.nextInt32() >>> 0).toString(36)
    this.#link = new Link(services, 'okx-private', url, settings.privateLink, {
      connecting: () => {},
      opened: () => this.#opened(),
      frame: (bytes) => this.#frame(bytes),
      lost: (reason) => this.#lost(reason),
      ping: () => 'ping',
    })
  }

  /** Logged in and subscribed, and not about to be closed: commands can leave. */
  get up(): boolean {
    return this.#up && !this.#leaving
  }

  start(handler: TradingHandler): void {
    this.#handler = handler
    this.#link.start()
  }

  stop(): void {
    this.#handler = null
    this.#deadline?.cancel()
    this.#up = false
    this.#link.stop()
    this.#giveUp('the trading port was stopped')
  }

  /** @returns false when nothing was sent; `done` does not run then. */
  send(op: TradeOp, instId: string, args: readonly Json[], deadlineNs: Nanos, done: (answer: RestAnswer) => void): boolean {
    if (!this.up) return false
    const { services: { clock, timers, count }, time } = this.#parts
    const id = `${this.#session}${(++this.#requests).toString(36)}`
    const leftMs = Math.max(0, (deadlineNs - clock.nowNs()) / 1e6)
    const expTime = OPS[op].entry ? expiryOf(time, leftMs) : null
    if (!this.#link.send(JSON.stringify({ id, op, ...(expTime === null ? {} : { expTime }), args }))) return false
    const deadline = timers.after(leftMs, () => {
      this.#pending.delete(id)
      count('okx_trade_unanswered', op)
      done({ kind: 'unknown', reason: `no answer to ${id} within ${Math.round(leftMs)} ms` })
      this.#leaveWhenIdle()
    })
    this.#pending.set(id, { op, instId, done, deadline })
    return true
  }

  #opened(): void {
    const { services, settings, credentials, time } = this.#parts
    this.#loggedIn = false
    this.#leaving = false
    this.#unacknowledged.clear()
    this.#positionMs.clear()
    this.#deadline?.cancel()
    this.#deadline = services.timers.after(settings.ackMs, () => this.#link.fail(`${this.#loggedIn ? 'subscription' : 'login'} not answered within ${settings.ackMs} ms`))
    this.#link.send(loginFrame(credentials, time.nowMs()))
  }

  #lost(reason: string): void {
    this.#deadline?.cancel()
    this.#up = false
    this.#parts.sessionChanged()
    this.#giveUp(`connection lost after sending: ${reason}`)
    this.#handler?.onLink('down', reason)
  }

  #giveUp(reason: string): void {
    const lost = [...this.#pending.values()]
    this.#pending.clear()
    for (const pending of lost) pending.deadline.cancel()
    // Never inside `stop` or inside another command's answer.
    if (lost.length > 0) this.#parts.services.timers.after(0, () => {
      for (const pending of lost) pending.done({ kind: 'unknown', reason })
    })
  }

  #frame(bytes: Uint8Array): void {
    if (isPong(bytes)) return
    let frame: Json
    try {
      const parsed: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
      if (!isObject(parsed)) throw new TypeError('not an object')
      frame = parsed
    } catch (error) {
      this.#distrust(`frame of ${bytes.length} bytes is no JSON: ${errorLine(error)}`)
      return
    }
    const arg = frame['arg']
    if (frame['event'] !== undefined) this.#control(frame, arg)
    else if (typeof frame['op'] === 'string') this.#answer(frame)
    else if (isObject(arg)) this.#rows(String(arg['channel']), frame['data'])
    else this.#distrust('frame without event, op and arg')
  }

  #control(frame: Json, arg: unknown): void {
    const event = frame['event']
    const code = typeof frame['code'] === 'string' ? frame['code'] : ''
    const words = `${code} ${typeof frame['msg'] === 'string' ? frame['msg'] : ''}`.trim()
    const { count } = this.#parts.services
    if (event === 'login' && code === '0') {
      if (this.#loggedIn) return
      this.#loggedIn = true
      for (const channel of CHANNELS) this.#unacknowledged.add(channel)
      this.#link.send(JSON.stringify({ id: 'channels', op: 'subscribe', args: CHANNEL_ARGS }))
    } else if (event === 'subscribe') {
      const channel = isObject(arg) ? String(arg['channel']) : ''
      if (!this.#unacknowledged.delete(channel) || this.#unacknowledged.size > 0 || this.#up) return
      this.#deadline?.cancel()
      this.#up = true
      this.#parts.sessionChanged()
      this.#link.settled()
      this.#handler?.onLink('up', '')
    } else if (event === 'error' || event === 'login' || event === 'channel-conn-count-error') {
      const what = this.#loggedIn ? (this.#up ? 'request' : 'subscription') : 'login'
      count('okx_private_refused', what)
      // A login is refused for a wrong time as well as for a wrong key, and the texts are not stable.
      if (!this.#loggedIn) this.#parts.resyncClock()
      // An error of a session that is up names no command of ours: an answer that could be one ends it.
      this.#link.fail(`${what} refused: ${event === 'channel-conn-count-error' ? `too many connections on ${String(frame['channel'])}` : words}`)
    } else if (event === 'notice') {
      count('okx_notice', code)
      if (code !== UPGRADE_NOTICE) return
      this.#leaving = true
      this.#leaveWhenIdle()
    } else count('okx_event', String(event))
  }

  /** A connection that the venue will close is left while nothing hangs on it. */
  #leaveWhenIdle(): void {
    if (this.#leaving && this.#pending.size === 0) this.#link.fail('the venue will close the connection for an upgrade')
  }

  #answer(frame: Json): void {
    const { services, limits, resyncClock } = this.#parts
    const id = frame['id']
    const pending = typeof id === 'string' ? this.#pending.get(id) : undefined
    if (pending === undefined || typeof id !== 'string') {
      services.count('okx_trade_answer_unexpected')
      return
    }
    this.#pending.delete(id)
    pending.deadline.cancel()
    const { group, form } = OPS[pending.op]
    const answer = readAnswer(frame, form)
    const parts = answer.kind === 'ok' && form === 'batch' ? answer.data.map(readItem) : [answer]
    const limited = parts.find((part) => part.kind === 'refused' && part.errorClass === 'rate-limited')
    if (limited?.kind === 'refused') limits.pause(group, pending.instId, limited.code)
    // A batch is answered as a whole: whoever sent it does not look into its items.
    if (answer.kind === 'ok' && parts.some((part) => part.kind === 'refused' && part.errorClass === 'clock')) resyncClock()
    pending.done(answer)
    this.#leaveWhenIdle()
  }

  #rows(channel: string, data: unknown): void {
    if (!CHANNELS.some((name) => name === channel)) {
      this.#parts.services.count('okx_private_channel', channel)
      return
    }
    if (!Array.isArray(data)) {
      this.#distrust(`${channel} without a list of rows`)
      return
    }
    for (const row of data as unknown[]) {
      // A handler may stop or cut the link between two rows.
      if (this.#handler === null) return
      if (!isObject(row)) {
        this.#distrust(`${channel} with a row that is no object`)
        return
      }
      if (!this.#row(channel, row)) return
    }
  }

  #row(channel: string, row: Json): boolean {
    const handler = this.#handler!
    let deliver: (() => void) | null
    try {
      deliver = channel === 'balance_and_position' ? this.#readBoth(row, handler) : this.#read(channel, row, handler)
    } catch (error) {
      this.#distrust(errorLine(error))
      return false
    }
    deliver?.()
    return true
  }

  /** Reads outside of the handler's code, so that an exception of the handler stays its own. */
  #read(channel: string, row: Json, handler: TradingHandler): (() => void) | null {
    const { ids, quoteCoin } = this.#parts
    if (channel === 'account') {
      const wallet = readWallet(row, quoteCoin)
      return wallet === null ? null : () => handler.onWallet(wallet)
    }
    const contract = this.#contractOf(row)
    if (contract === undefined) {
      this.#parts.services.count('okx_foreign_row', channel)
      return null
    }
    if (channel === 'positions') return this.#readPosition(row, contract, handler)
    const fill = readOrderFill(row, contract, ids)
    const order = readOrder(row, contract, ids)
    return () => {
      // The fill first: a terminal order must not be seen without the fill that made it so.
      if (fill !== null) handler.onFill(fill)
      handler.onOrder(order)
    }
  }

  /** Balances and positions of one event: the fastest word about a position, and the only one that funding was charged. */
  #readBoth(row: Json, handler: TradingHandler): (() => void) | null {
    const positions = row['posData']
    const funded = row['eventType'] === FUNDING_EVENT
    const timeMs = Number(row['pTime'])
    const deliver: (() => void)[] = []
    for (const position of Array.isArray(positions) ? (positions as unknown[]) : []) {
      const contract = isObject(position) ? this.#contractOf(position) : undefined
      if (contract === undefined) continue
      const one = this.#readPosition(position as Json, contract, handler)
      if (one !== null) deliver.push(one)
    }
    if (funded) deliver.push(() => this.#parts.funded(Number.isSafeInteger(timeMs) ? timeMs : this.#parts.time.nowMs()))
    return () => {
      for (const one of deliver) one()
    }
  }

  /** A row that is older than what another channel said of the position already is left out. */
  #readPosition(row: Json, contract: OkxContract, handler: TradingHandler): (() => void) | null {
    const position = readPosition(row, contract, this.#parts.settings.positionMode)
    const key = `${contract.instId} ${String(row['posSide'])}`
    const timeMs = Number(row['uTime'])
    if (timeMs < (this.#positionMs.get(key) ?? 0)) {
      this.#parts.services.count('okx_position_old')
      return null
    }
    if (Number.isSafeInteger(timeMs)) this.#positionMs.set(key, timeMs)
    return () => handler.onPosition(position)
  }

  #contractOf(row: Json): OkxContract | undefined {
    const symbol = symbolOf(String(row['instId']))
    return symbol === null || !this.#parts.symbols.has(symbol) ? undefined : this.#parts.contracts.forAccount(symbol)
  }

  #distrust(reason: string): void {
    this.#parts.services.count('okx_private_bad_frame')
    this.#link.fail(reason)
  }
}
