import { field, type Fields } from '../front/json.ts'
import type { DisconnectProtection } from './disconnect-protection.ts'
import { PRIVATE_TOPICS, type PrivateHub, type PrivateListener, type PrivateTopic } from './private-hub.ts'
import { echo } from './public-session.ts'
import { Session, type SessionParts } from './session.ts'
import type { FrontPeer } from '../front/wire.ts'
import type { KeyRing } from './signature.ts'

const byName: ReadonlyMap<string, PrivateTopic> = new Map(PRIVATE_TOPICS.flatMap((topic) => [[topic, topic], [`${topic}.linear`, topic]] as const))

export interface PrivateSessionParts extends SessionParts {
  readonly hub: PrivateHub
  readonly keys: KeyRing
  readonly protection: DisconnectProtection
}

/** `/v5/private`: signs in, subscribes, hears what happens to the account from then on; no initial snapshot. */
export class PrivateSession extends Session implements PrivateListener {
  readonly #hub: PrivateHub
  readonly #keys: KeyRing
  readonly #protection: DisconnectProtection
  readonly #topics = new Map<PrivateTopic, string>()
  #account: string | null = null

  constructor(connectionId: string, idleMs: number, peer: FrontPeer, parts: PrivateSessionParts) {
    super('private', connectionId, idleMs, peer, parts)
    this.#hub = parts.hub
    this.#keys = parts.keys
    this.#protection = parts.protection
  }

  get account(): string {
    return this.#account ?? ''
  }

  subscribed(topic: PrivateTopic): string | null {
    return this.#topics.get(topic) ?? null
  }

  push(frame: string): void {
    this.pushFrame(frame, 0)
  }

  protected override onRequest(request: Fields, op: string): void {
    const id = field(request, 'req_id')
    if (op === 'ping') {
      const pong = { op: 'pong', args: [String(this.parts.venueMs())], conn_id: this.connectionId }
      return this.reply(id === undefined ? pong : { req_id: echo(id), ...pong })
    }
    if (op === 'auth') return this.#signIn(request, id)
    if (op !== 'subscribe' && op !== 'unsubscribe') return this.#answer(false, 'error:invalid op', id, op)
    if (this.#account === null) return this.#answer(false, 'Request not authorized', id, op)
    const names = field(request, 'args')
    if (!Array.isArray(names) || names.length === 0) return this.#answer(false, 'error:args invalid', id, op)
    this.#change(names, id, op)
  }

  protected override onGarbage(reason: string): void {
    this.#answer(false, `error:${reason}`, undefined, '')
  }

  protected override leave(): void {
    if (this.#account === null) return
    this.#hub.remove(this)
    if (this.#topics.has('dcp.future')) this.#protection.lost(this.#account, this)
  }

  #signIn(request: Fields, id: unknown): void {
    const check = this.#keys.connection(field(request, 'args'), this.parts.venueMs())
    if (!check.ok) {
      this.parts.counters.badSignatures++
      this.#answer(false, check.verdict.text, id, 'auth')
      // After the refusal has left, as the venue does.
      this.parts.timers.after(this.parts.latency.replyMs + this.parts.latency.jitterMs + 10, () => this.hangUp(1008, 'auth failed'))
      return
    }
    if (this.#account !== null && this.#account !== check.key.account) {
      this.#hub.remove(this)
      if (this.#topics.has('dcp.future')) {
        this.#protection.lost(this.#account, this)
        this.#protection.join(check.key.account, this)
      }
    }
    this.#account = check.key.account
    this.#hub.add(this)
    this.#answer(true, '', id, 'auth')
  }

  #change(names: readonly unknown[], id: unknown, op: 'subscribe' | 'unsubscribe'): void {
    for (const name of names) {
      if (typeof name !== 'string' || !byName.has(name)) return this.#answer(false, `error:handler not found,topic:${String(name).slice(0, 100)}`, id, op)
    }
    const wanted = names as readonly string[]
    for (const name of wanted) {
      const topic = byName.get(name)!
      if (op === 'subscribe' && wanted.some((other) => other !== name && byName.get(other) === topic)) {
        return this.#answer(false, `error:all-in-one and categorised topic mixed,topic:${name}`, id, op)
      }
    }
    for (const name of wanted) {
      const topic = byName.get(name)!
      if (op === 'subscribe') this.#topics.set(topic, name)
      else if (this.#topics.get(topic) === name) this.#topics.delete(topic)
    }
    if (this.#topics.has('dcp.future')) this.#protection.join(this.account, this)
    else this.#protection.leave(this.account, this)
    this.#answer(true, '', id, op)
  }

  #answer(success: boolean, text: string, id: unknown, op: string): void {
    if (!success) this.parts.counters.badMessages++
    const answer = { success, ret_msg: text, op: op.slice(0, 50), conn_id: this.connectionId }
    this.reply(id === undefined ? answer : { ...answer, req_id: echo(id) })
  }
}
