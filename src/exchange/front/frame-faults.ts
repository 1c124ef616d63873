import type { Clock, Timers } from '../../core/index.ts'
import { chargesLeft, takeCharge, type Charge } from './charges.ts'
import type { ConnectionKind, FrameAction, FrameFault } from './kinds.ts'
import { Line, type LineFaults } from './line.ts'
import type { FrontPeer } from './wire.ts'

const plain = { connection: 'public', match: '', delayMs: 0, at: 0, bit: 0 } as const

/** Faults of the wire itself, over all connections of one front. */
export class FrameFaults implements LineFaults {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #lines = new Set<Line>()
  readonly #charges: (FrameFault & Charge)[] = []
  readonly #struck = new Map<string, number>()

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock
    this.#timers = timers
  }

  /** Whether any frame may be hit. */
  get armed(): boolean {
    return this.#charges.length > 0
  }

  /** The line of a new connection. */
  line(kind: ConnectionKind, peer: FrontPeer): Line {
    return new Line(kind, peer, this, this.#clock, this.#timers)
  }

  /** The next `count` frames that fit meet this. Of several armed faults the oldest that fits strikes. */
  arm(action: FrameAction, count = 1, fault: Partial<Omit<FrameFault, 'action'>> = {}): void {
    this.#charges.push({ ...plain, ...fault, action, left: count })
  }

  /** Connections of this kind stay open and dead: nothing goes out, nothing is heard, pings included. @returns how many */
  silence(kind: ConnectionKind | 'all', forMs: number | null): number {
    return this.#some(kind, forMs, (line) => line.silence(), (line) => line.wake())
  }

  /** Clients of this kind read no faster than this. @returns how many */
  slow(kind: ConnectionKind | 'all', bytesPerSecond: number, forMs: number | null): number {
    return this.#some(kind, forMs, (line) => line.slow(bytesPerSecond), (line) => line.slow(Number.POSITIVE_INFINITY))
  }

  take(kind: ConnectionKind, text: string): FrameFault | null {
    return takeCharge(this.#charges, (one) => (one.connection === 'all' || one.connection === kind) && (one.match === '' || text.includes(one.match)))
  }

  note(what: string): void {
    this.#struck.set(what, (this.#struck.get(what) ?? 0) + 1)
  }

  join(line: Line): void {
    this.#lines.add(line)
  }

  leave(line: Line): void {
    this.#lines.delete(line)
  }

  heal(): void {
    this.#charges.length = 0
    for (const line of [...this.#lines]) line.heal()
  }

  describe(): Readonly<Record<string, unknown>> {
    return { framesToHit: chargesLeft(this.#charges), framesHit: Object.fromEntries(this.#struck) }
  }

  #some(kind: ConnectionKind | 'all', forMs: number | null, begin: (line: Line) => void, end: (line: Line) => void): number {
    const lines = [...this.#lines].filter((line) => kind === 'all' || line.kind === kind)
    for (const line of lines) begin(line)
    if (forMs !== null) this.#timers.after(forMs, () => lines.forEach(end))
    return lines.length
  }
}
