import type { Clock, Timers } from '../../core/index.ts'
import type { ExchangePort } from '../port.ts'
import { AccountFaults } from './account-faults.ts'
import { chargesLeft, takeCharge, type Charge } from './charges.ts'
import { FrameFaults } from './frame-faults.ts'
import { CONNECTION_KINDS, type CommandKind, type ConnectionKind } from './kinds.ts'
import { Maintenance } from './maintenance.ts'
import { StaleReplica } from './replica.ts'
import { RestFaults } from './rest-faults.ts'
import type { FrameObserver } from './topic.ts'
import type { Verdict } from './verdict.ts'

export type { CommandKind, ConnectionKind } from './kinds.ts'

/** What the plan makes the front do at once. */
export interface FaultTarget {
  /** @returns how many connections were closed. @param code 1006 cuts without a close frame. */
  drop(kind: ConnectionKind | 'all', code: number, reason: string): number
  /** The topic may go on: whatever it held back is due. */
  wake(topic: string): void
  /** Next push of the book topic is a whole snapshot. @param restart numbers updates from 1 again. */
  resnapshot(topic: string, restart: boolean): void
  /** Announces on connections that they will be closed, where the protocol has such a notice. @returns how many heard it. */
  notice(): number
}

export interface FaultPlanParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly exchange: ExchangePort
  /** Accounts that the keys of the front trade for. */
  readonly accounts: readonly string[]
}

interface CommandCharge extends Charge {
  readonly kind: CommandKind
}

const MAINTENANCE_CLOSE = 1012

/**
 * Faults on demand of one front, for either protocol. Charges are spent one per hit; a fresh plan does nothing. Topics
 * are written as the protocol names them (`orderbook.50.BTCUSDT`, `books:BTC-USDT-SWAP`).
 */
export class FaultPlan implements FrameObserver {
  /** Frames and connections: the wire. */
  readonly frames: FrameFaults
  /** Answers to requests. */
  readonly rest = new RestFaults()
  readonly accounts: AccountFaults
  readonly replica: StaleReplica
  readonly window: Maintenance
  readonly #timers: Timers
  #target: FaultTarget | null = null
  readonly #lost: CommandCharge[] = []
  readonly #refused: (CommandCharge & { readonly verdict: Verdict })[] = []
  readonly #delays: (CommandCharge & { readonly delayMs: number })[] = []
  readonly #skips = new Map<string, number>()
  readonly #stalled = new Set<string>()
  readonly #closedDoors = new Set<ConnectionKind>()
  #banned = false
  #duplicates = 0
  #silences = 0
  #listener: ((topic: string, frame: string) => void) | null = null

  /** Added to the venue's clock, ms. */
  clockSkewMs = 0
  /** Closed orders updated up to this time are forgotten by `order/realtime`, as after a restart of the venue. */
  recentWipedMs = 0

  constructor({ clock, timers, exchange, accounts }: FaultPlanParts) {
    this.#timers = timers
    this.frames = new FrameFaults(clock, timers)
    this.accounts = new AccountFaults(exchange, accounts, timers)
    this.replica = new StaleReplica(exchange, accounts, clock, timers)
    this.window = new Maintenance(clock, timers)
  }

  /** Called once by the front. */
  attach(target: FaultTarget): void {
    this.#target = target
  }

  close(): void {
    this.accounts.close()
    this.replica.lag(0)
  }

  /** Hears every public frame as the front published it, before any fault of the wire: for judges. */
  listenFrames(listener: (topic: string, frame: string) => void): void {
    this.#listener = listener
  }

  onFrame(topic: string, frame: string): void {
    this.#listener?.(topic, frame)
  }

  /** While set every REST request is refused and every new connection is closed at once. */
  get maintenance(): boolean {
    return this.window.on
  }

  set maintenance(on: boolean) {
    this.window.on = on
  }

  /** Announces a maintenance, closes every connection when it begins, and ends it again. @returns connections that heard the notice */
  planMaintenance(afterMs: number, forMs: number, by: 'http' | 'code' = 'http'): number {
    this.window.by = by
    this.window.plan(afterMs, forMs, () => void this.dropConnections('all', MAINTENANCE_CLOSE, 'maintenance'), () => {})
    return this.#target?.notice() ?? 0
  }

  /** Sends the notice of a service upgrade where the protocol has one, and cuts all connections later. @returns how many heard it */
  announceUpgrade(closeAfterMs = 60_000): number {
    const heard = this.#target?.notice() ?? 0
    this.#timers.after(closeAfterMs, () => void this.dropConnections('all', 1006, 'service upgrade'))
    return heard
  }

  dropConnections(kind: ConnectionKind | 'all' = 'all', code = 1006, reason = ''): number {
    return this.#target?.drop(kind, code, reason) ?? 0
  }

  /** New connections of this kind are refused, for a while or until `heal`. */
  refuseConnections(kind: ConnectionKind | 'all' = 'all', forMs: number | null = null): void {
    const kinds = kind === 'all' ? CONNECTION_KINDS : [kind]
    for (const one of kinds) this.#closedDoors.add(one)
    if (forMs !== null) this.#timers.after(forMs, () => kinds.forEach((one) => this.#closedDoors.delete(one)))
  }

  /** Every request and every new connection gets 403, as an address that asked too often. */
  banAddress(forMs: number | null = null): void {
    this.#banned = true
    if (forMs !== null) this.#timers.after(forMs, () => void (this.#banned = false))
  }

  get banned(): boolean {
    return this.#banned
  }

  /** The HTTP status line with which a new connection is turned away, or null. */
  doorOf(kind: ConnectionKind): string | null {
    if (this.#banned) return '403 Forbidden'
    return this.maintenance || this.#closedDoors.has(kind) ? '503 Service Unavailable' : null
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

  /** The next `count` pushes of a book topic are numbered but not sent: a gap in the chain. */
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

  /** Ends every fault that is armed or under way: what the venue says is right from here on. */
  heal(): void {
    for (const charges of [this.#lost, this.#refused, this.#delays]) charges.length = 0
    this.#skips.clear()
    for (const topic of [...this.#stalled]) this.resume(topic)
    this.#closedDoors.clear()
    this.#banned = false
    this.#duplicates = this.#silences = this.clockSkewMs = 0
    this.replica.lag(0)
    for (const part of [this.frames, this.rest, this.accounts, this.window]) part.heal()
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
      lostReplies: chargesLeft(this.#lost), refusals: chargesLeft(this.#refused), delayedReplies: chargesLeft(this.#delays),
      skips: Object.fromEntries(this.#skips), stalled: [...this.#stalled], duplicatePushes: this.#duplicates,
      lostPushes: this.#silences, clockSkewMs: this.clockSkewMs, maintenance: this.maintenance, maintenanceWindow: this.window.status,
      refusedConnections: [...this.#closedDoors], banned: this.#banned, replicaLagMs: this.replica.lagMs,
      ...this.frames.describe(), ...this.rest.describe(), ...this.accounts.describe(),
    }
  }
}

const take = <T extends CommandCharge>(charges: T[], kind: CommandKind): T | null => takeCharge(charges, (charge) => charge.kind === 'any' || charge.kind === kind)
