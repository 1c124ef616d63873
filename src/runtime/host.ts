import { type ActorId, type Clock, type Nanos, Random, RingmasterError, type Timers, errorLine, fail, limits } from '../core/index.ts'
import type { Actor, ActorContext, ActorMessage, ActorStatus, LogLevel } from './actor.ts'
import { ActorSlot, type ActorSpec, type Fault, LifeScope } from './actor-slot.ts'
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
/** While an actor cannot take records (full output ring, model run), its input is looked at again after this. */
const BUSY_RETRY_MS = 1

/**
 * Runs actors on one thread of control, one event after the other: a crash ends the life of one actor, which comes
 * back in place at its cursor; its neighbours do not notice. The host neither knows nor cares whether its clock and
 * timers are real: threads, backtests and simulations run this same class.
 */
export class Host {
  readonly #env: HostEnvironment
  readonly #slots: ActorSlot[] = []
  readonly #policies = new Map<ActorSlot, RestartPolicy>()
  #pumping = false
  #again = false
  #busyTimer = false

  constructor(env: HostEnvironment) {
    this.#env = env
  }

  get ids(): readonly ActorId[] {
    return this.#slots.map((slot) => slot.spec.id)
  }

  add(spec: ActorSpec, checkpoint: unknown): void {
    const slot = new ActorSlot(spec)
    slot.checkpoint = checkpoint
    this.#slots.push(slot)
    this.#policies.set(slot, new RestartPolicy(this.#env.restartLimits))
  }

  /** Starts the actors in the order in which they were added. */
  start(): void {
    for (const slot of this.#slots) this.#live(slot)
    this.pump()
  }

  /** Marks every live actor and collects checkpoints; called by the pulse of the thread. */
  beat(nowNs: Nanos): void {
    for (const slot of this.#slots) if (slot.actor !== null) this.#env.table.actorBeat(slot.spec.row, nowNs)
  }

  checkpoint(): void {
    for (const slot of this.#slots) {
      if (slot.actor?.checkpoint === undefined) continue
      this.#run(slot, () => {
        slot.checkpoint = slot.actor!.checkpoint!()
        this.#env.saveCheckpoint(slot.spec.id, slot.checkpoint)
      })
    }
  }

  /** True when a record waits that some actor could take now. */
  get pending(): boolean {
    return this.#slots.some((slot) => slot.actor !== null && slot.actor.busy !== true && (slot.inputs.some((input) => input.available() > 0) || this.#moved(slot)))
  }

  /**
   * Drains the input rings of all actors in turn, until nothing moves or the budget is used up (then it goes on after
   * sockets and timers had their turn). Called when the door rang and after every outside event.
   */
  pump(): void {
    if (this.#pumping) {
      this.#again = true
      return
    }
    this.#pumping = true
    let budget = limits.drainBudget
    let moved = true
    while (budget > 0 && (moved || this.#again)) {
      moved = false
      this.#again = false
      for (const slot of this.#slots) {
        const taken = this.#drain(slot, Math.max(1, budget))
        budget -= taken
        if (taken > 0) moved = true
      }
    }
    this.#pumping = false
    if (budget <= 0) this.#env.defer(() => this.pump())
    else this.#watchBusy()
  }

  /** Ends an actor's life in good order and starts the next. @throws RM_ACTOR_UNKNOWN */
  restart(id: ActorId, reason: string, done: () => void = () => {}): void {
    const slot = this.#slot(id)
    this.#policies.get(slot)!.reset()
    slot.restartTimer?.cancel()
    this.#env.log(id, 'info', 'actor restarts on request', { reason })
    this.#stop(slot, true, () => {
      this.#live(slot)
      this.pump()
      done()
    })
  }

  /** Stops an actor until `resume`. */
  suspend(id: ActorId, done: () => void = () => {}): void {
    const slot = this.#slot(id)
    slot.suspended = true
    slot.restartTimer?.cancel()
    this.#stop(slot, true, () => {
      this.#state(slot, 'suspended', '')
      done()
    })
  }

  send(id: ActorId, message: ActorMessage): void {
    const slot = this.#slot(id)
    this.#run(slot, () => slot.actor!.onMessage?.(message))
    this.pump()
  }

  /** Plants a fault that strikes at the actor's next event: chaos tests only. */
  plant(id: ActorId, fault: Fault): void {
    this.#slot(id).fault = fault
  }

  /** Stops all actors in good order, the last added first. */
  stop(done: () => void): void {
    const left = [...this.#slots].reverse()
    const next = (): void => {
      const slot = left.shift()
      if (slot === undefined) return done()
      slot.suspended = true
      slot.restartTimer?.cancel()
      this.#stop(slot, true, next)
    }
    next()
  }

  #drain(slot: ActorSlot, budget: number): number {
    let taken = 0
    for (let w = 0; w < slot.seen.length; w++) {
      if (slot.actor === null) return taken
      const published = slot.spec.wakes[w]!.published
      if (published === slot.seen[w]) continue
      slot.seen[w] = published
      taken++
      this.#run(slot, () => slot.actor!.onWake?.(w))
    }
    for (let input = 0; input < slot.inputs.length; input++) {
      const actor = slot.actor
      if (actor === null || actor.busy === true) return taken
      taken += this.#records(slot, actor, input, budget - taken)
    }
    return taken
  }

  #records(slot: ActorSlot, actor: Actor, input: number, budget: number): number {
    const consumer = slot.inputs[input]!
    const count = Math.min(consumer.available(), budget)
    if (count <= 0) return 0
    const first = consumer.next
    let i = 0
    try {
      while (i < count) {
        if (slot.fault !== null) this.#strike(slot)
        actor.onRecord!(input, consumer.slot(i), first + i, i === count - 1)
        i++
        if (actor.busy === true) break
      }
    } catch (error) {
      this.#handled(slot, consumer, i)
      this.#fatal(slot, input, consumer.next, error)
      return i + 1
    }
    this.#handled(slot, consumer, i)
    return i
  }

  #handled(slot: ActorSlot, consumer: { advance(count: number): void }, count: number): void {
    if (count === 0) return
    consumer.advance(count)
    this.#env.table.countHandled(slot.spec.row, count, this.#env.clock.nowNs())
  }

  /** An exception at a record: the next life gets it once more; if it dies of it too, the record is set aside. */
  #fatal(slot: ActorSlot, input: number, sequence: number, error: unknown): void {
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

  /** Runs something as the actor; an exception ends this life and no other. */
  #run(slot: ActorSlot, callback: (...args: unknown[]) => void, args: unknown[] = []): void {
    if (slot.actor === null) return
    try {
      if (slot.fault !== null) this.#strike(slot)
      callback(...args)
      this.#env.table.countHandled(slot.spec.row, 1, this.#env.clock.nowNs())
    } catch (error) {
      this.#crash(slot, error)
    }
  }

  #strike(slot: ActorSlot): void {
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
    this.#stop(slot, false, () => {})
    this.#state(slot, 'restarting', errorLine(error))
    if (verdict.kind === 'escalate') {
      const windowMs = this.#policies.get(slot)!.windowMs
      this.#env.escalate(id, new RingmasterError('RM_ACTOR_LIMIT', { id, failures: verdict.failures, windowMs, error: errorLine(error) }, error))
      return
    }
    // Never within the crash itself: the caller may be half-way through a batch of this very actor.
    slot.restartTimer = this.#env.timers.after(verdict.delayMs, () => {
      slot.restartTimer = null
      if (slot.suspended) return
      this.#live(slot)
      this.pump()
    })
  }

  #live(slot: ActorSlot): void {
    const { spec } = slot
    slot.suspended = false
    slot.incarnation = this.#env.table.incarnation(spec.row)
    this.#env.table.setLife(spec.row, slot.incarnation + 1)
    slot.inputs = spec.inputs.map(({ ring, consumer }) => ring.gatingConsumer(consumer))
    slot.scope = new LifeScope((callback, args) => {
      this.#run(slot, callback, args)
      this.pump()
    })
    this.#state(slot, 'starting', '')
    try {
      slot.actor = spec.create(this.#context(slot, slot.scope), slot.scope, slot.checkpoint)
      slot.actor.start()
    } catch (error) {
      slot.actor ??= DEAD
      this.#crash(slot, error)
    }
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
        if (scope.alive) this.#state(slot, status.state, status.note ?? '')
      },
    }
  }

  #stop(slot: ActorSlot, graceful: boolean, done: () => void): void {
    const { actor, scope } = slot
    if (actor === null || scope === null) return done()
    if (graceful) this.#state(slot, 'stopping', '')
    let finished = false
    const finish = (): void => {
      if (finished) return
      finished = true
      deadline?.cancel()
      scope.end((error) => this.#env.log(slot.spec.id, 'warn', 'closing failed', { error: errorLine(error) }))
      slot.actor = null
      slot.scope = null
      this.#state(slot, 'stopped', '')
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

  /** A busy actor frees itself without an event that the host would see: look again while one is. */
  #watchBusy(): void {
    if (this.#busyTimer || !this.#slots.some((slot) => slot.actor?.busy === true && slot.inputs.some((input) => input.available() > 0))) return
    this.#busyTimer = true
    this.#env.timers.after(BUSY_RETRY_MS, () => {
      this.#busyTimer = false
      this.pump()
    })
  }

  #moved(slot: ActorSlot): boolean {
    return slot.seen.some((seen, w) => slot.spec.wakes[w]!.published !== seen)
  }

  #state(slot: ActorSlot, state: ActorState, note: string): void {
    this.#env.table.setState(slot.spec.row, state)
    this.#env.status(slot.spec.id, state, note)
  }

  #slot(id: ActorId): ActorSlot {
    const slot = this.#slots.find((one) => one.spec.id === id)
    return slot ?? fail('RM_ACTOR_UNKNOWN', { id, known: this.ids.join(', ') })
  }
}

/** Stands in for an actor whose constructor threw, so that the crash path has something to stop. */
const DEAD: Actor = { start: () => {}, stop: (_graceful, done) => done() }

function hex(buffer: SharedArrayBuffer, byteOffset: number, byteLength: number): string {
  return Array.from(new Uint8Array(buffer, byteOffset, byteLength), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
