import type { VirtualTime } from '../src/core/index.ts'
import type { HttpRequest, Socket, SocketHandlers, Transport } from '../src/venues/index.ts'

/** The side of a protocol front that a transport talks to; the built-in exchange's fronts have this shape. */
export interface ProtocolFront {
  http(
    request: { readonly method: string; readonly path: string; readonly query: string; readonly headers: Readonly<Record<string, string>>; readonly body: string },
    done: (response: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }) => void,
  ): void
  connect(path: string, peer: { send(text: string): void; close(code: number, reason: string): void }): { receive(text: string): void; closed(): void }
}

/** Delay of one way over the link, in ms of virtual time. */
export interface LinkDelay {
  readonly outMs: number
  readonly inMs: number
}

/** Joins an engine and a protocol front in one thread of virtual time: same bytes as over sockets, no sockets. */
export class VirtualTransport implements Transport {
  readonly #front: ProtocolFront
  readonly #time: VirtualTime
  readonly #delay: LinkDelay

  constructor(front: ProtocolFront, time: VirtualTime, delay: LinkDelay) {
    this.#front = front
    this.#time = time
    this.#delay = delay
  }

  socket(url: string, handlers: SocketHandlers): Socket {
    return new VirtualSocket(this.#front, this.#time, this.#delay, new URL(url).pathname, handlers)
  }

  request(request: HttpRequest, done: Parameters<Transport['request']>[1]): void {
    const url = new URL(request.url)
    let answered = false
    const answer: typeof done = (outcome) => {
      if (answered) return
      answered = true
      deadline.cancel()
      done(outcome)
    }
    const deadline = this.#time.after(request.deadlineMs, () => answer({ kind: 'failure', sent: true, reason: `no answer within ${request.deadlineMs} ms` }))
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]))
    this.#time.after(this.#delay.outMs, () =>
      this.#front.http({ method: request.method, path: url.pathname, query: url.search.slice(1), headers, body: request.body ?? '' }, (response) =>
        this.#time.after(this.#delay.inMs, () => answer({ kind: 'response', ...response })),
      ),
    )
  }
}

class VirtualSocket implements Socket {
  readonly #time: VirtualTime
  readonly #delay: LinkDelay
  readonly #handlers: SocketHandlers
  #session: { receive(text: string): void; closed(): void } | null = null
  #open = false
  #ended = false
  #paused = false
  readonly #held: string[] = []

  constructor(front: ProtocolFront, time: VirtualTime, delay: LinkDelay, path: string, handlers: SocketHandlers) {
    this.#time = time
    this.#delay = delay
    this.#handlers = handlers
    time.after(delay.outMs, () => {
      if (this.#ended) return
      this.#session = front.connect(path, { send: (text) => this.#arrive(text), close: (code, reason) => void time.after(delay.inMs, () => this.#end(code, reason)) })
      time.after(delay.inMs, () => {
        if (this.#ended) return
        this.#open = true
        handlers.open()
      })
    })
  }

  send(text: string): boolean {
    if (!this.#open) return false
    this.#time.after(this.#delay.outMs, () => this.#session?.receive(text))
    return true
  }

  close(): void {
    this.#time.after(this.#delay.outMs, () => this.#end(1000, 'closed'))
  }

  terminate(): void {
    this.#time.after(0, () => this.#end(1006, 'terminated'))
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    while (!this.#paused && this.#held.length > 0) this.#deliver(this.#held.shift()!)
  }

  #arrive(text: string): void {
    this.#time.after(this.#delay.inMs, () => {
      if (this.#paused) this.#held.push(text)
      else this.#deliver(text)
    })
  }

  #deliver(text: string): void {
    if (!this.#ended) this.#handlers.message(Buffer.from(text, 'utf8'))
  }

  #end(code: number, reason: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#open = false
    this.#session?.closed()
    this.#handlers.close(code, reason)
  }
}
