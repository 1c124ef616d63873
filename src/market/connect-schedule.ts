import type { Nanos } from '../core/index.ts'
import { fail } from '../core/index.ts'

const BYTES = 8
/** When a connection that has to stand back asks again, ms. */
const AGAIN_MS = 500

/** How much a new connection hurries: books and accounts before everything that the engine can do without for a while. */
export type ConnectLane = 'first' | 'later'

/** How long to wait, and whether the connection may then be opened or has to ask again. */
export interface ConnectPlace {
  readonly waitMs: number
  readonly granted: boolean
}

/**
 * When a new connection may be opened, over all threads: places are handed out one after the other, so far apart that all
 * together stay under what the venue takes from one address. Who belongs to the first lane gets the next place, however
 * far off; who belongs to the later one gets only a place that is free at once and stands back for all others. A place
 * that is not used is lost, nothing else. The state is one word in shared memory, moved by compare-and-exchange: no thread
 * waits for another, and none that dies holds anybody up.
 */
export class ConnectSchedule {
  readonly buffer: SharedArrayBuffer
  readonly #words: BigInt64Array

  /** @param buffer of the schedule that another thread made; a new one without it @throws RM_CONNECT_SCHEDULE for a buffer that is none */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(BYTES)) {
    if (buffer.byteLength !== BYTES) fail('RM_CONNECT_SCHEDULE', { actual: buffer.byteLength, needed: BYTES })
    this.buffer = buffer
    this.#words = new BigInt64Array(buffer)
  }

  /** Takes a place. @param spacingMs from one place to the next @returns granted with the wait for it, or when to ask again, ms */
  take(lane: ConnectLane, spacingMs: number, nowNs: Nanos): ConnectPlace {
    const now = BigInt(Math.floor(nowNs))
    const spacing = BigInt(Math.ceil(spacingMs * 1e6))
    for (;;) {
      const next = Atomics.load(this.#words, 0)
      if (lane === 'later' && next > now) return { waitMs: AGAIN_MS, granted: false }
      const at = next > now ? next : now
      if (Atomics.compareExchange(this.#words, 0, next, at + spacing) === next) return { waitMs: Number(at - now) / 1e6, granted: true }
    }
  }
}
