import type { Nanos } from '../core/index.ts'
import { defineLayout, field } from '../memory/index.ts'

export const ACTOR_STATES = ['stopped', 'starting', 'ready', 'degraded', 'restarting', 'suspended', 'stopping'] as const
export type ActorState = (typeof ACTOR_STATES)[number]

const THREAD_ROW = defineLayout('threadRow', {
  beatNs: field('f64', 'ns of the run clock at the last turn of the loop'),
  beats: field('u32', 'turns, wraps'),
})

const ACTOR_ROW = defineLayout('actorRow', {
  beatNs: field('f64', 'ns of the run clock when the thread last turned with this actor alive'),
  handled: field('f64', 'records, frames, timers and messages handled, over all lives'),
  handledNs: field('f64', 'ns of the run clock of the last of them'),
  restarts: field('u32', 'lives that ended without being asked to'),
  incarnation: field('u32', 'lives, asked-for restarts included'),
  state: field('u32', 'index into ACTOR_STATES'),
})

export interface ActorRow {
  readonly state: ActorState
  readonly restarts: number
  readonly incarnation: number
  readonly handled: number
  readonly handledNs: Nanos
  readonly beatNs: Nanos
}

/**
 * Pulse and state of every thread and actor in shared memory: each row has one writer (the thread), the supervisor
 * reads. Single words are written and read whole, and no reader combines two of them, so no lock is needed.
 */
export class ActorTable {
  readonly buffer: SharedArrayBuffer
  readonly #threads: number
  readonly #thread: ReturnType<typeof THREAD_ROW.view>
  readonly #actor: ReturnType<typeof ACTOR_ROW.view>

  constructor(buffer: SharedArrayBuffer, threads: number) {
    this.buffer = buffer
    this.#threads = threads
    this.#thread = THREAD_ROW.view(buffer)
    this.#actor = ACTOR_ROW.view(buffer)
  }

  static create(threads: number, actors: number): ActorTable {
    return new ActorTable(new SharedArrayBuffer(threads * THREAD_ROW.byteLength + actors * ACTOR_ROW.byteLength), threads)
  }

  beat(thread: number, nowNs: Nanos): void {
    const row = this.#thread.at(thread * THREAD_ROW.byteLength)
    row.beatNs = nowNs
    row.beats += 1
  }

  threadBeatNs(thread: number): Nanos {
    return this.#thread.at(thread * THREAD_ROW.byteLength).beatNs
  }

  actorBeat(actor: number, nowNs: Nanos): void {
    this.#at(actor).beatNs = nowNs
  }

  setState(actor: number, state: ActorState): void {
    this.#at(actor).state = ACTOR_STATES.indexOf(state)
  }

  setLife(actor: number, incarnation: number): void {
    this.#at(actor).incarnation = incarnation
  }

  incarnation(actor: number): number {
    return this.#at(actor).incarnation
  }

  countRestart(actor: number): void {
    this.#at(actor).restarts += 1
  }

  countHandled(actor: number, count: number, nowNs: Nanos): void {
    const row = this.#at(actor)
    row.handled += count
    row.handledNs = nowNs
  }

  read(actor: number): ActorRow {
    const row = this.#at(actor)
    return {
      state: ACTOR_STATES[row.state] ?? 'stopped',
      restarts: row.restarts,
      incarnation: row.incarnation,
      handled: row.handled,
      handledNs: row.handledNs,
      beatNs: row.beatNs,
    }
  }

  #at(actor: number): ReturnType<typeof ACTOR_ROW.view> {
    return this.#actor.at(this.#threads * THREAD_ROW.byteLength + actor * ACTOR_ROW.byteLength)
  }
}
