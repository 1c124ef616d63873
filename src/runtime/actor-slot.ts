import type { ActorId, ActorKind, Timer, Timers } from '../core/index.ts'
import type { GatingConsumer, Ring } from '../memory/index.ts'
import type { Actor, ActorContext } from './actor.ts'

/** What belongs to one life of an actor and ends with it. */
export interface ActorScope {
  /** Wraps a callback that the world will call: it runs as this actor, and not at all once this life is over. */
  guard<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void
  /** Runs when this life ends, however it ends: closes sockets, frees what the actor held. */
  onEnd(dispose: () => void): void
}

/** How a scheduler makes and feeds an actor; the same for threads and virtual time. */
export interface ActorSpec {
  readonly id: ActorId
  readonly kind: ActorKind
  readonly symbol: string | null
  /** Row in the actor table. */
  readonly row: number
  /** Rings read record by record, with the consumer line that belongs to this actor. */
  readonly inputs: readonly { readonly ring: Ring; readonly consumer: number }[]
  /** Rings whose movement wakes the actor, without reading them. */
  readonly wakes: readonly Ring[]
  readonly create: (context: ActorContext, scope: ActorScope, checkpoint: unknown) => Actor
}

export type Fault = 'throw' | 'loop'

/** One actor on its scheduler: the running life and what outlives it. */
export class ActorSlot {
  readonly spec: ActorSpec
  actor: Actor | null = null
  scope: LifeScope | null = null
  inputs: GatingConsumer[] = []
  /** Last seen position of each wake ring. */
  readonly seen: number[]
  incarnation = 0
  checkpoint: unknown = undefined
  suspended = false
  /** Record at which the last life died, and how often in a row. */
  fatalInput = -1
  fatalSequence = -1
  fatalTimes = 0
  fault: Fault | null = null
  restartTimer: Timer | null = null

  constructor(spec: ActorSpec) {
    this.spec = spec
    this.seen = spec.wakes.map((ring) => ring.published)
  }
}

type GuardedRun = (callback: (...args: unknown[]) => void, args: unknown[]) => void

/** Ends every timer and callback of a life at once; what fires later falls on deaf ears. */
export class LifeScope implements ActorScope {
  #alive = true
  readonly #run: GuardedRun
  readonly #disposers: (() => void)[] = []

  /** @param run runs a callback as the actor: guarded, counted, with the rings drained afterwards. */
  constructor(run: GuardedRun) {
    this.#run = run
  }

  get alive(): boolean {
    return this.#alive
  }

  guard<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      if (this.#alive) this.#run(callback as (...args: unknown[]) => void, args)
    }
  }

  onEnd(dispose: () => void): void {
    this.#disposers.push(dispose)
  }

  /** Timers whose callbacks run guarded and stop with this life. */
  timers(inner: Timers): Timers {
    const live = new Set<Timer>()
    this.onEnd(() => live.forEach((timer) => timer.cancel()))
    const hold = (start: (callback: () => void) => Timer, callback: () => void, once: boolean): Timer => {
      const guarded = this.guard(callback)
      const timer = start(() => {
        if (once) live.delete(timer)
        guarded()
      })
      live.add(timer)
      return {
        cancel: () => {
          live.delete(timer)
          timer.cancel()
        },
      }
    }
    return {
      after: (delayMs, callback) => hold((run) => inner.after(delayMs, run), callback, true),
      every: (periodMs, callback) => hold((run) => inner.every(periodMs, run), callback, false),
    }
  }

  /** @param onError hears what a disposer threw; the others run all the same. */
  end(onError: (error: unknown) => void): void {
    this.#alive = false
    for (const dispose of this.#disposers.splice(0)) {
      try {
        dispose()
      } catch (error) {
        onError(error)
      }
    }
  }
}
