import { fail, type SymbolIndex } from '../src/core/index.ts'
import type { ReadShares, SharedCount } from '../src/market/index.ts'
import { DECISION, FEATURE_VECTOR, type Ring, type RingProducer } from '../src/memory/index.ts'
import { type ModelPredictor, Sampler, type SampleSink } from '../src/model/index.ts'
import type { ActorContext, ActorScope } from '../src/runtime/index.ts'
import type { BlockSource, DeskSettings, StrategyChange } from '../src/strategies/index.ts'
import type { HeldView } from './held-view.ts'
import type { RegimeWiring } from './regime-desk.ts'

/** What the actor shows of itself in the registry, and sees there. */
export interface InferenceViews {
  readonly symbolIndex: SymbolIndex
  /** Counts how often market data was young enough for a signal. */
  readonly shares: ReadShares
  readonly regime: RegimeWiring
  readonly held: HeldView
  /** Raised to be told the closed candles anew. */
  readonly refreshWish: SharedCount
}

/** How samples for training are taken. */
export interface InferenceCollect {
  /** Every so many analyses (warm vectors that are looked at as the newest of their batch) become a sample. */
  readonly every: number
  /** @throws RM_DATASET_FILE; tried again every second then */
  readonly open: () => SampleSink
}

/** Where the strategies decide and the model must agree. */
export interface ModelValidation {
  /** When it agrees, so much of what the confidence lacks to 1 is made up for, times the model's own confidence: 0 to 1. */
  readonly agreeGain: number
  /** When it does not: `hold` does nothing, `reduce` takes the confidence times the factor and enters where that is enough for a consensus. */
  readonly disagree: 'hold' | 'reduce'
  /** 0 to 1. */
  readonly disagreeFactor: number
}

export interface InferenceWiring {
  /** Input 0: FEATURE_VECTOR records. */
  readonly features: Ring
  /** DECISION records. */
  readonly decisions: RingProducer
  /** `featureNames()`: the order of the numbers in a vector. */
  readonly names: readonly string[]
  /** As configured, and what was changed since while the engine ran. */
  readonly strategies: DeskSettings
  readonly changes: readonly StrategyChange[]
  /** null: no model can ever be active, the strategies decide alone. */
  readonly model: ModelPredictor | null
  /** What the word of a model is worth where it must agree with the strategies. */
  readonly validation: ModelValidation
  /** What detectors have against a side; null: there are none. */
  readonly blocks: BlockSource | null
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

/** Where samples go; null: none are taken. */
export function samplerOf({ symbol, log, count }: ActorContext, { collect, names }: InferenceWiring): Sampler | null {
  return collect === null ? null : new Sampler({ symbol: String(symbol), featureNames: names, ...collect, log, count })
}

/** @throws RM_INFERENCE_WIRING for the first end that does not fit */
export function checkWiring(symbol: string, wiring: InferenceWiring): void {
  const { features, decisions, names, model, validation, signalLimitMs, decisionCooldownMs, modelIntervalMs } = wiring
  const expect = (what: string, actual: unknown, expected: unknown, holds: boolean): void => {
    if (!holds) fail('RM_INFERENCE_WIRING', { symbol, what, actual, expected })
  }
  expect('slot bytes of the feature ring', features.slotBytes, FEATURE_VECTOR.byteLength, features.slotBytes === FEATURE_VECTOR.byteLength)
  expect('slot bytes of the decision ring', decisions.ring.slotBytes, DECISION.byteLength, decisions.ring.slotBytes === DECISION.byteLength)
  expect('number of feature names', names.length, `1 to ${FEATURE_VECTOR.fields.values.count}`, names.length > 0 && names.length <= FEATURE_VECTOR.fields.values.count)
  const current = model?.current ?? null
  if (current !== null) expect('features of a model row', current.featureCount, names.length, current.featureCount === names.length)
  const { agreeGain, disagreeFactor } = validation
  for (const [what, part] of Object.entries({ agreeGain, disagreeFactor })) expect(what, part, '0 to 1', part >= 0 && part <= 1)
  for (const [what, ms] of Object.entries({ signalLimitMs, decisionCooldownMs, modelIntervalMs })) expect(what, ms, '0 or more ms', ms >= 0 && Number.isFinite(ms))
}
