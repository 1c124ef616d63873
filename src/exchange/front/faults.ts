import type { Timers } from '../../core/index.ts'
import type { Verdict } from './verdict.ts'

export type ConnectionKind = 'public' | 'private' | 'trade'

/** Commands that a fault can hit; `any` takes the next one of whatever kind. */
export type CommandKind = 'create' | 'amend' | 'cancel' | 'any'

/** What the plan makes the front do at once. */
export interface FaultTarget {
  /** @returns how many connections were closed. @param code 1006 cuts without a close frame. */
  drop(kind: ConnectionKind | 'all', code: number, reason: string): number
  /** The topic may go on: whatever it held back is due. */
  wake(topic: string): void
  /** Next push of the book topic is a whole snapshot. @param restart numbers updates from 1 again. */
  resnapshot(topic: string, restart: boolean): void
}

interface Charge {
  readonly kind: CommandKind
  left: number
}

/** Faults on demand of one front. Charges are spent one per hit; a fresh plan does nothing. */
export class FaultPlan {
  readonly #timers: Timers
  #target: FaultTarget | null = null
  readonly #lost: Charge[] = []
  readonly #refused: (Charge & { readonly verdict: Verdict })[] = []
  readonly #delays: (Charge & { readonly delayMs: number })[] = []
  readonly #skips = new Map<string, number>()
  readonly #stalled = new Set<string>()
  #duplicates = 0
  #silences = 0

  /** Added to the venue's clock, ms. */
  clockSkewMs = 0
  /** While set every REST request is answered with HTTP 503 and every new connection is closed at once. */
  maintenance = false
  /** Closed orders updated up to this time are forgotten by `order/realtime`, as after a restart of the venue. */
  recentWipedMs = 0

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Called once by the front. */
  attach(target: FaultTarget): void {
    this.#target = target
  }

  dropConnections(kind: ConnectionKind | 'all' = 'all', code = 1006, reason = ''): number {
    return this.#target?.drop(kind, code, reason) ?? 0
  }

  /** The next `count` commands are carried out, their answers never sent. */
  loseReplies(count = 1, kind: CommandKind = 'create'): void {
    this.#lost.push({ kind, left: count })
  }

  /** The next `count` commands are refused with this code and change nothing. */
  refuseCommands(verdict: Verdict, count = 1, kind: CommandKind = 'any'): void {
    this.#refused.push({ kind, left: count, verdict })
  }

  /** The answers of the next `count` commands come this much later; their pushes do not. */
  delayReplies(delayMs: number, count = 1, kind: CommandKind = 'any'): void {
    this.#delays.push({ kind, left: count, delayMs })
  }

  /** The next `count` pushes of a book topic are numbered but not sent: a gap in `u`. */
  skipUpdates(topic: string, count = 1): void {
    this.#skips.set(topic, (this.#skips.get(topic) ?? 0) + count)
  }

  /** The topic stays subscribed and says nothing, until `resume` or for `forMs`. */
  stall(topic: string, forMs: number | null = null): void {
    this.#stalled.add(topic)
    if (forMs !== null) this.#timers.after(forMs, () => this.resume(topic))
  }

  resume(topic: string): void {
    if (this.#stalled.delete(topic)) this.#target?.wake(topic)
  }

  resnapshot(topic: string, restart = false): void {
    this.#target?.resnapshot(topic, restart)
  }

  /** The next `count` private pushes are sent twice. */
  duplicatePushes(count = 1): void {
    this.#duplicates += count
  }

  /** The next `count` private pushes are not sent. */
  losePushes(count = 1): void {
    this.#silences += count
  }

  isStalled(topic: string): boolean {
    return this.#stalled.size > 0 && this.#stalled.has(topic)
  }

  takeSkip(topic: string): boolean {
    if (this.#skips.size === 0) return false
    const left = this.#skips.get(topic)
    if (left === undefined) return false
    if (left === 1) this.#skips.delete(topic)
    else this.#skips.set(topic, left - 1)
    return true
  }

  takeLostReply(kind: CommandKind): boolean {
    return take(this.#lost, kind) !== null
  }

  takeRefusal(kind: CommandKind): Verdict | null {
    return take(this.#refused, kind)?.verdict ?? null
  }

  /** Extra delay of this answer, ms. */
  takeReplyDelay(kind: CommandKind): number {
    return take(this.#delays, kind)?.delayMs ?? 0
  }

  /** How often the next private push goes out: 0, 1 or 2. */
  takePushCopies(): number {
    if (this.#silences > 0) {
      this.#silences--
      return 0
    }
    if (this.#duplicates > 0) {
      this.#duplicates--
      return 2
    }
    return 1
  }

  /** What is armed, for the control page. */
  describe(): Readonly<Record<string, unknown>> {
    return {
      lostReplies: total(this.#lost), refusals: total(this.#refused), delayedReplies: total(this.#delays),
      skips: Object.fromEntries(this.#skips), stalled: [...this.#stalled], duplicatePushes: this.#duplicates,
      lostPushes: this.#silences, clockSkewMs: this.clockSkewMs, maintenance: this.maintenance,
    }
  }
}

const total = (charges: readonly Charge[]): number => charges.reduce((sum, charge) => sum + charge.left, 0)

function take<T extends Charge>(charges: T[], kind: CommandKind): T | null {
  const index = charges.findIndex((charge) => charge.kind === 'any' || charge.kind === kind)
  if (index < 0) return null
  const charge = charges[index]!
  if (--charge.left <= 0) charges.splice(index, 1)
  return charge
}
