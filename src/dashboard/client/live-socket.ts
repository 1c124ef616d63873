import { Packr } from 'msgpackr'
import type { ClientMessage, ServerMessage, TopicDelta, TopicName, TopicSnapshot } from '../../api/contract/index.ts'
import { fold, take, type TopicValue } from './fold.ts'

export type SocketState = 'connecting' | 'live' | 'waiting' | 'closed'

export interface LiveSocketOptions {
  /** `ws://…/ws` */
  readonly url: string
  /** A token that holds. When it fails the connection is tried again later. */
  readonly token: () => Promise<string>
  /** The gateway has refused the token: the next one must be another. */
  readonly renew?: () => Promise<void>
  readonly onState?: (state: SocketState) => void
  readonly random?: () => number
}

/** One topic, of one symbol or of all, with what is held of it. */
interface Channel {
  readonly topic: TopicName
  readonly symbol: string | null
  readonly listeners: Set<() => void>
  value: unknown
  /** When it was last heard of, ms since 1970 by the gateway's clock; 0: never. */
  atMs: number
  stream: string
  /** -1: nothing is held, so a snapshot must come first. */
  seq: number
  lingering: ReturnType<typeof setTimeout> | null
}

const PROTOCOL = 'ringmaster.msgpack'
const UNAUTHORISED = 4401
const FIRST_WAIT_MS = 400
const LONGEST_WAIT_MS = 15_000
/** A page that is left and another that wants the same: no need to subscribe anew. */
const LINGER_MS = 1500
const REAUTH_BEFORE_MS = 30_000
/** The longest that a timer of a browser takes, nearly. */
const LONGEST_TIMER_MS = 2_000_000_000

/**
 * The live socket: subscriptions that outlive connections. It connects anew with growing waits, goes on where it was where the gateway
 * still has what is missing, and asks for a new snapshot where a number of the sequence is left out.
 */
export class LiveSocket {
  readonly #options: LiveSocketOptions
  readonly #channels = new Map<string, Channel>()
  readonly #codec = new Packr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' })
  #socket: WebSocket | null = null
  #state: SocketState = 'closed'
  #attempts = 0
  #retry: ReturnType<typeof setTimeout> | null = null
  #silence: ReturnType<typeof setTimeout> | null = null
  #reauth: ReturnType<typeof setTimeout> | null = null
  #silenceMs = 15_000
  #nextId = 1

  constructor(options: LiveSocketOptions) {
    this.#options = options
  }

  get state(): SocketState {
    return this.#state
  }

  /** Connects, and stays so until `close`. */
  open(): void {
    if (this.#state === 'closed') this.#connect()
  }

  /** Ends the connection; what is held stays, subscriptions too. */
  close(): void {
    this.#clearTimers()
    this.#become('closed')
    this.#socket?.close()
    this.#socket = null
  }

  /** Tries at once instead of after the wait: the network is back, or the page is looked at again. */
  hurry(): void {
    if (this.#state !== 'waiting') return
    this.#attempts = 0
    this.#connect()
  }

  /** @returns what is held of a topic; undefined before its first snapshot */
  value<Name extends TopicName>(topic: Name, symbol: string | null = null): TopicValue<Name> | undefined {
    return this.#channels.get(channelKey(topic, symbol))?.value as TopicValue<Name> | undefined
  }

  /** Hears of every change of a topic. @returns a function that ends it */
  subscribe(topic: TopicName, symbol: string | null, listener: () => void): () => void {
    const key = channelKey(topic, symbol)
    let channel = this.#channels.get(key)
    if (channel === undefined) {
      channel = { topic, symbol, listeners: new Set(), value: undefined, atMs: 0, stream: '', seq: -1, lingering: null }
      this.#channels.set(key, channel)
      if (this.#state === 'live') this.#ask(channel)
    }
    if (channel.lingering !== null) clearTimeout(channel.lingering)
    channel.lingering = null
    channel.listeners.add(listener)
    return () => {
      channel.listeners.delete(listener)
      if (channel.listeners.size === 0) channel.lingering ??= setTimeout(() => this.#drop(key, channel), LINGER_MS)
    }
  }

  #drop(key: string, channel: Channel): void {
    this.#channels.delete(key)
    if (this.#state === 'live') this.#send({ op: 'unsubscribe', id: this.#nextId++, topic: channel.topic, ...(channel.symbol === null ? {} : { symbol: channel.symbol }) })
  }

  #connect(): void {
    this.#clearTimers()
    this.#become('connecting')
    const socket = new WebSocket(this.#options.url, [PROTOCOL])
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    this.#listenForSilence(socket)
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket !== socket) return
      this.#listenForSilence(socket)
      for (const message of this.#codec.unpack(new Uint8Array(data as ArrayBuffer)) as ServerMessage[]) this.#hear(socket, message)
    })
    socket.addEventListener('close', ({ code }) => {
      if (this.#socket === socket) this.#lost(code)
    })
    // What went wrong is told by the close that follows.
    socket.addEventListener('error', () => {})
  }

  #lost(code: number): void {
    this.#socket = null
    this.#clearTimers()
    if (this.#state === 'closed') return
    this.#become('waiting')
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempts++) * (0.7 + 0.6 * (this.#options.random ?? Math.random)())
    this.#retry = setTimeout(() => {
      if (code !== UNAUTHORISED || this.#options.renew === undefined) this.#connect()
      else
        this.#options.renew().then(
          () => this.#connect(),
          () => {
            if (this.#state === 'waiting') this.#lost(code)
          },
        )
    }, waitMs)
  }

  #hear(socket: WebSocket, message: ServerMessage): void {
    switch (message.op) {
      case 'hello':
        this.#silenceMs = 3 * message.heartbeatMs
        this.#authenticate(socket)
        break
      case 'ready':
        this.#scheduleReauth(socket, message.expiresMs)
        if (this.#state === 'live') break
        this.#attempts = 0
        this.#become('live')
        for (const channel of this.#channels.values()) this.#ask(channel)
        break
      case 'ack': {
        const channel = this.#channels.get(channelKey(message.topic, message.symbol))
        if (channel === undefined) break
        channel.stream = message.stream
        // What comes next is a snapshot; a delta before it would belong to nothing.
        if (!message.resumed) channel.seq = -1
        break
      }
      case 'snapshot':
      case 'delta':
        this.#update(message)
        break
      case 'unsubscribed':
      case 'heartbeat':
      case 'pong':
        break
      case 'error':
        console.warn(`live socket: ${message.message} (${message.code})`)
        break
    }
  }

  #update({ op, topic, symbol, seq, atMs, data }: Extract<ServerMessage, { op: 'snapshot' | 'delta' }>): void {
    const channel = this.#channels.get(channelKey(topic, symbol))
    if (channel === undefined) return
    if (op === 'snapshot') channel.value = take(data as TopicSnapshot<TopicName>)
    else {
      if (channel.seq < 0 || seq <= channel.seq) return
      if (seq !== channel.seq + 1) {
        channel.seq = -1
        this.#send({ op: 'unsubscribe', id: this.#nextId++, topic, ...(symbol === null ? {} : { symbol }) })
        this.#ask(channel)
        return
      }
      channel.value = fold(topic, channel.value as TopicValue<TopicName>, data as TopicDelta<TopicName>)
    }
    channel.seq = seq
    channel.atMs = atMs
    for (const listener of channel.listeners) listener()
  }

  #ask(channel: Channel): void {
    const resume = channel.seq < 0 ? {} : { resume: { stream: channel.stream, seq: channel.seq } }
    this.#send({ op: 'subscribe', id: this.#nextId++, topic: channel.topic, ...(channel.symbol === null ? {} : { symbol: channel.symbol }), ...resume })
  }

  #authenticate(socket: WebSocket): void {
    this.#options.token().then(
      (token) => {
        if (this.#socket === socket) this.#send({ op: 'auth', token })
      },
      () => socket.close(),
    )
  }

  #scheduleReauth(socket: WebSocket, expiresMs: number): void {
    if (this.#reauth !== null) clearTimeout(this.#reauth)
    const waitMs = Math.min(LONGEST_TIMER_MS, Math.max(1000, expiresMs - Date.now() - REAUTH_BEFORE_MS))
    this.#reauth = setTimeout(() => {
      const renewed = this.#options.renew?.() ?? Promise.resolve()
      renewed.then(
        () => this.#authenticate(socket),
        // Without a new token the gateway ends the connection in time, and the next one says why.
        () => {},
      )
    }, waitMs)
  }

  #listenForSilence(socket: WebSocket): void {
    if (this.#silence !== null) clearTimeout(this.#silence)
    this.#silence = setTimeout(() => {
      if (this.#socket !== socket) return
      // A connection that is half open may take minutes to close: it is left behind.
      socket.close()
      this.#lost(0)
    }, this.#silenceMs)
  }

  #send(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(this.#codec.pack(message))
  }

  #become(state: SocketState): void {
    if (state === this.#state) return
    this.#state = state
    this.#options.onState?.(state)
  }

  #clearTimers(): void {
    for (const timer of [this.#retry, this.#silence, this.#reauth]) if (timer !== null) clearTimeout(timer)
    this.#retry = this.#silence = this.#reauth = null
  }
}

const channelKey = (topic: string, symbol: string | null): string => (symbol === null ? topic : `${topic} ${symbol}`)
