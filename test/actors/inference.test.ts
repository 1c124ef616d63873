import { describe, expect, it } from 'vitest'
import type { InferenceWiring } from '../../actors/inference.ts'
import { BUY, fail, SELL } from '../../src/core/index.ts'
import { ReadShares, REGIME_NAMES, REGIME_SOURCES, RegistryMemory } from '../../src/market/index.ts'
import { BY_FALLBACK, BY_MODEL, DECISION, FEATURE_VECTOR, Ring } from '../../src/memory/index.ts'
import { ModelGate, ModelService, type ModelOutput } from '../../src/model/index.ts'
import { HandModel, MS, names, Stage, viewsOf } from './inference-stage.ts'
import type { StrategyChange } from '../../src/strategies/index.ts'
import { distinctModel, HandSource, linearAnswer, linearOnnx, metaFor } from '../model/onnx-fixture.ts'

const coded = (code: string, words = ''): unknown => expect.objectContaining({ code, message: expect.stringContaining(words) })

describe('inference without a model', () => {
  it('carries everything of the vector into the decision, marked as fallback', () => {
    const stage = new Stage()
    stage.vector(1, 9)
    const nowNs = stage.time.nowNs()
    const decision = DECISION.view(stage.decisionRing.buffer).at(stage.decisionRing.slotAt(0))
    const { sequence, vectorSequence, tickSequence, venueTimeMs, receiveNs, tickPublishNs, vectorPublishNs, publishNs, bidTicks, askTicks, confidence, side, by } = decision
    expect({ sequence, vectorSequence, tickSequence, venueTimeMs, receiveNs, tickPublishNs, vectorPublishNs, publishNs, bidTicks, askTicks, confidence, side, by }).toEqual({
      sequence: 0,
      vectorSequence: 0,
      tickSequence: 1000,
      venueTimeMs: 42,
      receiveNs: nowNs - 300,
      tickPublishNs: nowNs - 200,
      vectorPublishNs: nowNs - 100,
      publishNs: nowNs,
      bidTicks: 9990,
      askTicks: 10_010,
      confidence: 0.9,
      side: SELL,
      by: BY_FALLBACK,
    })
    expect(stage.published).toBe(1)
    expect(stage.hops.get('features_inference')).toEqual([100])
    expect(stage.statuses).toEqual([{ state: 'ready', note: expect.stringContaining('no model') }])
  })

  it('decides nothing on an even book', () => {
    const stage = new Stage()
    stage.vector(1, 1)
    expect(stage.decisions).toEqual([])
    expect(stage.published).toBe(0)
  })

  it('decides on the newest vector of a batch only', () => {
    const stage = new Stage()
    stage.vector(9, 1, { last: false })
    stage.vector(9, 1, { last: false })
    stage.vector(1, 9)
    expect(stage.decisions).toEqual(['sell 2 0.90 fallback'])
  })

  it('decides nothing on a vector older than the signal limit, and counts it', () => {
    const stage = new Stage()
    stage.vector(9, 1, { ageMs: 3000 })
    expect(stage.decisions).toEqual([])
    expect(stage.counts.get('inference_stale')).toBe(1)
    stage.vector(9, 1, { ageMs: 2999 })
    expect(stage.decisions).toEqual(['buy 1 0.90 fallback'])
  })

  it('decides nothing while the features warm up', () => {
    const stage = new Stage()
    stage.vector(9, 1, { warm: 0 })
    expect(stage.decisions).toEqual([])
    expect(stage.counts.get('inference_cold')).toBe(1)
  })

  it('holds decisions the cool-down apart', () => {
    const stage = new Stage(null, { decisionCooldownMs: 100 })
    stage.vector(9, 1)
    stage.vector(1, 9, { afterMs: 99 })
    expect(stage.decisions).toEqual(['buy 0 0.90 fallback'])
    stage.vector(1, 9, { afterMs: 1 })
    expect(stage.decisions).toEqual(['buy 0 0.90 fallback', 'sell 2 0.90 fallback'])
  })

  it('does not decide twice on a vector that comes again after a restart, and keeps its cool-down', () => {
    const stage = new Stage(null, { decisionCooldownMs: 100 })
    const slot = stage.vector(9, 1)
    stage.spawn()
    stage.time.runUntil(stage.time.nowNs() + 500 * MS)
    stage.actor.onRecord(0, slot, 0, true)
    expect(stage.decisions).toEqual(['buy 0 0.90 fallback'])
    stage.vector(9, 1)
    stage.spawn()
    stage.vector(1, 9, { afterMs: 99 })
    expect(stage.decisions).toEqual(['buy 0 0.90 fallback', 'buy 1 0.90 fallback'])
  })

  it('is busy while the decision ring is full, and refuses a vector instead of losing its decision', () => {
    const stage = new Stage(null, {}, 2)
    stage.vector(9, 1)
    expect(stage.actor.busy).toBe(false)
    stage.vector(1, 9)
    expect(stage.actor.busy).toBe(true)
    expect(() => stage.vector(9, 1)).toThrow(coded('RM_INFERENCE_BUSY', 'vector 2'))
    stage.decisionRing.gatingConsumer(0).advance(1)
    expect(stage.actor.busy).toBe(false)
  })

  it('stops on a vector of another number of features', () => {
    const stage = new Stage()
    expect(() => stage.vector(9, 1, { count: 3 })).toThrow(coded('RM_INFERENCE_WIRING', 'is 3, expected 2'))
  })
})

describe('inference settings', () => {
  const buyAt = (value: number): StrategyChange => ({ strategy: 'imbalance', setting: 'buyThreshold', value, configured: 0.75 })

  it('change while running, and stay as they were when the new ones are refused', () => {
    const stage = new Stage()
    stage.actor.onMessage({ type: 'strategies', changes: [buyAt(3)] })
    stage.vector(7, 3)
    expect(stage.decisions).toEqual([])
    expect(stage.logs).toEqual(['error strategies not changed'])
    stage.actor.onMessage({ type: 'strategies', changes: [buyAt(0.7)] })
    stage.vector(7, 3)
    expect(stage.decisions).toEqual(['buy 1 0.70 fallback'])
    expect(stage.logs).toEqual(['error strategies not changed', 'info strategies changed'])
  })

  it('are those that were changed when a new life begins, unless the configuration says another value since', () => {
    const changed = new Stage(null, { changes: [buyAt(0.7)] })
    changed.vector(7, 3)
    expect(changed.decisions).toEqual(['buy 0 0.70 fallback'])
    const configured = new Stage(null, { changes: [{ ...buyAt(0.7), configured: 0.8 }] })
    configured.vector(7, 3)
    expect(configured.decisions).toEqual([])
  })

  it('are not touched by a message of another kind', () => {
    const stage = new Stage()
    stage.actor.onMessage({ type: 'something', changes: [buyAt(0.6)] })
    stage.vector(7, 3)
    expect(stage.decisions).toEqual([])
  })
})

describe('inference with a model', () => {
  it('lets the strategy decide until the window is full', () => {
    const stage = new Stage(new HandModel())
    stage.vector(9, 1)
    expect(stage.decisions).toEqual(['buy 0 0.90 fallback'])
    expect(stage.counts.get('inference_fallback window_filling')).toBe(1)
  })

  it('decides by the model against what the strategy would say, and is busy meanwhile', async () => {
    const model = new HandModel()
    const stage = new Stage(model)
    stage.warmUp()
    stage.vector(9, 1)
    expect(model.windows).toEqual([[1, 1, 9, 1]])
    expect(stage.actor.busy).toBe(true)
    expect(() => stage.vector(1, 1)).toThrow(coded('RM_INFERENCE_BUSY', 'a model run is in flight'))
    stage.time.runUntil(stage.time.nowNs() + 2 * MS)
    await model.answer({ sell: 0.6, hold: 0.3, buy: 0.1 })
    expect(stage.decisions).toEqual(['sell 1 0.70 model'])
    expect(stage.actor.busy).toBe(false)
    expect(stage.counts.get('decisions model')).toBe(1)
    // One more millisecond went by before the refused vector.
    expect(stage.hops.get('model_run')).toEqual([3 * MS])
  })

  it.each<[string, Partial<ModelOutput>]>([
    ['hold', { sell: 0.2, hold: 0.5, buy: 0.3 }],
    ['a side below its smallest chance', { sell: 0.45, hold: 0.3, buy: 0.25 }],
    ['too little confidence', { buy: 0.9, hold: 0.1, confidence: 0.39 }],
  ])('decides nothing, and not by the strategy either, when the model says %s', async (_, output) => {
    const model = new HandModel()
    const stage = new Stage(model)
    stage.warmUp()
    stage.vector(9, 1)
    await model.answer(output)
    expect(stage.decisions).toEqual([])
    expect(stage.actor.busy).toBe(false)
  })

  it.each(['RM_MODEL_RUN', 'RM_MODEL_NOT_FINITE', 'RM_MODEL_SLOW', 'RM_MODEL_GATE_CLOSED'] as const)('lets the strategy decide that vector on %s, says so, and recovers', async (code) => {
    const model = new HandModel()
    const stage = new Stage(model)
    stage.warmUp()
    stage.vector(9, 1)
    try {
      fail(code, { version: 'hand' })
    } catch (error) {
      await model.refuse(error)
    }
    expect(stage.decisions).toEqual(['buy 1 0.90 fallback'])
    expect(stage.counts.get(`inference_fallback ${code}`)).toBe(1)
    expect(stage.statuses.at(-1)).toEqual({ state: 'degraded', note: expect.stringContaining(code) })
    stage.vector(9, 1)
    await model.answer({ buy: 1 })
    expect(stage.decisions.at(-1)).toBe('buy 2 0.70 model')
    expect(stage.statuses.at(-1)).toEqual({ state: 'ready', note: 'model hand' })
  })

  it('does not wait past the budget for a run that hangs, ignores its late answer, and asks again after it', async () => {
    const model = new HandModel()
    const stage = new Stage(model)
    stage.warmUp()
    stage.vector(9, 1)
    stage.time.runUntil(stage.time.nowNs() + 10 * MS)
    expect(stage.decisions).toEqual(['buy 1 0.90 fallback'])
    expect(stage.counts.get('inference_fallback run_overdue')).toBe(1)
    stage.vector(1, 9)
    expect(stage.counts.get('inference_fallback run_stuck')).toBe(1)
    expect(model.windows).toHaveLength(1)
    await model.answer({ buy: 1 })
    expect(stage.decisions).toEqual(['buy 1 0.90 fallback', 'sell 2 0.90 fallback'])
    expect(stage.counts.get('model_late')).toBe(1)
    stage.vector(1, 9)
    expect(model.windows).toHaveLength(2)
    await model.answer({ buy: 1 })
    expect(stage.decisions.at(-1)).toBe('buy 3 0.70 model')
  })

  it('decides nothing when the vector went stale during the run', async () => {
    const model = new HandModel()
    const stage = new Stage(model)
    stage.warmUp()
    stage.vector(9, 1, { ageMs: 2995 })
    stage.time.runUntil(stage.time.nowNs() + 6 * MS)
    await model.answer({ buy: 1 })
    expect(stage.decisions).toEqual([])
    expect(stage.counts.get('inference_stale')).toBe(1)
  })

  it('joins no rows from before a gap with rows from after it', () => {
    const model = new HandModel()
    const stage = new Stage(model)
    stage.warmUp()
    stage.vector(1, 1, { warm: 0 })
    stage.vector(1, 1)
    expect(model.windows).toEqual([])
    stage.vector(1, 2)
    expect(model.windows).toEqual([[1, 1, 1, 2]])
  })

  it('keeps the distance of rows that the model was trained with', () => {
    const model = Object.assign(new HandModel(), { stepMs: 100 })
    const stage = new Stage(model)
    stage.vector(1, 1)
    stage.vector(1, 2, { afterMs: 99 })
    expect(model.windows).toEqual([])
    stage.vector(1, 3, { afterMs: 1 })
    expect(model.windows).toEqual([[1, 1, 1, 3]])
  })

  it('runs the model no more often than its interval', async () => {
    const model = new HandModel()
    const stage = new Stage(model, { modelIntervalMs: 50 })
    stage.warmUp()
    stage.vector(9, 1)
    await model.answer({ hold: 1 })
    stage.vector(9, 1, { afterMs: 49 })
    expect(model.windows).toHaveLength(1)
    stage.vector(9, 1, { afterMs: 1 })
    expect(model.windows).toHaveLength(2)
  })

  it('brings an exception after a run back under the guard of its scheduler', async () => {
    const model = new HandModel()
    const stage = new Stage(model)
    stage.onPublished = () => {
      throw new Error('bell broke')
    }
    stage.warmUp()
    stage.vector(9, 1)
    await model.answer({ buy: 1 })
    expect(stage.crashes).toEqual([expect.objectContaining({ message: 'bell broke' })])
  })

  it('stops gracefully after the run in flight, at once when it is replaced, and publishes nothing then', async () => {
    for (const graceful of [true, false]) {
      const model = new HandModel()
      const stage = new Stage(model)
      stage.warmUp()
      stage.vector(9, 1)
      let stopped = 0
      stage.actor.stop(graceful, () => stopped++)
      expect(stopped).toBe(graceful ? 0 : 1)
      await model.answer({ buy: 1 })
      expect(stopped).toBe(1)
      expect(stage.decisions).toEqual([])
      stage.time.runUntil(stage.time.nowNs() + 100 * MS)
      expect(stopped).toBe(1)
    }
  })

  it('stops within the budget of the model when the run never ends', () => {
    const stage = new Stage(new HandModel())
    stage.warmUp()
    stage.vector(9, 1)
    let stopped = 0
    stage.actor.stop(true, () => stopped++)
    stage.time.runUntil(stage.time.nowNs() + 10 * MS)
    expect(stopped).toBe(1)
    expect(stage.decisions).toEqual([])
  })

  it('decides what a real ONNX model computes from the window', async () => {
    const steps = 3
    const linear = { ...distinctModel(steps, 2), bias: [0, 0, 3, 2, 0] }
    const stage: { current: Stage | null } = { current: null }
    const source = new HandSource()
    source.put({ active: { meta: metaFor(names, steps), bytes: linearOnnx(linear), golden: null, baseline: null } })
    const service = new ModelService({ source, gate: new ModelGate(ModelGate.buffer(1)), clock: { nowNs: () => stage.current?.time.nowNs() ?? 0, wallMs: () => 0 }, budgetMs: 1000, fallbackFrom: null, log: () => {} })
    await service.refresh()
    const predictor = service.predictor()
    const ended = new Promise<void>((resolve) => {
      stage.current = new Stage(predictor, { onPublished: resolve })
    })
    stage.current!.vector(0.1, 0.2, { last: false })
    stage.current!.vector(0.3, 0.4, { last: false })
    stage.current!.vector(0.5, 0.6)
    await ended
    const golden = linearAnswer(linear, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    expect(golden.buy).toBeGreaterThan(0.5)
    const decision = DECISION.view(stage.current!.decisionRing.buffer).at(stage.current!.decisionRing.slotAt(0))
    expect(decision.side).toBe(BUY)
    expect(decision.by).toBe(BY_MODEL)
    expect(decision.confidence).toBeCloseTo(golden.confidence, 5)
  })
})

describe('inference wiring', () => {
  it.each<[string, Partial<InferenceWiring>, string]>([
    ['a feature ring of other records', { features: Ring.create(4, 64) }, 'feature ring'],
    ['a decision ring of other records', { decisions: Ring.create(4, FEATURE_VECTOR.byteLength).producer() }, 'decision ring'],
    ['a model of other features', { names: [...names, 'mid_price'], model: new HandModel() }, 'features of a model row'],
    ['no features', { names: [] }, 'feature names'],
    ['a negative cool-down', { decisionCooldownMs: -1 }, 'decisionCooldownMs'],
    ['an endless signal limit', { signalLimitMs: Number.POSITIVE_INFINITY }, 'signalLimitMs'],
  ])('refuses %s at start', (_, extra, words) => {
    expect(() => new Stage(null, extra)).toThrow(coded('RM_INFERENCE_WIRING', words))
  })
})

describe('MD-10: the regime in the registry', () => {
  it('is the one that the settings fix, says so, and carries its parameters', () => {
    const registry = RegistryMemory.create(1)
    const reader = registry.readRegime(0)
    reader.read()
    expect([REGIME_NAMES[reader.value.regime], REGIME_SOURCES[reader.value.source]]).toEqual(['unknown', 'none'])
    const bench = new Stage(null, { views: viewsOf(registry, 'choppy') })
    expect(reader.read()).toBe(true)
    expect([REGIME_NAMES[reader.value.regime], REGIME_SOURCES[reader.value.source], reader.value.confidence]).toEqual(['choppy', 'fixed', 0])
    expect([reader.value.takeProfitPercent, reader.value.stopLossPercent, reader.value.entryOffsetPercent]).toEqual([0.4, 0.3, 0.05])
    expect([reader.value.sinceNs, reader.value.updatedNs]).toEqual([bench.time.nowNs(), bench.time.nowNs()])
  })
})

it('MD-15: counts how often market data was young enough for a signal', () => {
  const registry = RegistryMemory.create(1)
  const shares = new ReadShares(1)
  const bench = new Stage(null, { views: { ...viewsOf(registry, 'choppy'), shares } })
  bench.vector(1, 1)
  bench.vector(1, 1, { ageMs: 3001 })
  bench.vector(1, 1, { ageMs: 2999 })
  expect(shares.of(0, 'signal')).toEqual({ stream: 2, rest: 0, refused: 1 })
})
