import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { createHash, timingSafeEqual } from 'node:crypto'
import { errorLine, fail } from '../../core/index.ts'
import { FrameCutter, packFrame } from './framing.ts'
import type { FeedAddress, FeedMessage, ToFeed } from './messages.ts'

/** Longest path of a local socket that every system takes. */
const PATH_BYTES_MAX = 100
/** What may wait for a slow reader before frames are left out. */
const WAITING_BYTES_MAX = 1 << 20
/** Nothing that a gateway says is longer. */
const REQUEST_BYTES_MAX = 64 << 10
const TOKEN_MS = 2000

export interface FeedServerParts {
  /** Preferred place: a local socket that only its owner can open. */
  readonly path: string
  readonly token: string
  /** What a gateway is told first. */
  readonly hello: () => FeedMessage
  readonly say: (level: 'warn' | 'error', words: string) => void
}

/**
 * The engine's end of the link: one gateway at a time, the newest. While there is none, or it reads slowly, frames are left
 * out and cost nothing; nobody ever waits for it.
 */
export class FeedServer {
  readonly #parts: FeedServerParts
  readonly #server: Server
  #client: Socket | null = null
  #wants: { readonly books: readonly number[]; readonly features: readonly number[] } = NOTHING_WANTED
  #left = 0

  constructor(parts: FeedServerParts) {
    this.#parts = parts
    this.#server = createServer((socket) => this.#onConnection(socket))
  }

  /** True while a gateway listens and can take more. */
  get wanted(): boolean {
    return this.#client !== null
  }

  /** Indices of the symbols whose books and features somebody looks at. */
  get wants(): { readonly books: readonly number[]; readonly features: readonly number[] } {
    return this.#wants
  }

  /** Frames that were left out because the reader was slow. */
  get left(): number {
    return this.#left
  }

  /** @throws RM_API_LINK when no address can be used */
  listen(): Promise<FeedAddress> {
    const { path } = this.#parts
    const local = process.platform !== 'win32' && Buffer.byteLength(path) <= PATH_BYTES_MAX
    // Left by an engine that was killed; the lock of the journal says that it is gone.
    if (local) rmSync(path, { force: true })
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => reject(linkError(error)))
      const done = (): void => {
        this.#server.on('error', (error) => this.#parts.say('error', `the feed of the gateway: ${errorLine(error)}`))
        // In a folder of its owner already; and the token is asked for all the same.
        if (local) chmodSync(path, 0o600)
        const address = this.#server.address()
        resolve(typeof address === 'string' || address === null ? { path } : { host: address.address, port: address.port })
      }
      if (local) this.#server.listen(path, done)
      else this.#server.listen(0, '127.0.0.1', done)
    })
  }

  /** @returns false when it was left out */
  send(message: FeedMessage): boolean {
    const client = this.#client
    if (client === null) return false
    if (client.writableLength > WAITING_BYTES_MAX) {
      this.#left++
      return false
    }
    client.write(packFrame(message))
    return true
  }

  close(): void {
    this.#client?.destroy()
    this.#server.close()
  }

  #onConnection(socket: Socket): void {
    const cutter = new FrameCutter(REQUEST_BYTES_MAX)
    let known = false
    const deadline = setTimeout(() => known || socket.destroy(), TOKEN_MS)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(deadline)
      if (this.#client !== socket) return
      this.#client = null
      this.#wants = NOTHING_WANTED
    })
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const message of cutter.take(chunk)) {
          const said = message as ToFeed
          if (!known) {
            if (said?.type !== 'token' || !sameText(said.token, this.#parts.token)) fail('RM_API_LINK', { problem: 'a client without the token of this run' })
            known = true
            this.#client?.destroy()
            this.#client = socket
            this.#wants = NOTHING_WANTED
            this.send(this.#parts.hello())
          } else if (said?.type === 'want' && isList(said.books) && isList(said.features)) this.#wants = { books: said.books, features: said.features }
        }
      } catch (error) {
        this.#parts.say('warn', errorLine(error))
        socket.destroy()
      }
    })
  }
}

const NOTHING_WANTED = { books: [], features: [] } as const
const isList = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every((one) => Number.isSafeInteger(one))

/** Compares in the same time whatever the difference. */
export function sameText(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

function linkError(error: unknown): Error {
  try {
    return fail('RM_API_LINK', { problem: errorLine(error) }, error)
  } catch (coded) {
    return coded as Error
  }
}
