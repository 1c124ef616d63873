import type { ControlFrame } from '../common/records.ts'
import type { TopicGroup } from './topics.ts'

export interface Subscription {
  readonly op: 'subscribe' | 'unsubscribe'
  readonly group: TopicGroup
}

/** Requests of one connection that are not answered yet. */
export class Subscriptions {
  readonly #send: (text: string) => void
  readonly #pending = new Map<string, Subscription>()
  #requests = 0

  /** @param send what cannot be sent stays unanswered */
  constructor(send: (text: string) => void) {
    this.#send = send
  }

  /** Whether all that the feed cannot be live without is answered. */
  get complete(): boolean {
    for (const pending of this.#pending.values()) if (!pending.group.optional) return false
    return true
  }

  request(op: Subscription['op'], group: TopicGroup): void {
    const id = `${op === 'subscribe' ? 's' : 'u'}-${++this.#requests}`
    this.#pending.set(id, { op, group })
    this.#send(JSON.stringify({ req_id: id, op, args: group.topics }))
  }

  /** The request that an acknowledgement or refusal answers; it is not pending any more. */
  answered(control: ControlFrame): Subscription | null {
    const id = this.#find(control.op, control.requestId, control.text)
    if (id === null) return null
    const found = this.#pending.get(id)!
    this.#pending.delete(id)
    return found
  }

  /** Gives up on optional topics. @returns those that were never answered */
  dropOptional(): readonly string[] {
    const dropped: string[] = []
    for (const [id, pending] of this.#pending) {
      if (!pending.group.optional) continue
      dropped.push(...pending.group.topics)
      this.#pending.delete(id)
    }
    return dropped
  }

  forget(): void {
    this.#pending.clear()
  }

  /** The venue leaves out the request id of some refusals: then the topic in the text, or the oldest request of the kind. */
  #find(op: string, requestId: string, text: string): string | null {
    if (this.#pending.has(requestId)) return requestId
    if (requestId !== '') return null
    let oldest: string | null = null
    for (const [id, pending] of this.#pending) {
      if (pending.op !== op) continue
      if (pending.group.topics.some((topic) => text.includes(topic))) return id
      oldest ??= id
    }
    return oldest
  }
}
