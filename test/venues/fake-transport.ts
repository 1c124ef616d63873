import type { Timers } from '../../src/core/index.ts'
import type { HttpOutcome, HttpRequest, Socket, SocketHandlers, Transport } from '../../src/venues/index.ts'
import { bytesOf } from './fixtures.ts'

/** One socket of the scripted transport: the test plays the venue. */
export class FakeSocket implements Socket {
  readonly url: string
  readonly sent: Record<string, unknown>[] = []
  paused = false
  closed = false
  isOpen = false
  /** When false, `send` says that nothing left. */
  sendable = true
  readonly #handlers: SocketHandlers
  readonly #timers: Timers

  constructor(url: string, handlers: SocketHandlers, timers: Timers) {
    this.url = url
    this.#handlers = handlers
    this.#timers = timers
  }

  open(): void {
    this.isOpen = true
    this.#handlers.open()
  }

  /** A frame of the venue, compact JSON or raw text. */
  receive(frame: unknown): void {
    if (!this.closed) this.#handlers.message(bytesOf(frame))
  }

  /** The venue drops the connection. */
  drop(code = 1006, reason = ''): void {
    if (this.closed) return
    this.closed = true
    this.isOpen = false
    this.#handlers.close(code, reason)
  }

  /** Frames sent with this `op`. */
  ops(op: string): readonly Record<string, unknown>[] {
    return this.sent.filter((frame) => frame['op'] === op)
  }

  send(text: string): boolean {
    if (!this.isOpen || !this.sendable) return false
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
    return true
  }

  close(): void {
    this.terminate()
  }

  terminate(): void {
    if (this.closed) return
    this.isOpen = false
    this.#timers.after(0, () => this.drop(1006, 'terminated'))
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }
}

export type Responder = (request: HttpRequest, query: URLSearchParams, path: string) => HttpOutcome | null

export const answer = (result: unknown, extra: Record<string, unknown> = {}): HttpOutcome => ({
  kind: 'response', status: 200, headers: {}, body: JSON.stringify({ retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: 1_700_000_000_000, ...extra }),
})
export const refusal = (retCode: number, retMsg = 'text'): HttpOutcome => ({ kind: 'response', status: 200, headers: {}, body: JSON.stringify({ retCode, retMsg, result: {}, retExtInfo: {}, time: 1_700_000_000_000 }) })

/** Scripted transport in virtual time. Requests are answered by `respond` after `latencyMs`; null is silence until the deadline. */
export class FakeTransport implements Transport {
  readonly sockets: FakeSocket[] = []
  readonly requests: (HttpRequest & { readonly path: string; readonly query: URLSearchParams })[] = []
  latencyMs = 1
  respond: Responder = () => null
  readonly #timers: Timers

  constructor(timers: Timers) {
    this.#timers = timers
  }

  socket(url: string, handlers: SocketHandlers): Socket {
    const socket = new FakeSocket(url, handlers, this.#timers)
    this.sockets.push(socket)
    return socket
  }

  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): void {
    const url = new URL(request.url)
    this.requests.push({ ...request, path: url.pathname, query: url.searchParams })
    const outcome = this.respond(request, url.searchParams, url.pathname)
    if (outcome === null) this.#timers.after(request.deadlineMs, () => done({ kind: 'failure', sent: true, reason: 'timeout' }))
    else this.#timers.after(this.latencyMs, () => done(outcome))
  }

  /** The newest socket of a URL ending. */
  last(ending: string): FakeSocket {
    const found = this.sockets.findLast((socket) => socket.url.endsWith(ending))
    if (found === undefined) throw new Error(`no socket to ${ending}`)
    return found
  }

  count(ending: string): number {
    return this.sockets.filter((socket) => socket.url.endsWith(ending)).length
  }

  asked(path: string): number {
    return this.requests.filter((request) => request.path === path).length
  }
}
