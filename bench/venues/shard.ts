import { FeaturesActor } from '../../actors/features.ts'
import { INGEST_DEFAULTS, IngestActor } from '../../actors/ingest.ts'
import { type ActorId, errorLine, type Instrument, limits, SystemClock, SystemTimers, systemOriginNs } from '../../src/core/index.ts'
import { RegistryMemory } from '../../src/market/index.ts'
import { FEATURE_VECTOR, Ring, TICK } from '../../src/memory/index.ts'
import { type ActorSpec, ActorTable, Host } from '../../src/runtime/index.ts'
import { LatencyTable } from '../../src/telemetry/index.ts'
import { bybitUrlsAt, createBybitVenue, type Transport } from '../../src/venues/index.ts'
import { HOPS } from '../../workers/engine-memory.ts'
import { scopedTransport } from '../../workers/scoped-transport.ts'

const CONSUMER = 0
const RESTARTS = { max: 5, windowMs: 60_000, backoffMs: 50, backoffMaxMs: 5000 }

export interface ShardParts {
  readonly instruments: readonly Instrument[]
  readonly bookDepth: 50 | 200
  /** Of the exchange; nothing is asked over REST. */
  readonly port: number
  readonly transportOf: (instrument: Instrument) => Transport
  /** Whether a features actor reads the ticks of each symbol; without one the ring overwrites them. */
  readonly features: boolean
}

/** What an engine thread runs for its symbols, on this thread: host, adapters, ingest and features actors, rings, cells. */
export class Shard {
  readonly ingests: IngestActor[] = []
  readonly ticks: readonly Ring[]
  readonly vectors: readonly Ring[]
  readonly #host: Host

  constructor({ instruments, bookDepth, port, transportOf, features }: ShardParts) {
    const clock = new SystemClock(systemOriginNs())
    const timers = new SystemTimers()
    const registry = RegistryMemory.create(instruments.length)
    this.ticks = instruments.map(() => Ring.create(limits.tickRingSlots, TICK.byteLength))
    this.vectors = instruments.map(() => Ring.create(limits.featureRingSlots, FEATURE_VECTOR.byteLength))
    const specs: ActorSpec[] = []
    const add = (kind: 'ingest' | 'features', { symbol }: Instrument, inputs: ActorSpec['inputs'], create: ActorSpec['create']): void => {
      specs.push({ id: `${kind}:${symbol}`, kind, symbol, row: specs.length, inputs, wakes: [], create })
    }
    for (const instrument of instruments) {
      const ticks = this.ticks[instrument.index]!
      const vectors = this.vectors[instrument.index]!
      add('ingest', instrument, [], (context, scope) => {
        const { timers: own, random, count } = context
        const services = { transport: scopedTransport(transportOf(instrument), scope), clock, timers: own, random, count }
        const venue = createBybitVenue({ ...services, urls: bybitUrlsAt('127.0.0.1', port), credentials: null, settings: { bookDepth, klineIntervals: [] } })
        const ingest = new IngestActor(context, { instrument, feed: venue.feed(instrument), reference: null, queries: null, settings: INGEST_DEFAULTS, ticks: ticks.producer(), registry, onPublished: () => {} })
        this.ingests.push(ingest)
        return ingest
      })
      if (!features) continue
      ticks.open(CONSUMER, 'gating')
      add('features', instrument, [{ ring: ticks, consumer: CONSUMER }], (context) => new FeaturesActor(context, { instrument, ticks: ticks.buffer, vectors: vectors.producer(), indicators: registry.writeIndicators(instrument.index), refreshWish: registry.refreshWish(instrument.index), settings: { minClusterValue: 10_000 }, onPublished: () => {} }))
    }
    const latency = new LatencyTable(HOPS, 1)
    const histograms = new Map<string, ReturnType<LatencyTable['at']>>(HOPS.map((hop) => [hop, latency.at(0, hop)]))
    const broken = (id: ActorId, error: unknown): never => {
      throw new Error(`${id}: ${errorLine(error)}`)
    }
    this.#host = new Host({
      clock, timers, seed: 1, table: ActorTable.create(1, specs.length), restartLimits: RESTARTS,
      defer: (callback) => void setImmediate(callback),
      log: (id, level, message, data) => {
        if (level === 'warn' || level === 'error') broken(id, `${message} ${JSON.stringify(data)}`)
      },
      count: () => {},
      observe: (hop, durationNs) => histograms.get(hop)?.record(durationNs),
      status: () => {},
      deadLetter: ({ actor, error }) => broken(actor, error),
      saveCheckpoint: () => {},
      escalate: broken,
    })
    for (const spec of specs) this.#host.add(spec, undefined)
  }

  start(): void {
    this.#host.start()
  }

  /** Whether every symbol has a book. */
  get ready(): boolean {
    return this.ingests.every(({ book }) => book.usable)
  }

  /** Tick records that were published: one for each trade, one for each book frame and one for each ten levels a side that it changed. */
  get published(): number {
    let sum = 0
    for (const ring of this.ticks) sum += ring.published
    return sum
  }

  /** Feature vectors that were published. */
  get computed(): number {
    let sum = 0
    for (const ring of this.vectors) sum += ring.published
    return sum
  }
}
