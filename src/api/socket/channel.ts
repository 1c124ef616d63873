import { Packr } from 'msgpackr'
import type { TopicName } from '../contract/index.ts'

const packr = new Packr({ useRecords: false, variableMapSize: true })
/** Deltas that are kept for who was away for a moment. */
const BACKLOG = 128

export type Encoding = 'json' | 'msgpack'
export type Encoded = string | Buffer

export const encode = (message: object, encoding: Encoding): Encoded => (encoding === 'json' ? JSON.stringify(message) : packr.pack(message))

/** Makes a message once for every encoding that somebody wants. */
class Once {
  readonly #message: object
  #json: string | null = null
  #msgpack: Buffer | null = null

  constructor(message: object) {
    this.#message = message
  }

  in(encoding: Encoding): Encoded {
    return encoding === 'json' ? (this.#json ??= JSON.stringify(this.#message)) : (this.#msgpack ??= packr.pack(this.#message))
  }
}

/**
 * One stream of states: a topic, and a symbol where it has one. It counts its changes; a client that has heard the one before
 * gets the delta, one that has missed some the deltas in between, or the whole state where those are gone.
 */
export class Channel {
  readonly topic: TopicName
  readonly symbol: string | null
  readonly #wallMs: () => number
  readonly #whole: () => unknown
  #seq = 0
  #snapshot: Once | null = null
  #deltas: Once[] = []

  /** @param whole the state as data of a snapshot; null while there is none */
  constructor(topic: TopicName, symbol: string | null, wallMs: () => number, whole: () => unknown) {
    this.topic = topic
    this.symbol = symbol
    this.#wallMs = wallMs
    this.#whole = whole
  }

  /** Changes so far. */
  get seq(): number {
    return this.#seq
  }

  /** The state has changed by `data`. */
  publish(data: unknown): void {
    this.#seq++
    this.#snapshot = null
    this.#deltas.push(new Once({ op: 'delta', topic: this.topic, symbol: this.symbol, seq: this.#seq, atMs: this.#wallMs(), data }))
    if (this.#deltas.length > BACKLOG) this.#deltas.shift()
  }

  /** The state has changed while nobody listened: who comes back is told the whole. */
  skip(): void {
    this.#seq += BACKLOG + 1
    this.#snapshot = null
    this.#deltas = []
  }

  /** Whether who has heard `seq` can go on with deltas. */
  canResume(seq: number): boolean {
    return seq <= this.#seq && this.#seq - seq <= this.#deltas.length
  }

  /**
   * What a client is to be told that has heard `seq`; -1 for nothing.
   * @param deltasMax more of them are told as a snapshot @returns empty when there is nothing to tell
   */
  after(seq: number, encoding: Encoding, deltasMax: number): readonly Encoded[] {
    if (seq === this.#seq) return []
    const missing = this.#seq - seq
    if (seq >= 0 && missing <= deltasMax && missing <= this.#deltas.length) return this.#deltas.slice(-missing).map((delta) => delta.in(encoding))
    if (this.#snapshot === null) {
      const data = this.#whole()
      if (data === null) return []
      this.#snapshot = new Once({ op: 'snapshot', topic: this.topic, symbol: this.symbol, seq: this.#seq, atMs: this.#wallMs(), data })
    }
    return [this.#snapshot.in(encoding)]
  }
}

/** One frame of several messages: a JSON list, or a msgpack array. */
export function joined(messages: readonly Encoded[], encoding: Encoding): Encoded {
  if (encoding === 'json') return `[${messages.join(',')}]`
  const head = Buffer.alloc(5)
  head[0] = 0xdd
  head.writeUInt32BE(messages.length, 1)
  return Buffer.concat([head, ...(messages as readonly Buffer[])])
}
