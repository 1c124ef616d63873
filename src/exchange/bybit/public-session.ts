import { field, type Fields } from '../front/json.ts'
import type { PublicHub } from './public-hub.ts'
import { Session, type SessionParts } from './session.ts'
import type { FrontPeer } from '../front/wire.ts'
import type { Subscriber, TopicChannel } from '../front/topic.ts'

/** `/v5/public/linear`. */
export class PublicSession extends Session implements Subscriber {
  readonly #hub: PublicHub
  readonly #topics = new Map<string, TopicChannel>()
  #chars = 0

  constructor(connectionId: string, peer: FrontPeer, hub: PublicHub, parts: SessionParts) {
    super('public', connectionId, null, peer, parts)
    this.#hub = hub
  }

  push(frame: string): void {
    this.pushFrame(frame, this.delay(this.parts.latency.marketMs))
  }

  protected override onRequest(request: Fields, op: string): void {
    const id = field(request, 'req_id') ?? ''
    if (op === 'ping') return this.#answer(true, 'pong', id, op)
    if (op !== 'subscribe' && op !== 'unsubscribe') return this.#refuse('error:invalid op', id, op)
    const topics = field(request, 'args')
    if (!Array.isArray(topics) || topics.length === 0) return this.#refuse('error:args invalid', id, op)
    if (op === 'subscribe') this.#subscribe(topics, id)
    else this.#unsubscribe(topics, id)
  }

  protected override onGarbage(reason: string): void {
    this.#refuse(`error:${reason}`, '', '')
  }

  protected override leave(): void {
    for (const channel of this.#topics.values()) channel.remove(this)
    this.#topics.clear()
  }

  // All or nothing, as the venue does it: one bad topic fails the whole frame.
  #subscribe(topics: readonly unknown[], id: unknown): void {
    const channels = new Map<string, TopicChannel>()
    let chars = this.#chars
    for (const topic of topics) {
      const channel = typeof topic === 'string' && topic.length <= 100 ? this.#hub.channel(topic) : null
      if (channel === null) return this.#refuse(`error:handler not found,topic:${String(topic).slice(0, 100)}`, id, 'subscribe')
      const name = topic as string
      if (!this.#topics.has(name) && !channels.has(name)) chars += name.length
      channels.set(name, channel)
    }
    if (chars > this.parts.limits.topicCharsMax) return this.#refuse('error:args too long', id, 'subscribe')
    this.#chars = chars
    this.#answer(true, '', id, 'subscribe')
    for (const [name, channel] of channels) {
      this.#topics.set(name, channel)
      channel.add(this)
    }
  }

  #unsubscribe(topics: readonly unknown[], id: unknown): void {
    for (const topic of topics) {
      if (typeof topic !== 'string') return this.#refuse(`error:handler not found,topic:${String(topic).slice(0, 100)}`, id, 'unsubscribe')
    }
    for (const topic of topics as readonly string[]) {
      const channel = this.#topics.get(topic)
      if (channel === undefined) continue
      channel.remove(this)
      this.#topics.delete(topic)
      this.#chars -= topic.length
    }
    this.#answer(true, '', id, 'unsubscribe')
  }

  #refuse(text: string, id: unknown, op: string): void {
    this.parts.counters.badMessages++
    this.#answer(false, text, id, op)
  }

  #answer(success: boolean, text: string, id: unknown, op: string): void {
    this.reply({ success, ret_msg: text, conn_id: this.connectionId, req_id: echo(id), op: op.slice(0, 50) })
  }
}

/** Request ids come back as they came: text or number, nothing else and nothing long. */
export const echo = (id: unknown): string | number => (typeof id === 'number' && Number.isFinite(id) ? id : typeof id === 'string' ? id.slice(0, 32_768) : '')
