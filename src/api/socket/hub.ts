import { randomBytes } from 'node:crypto'
import websocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import type { WebSocket } from 'ws'
import { closeCodes, HEARTBEAT_MS, SOCKET_PATH, subprotocols } from '../contract/index.ts'
import type { BookNews } from '../books/index.ts'
import type { Desk } from '../desk/index.ts'
import { isAllowedOrigin } from '../server/origin.ts'
import type { ServerSettings } from '../server/settings.ts'
import { SocketClient } from './client.ts'
import { Publisher } from './publisher.ts'

const LOOK_MS = 50
/** Nothing that a client says is longer. */
const MESSAGE_BYTES_MAX = 8192

/** The live socket: who listens, what they hear, and when they have to go. */
export class SocketHub {
  readonly #desk: Desk
  readonly #settings: ServerSettings
  readonly #publisher: Publisher
  readonly #clients = new Set<SocketClient>()
  /** Names this life of the gateway: its channels count from zero. */
  readonly #stream = randomBytes(6).toString('hex')
  readonly #timer: NodeJS.Timeout
  #beatMs = 0

  constructor(desk: Desk, settings: ServerSettings) {
    this.#desk = desk
    this.#settings = settings
    this.#publisher = new Publisher(desk)
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  /** Sockets that are open. */
  get size(): number {
    return this.#clients.size
  }

  async attach(app: FastifyInstance): Promise<void> {
    const names: readonly string[] = Object.values(subprotocols)
    await app.register(websocket, { options: { maxPayload: MESSAGE_BYTES_MAX, perMessageDeflate: false, handleProtocols: (offered: Set<string>) => [...offered].find((one) => names.includes(one)) ?? false } })
    app.get(SOCKET_PATH, { websocket: true, schema: { hide: true } } as object, (socket: unknown, request: unknown) => this.#onSocket(socket as WebSocket, request as { readonly headers: Record<string, string | undefined> }))
  }

  onNews(news: BookNews): void {
    this.#publisher.onNews(news)
  }

  /** Every session has ended. */
  endAll(): void {
    for (const client of this.#clients) client.end(closeCodes.unauthorised, 'the session has ended')
  }

  close(): void {
    clearInterval(this.#timer)
    for (const client of this.#clients) client.end(1001, 'the gateway stops')
  }

  #onSocket(socket: WebSocket, { headers }: { readonly headers: Record<string, string | undefined> }): void {
    // A browser sends its cookies nowhere here, but a page of a stranger has no business with the socket.
    if (!isAllowedOrigin(headers['origin'], headers['host'], this.#settings.corsOrigins)) return socket.close(closeCodes.origin, 'origin')
    if (this.#clients.size >= this.#settings.socketsMax) return socket.close(closeCodes.tooMany, 'too many sockets')
    const client: SocketClient = new SocketClient({ socket, desk: this.#desk, publisher: this.#publisher, stream: this.#stream, onEnd: () => this.#clients.delete(client) })
    this.#clients.add(client)
  }

  #look(): void {
    if (this.#clients.size === 0) return
    const nowMs = this.#desk.nowMs()
    this.#publisher.look(nowMs)
    const beat = nowMs - this.#beatMs >= HEARTBEAT_MS
    if (beat) this.#beatMs = nowMs
    for (const client of this.#clients) client.flush(beat)
  }
}
