import { connect, type Socket } from 'node:net'
import { errorLine } from '../../core/index.ts'
import { FrameCutter, packFrame } from './framing.ts'
import type { FeedAddress, FeedMessage, ToFeed } from './messages.ts'

const AGAIN_MS = 250
const AGAIN_MS_MAX = 2000

export interface FeedClientParts {
  readonly token: string
  readonly onMessage: (message: FeedMessage) => void
  /** False when the link has gone; what was heard through it is old from then on. */
  readonly onLink: (up: boolean) => void
  readonly say: (level: 'info' | 'warn', words: string) => void
}

/** The gateway's end of the link: keeps one connection to the feed of the engine that runs, wherever that is. */
export class FeedClient {
  readonly #parts: FeedClientParts
  #address: FeedAddress | null = null
  #socket: Socket | null = null
  #up = false
  #againMs = AGAIN_MS
  #timer: NodeJS.Timeout | null = null
  #wants = ''
  #closed = false

  constructor(parts: FeedClientParts) {
    this.#parts = parts
  }

  get up(): boolean {
    return this.#up
  }

  /** The engine that runs now listens here: the old connection ends. */
  at(address: FeedAddress): void {
    this.#address = address
    this.#againMs = AGAIN_MS
    this.#drop()
    this.#open()
  }

  /** What it wants beyond the latest of every symbol; told again to every new engine. */
  want(books: readonly number[], features: readonly number[]): void {
    const wants = JSON.stringify([books, features])
    if (wants === this.#wants) return
    this.#wants = wants
    if (this.#up) this.#tell({ type: 'want', books, features })
  }

  close(): void {
    this.#closed = true
    this.#drop()
  }

  #open(): void {
    if (this.#closed || this.#address === null) return
    const socket = 'path' in this.#address ? connect(this.#address.path) : connect(this.#address.port, this.#address.host)
    const cutter = new FrameCutter()
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('connect', () => this.#tell({ type: 'token', token: this.#parts.token }))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#onClose(socket))
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const message of cutter.take(chunk)) this.#hear(message as FeedMessage)
      } catch (error) {
        this.#parts.say('warn', errorLine(error))
        socket.destroy()
      }
    })
  }

  #hear(message: FeedMessage): void {
    if (message.type === 'hello' && !this.#up) {
      this.#up = true
      this.#againMs = AGAIN_MS
      this.#parts.onLink(true)
      if (this.#wants !== '') {
        const [books, features] = JSON.parse(this.#wants) as [number[], number[]]
        this.#tell({ type: 'want', books, features })
      }
    }
    this.#parts.onMessage(message)
  }

  #tell(message: ToFeed): void {
    this.#socket?.write(packFrame(message))
  }

  #onClose(socket: Socket): void {
    if (this.#socket !== socket) return
    this.#socket = null
    this.#wentDown()
    if (this.#closed) return
    this.#timer = setTimeout(() => this.#open(), this.#againMs)
    this.#againMs = Math.min(AGAIN_MS_MAX, this.#againMs * 2)
  }

  #drop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    const socket = this.#socket
    this.#socket = null
    socket?.destroy()
    this.#wentDown()
  }

  #wentDown(): void {
    if (!this.#up) return
    this.#up = false
    this.#parts.onLink(false)
  }
}
