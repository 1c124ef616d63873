import type { Fields } from '../front/json.ts'
import type { FrontPeer } from '../front/wire.ts'
import type { Subscriber, TopicChannel } from '../front/topic.ts'
import { AccountChannels, type AccountChannelsParts } from './account-channels.ts'
import { argText, textIn } from './arg.ts'
import { codes, conflicting, invalidRequest, wrongChannel, type Verdict } from './codes.ts'
import { BY_TYPE, TIERED, type PublicHub, type Service } from './public-hub.ts'
import { Session, type SessionParts } from './session.ts'
import { VIP_CHANNELS } from './settings.ts'

export interface PublicSessionParts extends SessionParts, AccountChannelsParts {
  readonly limits: SessionParts['limits']
  readonly timers: SessionParts['timers']
}

/** `/ws/v5/public` and `/ws/v5/business`: market data for everybody, tick-by-tick books and algo orders for those who log in. */
export class PublicSession extends Session implements Subscriber {
  readonly #service: Service
  readonly #hub: PublicHub
  readonly #channels = new Map<string, TopicChannel>()
  readonly #account: AccountChannels | null

  constructor(service: Service, connectionId: string, peer: FrontPeer, hub: PublicHub, parts: PublicSessionParts) {
    super('public', connectionId, peer, parts)
    this.#service = service
    this.#hub = hub
    this.#account = service === 'business' ? new AccountChannels('business', parts, this.sink()) : null
  }

  push(frame: string): void {
    this.pushFrame(frame, this.delay(this.parts.latency.marketMs))
  }

  protected override onLogin(): void {
    this.#account?.logIn(this.key!)
  }

  protected override onChange(subscribe: boolean, arg: Fields, id: unknown): void {
    const name = textIn(arg, 'channel')
    if (this.#account?.serves(name) === true) {
      if (this.#account.change(subscribe, arg, id) && subscribe) this.inUse()
      return
    }
    const instId = BY_TYPE.has(name) ? '' : textIn(arg, 'instId')
    if (BY_TYPE.has(name) && name !== 'status' && textIn(arg, 'instType') !== 'SWAP') return this.error(id, wrongChannel(argText(arg)))
    const channel = this.#hub.channel(this.#service, name, instId)
    if (channel === null) return this.error(id, wrongChannel(argText(arg)))
    const barred = subscribe ? this.#barred(name, instId) : null
    if (barred !== null) return this.error(id, barred)
    const { topic } = channel.stream
    this.event(id, { event: subscribe ? 'subscribe' : 'unsubscribe', arg })
    if (subscribe) {
      this.inUse()
      // A repeated subscription brings a fresh snapshot, as a new one does.
      this.#channels.set(topic, channel)
      channel.add(this)
    } else if (this.#channels.delete(topic)) channel.remove(this)
  }

  protected override onOperation(_request: Fields, _op: string, id: unknown, text: string): void {
    this.error(id, invalidRequest(text))
  }

  protected override leave(): void {
    for (const channel of this.#channels.values()) channel.remove(this)
    this.#channels.clear()
    this.#account?.close()
  }

  // Tick-by-tick books: for higher levels only, and the deepest of them not beside another deep one of the same instrument.
  #barred(name: string, instId: string): Verdict | null {
    if (TIERED.has(name)) {
      if (this.key === null) return codes.logIn
      if ((this.key.vip ?? 0) < VIP_CHANNELS) return codes.tierTooLow
    }
    const deepest = 'books-l2-tbt'
    const others = name === deepest ? ['books50-l2-tbt', 'books'] : name === 'books50-l2-tbt' || name === 'books' ? [deepest] : []
    const standing = others.find((other) => this.#channels.has(`${other}:${instId}`))
    return standing === undefined ? null : conflicting(standing, name, instId)
  }
}
