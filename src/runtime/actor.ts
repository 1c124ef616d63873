import type { ActorId, ActorKind, Clock, Random, Timers } from '../core/index.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
/** Structured log line: words first, data after. */
export interface ActorLog {
  (level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>): void
}

/**
 * Everything an actor may use besides its own state. It comes from the scheduler that runs the actor: real clock
 * and timers on a thread, virtual ones in a backtest. Callbacks given to `timers` and to the ports of an actor run
 * guarded: an exception in them stops this actor and no other.
 */
export interface ActorContext {
  readonly id: ActorId
  readonly kind: ActorKind
  /** null for the execution actor. */
  readonly symbol: string | null
  /** 0 for the first life of this actor in this process, then 1, 2, … */
  readonly incarnation: number
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly log: ActorLog
  /** Counts something for the metrics page, by name and one label. */
  readonly count: (name: string, label?: string, by?: number) => void
  /** Adds a duration to the latency histogram of a hop. */
  readonly observe: (hop: string, durationNs: number) => void
  /** Says what health should show for this actor. */
  readonly report: (status: ActorStatus) => void
}

export interface ActorStatus {
  /** `starting` until the actor has what it needs; `ready` when it does its work; `degraded` says why in `note`. */
  readonly state: 'starting' | 'ready' | 'degraded' | 'stopping'
  readonly note?: string
}

/** Control messages; rare, plain, and the same under every scheduler. */
export interface ActorMessage {
  readonly type: string
  readonly [key: string]: unknown
}

/**
 * An actor turns messages into state changes and effects, and owns its state. It is constructed with its context
 * and its wiring (ring ends, cells, ports), never reaches for globals, and is run by exactly one scheduler.
 */
export interface Actor {
  /** Starts feeds and timers. Records come only after it returned. */
  start(): void
  /**
   * One record of an input ring.
   * @param input index of the ring in the order of the wiring
   * @param slot byte of the record in that ring's buffer; valid until this call returns
   * @param sequence of the record; the same one may come again after a restart
   * @param last true for the last record of the batch at hand
   */
  onRecord?(input: number, slot: number, sequence: number, last: boolean): void
  /** A ring that this actor listens to without reading it has moved on: the newest state stands in its cell. */
  onWake?(wake: number): void
  onMessage?(message: ActorMessage): void
  /** True while records must wait (a model run or a full output ring): the scheduler tries again later. */
  readonly busy?: boolean
  /** State worth keeping over a restart in the same process: plain and structured-clonable. */
  checkpoint?(): unknown
  /** Stops feeds and timers, flushes; `done` runs once. `graceful` false: the actor is being replaced after a crash. */
  stop(graceful: boolean, done: () => void): void
}
