import type { Nanos } from '../../src/core/index.ts'
import { classifyMarketRequest } from '../../src/market/index.ts'
import type { HttpOutcome, HttpRequest, Socket, SocketHandlers, Transport } from '../../src/venues/index.ts'

/** A request of public market data as it left the engine. */
export interface SeenRequest {
  readonly path: string
  readonly atNs: Nanos
  readonly deadlineMs: number
  /** Infinity while there is no answer. */
  endNs: Nanos
}

/**
 * The wire between engine and exchange, with scissors for the public streams and a brake for REST. Everything that
 * passes is written down: what the exchange sees of the engine's discipline.
 */
export class CutTransport implements Transport {
  readonly seen: SeenRequest[] = []
  /** Requests of any kind that came without a deadline, or with an endless one. */
  readonly endless: string[] = []
  cut = false
  /** Requests of market data get no answer but that of their own deadline. */
  mute = false
  readonly #inner: Transport
  readonly #nowNs: () => Nanos
  readonly #after: (delayMs: number, callback: () => void) => void
  readonly #open = new Set<Socket>()

  constructor(inner: Transport, nowNs: () => Nanos, after: (delayMs: number, callback: () => void) => void) {
    this.#inner = inner
    this.#nowNs = nowNs
    this.#after = after
  }

  socket(url: string, handlers: SocketHandlers): Socket {
    if (!/\/public/.test(url)) return this.#inner.socket(url, handlers)
    const socket = this.#inner.socket(url, {
      open: () => handlers.open(),
      message: (frame) => handlers.message(frame),
      close: (code, reason) => {
        this.#open.delete(socket)
        handlers.close(code, reason)
      },
    })
    this.#open.add(socket)
    if (this.cut) socket.terminate()
    return socket
  }

  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): void {
    if (!(request.deadlineMs > 0 && request.deadlineMs <= 10_000)) this.endless.push(`${request.method} ${request.url} ${request.deadlineMs}`)
    if (classifyMarketRequest(request) === 'free') return this.#inner.request(request, done)
    const seen: SeenRequest = { path: new URL(request.url).pathname, atNs: this.#nowNs(), deadlineMs: request.deadlineMs, endNs: Number.POSITIVE_INFINITY }
    this.seen.push(seen)
    const finish = (outcome: HttpOutcome): void => {
      seen.endNs = this.#nowNs()
      done(outcome)
    }
    if (this.mute) this.#after(request.deadlineMs, () => finish({ kind: 'failure', sent: true, reason: 'no answer' }))
    else this.#inner.request(request, finish)
  }

  /** Cuts every public stream, and every new one until `mend`. */
  sever(): void {
    this.cut = true
    for (const socket of this.#open) socket.terminate()
  }

  mend(): void {
    this.cut = false
  }

  /** Most requests in any window of that length. */
  mostWithin(windowMs: number): number {
    let most = 0
    let first = 0
    this.seen.forEach((one, i) => {
      while (one.atNs - this.seen[first]!.atNs >= windowMs * 1e6) first++
      most = Math.max(most, i - first + 1)
    })
    return most
  }

  /** Shortest time from one request to the next, ms. */
  get shortestGapMs(): number {
    return Math.min(...this.seen.slice(1).map((one, i) => (one.atNs - this.seen[i]!.atNs) / 1e6))
  }

  get mostInFlight(): number {
    return Math.max(...this.seen.map((one) => this.seen.filter((other) => other.atNs <= one.atNs && other.endNs > one.atNs).length))
  }
}
