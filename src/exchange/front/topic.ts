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

/** Hears frames as they are published. */
export interface FrameObserver {
  onFrame(topic: string, frame: string): void
}

/** A topic and who hears it. */
export class TopicChannel {
  readonly stream: TopicStream
  readonly #observer: FrameObserver
  readonly #subscribers = new Set<Subscriber>()

  constructor(stream: TopicStream, observer: FrameObserver) {
    this.stream = stream
    this.#observer = observer
  }

  add(subscriber: Subscriber): void {
    if (this.#subscribers.size === 0) this.stream.start()
    this.#subscribers.add(subscriber)
    const frame = this.stream.greet()
    if (frame === null) return
    this.#observer.onFrame(this.stream.topic, frame)
    subscriber.push(frame)
  }

  remove(subscriber: Subscriber): void {
    if (this.#subscribers.delete(subscriber) && this.#subscribers.size === 0) this.stream.stop()
  }

  get size(): number {
    return this.#subscribers.size
  }

  publish(frame: string): void {
    this.#observer.onFrame(this.stream.topic, frame)
    for (const subscriber of this.#subscribers) subscriber.push(frame)
  }
}
