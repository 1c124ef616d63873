import { limits } from '../src/core/index.ts'
import { ConnectSchedule, ReadShares, RegistryMemory, RestBudget, type RestLimits } from '../src/market/index.ts'
import { Cell, DECISION, Door, FEATURE_VECTOR, RESILIENCE_VIEW, Ring, TICK } from '../src/memory/index.ts'
import { ModelGate } from '../src/model/index.ts'
import { ActorTable } from '../src/runtime/index.ts'
import { LatencyTable } from '../src/telemetry/index.ts'

/** Line of the one reader of each ring. */
export const CONSUMER = 0

/** Hops that have a latency histogram. */
export const HOPS = [
  'receive_publish',
  'book_resync',
  'tick_features',
  'features_inference',
  'model_run',
  'decision_execution',
  'decide',
  'journal_append',
  'journal_fold',
  'order_send',
  'tick_to_order',
] as const

/** Shared memory of the engine as it crosses threads: buffers only. */
export interface EngineBuffers {
  readonly ticks: readonly SharedArrayBuffer[]
  readonly vectors: readonly SharedArrayBuffer[]
  readonly decisions: readonly SharedArrayBuffer[]
  readonly registry: SharedArrayBuffer
  /** Market data by REST: one budget for all threads. */
  readonly restBudget: SharedArrayBuffer
  /** When threads may open new connections. */
  readonly connects: SharedArrayBuffer
  /** Which source served how many reads of prices. */
  readonly shares: SharedArrayBuffer
  /** Breakers and limits on the way to the venue, as execution sees them. */
  readonly way: SharedArrayBuffer
  readonly doors: SharedArrayBuffer
  readonly gates: SharedArrayBuffer
  readonly table: SharedArrayBuffer
  readonly latency: SharedArrayBuffer
  /** Words: epoch of the session (0 until execution has opened one). */
  readonly session: SharedArrayBuffer
}

/**
 * All rings, cells, doors and tables of one engine process. The main thread makes them and every thread attaches, so
 * that they outlive any actor and any thread.
 */
export class EngineMemory {
  readonly buffers: EngineBuffers
  readonly ticks: readonly Ring[]
  readonly vectors: readonly Ring[]
  readonly decisions: readonly Ring[]
  readonly registry: RegistryMemory
  readonly restBudget: RestBudget
  readonly connects: ConnectSchedule
  readonly shares: ReadShares
  readonly way: Cell
  readonly table: ActorTable
  readonly latency: LatencyTable
  readonly #session: Int32Array

  private constructor(buffers: EngineBuffers, threads: number) {
    this.buffers = buffers
    this.ticks = buffers.ticks.map((buffer) => Ring.attach(buffer, TICK.byteLength))
    this.vectors = buffers.vectors.map((buffer) => Ring.attach(buffer, FEATURE_VECTOR.byteLength))
    this.decisions = buffers.decisions.map((buffer) => Ring.attach(buffer, DECISION.byteLength))
    this.registry = RegistryMemory.attach(buffers.registry, buffers.ticks.length)
    this.restBudget = RestBudget.attach(buffers.restBudget)
    this.connects = new ConnectSchedule(buffers.connects)
    this.shares = new ReadShares(buffers.ticks.length, buffers.shares)
    this.way = new Cell(buffers.way, 0, RESILIENCE_VIEW.byteLength)
    this.table = new ActorTable(buffers.table, threads)
    this.latency = new LatencyTable(HOPS, threads, buffers.latency)
    this.#session = new Int32Array(buffers.session)
  }

  /** @throws RM_REST_BUDGET */
  static create(symbols: number, threads: number, actors: number, restLimits: RestLimits): EngineMemory {
    const rings = (slots: number, slotBytes: number): SharedArrayBuffer[] =>
      Array.from({ length: symbols }, () => {
        const ring = Ring.create(slots, slotBytes)
        ring.open(CONSUMER, 'gating')
        return ring.buffer
      })
    return new EngineMemory(
      {
        ticks: rings(limits.tickRingSlots, TICK.byteLength),
        vectors: rings(limits.featureRingSlots, FEATURE_VECTOR.byteLength),
        decisions: rings(limits.decisionRingSlots, DECISION.byteLength),
        registry: RegistryMemory.create(symbols).buffer,
        restBudget: RestBudget.create(restLimits).buffer,
        connects: new ConnectSchedule().buffer,
        shares: new ReadShares(symbols).buffer,
        way: Cell.create(RESILIENCE_VIEW.byteLength).buffer,
        doors: Door.buffer(threads),
        gates: ModelGate.buffer(threads),
        table: ActorTable.create(threads, actors).buffer,
        latency: new LatencyTable(HOPS, threads).buffer,
        session: new SharedArrayBuffer(64),
      },
      threads,
    )
  }

  static attach(buffers: EngineBuffers, threads: number): EngineMemory {
    return new EngineMemory(buffers, threads)
  }

  /** Epoch of this process's session; null until the execution actor has opened one. */
  get sessionEpoch(): number | null {
    const epoch = Atomics.load(this.#session, 0)
    return epoch === 0 ? null : epoch
  }

  set sessionEpoch(epoch: number | null) {
    Atomics.store(this.#session, 0, epoch ?? 0)
  }
}
