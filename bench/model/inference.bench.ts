/**
 * What a prediction costs in the service that an engine thread runs: a net of the recommended shape, 60 rows of 110 features,
 * asked through a predictor as an actor does, drift watched. One intra-operation thread.
 */
import { Random, SystemClock } from '../../src/core/index.ts'
import { featureNames } from '../../src/features/index.ts'
import { driftBaseline, featureHash, MODEL_CLASSES, ModelGate, type ModelBundle, ModelService, NO_FACTS } from '../../src/model/index.ts'
import { defineBench } from '../harness.ts'
import { benchNet } from './net.ts'

const STEPS = 60
const RUNS = 1000
const SYMBOLS = 50
const PER_SECOND = 3
const names = featureNames()
const random = new Random(1)
const bundle: ModelBundle = {
  bytes: benchNet(STEPS, names.length),
  golden: null,
  baseline: driftBaseline(names, Float32Array.from({ length: 2000 * names.length }, () => random.between(-1, 1)), Float32Array.from({ length: 2000 }, () => random.between(-1, 1))),
  meta: {
    format: 2, version: 'bench', created: '2026-01-01T00:00:00Z', ...NO_FACTS, classes: MODEL_CLASSES,
    features: { names, hash: featureHash(names) },
    files: { model: { file: 'model.onnx', sha256: '' }, golden: null, baseline: null },
    input: { name: 'input', shape: [STEPS, names.length], stepMs: 0 },
    outputs: { directionLogits: 'direction_logits', confidence: 'confidence', expectedReturn: 'expected_return' },
    thresholds: { minProbability: 0, minConfidence: 0 },
  },
}
const service = new ModelService({ source: { stamp: '1', active: () => bundle, shadow: () => null }, gate: new ModelGate(ModelGate.buffer(1)), clock: new SystemClock(process.hrtime.bigint()), budgetMs: 1000, fallbackFrom: null, log: () => {} })
await service.refresh()
const predictors = Array.from({ length: SYMBOLS }, () => service.predictor())
const windows = predictors.map(() => Float32Array.from({ length: STEPS * names.length }, () => random.between(-1, 1)))

/** Time of one question from asking to answer, us: the given part of them is faster. */
async function alone(share: number): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < RUNS; i++) {
    const startMs = performance.now()
    await predictors[i % SYMBOLS]!.run(windows[i % SYMBOLS]!)
    times.push((performance.now() - startMs) * 1000)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(share * RUNS)]!
}

/** Time of one question when so many are asked at once, us. */
async function together(batch: number): Promise<number> {
  const rounds = Math.ceil(RUNS / batch)
  const times: number[] = []
  for (let i = 0; i < rounds; i++) {
    const startMs = performance.now()
    await Promise.all(predictors.slice(0, batch).map((predictor, at) => predictor.run(windows[at]!)))
    times.push(((performance.now() - startMs) * 1000) / batch)
  }
  return times.toSorted((a, b) => a - b)[rounds >> 1]!
}

/** Processor time of a second of all symbols, each asked so often, as percent of a core; every symbol is due at its own moment. */
async function shareOfCore(): Promise<number> {
  const before = process.cpuUsage()
  for (let i = 0; i < SYMBOLS * PER_SECOND; i++) await predictors[i % SYMBOLS]!.run(windows[i % SYMBOLS]!)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e4
}

const ours = 'ModelService'
export const bench = defineBench(
  'model-inference',
  { rounds: 7 },
  { name: 'one prediction, 50th percentile', unit: 'us', better: 'lower', ours: { name: ours, measure: () => alone(0.5) }, goal: { atMost: 200 } },
  { name: 'one prediction, 99th percentile', unit: 'us', better: 'lower', ours: { name: ours, measure: () => alone(0.99) }, goal: null },
  { name: 'a prediction when 8 are due at once', unit: 'us', better: 'lower', ours: { name: `${ours}, one run`, measure: () => together(8) }, peer: { name: 'one by one', measure: () => together(1) }, goal: { ratio: 1.3 } },
  { name: '50 symbols, 3 predictions a second each', unit: '% of a core', better: 'lower', ours: { name: ours, measure: shareOfCore }, goal: { atMost: 10 } },
)

if (import.meta.main) await bench.run()
