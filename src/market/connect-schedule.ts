import type { Nanos } from '../core/index.ts'
import { fail } from '../core/index.ts'

const LANES = 2
const BYTES = LANES * 8

/** How much a new connection hurries: books and accounts before everything that the engine can do without for a while. */
export type ConnectLane = 'first' | 'later'

/**
 * When a new connection may be opened, over all threads: each lane hands out its places one after the other, so far apart
 * that both together stay under what the venue takes from one address. A place that is not used is lost, nothing else. The
 * state is one word a lane in shared memory, moved by compare-and-exchange: no thread waits for another, and none that
 * dies holds anybody up.
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

  /** Takes the next place of a lane. @param spacingMs of the lane @returns how long to wait for it, ms; 0 for now */
  take(lane: ConnectLane, spacingMs: number, nowNs: Nanos): number {
    const word = lane === 'first' ? 0 : 1
    const now = BigInt(Math.floor(nowNs))
    const spacing = BigInt(Math.ceil(spacingMs * 1e6))
    for (;;) {
      const next = Atomics.load(this.#words, word)
      const at = next > now ? next : now
      if (Atomics.compareExchange(this.#words, word, next, at + spacing) === next) return Number(at - now) / 1e6
    }
  }
}
