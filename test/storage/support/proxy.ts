import { connect, createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'

/** A way to a server that can be made bad: closed, or silent in the middle of everything. */
export class Proxy {
  readonly #target: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #port = 0
  #silent = false

  constructor(target: number) {
    this.#target = target
    this.#server = createServer((near) => {
      const far = connect(this.#target, '127.0.0.1')
      const both = [near, far]
      for (const [socket, other] of [[near, far], [far, near]] as const) {
        this.#sockets.add(socket)
        socket.on('data', (bytes: Buffer) => void (this.#silent || other.destroyed || other.write(bytes)))
        socket.on('error', () => {})
        socket.on('close', () => {
          this.#sockets.delete(socket)
          for (const one of both) one.destroy()
        })
      }
    })
  }

  /** @returns its port, the same at each opening */
  async open(): Promise<number> {
    this.#silent = false
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as { readonly port: number }).port
    return this.#port
  }

  /** Takes everything and hands nothing on. */
  silence(): void {
    this.#silent = true
  }

  /** Cuts every connection and refuses new ones. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
