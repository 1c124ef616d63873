import type { ActorId, Instrument } from '../src/core/index.ts'
import { DecimalStep } from '../src/core/index.ts'
import type { ThreadPlan } from '../src/runtime/index.ts'
import type { EngineBuffers } from './engine-memory.ts'
import type { EngineSettings } from './engine-messages.ts'

/** An instrument as it crosses threads: decimal text instead of steps. */
export interface PlainInstrument extends Omit<Instrument, 'tick' | 'lot'> {
  readonly tick: string
  readonly lot: string
}

/** Names reports of the kill switch among those of a thread. */
export const KILL_REPORT = 'kill-switch'

/** Names reports of the models of a thread. */
export const MODEL_REPORT = 'models'

/** What a worker thread is started with. */
export interface ThreadData {
  readonly settings: EngineSettings
  readonly thread: number
  readonly plan: readonly ThreadPlan[]
  readonly instruments: readonly PlainInstrument[]
  readonly buffers: EngineBuffers
  readonly checkpoints: ReadonlyMap<ActorId, unknown>
  readonly seed: number
}

export const plainInstrument = (instrument: Instrument): PlainInstrument => ({ ...instrument, tick: instrument.tick.text, lot: instrument.lot.text })

export const richInstrument = (plain: PlainInstrument): Instrument => ({ ...plain, tick: new DecimalStep(plain.tick), lot: new DecimalStep(plain.lot) })

/** Every actor of a plan in order: its row in the actor table. */
export const rowsOf = (plan: readonly ThreadPlan[]): readonly ActorId[] => plan.flatMap((thread) => thread.actors)
