import { type ActorId, type Nanos, fail, limits } from '../core/index.ts'
import type { Actor, ActorMessage } from './actor.ts'
import { ActorSlot, type ActorSpec, type Fault } from './actor-slot.ts'
import { type HostEnvironment, Lives } from './lives.ts'

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
  /** Those that read a ring or listen to one, in the same order: only they are looked at after every event. */
  readonly #readers: ActorSlot[] = []
  readonly #lives: Lives
  #pumping = false
  #again = false
  #busyTimer = false
  /** Reader that the next pump begins with. */
  #next = 0
  /** Since the last pump began, a record was left because its actor was busy. */
  #heldUp = false

  constructor(env: HostEnvironment) {
    this.#env = env
    this.#lives = new Lives(env, () => this.pump())
  }

  get ids(): readonly ActorId[] {
    return this.#slots.map((slot) => slot.spec.id)
  }

  add(spec: ActorSpec, checkpoint: unknown): void {
    const slot = new ActorSlot(spec)
    slot.checkpoint = checkpoint
    this.#slots.push(slot)
    if (spec.inputs.length > 0 || spec.wakes.length > 0) this.#readers.push(slot)
    this.#lives.adopt(slot)
  }

  /** Starts the actors in the order in which they were added. */
  start(): void {
    for (const slot of this.#slots) this.#lives.live(slot)
    this.pump()
  }

  /** Marks every live actor and collects checkpoints; called by the pulse of the thread. */
  beat(nowNs: Nanos): void {
    for (const slot of this.#slots) if (slot.actor !== null) this.#env.table.actorBeat(slot.spec.row, nowNs)
  }

  checkpoint(): void {
    for (const slot of this.#slots) {
      if (slot.actor?.checkpoint === undefined) continue
      this.#lives.run(slot, () => {
        slot.checkpoint = slot.actor!.checkpoint!()
        this.#env.saveCheckpoint(slot.spec.id, slot.checkpoint)
      })
    }
  }

  /** True when a record waits that some actor could take now. */
  get pending(): boolean {
    return this.#readers.some((slot) => slot.actor !== null && (slot.inputs.some((input) => input.available() > 0) || this.#moved(slot)) && slot.actor.busy !== true)
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
    this.#heldUp = false
    const readers = this.#readers
    let budget = limits.drainBudget
    // Nothing moves any more when every reader in a row, from behind the last one that moved, had nothing to take.
    let still = 0
    let i = this.#next
    while (budget > 0 && still < readers.length) {
      const taken = this.#drain(readers[i]!, budget)
      i = i + 1 < readers.length ? i + 1 : 0
      budget -= taken
      still = taken > 0 || this.#again ? 0 : still + 1
      this.#again = false
    }
    this.#pumping = false
    // Who was not reached any more comes first the next time.
    this.#next = budget > 0 ? 0 : i
    if (budget <= 0) this.#env.defer(() => this.pump())
    else this.#watchBusy()
  }

  /** Ends an actor's life in good order and starts the next. @throws RM_ACTOR_UNKNOWN */
  restart(id: ActorId, reason: string, done: () => void = () => {}): void {
    const slot = this.#slot(id)
    this.#lives.forgive(slot)
    this.#env.log(id, 'info', 'actor restarts on request', { reason })
    this.#lives.stop(slot, true, () => {
      this.#lives.live(slot)
      this.pump()
      done()
    })
  }

  /** Stops an actor until `resume`. */
  suspend(id: ActorId, done: () => void = () => {}): void {
    const slot = this.#slot(id)
    slot.suspended = true
    slot.restartTimer?.cancel()
    this.#lives.stop(slot, true, () => {
      this.#lives.state(slot, 'suspended', '')
      done()
    })
  }

  send(id: ActorId, message: ActorMessage): void {
    const slot = this.#slot(id)
    this.#lives.run(slot, () => slot.actor!.onMessage?.(message))
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
      this.#lives.stop(slot, true, next)
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
      this.#lives.run(slot, () => slot.actor!.onWake?.(w))
    }
    for (let input = 0; input < slot.inputs.length; input++) {
      const actor = slot.actor
      if (actor === null) return taken
      // In this order: an empty ring is told by one word, and `busy` may look at every reader of the actor's output.
      if (slot.inputs[input]!.available() <= 0) continue
      if (actor.busy === true) {
        this.#heldUp = true
        return taken
      }
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
        if (slot.fault !== null) this.#lives.strike(slot)
        actor.onRecord!(input, consumer.slot(i), first + i, i === count - 1)
        i++
        if (actor.busy === true) break
      }
    } catch (error) {
      this.#handled(slot, consumer, i)
      this.#lives.fatal(slot, input, consumer.next, error)
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

  /** A busy actor frees itself without an event that the host would see: look again while one is. */
  #watchBusy(): void {
    if (this.#busyTimer || !this.#heldUp) return
    this.#busyTimer = true
    this.#env.timers.after(BUSY_RETRY_MS, () => {
      this.#busyTimer = false
      this.pump()
    })
  }

  #moved(slot: ActorSlot): boolean {
    return slot.seen.some((seen, w) => slot.spec.wakes[w]!.published !== seen)
  }

  #slot(id: ActorId): ActorSlot {
    const slot = this.#slots.find((one) => one.spec.id === id)
    return slot ?? fail('RM_ACTOR_UNKNOWN', { id, known: this.ids.join(', ') })
  }
}
