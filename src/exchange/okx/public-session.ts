import type { Fields } from '../front/json.ts'
import type { FrontPeer } from '../front/wire.ts'
import type { Subscriber, TopicChannel } from '../front/topic.ts'
import { codes, invalidRequest, wrongChannel } from './codes.ts'
import { TIERED, type PublicHub, type Service } from './public-hub.ts'
import { argText, Session, textIn, type SessionParts } from './session.ts'

/** `/ws/v5/public` and `/ws/v5/business`: market data for everybody. */
export class PublicSession extends Session implements Subscriber {
  readonly #service: Service
  readonly #hub: PublicHub
  readonly #channels = new Map<string, TopicChannel>()

  constructor(service: Service, connectionId: string, peer: FrontPeer, hub: PublicHub, parts: SessionParts) {
    super('public', connectionId, peer, parts)
    this.#service = service
    this.#hub = hub
  }

  push(frame: string): void {
    this.pushFrame(frame, this.delay(this.parts.latency.marketMs))
  }

  // Nothing here needs a login; clients that send one on the business path are let be.
  protected override onLogin(_request: Fields, id: unknown): void {
    this.error(id, { code: '60028', text: 'The current operation is not supported by this URL. Please use the correct WebSocket URL for the operation.', subCode: '' })
  }

  protected override onChange(subscribe: boolean, arg: Fields, id: unknown): void {
    const name = textIn(arg, 'channel')
    if (TIERED.has(name) && this.#service === 'public') return this.error(id, codes.tierTooLow)
    const instId = name === 'instruments' && textIn(arg, 'instType') === 'SWAP' ? '' : textIn(arg, 'instId')
    const channel = this.#hub.channel(this.#service, name, instId)
    if (channel === null || (instId === '' && name !== 'instruments')) return this.error(id, wrongChannel(argText(arg)))
    const { topic } = channel.stream
    this.event(id, { event: subscribe ? 'subscribe' : 'unsubscribe', arg })
    if (subscribe) {
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
  }
}
