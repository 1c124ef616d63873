import type { Timer, Timers } from '../../core/index.ts'
import { field, type Fields } from '../front/json.ts'
import type { ExchangePort } from '../port.ts'
import { argText, textIn } from './arg.ts'
import { codes, wrongChannel, type Verdict } from './codes.ts'
import { numberOf } from './ids.ts'
import type { Listing, Listings } from './listing.ts'
import { ACCOUNT_CHANNELS, type AccountChannel, type PrivateHub, type PrivateListener } from './private-hub.ts'
import type { Rows } from './rows.ts'
import { VIP_CHANNELS, type OkxKey, type OkxLimits } from './settings.ts'

export interface AccountChannelsParts {
  readonly exchange: ExchangePort
  readonly timers: Timers
  readonly limits: OkxLimits
  readonly listings: Listings
  readonly hub: PrivateHub
  readonly rows: Rows
}

/** The connection that the channels speak through. */
export interface ChannelSink {
  reply(frame: object | string): void
  push(frame: string): void
  acknowledge(id: unknown, body: object): void
  refuse(id: unknown, verdict: Verdict): void
  readonly connectionId: string
}

interface Subscription {
  readonly channel: AccountChannel
  readonly instId: string
  readonly family: string
  readonly arg: string
  /** Whether it wants to hear the state also when nothing happens. */
  readonly periodic: boolean
}

/** What one connection subscribed about its account, on the private or the business path. */
export class AccountChannels implements PrivateListener {
  readonly #service: 'private' | 'business'
  readonly #parts: AccountChannelsParts
  readonly #sink: ChannelSink
  readonly #subscriptions = new Map<string, Subscription>()
  #key: OkxKey | null = null
  #period: Timer | null = null

  constructor(service: 'private' | 'business', parts: AccountChannelsParts, sink: ChannelSink) {
    this.#service = service
    this.#parts = parts
    this.#sink = sink
  }

  get account(): string {
    return this.#key?.account ?? ''
  }

  /** Whether a channel of that name is served here. */
  serves(name: string): boolean {
    return Object.hasOwn(ACCOUNT_CHANNELS, name) && ACCOUNT_CHANNELS[name as AccountChannel].service === this.#service
  }

  hears(channel: AccountChannel): boolean {
    for (const subscription of this.#subscriptions.values()) if (subscription.channel === channel) return true
    return false
  }

  push(channel: AccountChannel, listing: Listing | null, eventType: string | null, data: string): void {
    for (const one of this.#subscriptions.values()) {
      if (one.channel === channel && covers(one, listing)) this.#sink.push(frame(one, eventType, data))
    }
  }

  /** Another account's subscriptions end here. */
  logIn(key: OkxKey): void {
    if (this.#key !== null && this.#key.account !== key.account) {
      this.#parts.hub.remove(this)
      this.#subscriptions.clear()
      this.#keepPeriod()
    }
    this.#key = key
    this.#parts.hub.add(this)
  }

  /** Answers one argument of a subscription. @returns whether it was accepted. */
  change(subscribe: boolean, arg: Fields, id: unknown): boolean {
    if (this.#key === null) return this.#refuse(id, codes.logIn)
    const subscription = this.#read(arg)
    if (subscription === null) return this.#refuse(id, wrongChannel(argText(arg)))
    const { channel } = subscription
    if (subscribe && channel === 'fills' && (this.#key.vip ?? 0) < VIP_CHANNELS) return this.#refuse(id, codes.tierTooLow)
    const name = `${channel} ${subscription.instId} ${subscription.family}`
    const { hub, limits } = this.#parts
    if (subscribe && !this.hears(channel) && hub.connections(this.account, channel) >= limits.connectionsPerChannel) {
      // The newest one fails; those that stand are left alone.
      this.#sink.reply({ event: 'channel-conn-count-error', channel, connCount: String(limits.connectionsPerChannel), connId: this.#sink.connectionId })
      return false
    }
    this.#sink.acknowledge(id, { event: subscribe ? 'subscribe' : 'unsubscribe', arg })
    if (subscribe) this.#subscriptions.set(name, subscription)
    else this.#subscriptions.delete(name)
    this.#sink.reply({ event: 'channel-conn-count', channel, connCount: String(hub.connections(this.account, channel)), connId: this.#sink.connectionId })
    if (subscribe) this.#greet(subscription)
    this.#keepPeriod()
    return true
  }

  close(): void {
    this.#period?.cancel()
    if (this.#key !== null) this.#parts.hub.remove(this)
  }

  #refuse(id: unknown, verdict: Verdict): boolean {
    this.#sink.refuse(id, verdict)
    return false
  }

  #read(arg: Fields): Subscription | null {
    const name = textIn(arg, 'channel')
    if (!this.serves(name)) return null
    const channel = name as AccountChannel
    const instType = textIn(arg, 'instType')
    const instId = textIn(arg, 'instId')
    const family = textIn(arg, 'instFamily')
    const { listings } = this.#parts
    const { typed, periodic } = ACCOUNT_CHANNELS[channel]
    if (typed && instType !== 'SWAP' && instType !== 'ANY') return null
    if (instId !== '' && listings.byInstId(instId) === undefined) return null
    if (family !== '' && !listings.all.some((listing) => listing.family === family)) return null
    const extra = field(arg, 'extraParams')
    const quiet = typeof extra === 'string' && /"updateInterval"\s*:\s*"?0"?/.test(extra)
    const shown: Record<string, unknown> = { channel }
    for (const one of ['instType', 'instFamily', 'instId', 'ccy']) if (textIn(arg, one) !== '') shown[one] = textIn(arg, one)
    return { channel, instId, family, arg: JSON.stringify({ ...shown, uid: numberOf(this.account) }), periodic: periodic && !quiet }
  }

  // Positions and balances begin with a snapshot; orders, algo orders and fills do not.
  #greet(subscription: Subscription): void {
    const { exchange, rows } = this.#parts
    const { account } = this
    if (subscription.channel === 'account') this.#sink.reply(frame(subscription, 'snapshot', JSON.stringify(rows.account(account))))
    else if (subscription.channel === 'positions') this.#sink.reply(frame(subscription, 'snapshot', this.#positions(subscription)))
    else if (subscription.channel === 'balance_and_position') {
      this.#sink.reply(frame(subscription, null, JSON.stringify(rows.balanceAndPosition(account, 'snapshot', exchange.positions(account), []))))
    }
  }

  #positions(subscription: Subscription): string {
    const { exchange, listings, rows } = this.#parts
    return exchange.positions(this.account).filter((position) => covers(subscription, listings.bySymbol(position.symbol))).map((position) => JSON.stringify(rows.position(position))).join(',')
  }

  #keepPeriod(): void {
    const wanted = [...this.#subscriptions.values()].some((one) => one.periodic)
    if (wanted && this.#period === null) this.#period = this.#parts.timers.every(this.#parts.limits.stateEveryMs, () => this.#repeat())
    else if (!wanted) {
      this.#period?.cancel()
      this.#period = null
    }
  }

  #repeat(): void {
    for (const one of this.#subscriptions.values()) {
      if (!one.periodic) continue
      const data = one.channel === 'account' ? JSON.stringify(this.#parts.rows.account(this.account)) : this.#positions(one)
      if (data !== '') this.#sink.push(frame(one, 'interval_update', data))
    }
  }
}

const covers = (one: Subscription, listing: Listing | null): boolean => listing === null || ((one.instId === '' || one.instId === listing.instId) && (one.family === '' || one.family === listing.family))

function frame(one: Subscription, eventType: string | null, data: string): string {
  const event = eventType === null ? '' : `"eventType":"${eventType}",${eventType === 'snapshot' ? '"curPage":1,"lastPage":true,' : ''}`
  return `{"arg":${one.arg},${event}"data":[${data}]}`
}
