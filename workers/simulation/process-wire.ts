import type { Nanos, VirtualTime } from '../../src/core/index.ts'
import type { HttpOutcome, HttpRequest, Socket, SocketHandlers, Transport } from '../../src/venues/index.ts'
import type { ProcessTime } from './process-time.ts'

/** Hears what passes between one process and the venue, at the moment at which the process says or hears it. */
export interface WireTap {
  opened(url: string): void
  /** The process hears that a connection is gone. */
  closed(url: string): void
  sent(url: string, text: string): void
  asked(request: HttpRequest): void
  heard(url: string, frame: Uint8Array): void
  answered(request: HttpRequest, outcome: HttpOutcome): void
}

/** The network between the machine of the engine and the venue: one for all processes of a run. */
export class Uplink {
  /** What leaves arrives this much later, in order. */
  delayMs = 0
  /** Nothing leaves, and connections are cut. */
  unplugged = false
  struck = 0
}

/** The way of one process to the venue. It ends with the process: the venue sees its sockets cut, answers find nobody. */
export class ProcessWire implements Transport {
  readonly #inner: Transport
  readonly #time: VirtualTime
  readonly #process: ProcessTime
  readonly #uplink: Uplink
  readonly #tap: WireTap
  readonly #open = new Set<Socket>()

  constructor(inner: Transport, time: VirtualTime, process: ProcessTime, uplink: Uplink, tap: WireTap) {
    this.#inner = inner
    this.#time = time
    this.#process = process
    this.#uplink = uplink
    this.#tap = tap
  }

  socket(url: string, handlers: SocketHandlers): Socket {
    const enter = (callback: () => void): void => this.#process.enter(callback)
    if (!this.#process.alive) return DEAD
    this.#tap.opened(url)
    let ended = false
    let laneNs: Nanos = 0
    const inner = this.#inner.socket(url, {
      open: () => enter(() => handlers.open()),
      message: (frame) => {
        // The bytes are the handler's only until it returns: what has to wait is copied.
        const kept = this.#process.waits ? Buffer.from(frame) : frame
        enter(() => {
          this.#tap.heard(url, kept)
          handlers.message(kept)
        })
      },
      close: (code, reason) => {
        ended = true
        this.#open.delete(inner)
        enter(() => {
          this.#tap.closed(url)
          handlers.close(code, reason)
        })
      },
    })
    this.#open.add(inner)
    if (this.#uplink.unplugged) {
      this.#uplink.struck++
      inner.terminate()
    }
    return {
      send: (text) => {
        if (!this.#process.alive || ended) return false
        this.#tap.sent(url, text)
        if (this.#uplink.delayMs > 0) this.#uplink.struck++
        const dueNs = Math.max(this.#time.nowNs() + this.#uplink.delayMs * 1e6, laneNs)
        laneNs = dueNs
        if (dueNs > this.#time.nowNs()) this.#time.at(dueNs, () => inner.send(text))
        else this.#process.leave(() => inner.send(text))
        return true
      },
      close: () => inner.close(),
      terminate: () => inner.terminate(),
      pause: () => inner.pause(),
      resume: () => inner.resume(),
    }
  }

  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): void {
    const process = this.#process
    if (!process.alive) return
    const answer = (outcome: HttpOutcome): void =>
      process.enter(() => {
        this.#tap.answered(request, outcome)
        done(outcome)
      })
    if (this.#uplink.unplugged) {
      this.#uplink.struck++
      return void process.after(1, () => done({ kind: 'failure', sent: false, reason: 'network unreachable' }))
    }
    this.#tap.asked(request)
    const { delayMs } = this.#uplink
    if (delayMs <= 0) return process.leave(() => this.#inner.request(request, answer))
    this.#uplink.struck++
    // The deadline runs here, whatever is still on its way.
    let open = true
    const once = (outcome: HttpOutcome): void => {
      if (!open) return
      open = false
      answer(outcome)
    }
    this.#time.after(request.deadlineMs, () => once({ kind: 'failure', sent: true, reason: `no answer within ${request.deadlineMs} ms` }))
    this.#time.after(delayMs, () => this.#inner.request(request, once))
  }

  /** Cuts every connection. @returns how many */
  cut(): number {
    const count = this.#open.size
    for (const socket of [...this.#open]) socket.terminate()
    return count
  }
}

const DEAD: Socket = { send: () => false, close: () => {}, terminate: () => {}, pause: () => {}, resume: () => {} }
