import type { WebSocket } from 'ws'
import type { z } from 'zod'
import { errorLabel, errorLine } from '../../core/index.ts'
import { AUTH_MS, clientMessage, closeCodes, HEARTBEAT_MS, type ServerMessage, subprotocols, type TopicName, topics } from '../contract/index.ts'
import type { Desk } from '../desk/index.ts'
import { type Channel, encode, type Encoded, type Encoding, joined } from './channel.ts'
import { decode } from './decode.ts'
import type { Publisher } from './publisher.ts'

/** What may wait for a slow reader before it is spared what is in between. */
const WAITING_BYTES_MAX = 256 << 10
/** One that has not read for so long is not there any more. */
const STUCK_MS = 30_000
const SUBSCRIPTIONS_MAX = 400
/** Deltas that a client is told in a row before the whole state is less. */
const DELTAS_MAX: Readonly<Record<(typeof topics)[TopicName]['slow'], number>> = { latest: 1, rows: 4, every: 128 }

export interface SocketClientParts {
  readonly socket: WebSocket
  readonly desk: Desk
  readonly publisher: Publisher
  readonly stream: string
  readonly onEnd: () => void
}

/** One socket: who it is, what it listens to, and how far it has heard. It is never waited for. */
export class SocketClient {
  readonly #parts: SocketClientParts
  readonly #encoding: Encoding
  readonly #subscriptions = new Map<string, { readonly channel: Channel; heard: number }>()
  readonly #timer: NodeJS.Timeout
  #replies: Encoded[] = []
  #expiresMs = 0
  #session = ''
  #spared = 0
  #stuckSinceMs = 0
  #ended = false
  #turn = Promise.resolve()

  constructor(parts: SocketClientParts) {
    const { socket } = parts
    this.#parts = parts
    this.#encoding = socket.protocol === subprotocols.msgpack ? 'msgpack' : 'json'
    this.#timer = setTimeout(() => this.#session === '' && this.end(closeCodes.authTimeout, 'no token in time'), AUTH_MS)
    // One after the other: what follows a token is looked at when the token has been.
    socket.on('message', (data: Buffer, isBinary: boolean) => void (this.#turn = this.#turn.then(() => this.#hear(data, isBinary))))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => this.#onClose())
    this.#reply({ op: 'hello', protocol: 1, authMs: AUTH_MS, heartbeatMs: HEARTBEAT_MS })
    this.#send()
  }

  /** Tells what is new; one that reads slowly is spared. @param beat also that it is alive */
  flush(beat: boolean): void {
    const { socket, desk } = this.#parts
    if (this.#ended || socket.readyState !== socket.OPEN) return
    if (this.#session !== '' && desk.wallMs() >= this.#expiresMs) return this.end(closeCodes.unauthorised, 'the token has expired')
    if (socket.bufferedAmount > WAITING_BYTES_MAX) {
      const nowMs = desk.nowMs()
      if (this.#stuckSinceMs === 0) this.#stuckSinceMs = nowMs
      for (const { channel, heard } of this.#subscriptions.values()) if (channel.seq > heard) this.#spared++
      if (nowMs - this.#stuckSinceMs > STUCK_MS) socket.terminate()
      return
    }
    this.#stuckSinceMs = 0
    if (beat) this.#reply({ op: 'heartbeat', atMs: desk.wallMs(), spared: this.#spared })
    for (const subscription of this.#subscriptions.values()) {
      const { channel, heard } = subscription
      const news = channel.after(heard, this.#encoding, DELTAS_MAX[topics[channel.topic].slow])
      if (news.length === 0) continue
      this.#replies.push(...news)
      subscription.heard = channel.seq
    }
    this.#send()
  }

  end(code: number, reason: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#parts.socket.close(code, reason)
    // One that does not answer the close is cut off.
    setTimeout(() => this.#parts.socket.terminate(), 1000).unref()
  }

  #onClose(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    for (const { channel } of this.#subscriptions.values()) this.#parts.publisher.leave(channel)
    this.#subscriptions.clear()
    this.#parts.onEnd()
  }

  async #hear(data: Buffer, isBinary: boolean): Promise<void> {
    if (this.#ended) return
    const parsed = clientMessage.safeParse(decode(data, isBinary))
    if (!parsed.success) return this.end(closeCodes.badMessage, 'a message that cannot be read')
    const message = parsed.data
    if (message.op === 'auth') return this.#authenticate(message.token)
    if (this.#session === '') return this.end(closeCodes.unauthorised, 'sign in first')
    if (message.op === 'ping') this.#reply({ op: 'pong', id: message.id, atMs: this.#parts.desk.wallMs() })
    else if (message.op === 'subscribe') this.#subscribe(message)
    else this.#unsubscribe(message)
    this.#send()
  }

  async #authenticate(token: string): Promise<void> {
    try {
      const { session, expiresMs } = await this.#parts.desk.gate.verify(token)
      if (this.#session !== '' && this.#session !== session) return this.end(closeCodes.unauthorised, 'another session')
      this.#session = session
      this.#expiresMs = expiresMs
      this.#reply({ op: 'ready', expiresMs })
      this.#send()
    } catch (error) {
      this.#reply({ op: 'error', id: null, code: errorLabel(error), message: errorLine(error) })
      this.#send()
      this.end(closeCodes.unauthorised, 'the token was not taken')
    }
  }

  #subscribe({ id, topic, symbol: named, resume }: Extract<z.output<typeof clientMessage>, { op: 'subscribe' }>): void {
    const symbol = named ?? null
    const key = `${topic} ${symbol ?? ''}`
    const known = this.#subscriptions.get(key)
    if (known === undefined && this.#subscriptions.size >= SUBSCRIPTIONS_MAX) return this.end(closeCodes.tooMany, 'too many subscriptions')
    const channel = known?.channel ?? this.#parts.publisher.open(topic, symbol)
    if (channel === null) return this.#reply({ op: 'error', id, code: 'RM_API_NOT_FOUND', message: symbol === null ? `topic ${topic} needs a symbol` : `topic ${topic} has no symbol ${symbol}` })
    const resumed = resume !== undefined && resume.stream === this.#parts.stream && channel.canResume(resume.seq)
    this.#subscriptions.set(key, { channel, heard: resumed ? resume.seq : -1 })
    this.#reply({ op: 'ack', id, topic, symbol, stream: this.#parts.stream, resumed })
  }

  #unsubscribe({ id, topic, symbol: named }: Extract<z.output<typeof clientMessage>, { op: 'unsubscribe' }>): void {
    const symbol = named ?? null
    const key = `${topic} ${symbol ?? ''}`
    const known = this.#subscriptions.get(key)
    if (known !== undefined) this.#parts.publisher.leave(known.channel)
    this.#subscriptions.delete(key)
    this.#reply({ op: 'unsubscribed', id, topic, symbol })
  }

  #reply(message: ServerMessage): void {
    this.#replies.push(encode(message, this.#encoding))
  }

  #send(): void {
    const { socket } = this.#parts
    if (this.#replies.length === 0 || socket.readyState !== socket.OPEN) return
    const frame = joined(this.#replies, this.#encoding)
    this.#replies = []
    socket.send(frame, { binary: this.#encoding === 'msgpack' })
  }
}
