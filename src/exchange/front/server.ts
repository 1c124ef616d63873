import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

import { WebSocketServer, type RawData, type WebSocket } from 'ws'

import type { FrontRequest, FrontResponse, FrontSession, ServedFront } from './wire.ts'

export interface FrontServerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Bytes of one message or body; larger ones close the connection (1009) or get 413. */
  readonly messageBytesMax: number
  /** Bytes that may wait for a slow reader before its connection is cut. */
  readonly sendBufferBytesMax: number
  /** Connections at once; further ones are refused. */
  readonly connectionsMax: number
  /** Whether `/control/…` is served, to loopback only. */
  readonly control: boolean
}

export const serverDefaults: FrontServerOptions = {
  host: '127.0.0.1', port: 8010, messageBytesMax: 1 << 20, sendBufferBytesMax: 8 << 20, connectionsMax: 1_000, control: true,
}

/** A front on real sockets: HTTP and WebSocket on one port. */
export class FrontServer {
  readonly #front: ServedFront
  readonly #options: FrontServerOptions
  readonly #http: Server
  readonly #sockets: WebSocketServer

  constructor(front: ServedFront, options: FrontServerOptions = serverDefaults) {
    this.#front = front
    this.#options = options
    this.#http = createServer((request, response) => this.#request(request, response))
    this.#http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head))
    this.#http.on('clientError', (_error, socket) => socket.destroy())
    this.#sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: options.messageBytesMax })
  }

  /** @returns the port. Rejects with the system's error (`EADDRINUSE`) when it cannot be had. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject)
      this.#http.listen(this.#options.port, this.#options.host, () => {
        this.#http.off('error', reject)
        this.#http.on('error', () => this.#front.counters.internalErrors++)
        resolve((this.#http.address() as AddressInfo).port)
      })
    })
  }

  /** Closes everything; resolves when the port is free again. */
  close(): Promise<void> {
    this.#front.close()
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#http.closeAllConnections()
    return new Promise((resolve) => this.#http.close(() => resolve()))
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = []
    let bytes = 0
    let over = false
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= this.#options.messageBytesMax) chunks.push(chunk)
      else if (!over) {
        over = true
        chunks.length = 0
        write(response, { status: 413, headers: { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }, body: 'body too large' })
      }
    })
    request.on('error', () => response.destroy())
    request.on('end', () => {
      if (!over) this.#answer(request, response, Buffer.concat(chunks).toString('utf8'))
    })
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const url = request.url ?? '/'
    const cut = url.indexOf('?')
    const ip = request.socket.remoteAddress ?? ''
    const asked: FrontRequest = {
      method: request.method ?? 'GET',
      path: cut < 0 ? url : url.slice(0, cut),
      query: cut < 0 ? '' : url.slice(cut + 1),
      headers: request.headers as Readonly<Record<string, string | undefined>>,
      body,
      ip,
    }
    if (asked.path === '/control' || asked.path.startsWith('/control/')) {
      write(response, this.#options.control && isLoopback(ip) ? this.#front.control(asked) : { status: 404, headers: {}, body: 'path not found' })
      return
    }
    this.#front.http(asked, (answer) => write(response, answer))
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = request.url ?? '/'
    socket.on('error', () => socket.destroy())
    if (!this.#front.hasPath(path)) return refuse(socket, '404 Not Found')
    const refused = this.#front.refused(path, request.socket.remoteAddress ?? '')
    if (refused !== null) return refuse(socket, refused)
    if (this.#sockets.clients.size >= this.#options.connectionsMax) return refuse(socket, '503 Service Unavailable')
    this.#sockets.handleUpgrade(request, socket, head, (client) => this.#connect(path, client))
  }

  #connect(path: string, client: WebSocket): void {
    const { counters } = this.#front
    const session: FrontSession = this.#front.connect(path, {
      send: (text) => {
        if (client.readyState !== client.OPEN) return
        if (client.bufferedAmount > this.#options.sendBufferBytesMax) {
          counters.slowConsumers++
          client.terminate()
          return
        }
        client.send(text)
      },
      close: (code, reason) => (code === 1006 ? client.terminate() : client.close(code, reason)),
    })
    client.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) client.close(1003, 'text only')
      else session.receive((data as Buffer).toString('utf8'))
    })
    // What `ws` refuses by itself (too big, not UTF-8) ends here too: the close event follows.
    client.on('error', () => counters.badMessages++)
    client.on('close', () => session.closed())
  }
}

function write(response: ServerResponse, answer: FrontResponse): void {
  if (response.destroyed || response.writableEnded) return
  response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) })
  response.end(answer.body)
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

const isLoopback = (ip: string): boolean => ip === '::1' || /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(ip)
