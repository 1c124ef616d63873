import { BUY, errorLabel, errorLine, fail, SELL, type Nanos, type Side, type SymbolIndex, type Timer } from '../src/core/index.ts'
import { type CellWriter, type ReadShares, type RegimeParameters, showFixedRegime } from '../src/market/index.ts'
import { BY_FALLBACK, BY_MODEL, DECISION, FEATURE_VECTOR, type REGIME, type Ring, type RingProducer } from '../src/memory/index.ts'
import { FeatureWindow, type ModelPredictor, Sampler, type SampleSink } from '../src/model/index.ts'
import type { Actor, ActorContext, ActorMessage, ActorScope, ActorStatus } from '../src/runtime/index.ts'
import { emptySignal, ImbalanceStrategy, type FeatureVectorView, type ImbalanceConfig } from '../src/strategies/index.ts'

/** What the actor shows of itself in the registry. */
export interface InferenceViews {
  readonly symbolIndex: SymbolIndex
  /** Counts how often market data was young enough for a signal. */
  readonly shares: ReadShares
  readonly regimeCell: CellWriter<typeof REGIME.fields>
  /** The regime that the settings fix while there is no detector. */
  readonly regime: RegimeParameters
}

/** How samples for training are taken. */
export interface InferenceCollect {
  /** Every so many analyses (warm vectors that are looked at as the newest of their batch) become a sample. */
  readonly every: number
  /** @throws RM_DATASET_FILE; tried again every second then */
  readonly open: () => SampleSink
}

export interface InferenceWiring {
  /** Input 0: FEATURE_VECTOR records. */
  readonly features: Ring
  /** DECISION records. */
  readonly decisions: RingProducer
  /** `featureNames()`: the order of the numbers in a vector. */
  readonly names: readonly string[]
  readonly strategy: ImbalanceConfig
  /** null: no model is registered, the strategy decides alone. */
  readonly model: ModelPredictor | null
  /** Shortest time from model run to model run, ms. */
  readonly modelIntervalMs: number
  /** Shortest time from decision to decision of this symbol, ms. */
  readonly decisionCooldownMs: number
  /** Age of the market data above which nothing is decided on it, ms. */
  readonly signalLimitMs: number
  readonly views: InferenceViews | null
  /** Where samples for training go; null: none are taken. */
  readonly collect: InferenceCollect | null
  /** Rings the bell of whoever reads the decisions. */
  readonly onPublished: () => void
  /** Makes the end of a model run an event of this actor: guarded, and records that waited are taken up after it. */
  readonly guard: ActorScope['guard']
}

/** A power cut takes at most the samples of this time. */
const SAMPLE_SYNC_MS = 1000

/** The freshness limit of signals (MD: 3 s). */
export const SIGNAL_LIMIT_MS = 3000

/**
 * Turns the feature vectors of one symbol into decisions: by the model where one is registered and answers in time with
 * finite numbers, by the order-book-imbalance strategy otherwise. Only the newest vector of a batch is decided on.
 *
 * What it decided last is read back from the decision ring, so a vector that comes again after a restart cannot
 * become a second decision, and the cool-down holds over the restart.
 */
export class InferenceActor implements Actor {
  readonly #context: ActorContext
  readonly #wiring: InferenceWiring
  readonly #strategy: ImbalanceStrategy
  readonly #vote = emptySignal()
  readonly #window: FeatureWindow | null
  readonly #sampler: Sampler | null
  readonly #vector: FeatureVectorView
  /** The vector that the run in flight is about: its slot in the ring may be gone when the run ends. */
  readonly #held: FeatureVectorView
  readonly #decision: ReturnType<typeof DECISION.view>
  #decidedVector = -1
  #decidedNs: Nanos = Number.NEGATIVE_INFINITY
  #lastRowNs: Nanos = Number.NEGATIVE_INFINITY
  #runStartNs: Nanos = Number.NEGATIVE_INFINITY
  #run = 0
  #running = false
  /** A run outlived its budget and has not ended: the model cannot be asked. */
  #stuck = false
  #deadline: Timer | null = null
  #stopped: (() => void) | null = null
  #status = ''

  /** @throws RM_INFERENCE_WIRING, RM_STRATEGY_CONFIG, RM_STRATEGY_FEATURE */
  constructor(context: ActorContext, wiring: InferenceWiring) {
    this.#context = context
    this.#wiring = wiring
    checkWiring(String(context.symbol), wiring)
    this.#strategy = new ImbalanceStrategy(wiring.strategy, wiring.names)
    this.#window = wiring.model === null ? null : new FeatureWindow(wiring.model.windowSteps, wiring.model.featureCount)
    this.#sampler = samplerOf(context, wiring)
    this.#vector = FEATURE_VECTOR.view(wiring.features.buffer)
    this.#held = FEATURE_VECTOR.view(new ArrayBuffer(FEATURE_VECTOR.byteLength))
    this.#decision = DECISION.view(wiring.decisions.ring.buffer)
    this.#resume()
  }

  start(): void {
    const { model, views } = this.#wiring
    const sampler = this.#sampler
    if (sampler !== null) {
      sampler.sync()
      this.#context.timers.every(SAMPLE_SYNC_MS, () => sampler.sync())
    }
    if (views !== null) showFixedRegime(views.regimeCell, views.regime, this.#context.clock.nowNs())
    this.#report('ready', model === null ? 'no model registered: order-book imbalance decides alone' : `model ${model.version}`)
  }

  get busy(): boolean {
    return this.#running || this.#wiring.decisions.room < 1
  }

  onRecord(_input: number, slot: number, _sequence: number, last: boolean): void {
    const vector = this.#vector.at(slot)
    if (this.#running) this.#refuse(vector.sequence, 'a model run is in flight')
    const nowNs = this.#context.clock.nowNs()
    this.#context.observe('features_inference', nowNs - vector.publishNs)
    if (vector.warm !== 1) return this.#forget()
    if (vector.count !== this.#wiring.names.length)
      fail('RM_INFERENCE_WIRING', { symbol: this.#context.symbol, what: 'features of a vector', actual: vector.count, expected: this.#wiring.names.length })
    this.#strategy.observe(vector)
    this.#remember(vector)
    if (!last || vector.sequence <= this.#decidedVector) return
    this.#sampler?.hold(vector)
    if (!this.#isStale(vector, nowNs) && nowNs - this.#decidedNs >= this.#wiring.decisionCooldownMs * 1e6) this.#decide(vector, nowNs)
    // While a model runs, what comes of the vector is not known.
    if (!this.#running) this.#sampler?.release()
  }

  /** `{ type: 'strategy', config }` changes the strategy while running; one that is refused changes nothing. */
  onMessage(message: ActorMessage): void {
    if (message.type !== 'strategy') return
    const config = { ...this.#strategy.config, ...(message['config'] as Partial<ImbalanceConfig>) }
    try {
      this.#strategy.configure(config)
      this.#context.log('info', 'strategy changed', { ...config })
    } catch (error) {
      this.#context.log('error', 'strategy not changed', { error: errorLine(error), ...config })
    }
  }

  stop(graceful: boolean, done: () => void): void {
    this.#report('stopping')
    this.#stopped = done
    // A replaced actor leaves its run to end by itself; a graceful stop waits for it, at most its budget.
    if (!graceful || !this.#running) this.#finish()
  }

  #decide(vector: FeatureVectorView, nowNs: Nanos): void {
    const { model, modelIntervalMs } = this.#wiring
    if (model === null || this.#window === null) return this.#decideAlone(vector, nowNs, 'no_model')
    if (!this.#window.full) return this.#decideAlone(vector, nowNs, 'window_filling')
    if (this.#stuck) return this.#decideAlone(vector, nowNs, 'run_stuck')
    if (nowNs - this.#runStartNs < modelIntervalMs * 1e6) return
    this.#ask(model, this.#window.view, vector, nowNs)
  }

  #ask(model: ModelPredictor, window: Float32Array, vector: FeatureVectorView, nowNs: Nanos): void {
    copyVector(vector, this.#held)
    const run = ++this.#run
    this.#running = true
    this.#runStartNs = nowNs
    this.#deadline = this.#context.timers.after(model.budgetMs, () => this.#overdue(run))
    const settle = this.#wiring.guard((error: unknown) => this.#settle(run, error))
    model.run(window).then(() => settle(null), settle)
  }

  #overdue(run: number): void {
    if (run !== this.#run || !this.#running) return
    this.#stuck = true
    this.#end({ code: 'run_overdue', line: `model run exceeds ${this.#wiring.model!.budgetMs} ms` })
  }

  #settle(run: number, error: unknown): void {
    this.#context.observe('model_run', this.#context.clock.nowNs() - this.#runStartNs)
    if (run !== this.#run || !this.#running) {
      // The answer to a vector that the strategy has decided already.
      this.#stuck = false
      this.#context.count('model_late')
      return
    }
    this.#end(error === null ? null : { code: errorLabel(error), line: errorLine(error) })
  }

  #end(failure: { readonly code: string; readonly line: string } | null): void {
    this.#running = false
    this.#deadline?.cancel()
    this.#deadline = null
    if (this.#stopped !== null) return this.#finish()
    const nowNs = this.#context.clock.nowNs()
    if (failure !== null) this.#report('degraded', `${failure.line}: order-book imbalance decides`)
    else this.#report('ready', `model ${this.#wiring.model!.version}`)
    if (!this.#isStale(this.#held, nowNs)) {
      if (failure === null) this.#decideByModel(nowNs)
      else this.#decideAlone(this.#held, nowNs, failure.code)
    } else if (failure !== null) this.#context.count('inference_fallback', failure.code)
    this.#sampler?.release()
  }

  #decideByModel(nowNs: Nanos): void {
    const { output, thresholds } = this.#wiring.model!
    const side: Side = output.buy >= output.sell ? BUY : SELL
    const chance = side === BUY ? output.buy : output.sell
    if (chance <= output.hold || chance < thresholds.minProbability || output.confidence < thresholds.minConfidence) return
    this.#publish(this.#held, side, output.confidence, BY_MODEL, nowNs)
  }

  #decideAlone(vector: FeatureVectorView, nowNs: Nanos, reason: string): void {
    this.#context.count('inference_fallback', reason)
    if (this.#strategy.vote(nowNs, this.#vote)) this.#publish(vector, this.#vote.side, this.#vote.confidence, BY_FALLBACK, nowNs)
  }

  #publish(vector: FeatureVectorView, side: Side, confidence: number, by: number, nowNs: Nanos): void {
    const { decisions } = this.#wiring
    if (!decisions.claim(1)) this.#refuse(vector.sequence, 'the decision ring is full')
    const decision = this.#decision.at(decisions.slot(0))
    decision.sequence = decisions.next
    decision.vectorSequence = vector.sequence
    decision.tickSequence = vector.tickSequence
    decision.venueTimeMs = vector.venueTimeMs
    decision.receiveNs = vector.receiveNs
    decision.tickPublishNs = vector.tickPublishNs
    decision.vectorPublishNs = vector.publishNs
    decision.bidTicks = vector.bidTicks
    decision.askTicks = vector.askTicks
    decision.confidence = confidence
    decision.side = side
    decision.by = by
    decision.publishNs = nowNs
    decisions.publish()
    this.#decidedVector = vector.sequence
    this.#decidedNs = nowNs
    this.#sampler?.decided(side, confidence)
    this.#context.count('decisions', by === BY_MODEL ? 'model' : 'fallback')
    this.#wiring.onPublished()
  }

  #remember(vector: FeatureVectorView): void {
    if (this.#window === null) return
    const { stepMs } = this.#wiring.model!
    if (stepMs > 0 && vector.receiveNs - this.#lastRowNs < stepMs * 1e6) return
    this.#lastRowNs = vector.receiveNs
    this.#window.push(vector.f64, vector.values)
  }

  /** The features are not warm: nothing before this may be joined with what comes after. */
  #forget(): void {
    this.#strategy.reset()
    this.#window?.clear()
    this.#lastRowNs = Number.NEGATIVE_INFINITY
    this.#context.count('inference_cold')
  }

  #isStale(vector: FeatureVectorView, nowNs: Nanos): boolean {
    const { signalLimitMs, views } = this.#wiring
    const fresh = nowNs - vector.receiveNs <= signalLimitMs * 1e6
    if (fresh) views?.shares.countStream(views.symbolIndex, 'signal')
    else views?.shares.countRefused(views.symbolIndex, 'signal')
    if (fresh) return false
    this.#context.count('inference_stale')
    return true
  }

  #resume(): void {
    const { decisions } = this.#wiring
    if (decisions.next === 0) return
    const last = this.#decision.at(decisions.ring.slotAt(decisions.next - 1))
    this.#decidedVector = last.vectorSequence
    this.#decidedNs = last.publishNs
  }

  #finish(): void {
    this.#deadline?.cancel()
    this.#deadline = null
    this.#running = false
    this.#sampler?.release()
    this.#sampler?.close()
    const done = this.#stopped
    this.#stopped = NOTHING
    done?.()
  }

  #refuse(sequence: number, why: string): never {
    fail('RM_INFERENCE_BUSY', { symbol: this.#context.symbol, sequence, why })
  }

  #report(state: ActorStatus['state'], note?: string): void {
    const key = `${state} ${note}`
    if (key === this.#status) return
    this.#status = key
    this.#context.report(note === undefined ? { state } : { state, note })
  }
}

const NOTHING = (): void => {}

function samplerOf({ symbol, log, count }: ActorContext, { collect, names }: InferenceWiring): Sampler | null {
  return collect === null ? null : new Sampler({ symbol: String(symbol), featureNames: names, ...collect, log, count })
}

function copyVector(from: FeatureVectorView, to: FeatureVectorView): void {
  // `sequence` is a field of eight bytes at the start of the record, so the record begins at a whole f64.
  const start = (from.values - VALUES_F64) | 0
  for (let i = 0; i < VECTOR_F64S; i++) to.f64[i] = from.f64[start + i]!
}

const VALUES_F64 = FEATURE_VECTOR.offsets.values >> 3
const VECTOR_F64S = FEATURE_VECTOR.byteLength >> 3

function checkWiring(symbol: string, wiring: InferenceWiring): void {
  const { features, decisions, names, model, signalLimitMs, decisionCooldownMs, modelIntervalMs } = wiring
  const expect = (what: string, actual: unknown, expected: unknown, holds: boolean): void => {
    if (!holds) fail('RM_INFERENCE_WIRING', { symbol, what, actual, expected })
  }
  expect('slot bytes of the feature ring', features.slotBytes, FEATURE_VECTOR.byteLength, features.slotBytes === FEATURE_VECTOR.byteLength)
  expect('slot bytes of the decision ring', decisions.ring.slotBytes, DECISION.byteLength, decisions.ring.slotBytes === DECISION.byteLength)
  expect('number of feature names', names.length, `1 to ${FEATURE_VECTOR.fields.values.count}`, names.length > 0 && names.length <= FEATURE_VECTOR.fields.values.count)
  if (model !== null) expect('features of a model row', model.featureCount, names.length, model.featureCount === names.length)
  for (const [what, ms] of Object.entries({ signalLimitMs, decisionCooldownMs, modelIntervalMs })) expect(what, ms, '0 or more ms', ms >= 0 && Number.isFinite(ms))
}
