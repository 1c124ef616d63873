import type { ClientRequest } from 'node:http'
import { createRequire } from 'node:module'
import type { Socket as NetSocket } from 'node:net'
import { WebSocket } from 'ws'
import { limits } from '../core/index.ts'
import type { HttpOutcome, HttpRequest, Socket, SocketHandlers, Transport } from './transport.ts'

const require = createRequire(import.meta.url)
// An import statement reads every export of a built-in module, and one of `node:http` is a getter that loads the whole of
// undici: a quarter of the processor time that a thread takes to load, which a start does not have.
const { Agent: HttpAgent, request: httpRequest } = require('node:http') as typeof import('node:http')
const { Agent: HttpsAgent, request: httpsRequest } = require('node:https') as typeof import('node:https')

const HANDSHAKE_MS = 10_000
const BODY_BYTES_MAX = 32 * 1024 * 1024
/** A socket that could not even be tried. */
const UNCONNECTED: Socket = { send: () => false, close: () => {}, terminate: () => {}, pause: () => {}, resume: () => {} }

/** The network: WebSockets without compression, HTTP with kept-alive connections. */
export class NodeTransport implements Transport {
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: 16 })
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: 16 })

  socket(url: string, handlers: SocketHandlers): Socket {
    // Deflate costs thirty times the receive time of a plain frame.
    let ws: WebSocket
    try {
      ws = new WebSocket(url, { perMessageDeflate: false, maxPayload: limits.frameBytesMax, handshakeTimeout: HANDSHAKE_MS })
    } catch (error) {
      setImmediate(() => handlers.close(1006, error instanceof Error ? error.message : String(error)))
      return UNCONNECTED
    }
    let paused = false
    let problem = ''
    ws.on('open', () => {
      // `ws` ignores a pause while it connects.
      if (paused) ws.pause()
      handlers.open()
    })
    ws.on('message', (data) => handlers.message(data as Buffer))
    ws.on('error', (error) => {
      problem = error.message
    })
    ws.on('close', (code, reason) => handlers.close(code, reason.length > 0 ? reason.toString('utf8') : problem))
    return {
      send: (text) => {
        if (ws.readyState !== WebSocket.OPEN) return false
        ws.send(text)
        return true
      },
      close: () => ws.close(),
      terminate: () => ws.terminate(),
      pause: () => {
        paused = true
        ws.pause()
      },
      resume: () => {
        paused = false
        ws.resume()
      },
    }
  }

  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): void {
    let finished = false
    // A new connection that was never made has carried nothing; a kept one may have.
    let connected = false
    let outgoing: ClientRequest | null = null
    const finish = (outcome: HttpOutcome): void => {
      if (finished) return
      finished = true
      clearTimeout(deadline)
      clearTimeout(leave)
      // A whole answer leaves its connection to the agent.
      if (outcome.kind === 'failure') outgoing?.destroy()
      done(outcome)
    }
    const failed = (reason: string): void => finish({ kind: 'failure', sent: connected, reason })
    // What waits for a free connection, or for a new one, has not left.
    const leave = request.leaveMs === undefined ? undefined : setTimeout(() => void (connected || failed(`no connection within ${Math.round(request.leaveMs!)} ms`)), request.leaveMs)
    const deadline = setTimeout(() => failed(`no answer within ${Math.round(request.deadlineMs)} ms`), request.deadlineMs)
    let url: URL
    try {
      url = new URL(request.url)
      const secure = url.protocol === 'https:'
      const headers: Record<string, string | number> = { ...request.headers }
      if (request.body !== null) headers['Content-Length'] = Buffer.byteLength(request.body)
      outgoing = (secure ? httpsRequest : httpRequest)(url, { method: request.method, headers, agent: secure ? this.#https : this.#http })
      outgoing.on('socket', (socket: NetSocket) => {
        if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', () => void (connected = true))
        else connected = true
      })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      setImmediate(() => failed(reason))
      return
    }
    outgoing.on('error', (error) => failed(error.message))
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > BODY_BYTES_MAX) failed(`answer larger than ${BODY_BYTES_MAX} bytes`)
        else chunks.push(chunk)
      })
      response.on('error', (error) => failed(error.message))
      response.on('close', () => {
        if (!response.complete) failed('the answer broke off')
      })
      response.on('end', () => {
        const headers: Record<string, string> = {}
        for (const [name, value] of Object.entries(response.headers)) if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
        finish({ kind: 'response', status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString('utf8') })
      })
    })
    outgoing.end(request.body ?? undefined)
  }

  /** Drops the kept connections; requests and sockets under way are their owners' to end. */
  close(): void {
    this.#http.destroy()
    this.#https.destroy()
  }
}
