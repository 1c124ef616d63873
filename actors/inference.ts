import { BUY, errorLine, fail, SELL, type Nanos, type Side } from '../src/core/index.ts'
import { BY_MODEL, type DecisionReason, FEATURE_VECTOR, STRATEGY_NAMES, VECTOR_CANDLE, VECTOR_CANDLES_ANEW } from '../src/memory/index.ts'
import { FeatureWindow, type ModelContract, type ModelOutput, type Sampler } from '../src/model/index.ts'
import type { Actor, ActorContext, ActorMessage, ActorStatus } from '../src/runtime/index.ts'
import { CANDLE_AFTER_HOLE, CANDLE_KNOWN, CandleTape, changedSettings, type FeatureVectorView, makeStrategy, NO_VOTES, type StrategyChange, StrategyDesk, TALLY_WORDS } from '../src/strategies/index.ts'
import { Decider } from './decider.ts'
import { checkWiring, type InferenceWiring, samplerOf } from './inference-wiring.ts'
import { ModelRun, type RunFailure } from './model-run.ts'
import { recallDecisions } from './recall-decisions.ts'
import { RegimeDesk } from './regime-desk.ts'

export type { InferenceCollect, InferenceViews, InferenceWiring } from './inference-wiring.ts'

/** A power cut takes at most the samples of this time. */
const SAMPLE_SYNC_MS = 1000

/** The freshness limit of signals (MD: 3 s). */
export const SIGNAL_LIMIT_MS = 3000

/** Length of the candles that features are made of. */
const CANDLE_MS = 60_000

/**
 * Turns the feature vectors of one symbol into decisions. Who has the word, from first to last (SG-13): a detector that blocks the side; the
 * model, where one is registered and answers in time with finite numbers; the consensus of the strategies; a single strategy.
 * Only the newest vector of a batch is decided on. Closed candles come between the vectors, in the order of events.
 *
 * What it decided last is read back from the decision ring, so a vector that comes again after a restart cannot
 * become a second decision, and the cool-down holds over the restart.
 */
export class InferenceActor implements Actor {
  readonly #context: ActorContext
  readonly #wiring: InferenceWiring
  readonly #desk: StrategyDesk
  readonly #tape = new CandleTape(CANDLE_MS)
  readonly #regime: RegimeDesk | null
  readonly #decider: Decider
  readonly #run: ModelRun | null
  /** Of the model that is asked now; another one may need other windows. */
  #contract: ModelContract | null = null
  #window: FeatureWindow | null = null
  readonly #sampler: Sampler | null
  readonly #vector: FeatureVectorView
  /** The vector that the run in flight is about: its slot in the ring may be gone when the run ends. */
  readonly #held: FeatureVectorView
  #lastRowNs: Nanos = Number.NEGATIVE_INFINITY
  /** By what the strategies want to enter while the model is asked to agree, 0: they do not. */
  #proposedBy = 0
  #stopped: (() => void) | null = null
  #status = ''

  /** @throws RM_INFERENCE_WIRING, RM_STRATEGY_CONFIG, RM_STRATEGY_FEATURE, RM_REGIME_CONFIG */
  constructor(context: ActorContext, wiring: InferenceWiring) {
    this.#context = context
    this.#wiring = wiring
    checkWiring(String(context.symbol), wiring)
    const settings = changedSettings(wiring.strategies, wiring.changes)
    const strategies = STRATEGY_NAMES.map((name) => makeStrategy(name, settings.configs, wiring.names))
    this.#desk = new StrategyDesk(settings, strategies, context.clock, ({ name }, trouble, text, leftOutMs) => {
      context.count('strategy_failures', `${name}_${trouble}`)
      context.log('warn', 'a strategy is left out of the vote', { strategy: name, trouble, text, leftOutMs })
    })
    recallDecisions(wiring.decisions, this.#desk, CANDLE_MS)
    this.#regime = wiring.views === null ? null : new RegimeDesk(wiring.views.regime, context)
    this.#decider = new Decider(context, { decisions: wiring.decisions, desk: this.#desk, blocks: wiring.blocks, held: wiring.views?.held ?? null, onPublished: wiring.onPublished })
    const { model } = wiring
    this.#run = model === null ? null : new ModelRun(context, model, wiring.guard, (failure) => this.#ended(failure))
    this.#sampler = samplerOf(context, wiring)
    this.#vector = FEATURE_VECTOR.view(wiring.features.buffer)
    this.#held = FEATURE_VECTOR.view(new ArrayBuffer(FEATURE_VECTOR.byteLength))
  }

  start(): void {
    const { views } = this.#wiring
    const sampler = this.#sampler
    if (sampler !== null) {
      sampler.sync()
      this.#context.timers.every(SAMPLE_SYNC_MS, () => sampler.sync())
    }
    this.#regime?.start()
    // A new life knows no candle.
    views?.refreshWish.raise()
    if (!this.#adopt()) this.#ready()
  }

  get busy(): boolean {
    return this.#asking || this.#wiring.decisions.room < 1
  }

  get #asking(): boolean {
    return this.#run !== null && this.#run.running
  }

  onRecord(_input: number, slot: number, _sequence: number, last: boolean): void {
    const vector = this.#vector.at(slot)
    if (this.#asking) this.#refuse(vector.sequence, 'a model run is in flight')
    const nowNs = this.#context.clock.nowNs()
    if (vector.kind === VECTOR_CANDLE) return this.#candle(vector, nowNs)
    if (vector.kind === VECTOR_CANDLES_ANEW) return this.#candlesAnew(nowNs)
    this.#context.observe('features_inference', nowNs - vector.publishNs)
    if (vector.warm !== 1) return this.#forget(nowNs)
    if (vector.count !== this.#wiring.names.length)
      fail('RM_INFERENCE_WIRING', { symbol: this.#context.symbol, what: 'features of a vector', actual: vector.count, expected: this.#wiring.names.length })
    this.#desk.observe(vector, nowNs)
    this.#adopt()
    this.#remember(vector)
    if (!last || vector.sequence <= this.#decider.writer.vectorSequence) return
    this.#sampler?.hold(vector)
    if (!this.#isStale(vector, nowNs) && nowNs - this.#decider.writer.decidedNs >= this.#wiring.decisionCooldownMs * 1e6) this.#decide(vector, nowNs)
    // While a model runs, what comes of the vector is not known.
    if (!this.#asking) this.#sampler?.release()
    if (this.#desk.takeCandleWish()) this.#wiring.views?.refreshWish.raise()
  }

  /** `{ type: 'strategies', changes }`: everything that differs from the configuration now. Changes that are refused leave their strategy as it was. */
  onMessage(message: ActorMessage): void {
    if (message.type !== 'strategies') return
    const changes = message['changes'] as readonly StrategyChange[]
    try {
      this.#desk.change(changedSettings(this.#wiring.strategies, changes))
      this.#context.log('info', 'strategies changed', { changes })
    } catch (error) {
      this.#context.log('error', 'strategies not changed', { error: errorLine(error), changes })
    }
    if (this.#desk.takeCandleWish()) this.#wiring.views?.refreshWish.raise()
  }

  stop(graceful: boolean, done: () => void): void {
    this.#report('stopping')
    this.#stopped = done
    // A replaced actor leaves its run to end by itself; a graceful stop waits for it, at most its budget.
    if (!graceful || !this.#asking) this.#finish()
  }

  #candle(vector: FeatureVectorView, nowNs: Nanos): void {
    const taken = this.#tape.take(vector)
    if (taken === CANDLE_KNOWN) return
    if (taken === CANDLE_AFTER_HOLE) {
      this.#desk.reset('candles', nowNs)
      this.#regime?.reset()
    }
    this.#desk.onCandle(this.#tape.candle, nowNs)
    this.#regime?.onCandle(this.#tape.candle, vector.venueTimeMs)
  }

  #candlesAnew(nowNs: Nanos): void {
    this.#tape.reset()
    this.#desk.reset('candles', nowNs)
    this.#regime?.reset()
  }

  #decide(vector: FeatureVectorView, nowNs: Nanos): void {
    const desk = this.#desk
    desk.poll(vector.venueTimeMs)
    const { outcome, opposed } = desk.tally
    if (outcome !== NO_VOTES) this.#context.count('votes', TALLY_WORDS[outcome])
    if (opposed) this.#context.count('votes_opposed')
    if (this.#decider.leave(vector, nowNs)) return
    const run = this.#run
    if (run === null || this.#contract === null || this.#window === null) return this.#decideAlone(vector, nowNs, 'no_model')
    if (!this.#window.full) return this.#decideAlone(vector, nowNs, 'window_filling')
    if (run.stuck) return this.#decideAlone(vector, nowNs, 'run_stuck')
    const { unfit } = run.model
    if (unfit !== null) return this.#decideAlone(vector, nowNs, unfit)
    if (nowNs - run.startNs < this.#wiring.modelIntervalMs * 1e6) return
    if (desk.settings.model === 'validates') {
      // Nothing to agree to: the model is not asked.
      this.#proposedBy = this.#decider.propose(vector, nowNs)
      if (this.#proposedBy === 0) return
    }
    copyVector(vector, this.#held)
    run.ask(this.#contract, this.#window.view, nowNs)
  }

  #ended(failure: RunFailure | null): void {
    if (this.#stopped !== null) return this.#finish()
    const nowNs = this.#context.clock.nowNs()
    if (failure !== null) this.#report('degraded', `${failure.line}: the strategies decide`)
    else this.#ready()
    if (!this.#isStale(this.#held, nowNs)) {
      if (failure === null) this.#decideByModel(nowNs)
      else this.#decideAlone(this.#held, nowNs, failure.code)
    } else if (failure !== null) this.#fellBack(failure.code)
    this.#proposedBy = 0
    this.#sampler?.release()
  }

  #decideByModel(nowNs: Nanos): void {
    const { output } = this.#run!.model
    const { thresholds } = this.#contract!
    const side: Side = output.buy >= output.sell ? BUY : SELL
    const chance = side === BUY ? output.buy : output.sell
    const sure = chance > output.hold && chance >= thresholds.minProbability && output.confidence >= thresholds.minConfidence
    const { tally } = this.#desk
    if (sure && tally.buyers !== tally.sellers) this.#context.count('model_agreement', side === tally.side ? 'same' : 'other')
    const draft = this.#decider.proposal
    if (this.#proposedBy === 0) {
      if (sure) this.#enter(this.#held, side, output.confidence, BY_MODEL, 'model', output, nowNs)
      return
    }
    const agrees = sure && side === draft.side
    this.#run!.model.judged(agrees ? 'agreed' : 'disagreed')
    this.#context.count('model_validation', agrees ? 'agreed' : 'disagreed')
    const { agreeGain, disagree, disagreeFactor } = this.#wiring.validation
    const confidence = agrees ? draft.confidence + (1 - draft.confidence) * agreeGain * output.confidence : draft.confidence * disagreeFactor
    if (agrees || (disagree === 'reduce' && confidence >= this.#desk.settings.consensus.confidenceMin)) this.#enter(this.#held, draft.side, confidence, this.#proposedBy, draft.reason, output, nowNs)
    else this.#decider.nothing(this.#held, draft.side, draft.confidence, 'model-against', output, nowNs)
  }

  #decideAlone(vector: FeatureVectorView, nowNs: Nanos, reason: string): void {
    this.#fellBack(reason)
    // What was proposed to a model that failed stands: its turn has been taken.
    const by = this.#proposedBy === 0 ? this.#decider.propose(vector, nowNs) : this.#proposedBy
    const { side, confidence, reason: why } = this.#decider.proposal
    if (by !== 0) this.#enter(vector, side, confidence, by, why, null, nowNs)
  }

  #enter(vector: FeatureVectorView, side: Side, confidence: number, by: number, reason: DecisionReason, model: ModelOutput | null, nowNs: Nanos): void {
    if (this.#decider.enter(vector, side, confidence, by, reason, model, nowNs)) this.#sampler?.decided(side, confidence)
  }

  #remember(vector: FeatureVectorView): void {
    if (this.#window === null) return
    this.#run!.model.seen(vector.venueTimeMs, (vector.bidTicks + vector.askTicks) / 2)
    const { stepMs } = this.#contract!
    if (stepMs > 0 && vector.receiveNs - this.#lastRowNs < stepMs * 1e6) return
    this.#lastRowNs = vector.receiveNs
    this.#window.push(vector.f64, vector.values)
  }

  /** Takes notice of the model that is active now; windows of the one before are of no use to it unless they are the same. @returns whether it is another one */
  #adopt(): boolean {
    const run = this.#run
    if (run === null || run.model.current === this.#contract) return false
    const before = this.#contract
    const contract = run.model.current
    this.#contract = contract
    if (contract === null) this.#window = null
    else if (before === null || this.#window === null || before.windowSteps !== contract.windowSteps || before.featureCount !== contract.featureCount || before.stepMs !== contract.stepMs) {
      this.#window = new FeatureWindow(contract.windowSteps, contract.featureCount)
      this.#lastRowNs = Number.NEGATIVE_INFINITY
    }
    this.#ready()
    return true
  }

  #ready(): void {
    this.#report('ready', this.#contract === null ? 'no model is active: the strategies decide alone' : `model ${this.#contract.version}`)
  }

  #fellBack(reason: string): void {
    this.#context.count('inference_fallback', reason)
    if (this.#contract !== null) this.#run!.model.judged('fallback')
  }

  /** The features are not warm: nothing before this may be joined with what comes after. */
  #forget(nowNs: Nanos): void {
    this.#desk.reset('book', nowNs)
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

  #finish(): void {
    this.#run?.drop()
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

function copyVector(from: FeatureVectorView, to: FeatureVectorView): void {
  // `sequence` is a field of eight bytes at the start of the record, so the record begins at a whole f64.
  const start = (from.values - VALUES_F64) | 0
  for (let i = 0; i < VECTOR_F64S; i++) to.f64[i] = from.f64[start + i]!
}

const VALUES_F64 = FEATURE_VECTOR.offsets.values >> 3
const VECTOR_F64S = FEATURE_VECTOR.byteLength >> 3
