import type { Nanos } from '../../src/core/index.ts'
import type { HttpRequest, Socket, SocketHandlers, Transport } from '../../src/venues/index.ts'

/** A command as it left the engine. */
export interface SentCommand {
  readonly atNs: Nanos
  readonly text: string
}

const NEW_ORDER = /"op":"(order\.create|order\.create-batch|order|batch-orders)"/
const NEW_ORDER_PATH = /\/(order\/create|order\/create-batch|trade\/order|trade\/batch-orders|trade\/order-algo)$/

/**
 * The wire between engine and exchange, on the engine's side of it: writes down every new order that may increase
 * exposure, over sockets and REST, at the moment it leaves; and can be cut for everything of the account.
 */
export class KillTransport implements Transport {
  readonly opening: SentCommand[] = []
  readonly closing: SentCommand[] = []
  #cut = false
  readonly #inner: Transport
  readonly #nowNs: () => Nanos
  readonly #after: (delayMs: number, callback: () => void) => void
  readonly #private = new Set<Socket>()

  constructor(inner: Transport, nowNs: () => Nanos, after: (delayMs: number, callback: () => void) => void) {
    this.#inner = inner
    this.#nowNs = nowNs
    this.#after = after
  }

  socket(url: string, handlers: SocketHandlers): Socket {
    const inner = this.#inner.socket(url, {
      open: () => handlers.open(),
      message: (frame) => handlers.message(frame),
      close: (code, reason) => {
        this.#private.delete(inner)
        handlers.close(code, reason)
      },
    })
    if (/\/public/.test(url)) return inner
    this.#private.add(inner)
    if (this.#cut) inner.terminate()
    return {
      send: (text) => {
        const left = inner.send(text)
        if (left && NEW_ORDER.test(text)) this.#note(text)
        return left
      },
      close: () => inner.close(),
      terminate: () => inner.terminate(),
      pause: () => inner.pause(),
      resume: () => inner.resume(),
    }
  }

  request(request: HttpRequest, done: Parameters<Transport['request']>[1]): void {
    const signed = Object.keys(request.headers).some((name) => /api-key|access-key/i.test(name))
    if (this.#cut && signed) {
      this.#after(1, () => done({ kind: 'failure', sent: false, reason: 'no route' }))
      return
    }
    if (request.method === 'POST' && NEW_ORDER_PATH.test(new URL(request.url).pathname)) this.#note(request.body ?? '')
    this.#inner.request(request, done)
  }

  /** Cuts everything of the account, until `mend`. */
  sever(): void {
    this.#cut = true
    for (const socket of this.#private) socket.terminate()
  }

  mend(): void {
    this.#cut = false
  }

  /** Orders that may increase exposure and left after a time. */
  openedAfter(ns: Nanos): readonly string[] {
    return this.opening.filter((one) => one.atNs > ns).map((one) => one.text)
  }

  #note(text: string): void {
    const list = /"reduceOnly":"?true/.test(text) ? this.closing : this.opening
    list.push({ atNs: this.#nowNs(), text })
  }
}
