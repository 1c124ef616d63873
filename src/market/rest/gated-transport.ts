import type { Clock, Nanos, Timer, Timers } from '../../core/index.ts'
import type { HttpOutcome, HttpRequest, Socket, SocketHandlers, Transport } from '../../venues/index.ts'
import type { RestBudget } from './budget.ts'

/** Whether a request counts against the budget, and how much it hurries. */
export type RestClass = 'urgent' | 'background' | 'free'

interface Waiting {
  readonly request: HttpRequest
  readonly urgent: boolean
  readonly deadlineNs: Nanos
  readonly done: (outcome: HttpOutcome) => void
}

/** After its deadline a request that was never answered holds its place a little longer: the transport's own clock may lag. */
const LEASE_MARGIN_MS = 1000

export interface GatedTransportParts {
  readonly inner: Transport
  readonly budget: RestBudget
  readonly clock: Clock
  readonly timers: Timers
  readonly classify: (request: HttpRequest) => RestClass
  readonly count: (name: string, label?: string, by?: number) => void
}

/**
 * A transport on which market data by REST keeps to the budget of the engine. It stands below the adapter, where every
 * page and every repeat is a request of its own. Waiting counts against the deadline of the request; one that found no
 * place in time was certainly not sent. Sockets and all other requests pass untouched.
 */
export class GatedTransport implements Transport {
  readonly #parts: GatedTransportParts
  readonly #line: Waiting[] = []
  #timer: Timer | null = null

  constructor(parts: GatedTransportParts) {
    this.#parts = parts
  }

  /** Requests that wait for a place. */
  get waiting(): number {
    return this.#line.length
  }

  socket(url: string, handlers: SocketHandlers): Socket {
    return this.#parts.inner.socket(url, handlers)
  }

  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): void {
    const kind = this.#parts.classify(request)
    if (kind === 'free') return this.#parts.inner.request(request, done)
    const urgent = kind === 'urgent'
    const waiting = { request, urgent, deadlineNs: this.#parts.clock.nowNs() + request.deadlineMs * 1e6, done }
    // Urgent ones stand behind each other, before all others.
    const at = urgent ? this.#line.findIndex((one) => !one.urgent) : -1
    if (at < 0) this.#line.push(waiting)
    else this.#line.splice(at, 0, waiting)
    this.#serve()
  }

  #serve(): void {
    const { clock, count } = this.#parts
    const nowNs = clock.nowNs()
    while (this.#line.length > 0) {
      const first = this.#line[0]!
      const leftMs = (first.deadlineNs - nowNs) / 1e6
      if (leftMs <= 0) break
      const place = this.#parts.budget.acquire(nowNs, leftMs + LEASE_MARGIN_MS, first.urgent)
      if (place === null) break
      this.#line.shift()
      count('rest_requests', first.urgent ? 'urgent' : 'background')
      this.#parts.inner.request({ ...first.request, deadlineMs: leftMs, leaveMs: leftMs }, (outcome) => {
        this.#parts.budget.release(place)
        first.done(outcome)
        this.#serve()
      })
    }
    this.#plan()
  }

  /** Looks again when the budget may have a place, or when the first deadline comes. */
  #plan(): void {
    this.#timer?.cancel()
    this.#timer = null
    if (this.#line.length === 0) return
    const nowNs = this.#parts.clock.nowNs()
    let waitMs = this.#parts.budget.retryMs(nowNs, this.#line[0]!.urgent)
    for (const one of this.#line) waitMs = Math.min(waitMs, (one.deadlineNs - nowNs) / 1e6)
    this.#timer = this.#parts.timers.after(Math.max(0, waitMs), () => {
      this.#expire()
      this.#serve()
    })
  }

  #expire(): void {
    const nowNs = this.#parts.clock.nowNs()
    for (let i = 0; i < this.#line.length; ) {
      const one = this.#line[i]!
      if (one.deadlineNs > nowNs) {
        i++
        continue
      }
      this.#line.splice(i, 1)
      this.#parts.count('rest_requests', 'no_place')
      one.done({ kind: 'failure', sent: false, reason: `no place in the REST budget of the engine within ${one.request.deadlineMs} ms` })
    }
  }
}
