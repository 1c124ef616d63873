import { describe, expect, it } from 'vitest'
import { InferenceActor } from '../../actors/inference.ts'
import { VirtualTime } from '../../src/core/index.ts'
import { BY_FALLBACK, BY_MODEL, DECISION, FEATURE_VECTOR, Ring } from '../../src/memory/index.ts'
import { emptyOutput, type ModelContract, type ModelOutput, type ModelPredictor } from '../../src/model/index.ts'
import { createVirtualHost } from '../../src/runtime/index.ts'
import { strategyDefaults } from '../../src/strategies/index.ts'
import { deskSettings } from '../strategies/stage.ts'

const MS = 1e6
const names = ['depth_bid_5', 'depth_ask_5']
const VECTORS = 40

/** Answers after 3 ms of virtual time with what the newest row says; throws at every fourth run. */
class TimedModel implements ModelPredictor, ModelContract {
  readonly version = 'timed'
  readonly windowSteps = 2
  readonly featureCount = 2
  readonly stepMs = 0
  readonly budgetMs = 10
  readonly thresholds = { minProbability: 0.5, minConfidence: 0 }
  readonly output: ModelOutput = emptyOutput()
  readonly unfit = null
  readonly current = this
  runs = 0
  readonly #time: VirtualTime

  constructor(time: VirtualTime) {
    this.#time = time
  }

  seen(): void {}
  judged(): void {}

  run(window: Float32Array): Promise<void> {
    const broken = ++this.runs % 4 === 0
    const buy = window[2]! > window[3]!
    return new Promise((resolve, reject) =>
      this.#time.after(3, () => {
        Object.assign(this.output, { buy: buy ? 1 : 0, sell: buy ? 0 : 1, hold: 0, confidence: 0.9 })
        if (broken) reject(new Error('model broke'))
        else resolve()
      }),
    )
  }
}

async function play(): Promise<{ decisions: [vector: number, side: number, by: number][]; restarts: number; runs: number; handled: number }> {
  const time = new VirtualTime(0)
  const features = Ring.create(64, FEATURE_VECTOR.byteLength)
  const decisionRing = Ring.create(8, DECISION.byteLength)
  features.open(0, 'gating')
  decisionRing.open(0, 'gating')
  const model = new TimedModel(time)
  let lives = 0
  const { host } = createVirtualHost({
    time,
    seed: 1,
    restartLimits: { max: 3, windowMs: 10_000, backoffMs: 1, backoffMaxMs: 10 },
    onLog: () => {},
    specs: [
      {
        id: 'inference:BTCUSDT',
        kind: 'inference',
        symbol: 'BTCUSDT',
        row: 0,
        inputs: [{ ring: features, consumer: 0 }],
        wakes: [],
        create: (context, scope) => {
          lives++
          return new InferenceActor(context, {
            features,
            decisions: decisionRing.producer(),
            names,
            strategies: { ...deskSettings, configs: { ...strategyDefaults, imbalance: { ...strategyDefaults.imbalance, cooldownMs: 0, repeatMs: 1 } } },
      changes: [],
      blocks: null,
            model,
            validation: { agreeGain: 0, disagree: 'hold', disagreeFactor: 0 },
            modelIntervalMs: 0,
            decisionCooldownMs: 0,
            signalLimitMs: 3000,
            views: null,
            collect: null,
            onPublished: () => {},
            guard: scope.guard.bind(scope),
          })
        },
      },
    ],
  })
  host.start()
  const producer = features.producer()
  const vector = FEATURE_VECTOR.view(features.buffer)
  const reader = decisionRing.gatingConsumer(0)
  const decision = DECISION.view(decisionRing.buffer)
  const decisions: [number, number, number][] = []
  for (let i = 0; i < VECTORS; i++) {
    expect(producer.claim(1)).toBe(true)
    Object.assign(vector.at(producer.slot(0)), { sequence: i, receiveNs: time.nowNs(), publishNs: time.nowNs(), count: 2, warm: 1 })
    vector.f64[vector.values] = i % 3 === 0 ? 1 : 9
    vector.f64[vector.values + 1] = 10 - vector.f64[vector.values]!
    producer.publish()
    host.pump()
    for (let ms = 0; ms < 10; ms++) {
      time.runUntil(time.nowNs() + MS)
      await Promise.resolve()
      await Promise.resolve()
    }
    // The reader comes rarely: the decision ring fills up and the actor has to wait.
    if (i % 12 !== 11 && i !== VECTORS - 1) continue
    for (;;) {
      const waiting = reader.available()
      if (waiting === 0) break
      for (let r = 0; r < waiting; r++) {
        const { vectorSequence, side, by } = decision.at(reader.slot(r))
        decisions.push([vectorSequence, side, by])
      }
      reader.advance(waiting)
      for (let ms = 0; ms < 40; ms++) {
        time.runUntil(time.nowNs() + MS)
        await Promise.resolve()
        await Promise.resolve()
      }
    }
  }
  return { decisions, restarts: lives - 1, runs: model.runs, handled: features.published - features.depth(0) }
}

describe('inference under the virtual scheduler', () => {
  it('handles every vector and crashes on none, though runs fail and the decision ring fills up', async () => {
    const { decisions, restarts, handled, runs } = await play()
    expect(restarts).toBe(0)
    expect(handled).toBe(VECTORS)
    expect(runs).toBeGreaterThan(10)
    const sequences = decisions.map(([sequence]) => sequence)
    expect(new Set(sequences).size).toBe(sequences.length)
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b))
    // Whoever decided: the heavy side of the vector that the decision names.
    for (const [sequence, side] of decisions) expect(side).toBe(sequence % 3 === 0 ? 1 : 0)
    expect(decisions.some(([, , by]) => by === BY_MODEL)).toBe(true)
    expect(decisions.some(([, , by]) => by === BY_FALLBACK)).toBe(true)
  })

  it('decides the same twice', async () => {
    expect(await play()).toEqual(await play())
  })
})
