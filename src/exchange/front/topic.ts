/** What produces the frames of one public topic. It works only while somebody listens. */
export interface TopicStream {
  readonly topic: string
  /** The first subscriber came. */
  start(): void
  /** The last one left: no timer may stay. */
  stop(): void
  /** What a new subscriber gets at once, or null. */
  greet(): string | null
  /** A stall is over. */
  wake(): void
}

export interface Subscriber {
  /** Takes a frame that all subscribers of the topic share. */
  push(frame: string): void
}

/** A topic and who hears it. */
export class TopicChannel {
  readonly stream: TopicStream
  readonly #subscribers = new Set<Subscriber>()

  constructor(stream: TopicStream) {
    this.stream = stream
  }

  add(subscriber: Subscriber): void {
    if (this.#subscribers.size === 0) this.stream.start()
    this.#subscribers.add(subscriber)
    const frame = this.stream.greet()
    if (frame !== null) subscriber.push(frame)
  }

  remove(subscriber: Subscriber): void {
    if (this.#subscribers.delete(subscriber) && this.#subscribers.size === 0) this.stream.stop()
  }

  get size(): number {
    return this.#subscribers.size
  }

  publish(frame: string): void {
    for (const subscriber of this.#subscribers) subscriber.push(frame)
  }
}
