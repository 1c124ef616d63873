import type { StopSummary } from '../actors/execution.ts'
import type { Config } from '../src/config/index.ts'
import { actorId, type Clock, type Instrument, Random, type Timers } from '../src/core/index.ts'
import { type ActorSpec, createVirtualHost, placementPlan, type VirtualHostRecord, type VirtualRunLog } from '../src/runtime/index.ts'
import type { SampleSink } from '../src/model/index.ts'
import type { Journal, KillStore } from '../src/trading/index.ts'
import type { Transport } from '../src/venues/index.ts'
import { EngineMemory } from './engine-memory.ts'
import { rowsOf } from './thread-data.ts'
import { tradingSettings } from './trading-settings.ts'
import { openVenue, restLimits, type VenueChoice } from './venue.ts'
import { type Assembly, specFor } from './wiring.ts'

export interface VirtualLifeParts {
  readonly config: Config
  readonly venue: VenueChoice
  readonly transport: Transport
  readonly seed: number
  /** Called by every life of the execution actor. */
  readonly openJournal: () => Journal
  /** Outlives the life. */
  readonly killStore: KillStore
  readonly onLog: (line: VirtualRunLog) => void
  readonly onStopped: (summary: StopSummary) => void
  /** Another engine has taken the journal over: the process is to end. Absent where there is one only. */
  readonly onFenced?: () => void
  readonly openSamples: ((symbol: string) => SampleSink) | null
  /** Puts something around an actor: faults, an onlooker. */
  readonly wrapSpec?: (spec: ActorSpec) => ActorSpec
}

const RESTART_LIMITS = { max: 5, windowMs: 60_000, backoffMs: 50, backoffMaxMs: 5000 }

/** Asks the venue for its instruments, as an engine does before it makes anything. */
export function askInstruments(parts: Pick<VirtualLifeParts, 'config' | 'venue' | 'transport' | 'seed'>, time: Clock & Timers, symbols: readonly string[], done: (error: unknown, instruments: readonly Instrument[]) => void): void {
  const { config, venue, transport, seed } = parts
  openVenue(venue, { transport, clock: time, timers: time, random: new Random(seed, 'reference'), count: () => {} }, config, 'public').reference.instruments([...symbols], done)
}

/** All actors of one engine process on virtual time, with the memory that they share. */
export class VirtualLife {
  readonly memory: EngineMemory
  readonly record: VirtualHostRecord
  readonly instruments: readonly Instrument[]
  /** Row of the execution actor in the actor table. */
  readonly executionRow: number

  /** Makes the actors; `record.host.start()` starts them. */
  constructor(parts: VirtualLifeParts, time: Clock & Timers, instruments: readonly Instrument[]) {
    const { config, seed } = parts
    this.instruments = instruments
    const rows = rowsOf(placementPlan(instruments.map((one) => one.symbol), 1, 'shared', 1))
    this.executionRow = rows.indexOf(actorId('execution', null))
    this.memory = EngineMemory.create(instruments.length, 1, rows.length, restLimits(config))
    const assembly: Assembly = {
      config,
      trading: tradingSettings(config),
      venue: parts.venue,
      memory: this.memory,
      instruments,
      transport: parts.transport,
      rows,
      ringDoorOf: () => () => {},
      openBooks: () => ({ journal: parts.openJournal() }),
      modelFor: () => null,
      openSamples: parts.openSamples,
      onStopped: parts.onStopped,
      ...(parts.onFenced === undefined ? {} : { onFenced: parts.onFenced }),
      strategyChanges: () => [],
      onRisk: null,
      openKillStore: () => parts.killStore,
      onKill: () => {},
    }
    const wrap = parts.wrapSpec ?? ((spec) => spec)
    this.record = createVirtualHost({ time, seed, restartLimits: RESTART_LIMITS, specs: rows.map((id) => wrap(specFor(id, assembly))), onLog: parts.onLog })
  }
}
