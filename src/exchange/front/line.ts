import type { Clock, Nanos, Timers } from '../../core/index.ts'
import type { ConnectionKind, FrameFault } from './kinds.ts'
import { Lane } from './lane.ts'
import type { FrontPeer, FrontSession } from './wire.ts'

/** Bytes that may wait on a slow line before the venue gives the reader up. */
const WAITING_BYTES_MAX = 8 << 20
const CUT = 1006

/** What a line asks of the faults, and tells them. */
export interface LineFaults {
  /** Whether any frame may be hit. */
  readonly armed: boolean
  /** The fault that this frame meets, used up by it. */
  take(kind: ConnectionKind, text: string): FrameFault | null
  /** Something struck. */
  note(what: string): void
  join(line: Line): void
  leave(line: Line): void
}

/**
 * One connection between a session and its client, where faults of the wire strike. Without a fault a frame passes
 * straight through; once one has delayed a frame, later frames keep behind it as bytes of one stream do.
 */
export class Line implements FrontPeer, FrontSession {
  readonly kind: ConnectionKind
  readonly #peer: FrontPeer
  readonly #faults: LineFaults
  readonly #clock: Clock
  readonly #lane: Lane<string>
  #session: FrontSession | null = null
  #held: { readonly text: string; readonly match: string } | null = null
  #silent = false
  #goodbye: { readonly code: number; readonly reason: string } | null = null
  #bytesPerSecond = Number.POSITIVE_INFINITY
  /** When the last byte of a slow line will be out. */
  #freeNs: Nanos = 0
  #open = true

  constructor(kind: ConnectionKind, peer: FrontPeer, faults: LineFaults, clock: Clock, timers: Timers) {
    this.kind = kind
    this.#peer = peer
    this.#faults = faults
    this.#clock = clock
    this.#lane = new Lane(clock, timers, (text) => {
      if (this.#open) this.#peer.send(text)
    })
    faults.join(this)
  }

  /** Names the session at the venue's end. @returns the line as the transport sees it. */
  join(session: FrontSession): FrontSession {
    this.#session = session
    return this
  }

  receive(text: string): void {
    if (!this.#silent) this.#session?.receive(text)
  }

  closed(): void {
    this.#end()
    this.#session?.closed()
  }

  send(text: string): void {
    if (this.#silent) return this.#faults.note('silenced')
    const fault = this.#faults.armed ? this.#faults.take(this.kind, text) : null
    if (fault === null) return this.#pass(text, 0)
    const { action, delayMs, match, at, bit } = fault
    this.#faults.note(action)
    if (action === 'delay') this.#pass(text, delayMs)
    else if (action === 'duplicate') {
      this.#pass(text, 0)
      this.#pass(text, 0)
    } else if (action === 'reorder') {
      // The next one of its kind goes first.
      if (this.#held === null) this.#held = { text, match }
      else this.#pass(text, 0)
    } else if (action === 'damage') this.#pass(damaged(text, at % text.length, bit), 0)
    else if (action === 'cut') this.#cut(text.slice(0, at % text.length))
  }

  close(code: number, reason: string): void {
    // Nothing comes out of a half-open connection, not even its end.
    if (this.#silent) {
      this.#goodbye = { code, reason }
      return
    }
    this.#end()
    this.#peer.close(code, reason)
  }

  /** Both directions swallow what is said, until `wake`. */
  silence(): void {
    this.#silent = true
  }

  /** The line works again; what was swallowed is lost. */
  wake(): void {
    this.#silent = false
    const goodbye = this.#goodbye
    if (goodbye !== null) this.close(goodbye.code, goodbye.reason)
  }

  /** @param bytesPerSecond of what the client takes; Infinity ends it. */
  slow(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond
    this.#freeNs = this.#clock.nowNs()
    if (bytesPerSecond === Number.POSITIVE_INFINITY) this.#lane.hurry()
  }

  /** Ends what is armed on this line itself. */
  heal(): void {
    this.slow(Number.POSITIVE_INFINITY)
    this.#release()
    this.wake()
  }

  #pass(text: string, delayMs: number): void {
    let waitMs = delayMs
    if (this.#bytesPerSecond !== Number.POSITIVE_INFINITY) {
      const nowNs = this.#clock.nowNs()
      this.#freeNs = Math.max(nowNs, this.#freeNs) + (text.length / this.#bytesPerSecond) * 1e9
      waitMs = Math.max(waitMs, (this.#freeNs - nowNs) / 1e6)
      this.#faults.note('slowed')
      if (((waitMs - delayMs) / 1e3) * this.#bytesPerSecond > WAITING_BYTES_MAX) return this.#cut('')
    }
    this.#lane.pass(text, waitMs)
    if (this.#held !== null && text.includes(this.#held.match)) this.#release()
  }

  #release(): void {
    const held = this.#held
    if (held === null) return
    this.#held = null
    this.#lane.pass(held.text, 0)
  }

  #cut(last: string): void {
    // What waits is lost with the connection, the part that was under way is not.
    if (last !== '') this.#peer.send(last)
    this.#end()
    this.#session?.closed()
    this.#peer.close(CUT, 'cut')
  }

  #end(): void {
    this.#open = false
    this.#lane.close()
    this.#faults.leave(this)
  }
}

/** The text with one bit of one character turned; bits 0 to 6 keep plain text plain. */
const damaged = (text: string, at: number, bit: number): string => text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1)

