import { ExecutionActor, type StopSummary } from '../actors/execution.ts'
import { FeaturesActor } from '../actors/features.ts'
import { DetectedBlocks } from '../actors/detected-blocks.ts'
import { HeldView } from '../actors/held-view.ts'
import { InferenceActor } from '../actors/inference.ts'
import { IngestActor, type IngestSettings } from '../actors/ingest.ts'
import type { Config } from '../src/config/index.ts'
import { type ActorId, type ActorKind, fail, type Instrument } from '../src/core/index.ts'
import { featureNames } from '../src/features/index.ts'
import { classifyExecutionRequest, classifyMarketRequest, freshnessLimits, GatedTransport, PriceReader, QuoteSource, type RegimeParameters } from '../src/market/index.ts'
import type { ModelPredictor, SampleSink } from '../src/model/index.ts'
import type { RiskHealth } from '../src/runtime/health/index.ts'
import type { ActorContext, ActorScope, ActorSpec } from '../src/runtime/index.ts'
import type { SeenRegime } from '../src/regime/index.ts'
import type { StrategyChange } from '../src/strategies/index.ts'
import { type BaseBooks, cellSink, compileExits, type Journal, type KillStatus, type KillStore, offsetFor, readerPrices, type RecoveryReport, registryBands, registryConditions, registryObservations, type TradingSettings, wayCell } from '../src/trading/index.ts'
import type { Transport, Venue } from '../src/venues/index.ts'
import { detectionSettings } from './detection-settings.ts'
import { CONSUMER, type EngineMemory } from './engine-memory.ts'
import { scopedTransport } from './scoped-transport.ts'
import { deskSettings, regimeRule } from './strategy-settings.ts'
import { connectPace, openVenue, type VenueChoice } from './venue.ts'

/** What an assembly of actors stands on, whatever thread or kind of time it runs in. */
export interface Assembly {
  readonly config: Config
  /** The part of it that execution needs. Threads are handed it ready, so that none of them loads the schema. */
  readonly trading: TradingSettings
  readonly venue: VenueChoice
  readonly memory: EngineMemory
  readonly instruments: readonly Instrument[]
  readonly transport: Transport
  /** Every actor in order: its place is its row in the actor table. */
  readonly rows: readonly ActorId[]
  /** Rings the bell of the thread on which an actor runs; does nothing when that is the caller's own. */
  readonly ringDoorOf: (id: ActorId) => () => void
  readonly openBooks: () => { readonly journal: Journal; readonly base?: BaseBooks }
  readonly modelFor: (symbol: string) => ModelPredictor | null
  /** Opens the collected data set of a symbol; null: nothing is collected. */
  readonly openSamples: ((symbol: string) => SampleSink) | null
  /** What was changed about the strategies while the engine ran, as kept. */
  readonly strategyChanges: () => readonly StrategyChange[]
  readonly onStopped: (summary: StopSummary) => void
  readonly openKillStore: () => KillStore
  readonly onKill: (status: KillStatus) => void
  /** Absent: nobody is told. */
  readonly onRecovery?: (report: RecoveryReport) => void
  /** Another engine has taken the journal over. Absent: nobody is told. */
  readonly onFenced?: (error: string) => void
  /** Hears of limits, exposure and refusals when they changed; null: nobody asks. */
  readonly onRisk: ((risk: RiskHealth) => void) | null
}

/** Market data of one symbol is one connection; a model asks at most this often, a decision repeats at most this often. */
const MODEL_INTERVAL_MS = 250
const DECISION_COOLDOWN_MS = 100

/** How an actor is made and fed. @throws RM_ACTOR_UNKNOWN */
export function specFor(id: ActorId, assembly: Assembly): ActorSpec {
  const [kind, symbol] = id.split(':') as [ActorKind, string | undefined]
  const row = assembly.rows.indexOf(id)
  const instrument = assembly.instruments.find((one) => one.symbol === symbol)
  const base = { id, kind, symbol: symbol ?? null, row }
  if (kind === 'execution') return { ...base, inputs: assembly.memory.decisions.map((ring) => ({ ring, consumer: CONSUMER })), wakes: assembly.memory.ticks, create: executionOf(assembly) }
  if (instrument === undefined || row < 0) return fail('RM_ACTOR_UNKNOWN', { id, known: assembly.rows.join(', ') })
  const { ticks, vectors } = assembly.memory
  switch (kind) {
    case 'ingest':
      return { ...base, inputs: [], wakes: [], create: ingestOf(assembly, instrument) }
    case 'features':
      return { ...base, inputs: [{ ring: ticks[instrument.index]!, consumer: CONSUMER }], wakes: [], create: featuresOf(assembly, instrument) }
    case 'inference':
      return { ...base, inputs: [{ ring: vectors[instrument.index]!, consumer: CONSUMER }], wakes: [], create: inferenceOf(assembly, instrument) }
  }
}

function ingestOf(assembly: Assembly, instrument: Instrument): ActorSpec['create'] {
  const { memory, config } = assembly
  const settings = ingestSettings(config)
  const toFeatures = assembly.ringDoorOf(`features:${instrument.symbol}`)
  const toExecution = assembly.ringDoorOf('execution')
  return (context, scope, checkpoint) => {
    const venue = venueOf(assembly, context, scope, classifyMarketRequest)
    return new IngestActor(context, {
      instrument,
      feed: venue.feed(instrument),
      reference: venue.reference,
      queries: venue.queries,
      settings,
      ticks: memory.ticks[instrument.index]!.producer(),
      registry: memory.registry,
      checkpoint,
      onPublished: () => {
        toFeatures()
        toExecution()
      },
    })
  }
}

function featuresOf({ memory, config, ringDoorOf }: Assembly, instrument: Instrument): ActorSpec['create'] {
  const onPublished = ringDoorOf(`inference:${instrument.symbol}`)
  return (context) =>
    new FeaturesActor(context, {
      instrument,
      ticks: memory.ticks[instrument.index]!.buffer,
      vectors: memory.vectors[instrument.index]!.producer(),
      indicators: memory.registry.writeIndicators(instrument.index),
      refreshWish: memory.registry.refreshWish(instrument.index),
      settings: { minClusterValue: config.features.min_cluster_volume },
      detection: config.detection.enabled ? { settings: detectionSettings(config), cell: memory.registry.writeDetection(instrument.index) } : null,
      onPublished,
    })
}

function inferenceOf({ memory, config, trading, ringDoorOf, modelFor, openSamples, strategyChanges }: Assembly, instrument: Instrument): ActorSpec['create'] {
  const { index } = instrument
  const parameters = regimeParameters(trading, instrument)
  const strategies = deskSettings(config)
  const onPublished = ringDoorOf('execution')
  return (context, scope) =>
    new InferenceActor(context, {
      features: memory.vectors[instrument.index]!,
      decisions: memory.decisions[instrument.index]!.producer(),
      names: featureNames(),
      strategies,
      changes: strategyChanges(),
      model: modelFor(instrument.symbol),
      validation: { agreeGain: config.model.agree_gain, disagree: config.model.disagree, disagreeFactor: config.model.disagree_factor },
      blocks: config.detection.enabled ? new DetectedBlocks(memory.registry.readDetection(index)) : null,
      modelIntervalMs: MODEL_INTERVAL_MS,
      decisionCooldownMs: DECISION_COOLDOWN_MS,
      signalLimitMs: config.freshness.signal_ms,
      collect: openSamples === null ? null : { every: config.collect.every, open: () => openSamples(instrument.symbol) },
      views: {
        symbolIndex: index,
        shares: memory.shares,
        regime: { cell: memory.registry.writeRegime(index), parameters, rule: regimeRule(config, instrument.symbol) },
        held: new HeldView(memory.registry.readPosition(index), instrument),
        refreshWish: memory.registry.refreshWish(index),
      },
      onPublished,
      guard: scope.guard.bind(scope),
    })
}

function executionOf(assembly: Assembly): ActorSpec['create'] {
  const { memory, config, instruments } = assembly
  const positions = instruments.map((instrument) => memory.registry.positionView(instrument.index))
  return (context, scope) => {
    const { journal, base } = assembly.openBooks()
    scope.onEnd(() => journal.close())
    const { order_ms: order, exit_ms: exit, signal_ms: signal, other_ms: other } = config.freshness
    const limits = freshnessLimits({ order, exit, signal, other })
    const venue = venueOf(assembly, context, scope, classifyExecutionRequest, () => actor.mayIncrease)
    const quotes = new QuoteSource({
      context,
      registry: memory.registry,
      instruments,
      queries: venue.queries,
      reference: venue.reference,
      settings: { deadlineMs: config.market_data.rest_deadline_ms, fallbacksMax: config.market_data.fallbacks_max },
      onQuote: (symbolIndex) => actor.onWake(symbolIndex),
    })
    scope.onEnd(() => quotes.stop())
    const actor = new ExecutionActor(context, {
      instruments,
      decisions: memory.decisions.map((ring) => ring.buffer),
      prices: readerPrices(new PriceReader(memory.registry, limits, memory.shares), context.clock, quotes),
      conditions: registryConditions(memory.registry, instruments, context.clock, featureNames().indexOf('atr_14'), signal),
      bands: registryBands(memory.registry, instruments, context.clock),
      trading: venue.trading(instruments),
      journal,
      ...(base === undefined ? {} : { base }),
      settings: assembly.trading,
      views: cellSink(positions, memory.registry.accountView()),
      sessionEpoch: memory.sessionEpoch,
      onEpoch: (epoch) => void (memory.sessionEpoch = epoch),
      onStopped: assembly.onStopped,
      observations: registryObservations(memory.registry, limits, context.clock),
      killStore: assembly.openKillStore(),
      onKill: assembly.onKill,
      way: { port: venue.resilience, show: wayCell(memory.way, () => context.clock.nowNs()) },
      ...(assembly.onRecovery === undefined ? {} : { onRecovery: assembly.onRecovery }),
      ...(assembly.onFenced === undefined ? {} : { onFenced: assembly.onFenced }),
      onRisk: assembly.onRisk,
    })
    return actor
  }
}

/** The adapter for one life of an actor. Its market data by REST keeps to the budget that all threads share. */
function venueOf({ config, memory, venue, transport }: Assembly, context: ActorContext, scope: ActorScope, classify: typeof classifyMarketRequest, mayIncrease?: () => boolean): Venue {
  const { clock, timers, random, count } = context
  const gated = new GatedTransport({ inner: scopedTransport(transport, scope), budget: memory.restBudget, clock, timers, classify, count })
  return openVenue(venue, { transport: gated, clock, timers, random, count, connectPlace: connectPace(venue.name, memory.connects, clock, mayIncrease !== undefined), ...(mayIncrease === undefined ? {} : { mayIncrease }) }, config, 'private')
}

const ingestSettings = ({ market_data }: Config): IngestSettings => ({
  auditPeriodMs: market_data.audit_s * 1000,
  restDeadlineMs: market_data.rest_deadline_ms,
  integrity: { closeBelow: market_data.integrity_min, openFrom: market_data.integrity_resume },
})

/** What follows from each regime: the parameters that entries and exits of a symbol go by. */
function regimeParameters({ exit, entry }: TradingSettings, instrument: Instrument): Readonly<Record<SeenRegime, RegimeParameters>> {
  const exits = compileExits(exit, [instrument])[0]!
  const of = (regime: SeenRegime): RegimeParameters => ({
    regime,
    takeProfitPercent: Number(exits[regime].takeProfitPercent),
    stopLossPercent: Number(exits[regime].stopLossPercent),
    entryOffsetPercent: offsetFor(entry.offset, instrument.symbol, regime).percent.toNumber(),
  })
  return { trending: of('trending'), ranging: of('ranging'), choppy: of('choppy') }
}
