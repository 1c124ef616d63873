import { type ActorId, type Clock, Random, RingmasterError, type Timers, errorLine, fail } from '../core/index.ts'
import type { Actor, ActorContext, ActorStatus, LogLevel } from './actor.ts'
import { type ActorSlot, LifeScope } from './actor-slot.ts'
import type { ActorState, ActorTable } from './actor-table.ts'
import { type RestartLimits, RestartPolicy } from './restart-policy.ts'

/** What a host needs from the place where it runs: a worker thread, or a virtual-time run. */
export interface HostEnvironment {
  readonly clock: Clock
  readonly timers: Timers
  readonly seed: number
  readonly table: ActorTable
  readonly restartLimits: RestartLimits
  /** Runs a callback soon, after sockets and timers had their turn. */
  readonly defer: (callback: () => void) => void
  readonly log: (id: ActorId, level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>) => void
  readonly count: (id: ActorId, name: string, label: string, by: number) => void
  readonly observe: (hop: string, durationNs: number) => void
  readonly status: (id: ActorId, state: ActorState, note: string) => void
  /** The message that killed an actor twice, set aside for people. */
  readonly deadLetter: (letter: DeadLetter) => void
  readonly saveCheckpoint: (id: ActorId, checkpoint: unknown) => void
  /** An actor failed more often than its limit allows. */
  readonly escalate: (id: ActorId, error: RingmasterError) => void
}

export interface DeadLetter {
  readonly actor: ActorId
  readonly input: number
  readonly sequence: number
  readonly error: string
  readonly atMs: number
  /** The record as it stood in its slot, hexadecimal. */
  readonly bytes: string
}

/** How long an actor may take to stop in good order before it is dropped. */
const STOP_MS = 5000

/**
 * Begins and ends the lives of the actors of one host. Whatever runs as an actor runs through here: an exception ends
 * that life, counts against the limit of its actor, and leads to the next life or to whoever stands above.
 */
export class Lives {
  readonly #env: HostEnvironment
  readonly #pump: () => void
  readonly #policies = new Map<ActorSlot, RestartPolicy>()

  /** @param pump drains the rings after an event of an actor. */
  constructor(env: HostEnvironment, pump: () => void) {
    this.#env = env
    this.#pump = pump
  }

  /** Takes an actor under its care. */
  adopt(slot: ActorSlot): void {
    this.#policies.set(slot, new RestartPolicy(this.#env.restartLimits))
  }

  /** Forgets the failures of an actor: a person stepped in. */
  forgive(slot: ActorSlot): void {
    this.#policies.get(slot)!.reset()
    slot.restartTimer?.cancel()
  }

  /** Begins the next life of an actor: rings at its cursor, a scope of its own, the last checkpoint. */
  live(slot: ActorSlot): void {
    const { spec } = slot
    slot.suspended = false
    slot.incarnation = this.#env.table.incarnation(spec.row)
    this.#env.table.setLife(spec.row, slot.incarnation + 1)
    slot.inputs = spec.inputs.map(({ ring, consumer }) => ring.gatingConsumer(consumer))
    slot.scope = new LifeScope((callback, args) => {
      this.run(slot, callback, args)
      this.#pump()
    })
    this.state(slot, 'starting', '')
    try {
      slot.actor = spec.create(this.#context(slot, slot.scope), slot.scope, slot.checkpoint)
      slot.actor.start()
    } catch (error) {
      slot.actor ??= DEAD
      this.#crash(slot, error)
    }
  }

  /** Runs something as the actor; an exception ends this life and no other. */
  run(slot: ActorSlot, callback: (...args: unknown[]) => void, args: unknown[] = []): void {
    if (slot.actor === null) return
    try {
      if (slot.fault !== null) this.strike(slot)
      callback(...args)
      this.#env.table.countHandled(slot.spec.row, 1, this.#env.clock.nowNs())
    } catch (error) {
      this.#crash(slot, error)
    }
  }

  /** An exception at a record: the next life gets it once more; if it dies of it too, the record is set aside. */
  fatal(slot: ActorSlot, input: number, sequence: number, error: unknown): void {
    const same = slot.fatalInput === input && slot.fatalSequence === sequence
    slot.fatalTimes = same ? slot.fatalTimes + 1 : 1
    slot.fatalInput = input
    slot.fatalSequence = sequence
    if (slot.fatalTimes >= 2) {
      const consumer = slot.inputs[input]!
      this.#env.deadLetter({
        actor: slot.spec.id,
        input,
        sequence,
        error: errorLine(error),
        atMs: this.#env.clock.wallMs(),
        bytes: hex(consumer.ring.buffer, consumer.slot(0), consumer.ring.slotBytes),
      })
      consumer.advance(1)
      slot.fatalTimes = 0
    }
    this.#crash(slot, error)
  }

  /** Ends a life; a graceful end waits for the actor, at most its deadline. `done` runs once. */
  stop(slot: ActorSlot, graceful: boolean, done: () => void): void {
    const { actor, scope } = slot
    if (actor === null || scope === null) return done()
    if (graceful) this.state(slot, 'stopping', '')
    let finished = false
    const finish = (): void => {
      if (finished) return
      finished = true
      deadline?.cancel()
      scope.end((error) => this.#env.log(slot.spec.id, 'warn', 'closing failed', { error: errorLine(error) }))
      slot.actor = null
      slot.scope = null
      this.state(slot, 'stopped', '')
      done()
    }
    const deadline = graceful ? this.#env.timers.after(STOP_MS, finish) : null
    try {
      actor.stop(graceful, finish)
    } catch (error) {
      this.#env.log(slot.spec.id, 'warn', 'stopping failed', { error: errorLine(error) })
      finish()
    }
    if (!graceful) finish()
  }

  /** Shows the state of an actor in the table and tells it on. */
  state(slot: ActorSlot, state: ActorState, note: string): void {
    this.#env.table.setState(slot.spec.row, state)
    this.#env.status(slot.spec.id, state, note)
  }

  /** Carries out a planted fault. @throws RM_ACTOR_FAULT, or never returns */
  strike(slot: ActorSlot): void {
    const fault = slot.fault
    slot.fault = null
    if (fault === 'loop') for (;;);
    fail('RM_ACTOR_FAULT', { id: slot.spec.id, fault })
  }

  #crash(slot: ActorSlot, error: unknown): void {
    const { id, row } = slot.spec
    this.#env.table.countRestart(row)
    this.#env.count(id, 'actor_crashes', '', 1)
    const verdict = this.#policies.get(slot)!.onFailure(this.#env.clock.nowNs())
    this.#env.log(id, 'error', 'actor crashed', { error: errorLine(error), stack: error instanceof Error ? error.stack : undefined, verdict: verdict.kind })
    this.stop(slot, false, () => {})
    this.state(slot, 'restarting', errorLine(error))
    if (verdict.kind === 'escalate') {
      const windowMs = this.#policies.get(slot)!.windowMs
      this.#env.escalate(id, new RingmasterError('RM_ACTOR_LIMIT', { id, failures: verdict.failures, windowMs, error: errorLine(error) }, error))
      return
    }
    // Never within the crash itself: the caller may be half-way through a batch of this very actor.
    slot.restartTimer = this.#env.timers.after(verdict.delayMs, () => {
      slot.restartTimer = null
      if (slot.suspended) return
      this.live(slot)
      this.#pump()
    })
  }

  #context(slot: ActorSlot, scope: LifeScope): ActorContext {
    const { id, kind, symbol } = slot.spec
    const env = this.#env
    return {
      id,
      kind,
      symbol,
      incarnation: slot.incarnation,
      clock: env.clock,
      timers: scope.timers(env.timers),
      random: new Random(env.seed, `${id}#${slot.incarnation}`),
      log: (level, message, data) => env.log(id, level, message, data),
      count: (name, label = '', by = 1) => env.count(id, name, label, by),
      observe: env.observe,
      report: (status: ActorStatus) => {
        if (scope.alive) this.state(slot, status.state, status.note ?? '')
      },
    }
  }
}

/** Stands in for an actor whose constructor threw, so that the crash path has something to stop. */
const DEAD: Actor = { start: () => {}, stop: (_graceful, done) => done() }

function hex(buffer: SharedArrayBuffer, byteOffset: number, byteLength: number): string {
  return Array.from(new Uint8Array(buffer, byteOffset, byteLength), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
