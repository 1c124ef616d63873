import type { Timers } from '../../src/core/index.ts'
import type { FrontSession, ServedFront } from '../../src/exchange/front/index.ts'
import type { HttpOutcome, HttpRequest, Socket, SocketHandlers, Transport } from '../../src/venues/index.ts'

/** The built-in exchange's front as the other end of a transport, in the same thread and the same virtual time. */
export class FrontTransport implements Transport {
  readonly #front: ServedFront
  readonly #timers: Timers

  constructor(front: ServedFront, timers: Timers) {
    this.#front = front
    this.#timers = timers
  }

  socket(url: string, handlers: SocketHandlers): Socket {
    const { pathname, search } = new URL(url)
    let session: FrontSession | null = null
    let ended = false
    const end = (code: number, reason: string): void => {
      if (ended) return
      ended = true
      session?.closed()
      this.#timers.after(0, () => handlers.close(code, reason))
    }
    this.#timers.after(0, () => {
      if (ended) return
      session = this.#front.connect(pathname + search, { send: (text) => void (ended || handlers.message(Buffer.from(text))), close: end })
      if (!ended) handlers.open()
    })
    return {
      send: (text) => {
        if (ended || session === null) return false
        session.receive(text)
        return true
      },
      close: () => end(1000, ''),
      terminate: () => end(1006, ''),
      pause: () => {},
      resume: () => {},
    }
  }

  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): void {
    const { pathname, search } = new URL(request.url)
    let finished = false
    const finish = (outcome: HttpOutcome): void => {
      if (finished) return
      finished = true
      deadline.cancel()
      done(outcome)
    }
    const deadline = this.#timers.after(request.deadlineMs, () => finish({ kind: 'failure', sent: true, reason: `no answer within ${request.deadlineMs} ms` }))
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]))
    this.#front.http({ method: request.method, path: pathname, query: search.slice(1), headers, body: request.body ?? '' }, (response) => this.#timers.after(0, () => finish({ kind: 'response', ...response })))
  }
}
