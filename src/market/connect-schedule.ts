import type { Nanos } from '../core/index.ts'
import { fail } from '../core/index.ts'

const BYTES = 16
/** When a connection that has to stand back asks again, ms. */
const AGAIN_MS = 500
/** Others stand back for the first connection of the account no longer than this, and ask again so often, ms. */
const ACCOUNT_FIRST_MS = 1500
const ACCOUNT_AGAIN_MS = 20
const NEXT = 0
const ACCOUNT_UNTIL = 1

/** How much a new connection hurries: the account, then books, then everything that the engine can do without for a while. */
export type ConnectLane = 'account' | 'first' | 'later'

/** How long to wait, and whether the connection may then be opened or has to ask again. */
export interface ConnectPlace {
  readonly waitMs: number
  readonly granted: boolean
}

/**
 * When a new connection may be opened, over all threads: places are handed out one after the other, so far apart that all
 * together stay under what the venue takes from one address. At the start of an engine the account comes first, because
 * nothing can be cancelled, closed or compared without it: until it has a place, or 1.5 s after somebody else first wanted
 * one, nobody else gets any. Who belongs to the first lane gets the next place, however
 * far off; who belongs to the later one gets only a place that is free at once and stands back for all others. A place
 * that is not used is lost, nothing else. The state is two words in shared memory, moved by compare-and-exchange: no thread
 * waits for another, and none that dies holds anybody up for longer than that.
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
    if (lane === 'account') Atomics.store(this.#words, ACCOUNT_UNTIL, -1n)
    else if (this.#accountFirst(now)) return { waitMs: ACCOUNT_AGAIN_MS, granted: false }
    for (;;) {
      const next = Atomics.load(this.#words, NEXT)
      if (lane === 'later' && next > now) return { waitMs: AGAIN_MS, granted: false }
      const at = next > now ? next : now
      if (Atomics.compareExchange(this.#words, NEXT, next, at + spacing) === next) return { waitMs: Number(at - now) / 1e6, granted: true }
    }
  }

  /** True while the account has had no place yet and may still be given the first. The time runs from the first who asks. */
  #accountFirst(now: bigint): boolean {
    const until = now + BigInt(ACCOUNT_FIRST_MS * 1e6)
    // 0: nobody has asked; below: the account has its place.
    const was = Atomics.compareExchange(this.#words, ACCOUNT_UNTIL, 0n, until)
    return was === 0n || now < was
  }
}
