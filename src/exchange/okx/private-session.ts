import type { Timer } from '../../core/index.ts'
import { field, isFields, type Fields } from '../front/json.ts'
import type { FrontPeer } from '../front/wire.ts'
import type { ExchangePort } from '../port.ts'
import { codes, invalidRequest, wrongChannel, type Verdict } from './codes.ts'
import { numberOf } from './ids.ts'
import type { Listing, Listings } from './listing.ts'
import type { Action, OrderDesk } from './order-desk.ts'
import { PRIVATE_CHANNELS, type PrivateChannel, type PrivateHub, type PrivateListener } from './private-hub.ts'
import type { RateLimits } from './rate-limits.ts'
import type { Rows } from './rows.ts'
import { argText, idOf, Session, textIn, type SessionParts } from './session.ts'
import type { OkxKey } from './settings.ts'
import type { KeyRing } from './signature.ts'
import type { TradeGate } from './trade-gate.ts'

export interface PrivateSessionParts extends SessionParts {
  readonly exchange: ExchangePort
  readonly listings: Listings
  readonly hub: PrivateHub
  readonly keys: KeyRing
  readonly rows: Rows
  readonly desk: OrderDesk
  readonly gate: TradeGate
  readonly rates: RateLimits
}

const operations: Readonly<Record<string, { readonly action: Action; readonly batch: boolean }>> = {
  order: { action: 'place', batch: false },
  'batch-orders': { action: 'place', batch: true },
  'amend-order': { action: 'amend', batch: false },
  'batch-amend-orders': { action: 'amend', batch: true },
  'cancel-order': { action: 'cancel', batch: false },
  'batch-cancel-orders': { action: 'cancel', batch: true },
}

interface Subscription {
  readonly channel: PrivateChannel
  readonly instId: string
  readonly family: string
  readonly arg: string
  /** Whether it wants to hear the state also when nothing happens. */
  readonly periodic: boolean
}

/** Request ids that an answer can carry. */
const ID = /^[A-Za-z0-9]{1,32}$/

/** `/ws/v5/private`: login, account channels and order commands. */
export class PrivateSession extends Session implements PrivateListener {
  readonly #parts: PrivateSessionParts
  readonly #subscriptions = new Map<string, Subscription>()
  #key: OkxKey | null = null
  #period: Timer | null = null

  constructor(connectionId: string, peer: FrontPeer, parts: PrivateSessionParts) {
    super('private', connectionId, peer, parts)
    this.#parts = parts
  }

  get account(): string {
    return this.#key?.account ?? ''
  }

  hears(channel: PrivateChannel): boolean {
    for (const subscription of this.#subscriptions.values()) if (subscription.channel === channel) return true
    return false
  }

  push(channel: PrivateChannel, listing: Listing | null, eventType: string | null, data: string): void {
    for (const one of this.#subscriptions.values()) {
      if (one.channel !== channel || !covers(one, listing)) continue
      this.pushFrame(frame(one, eventType, data), 0)
    }
  }

  protected override onLogin(request: Fields, id: unknown): void {
    const args = field(request, 'args')
    const check = this.#parts.keys.login(Array.isArray(args) ? args[0] : undefined, this.parts.venueMs())
    if (!check.ok) {
      this.parts.counters.badSignatures++
      this.error(id, check.verdict)
      // After the refusal has left, as the venue does.
      this.parts.timers.after(this.parts.latency.replyMs + this.parts.latency.jitterMs + 10, () => this.hangUp(4001, 'Login failed'))
      return
    }
    if (this.#key !== null && this.#key.account !== check.key.account) {
      this.#parts.hub.remove(this)
      this.#subscriptions.clear()
    }
    this.#key = check.key
    this.#parts.hub.add(this)
    this.event(id, { event: 'login', code: '0', msg: '' })
  }

  protected override onChange(subscribe: boolean, arg: Fields, id: unknown): void {
    if (this.#key === null) return this.error(id, codes.logIn)
    const subscription = this.#read(arg)
    if (subscription === null) return this.error(id, wrongChannel(argText(arg)))
    const { channel } = subscription
    const key = `${channel} ${subscription.instId} ${subscription.family}`
    this.event(id, { event: subscribe ? 'subscribe' : 'unsubscribe', arg })
    if (subscribe) this.#subscriptions.set(key, subscription)
    else this.#subscriptions.delete(key)
    this.reply({ event: 'channel-conn-count', channel, connCount: String(this.#parts.hub.connections(this.account, channel)), connId: this.connectionId })
    if (subscribe) this.#greet(subscription)
    this.#keepPeriod()
  }

  protected override onOperation(request: Fields, op: string, id: unknown, text: string): void {
    if (this.#key === null) return this.error(id, codes.logIn)
    if (typeof id !== 'string' || !ID.test(id)) return this.error(id, invalidRequest(text))
    const args = field(request, 'args')
    if (op === 'mass-cancel') return this.#massCancel(id, args, this.#key.account)
    const operation = Object.hasOwn(operations, op) ? operations[op] : undefined
    if (operation === undefined) return this.error(id, invalidRequest(text))
    if (!Array.isArray(args) || args.length === 0 || (!operation.batch && args.length !== 1)) return this.#answer(id, op, codes.badArgs, [], this.#inTime())
    this.#command(request, op, id, operation.action, args)
  }

  protected override leave(): void {
    this.#period?.cancel()
    if (this.#key !== null) this.#parts.hub.remove(this)
  }

  #command(request: Fields, op: string, id: string, action: Action, args: readonly unknown[]): void {
    const { faults, gate, hub } = this.#parts
    const account = this.account
    const answerMs = this.delay(this.parts.latency.replyMs)
    const inTime = this.#inTime()
    const expTime = field(request, 'expTime')
    hub.command(answerMs, () => {
      const { verdict, data } = gate.run(action, account, args, typeof expTime === 'string' ? expTime : typeof expTime === 'number' ? String(expTime) : '')
      const kind = action === 'place' ? 'create' : action
      if (faults.takeLostReply(kind)) {
        this.parts.counters.repliesLost++
        return
      }
      const extraMs = faults.takeReplyDelay(kind)
      const failed = faults.rest.takeFailedReply(kind) !== null
      const send = (): void => (failed ? this.#answer(id, op, codes.timeout, [], inTime, answerMs) : this.#answer(id, op, verdict, data, inTime, answerMs))
      // A late answer must not hold back what comes after it on this connection.
      if (extraMs > 0) this.parts.timers.after(extraMs, send)
      else send()
    })
  }

  // By instrument family, or everything; on the venue it serves options above all.
  #massCancel(id: string, args: unknown, account: string): void {
    const arg = Array.isArray(args) && args.length === 1 ? (args[0] as unknown) : undefined
    const family = isFields(arg) ? textIn(arg, 'instFamily') : ''
    const listing = this.#parts.listings.all.find((one) => one.family === family)
    if (!isFields(arg) || textIn(arg, 'instType') !== 'SWAP' || (family !== '' && listing === undefined)) return this.#answer(id, 'mass-cancel', codes.badArgs, [], this.#inTime())
    if (!this.#parts.rates.take('mass-cancel', account, this.parts.clock.wallMs())) {
      this.parts.counters.rateLimited++
      return this.#answer(id, 'mass-cancel', codes.tooManyRequests, [], this.#inTime())
    }
    const answerMs = this.delay(this.parts.latency.replyMs)
    this.#parts.hub.command(answerMs, () => {
      this.#parts.desk.cancelAll(account, listing ?? null)
      this.#answer(id, 'mass-cancel', codes.ok, [{ result: true }], this.#inTime(), answerMs)
    })
  }

  #inTime(): string {
    return `${this.parts.venueMs()}000`
  }

  #answer(id: string, op: string, verdict: Verdict, data: readonly unknown[], inTime: string, delayMs = this.delay(this.parts.latency.replyMs)): void {
    this.reply({ ...idOf(id), op, data, code: verdict.code, msg: verdict.text, inTime, outTime: `${this.parts.venueMs()}000` }, delayMs)
  }

  #read(arg: Fields): Subscription | null {
    const channel = PRIVATE_CHANNELS.find((name) => name === textIn(arg, 'channel'))
    if (channel === undefined) return null
    const instType = textIn(arg, 'instType')
    const instId = textIn(arg, 'instId')
    const family = textIn(arg, 'instFamily')
    const { listings } = this.#parts
    if (channel === 'orders' || channel === 'positions') {
      if (instType !== 'SWAP' && instType !== 'ANY') return null
      if (instId !== '' && listings.byInstId(instId) === undefined) return null
      if (family !== '' && !listings.all.some((listing) => listing.family === family)) return null
    }
    const extra = textIn(arg, 'extraParams')
    const periodic = (channel === 'positions' || channel === 'account') && !/"updateInterval"\s*:\s*"?0"?/.test(extra)
    const shown: Record<string, unknown> = { channel }
    for (const name of ['instType', 'instFamily', 'instId', 'ccy']) if (textIn(arg, name) !== '') shown[name] = textIn(arg, name)
    return { channel, instId, family, arg: JSON.stringify({ ...shown, uid: numberOf(this.account) }), periodic }
  }

  // Positions and balances begin with a snapshot; orders do not.
  #greet(subscription: Subscription): void {
    const { exchange, listings, rows } = this.#parts
    const account = this.account
    if (subscription.channel === 'account') this.reply(frame(subscription, 'snapshot', JSON.stringify(rows.account(account))))
    else if (subscription.channel === 'positions') this.reply(frame(subscription, 'snapshot', this.#positions(subscription)))
    else if (subscription.channel === 'balance_and_position') {
      const held = exchange.positions(account).map((position) => listings.bySymbol(position.symbol))
      this.reply(frame(subscription, null, JSON.stringify(rows.balanceAndPosition(account, 'snapshot', held, []))))
    }
  }

  #positions(subscription: Subscription): string {
    const { exchange, listings, rows } = this.#parts
    return exchange.positions(this.account).map((position) => listings.bySymbol(position.symbol))
      .filter((listing) => covers(subscription, listing)).map((listing) => JSON.stringify(rows.position(this.account, listing))).join(',')
  }

  #keepPeriod(): void {
    const wanted = [...this.#subscriptions.values()].some((one) => one.periodic)
    if (wanted && this.#period === null) this.#period = this.parts.timers.every(this.parts.limits.stateEveryMs, () => this.#repeat())
    else if (!wanted) {
      this.#period?.cancel()
      this.#period = null
    }
  }

  #repeat(): void {
    for (const one of this.#subscriptions.values()) {
      if (!one.periodic) continue
      const data = one.channel === 'account' ? JSON.stringify(this.#parts.rows.account(this.account)) : this.#positions(one)
      if (data !== '') this.pushFrame(frame(one, 'interval_update', data), 0)
    }
  }
}

const covers = (one: Subscription, listing: Listing | null): boolean => listing === null || ((one.instId === '' || one.instId === listing.instId) && (one.family === '' || one.family === listing.family))

function frame(one: Subscription, eventType: string | null, data: string): string {
  const event = eventType === null ? '' : `"eventType":"${eventType}",${eventType === 'snapshot' ? '"curPage":1,"lastPage":true,' : ''}`
  return `{"arg":${one.arg},${event}"data":[${data}]}`
}
