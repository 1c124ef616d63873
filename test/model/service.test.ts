import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { type Clock, RingmasterError } from '../../src/core/index.ts'
import { driftBaseline, ModelGate, type ModelBundle, type ModelPredictor, ModelService, type ModelServiceParts } from '../../src/model/index.ts'
import { distinctModel, HandSource, linearOnnx, metaFor, type Oddity } from './onnx-fixture.ts'

const names = ['depth_bid_5', 'depth_ask_5']
const STEPS = 3
const SIZE = STEPS * names.length
const coded = (code: string): unknown => expect.objectContaining({ code })

class HandClock implements Clock {
  nowMs = 0
  stepMs = 0
  nowNs = (): number => (this.nowMs += this.stepMs) * 1e6
  wallMs = (): number => 0
}

/** A model whose expected return is the sum of its window and this number, whatever the weights of its other heads. */
function bundleOf(version: string, bias: number, odd: Oddity = {}, steps = STEPS, more: Partial<ModelBundle['meta']> = {}): ModelBundle {
  const plain = distinctModel(steps, names.length)
  const model = { ...plain, weights: plain.weights.map(([a, b, c, d]) => [a!, b!, c!, d!, 1]), bias: [0.1, 0, 0.2, 0.3, bias] }
  const meta = metaFor(names, steps, version)
  // As a registry would: other bytes, another checksum.
  return { meta: { ...meta, ...more, files: { ...meta.files, model: { file: 'model.onnx', sha256: `${version} ${bias}` } } }, bytes: linearOnnx(model, odd), golden: null, baseline: null }
}

function served(parts: Partial<ModelServiceParts> = {}) {
  const source = new HandSource()
  const clock = new HandClock()
  const logs: string[] = []
  const service = new ModelService({ source, gate: new ModelGate(ModelGate.buffer(1)), clock, budgetMs: 1000, fallbackFrom: null, log: (level, message) => void logs.push(`${level} ${message}`), ...parts })
  return { source, clock, logs, service }
}

const windowOf = (value: number): Float32Array => new Float32Array(SIZE).fill(value)

describe('models of a thread', () => {
  it('answers 10 000 questions across 20 swaps, none dropped and none mixed: each answer is of the model that it names', async () => {
    const { source, service } = served()
    source.put({ active: bundleOf('v0', 0) })
    await service.refresh()
    const predictors = Array.from({ length: 8 }, () => service.predictor())
    const perSymbol = 1250
    let answered = 0
    let mixed = 0
    const versions = new Set<string>()
    const asking = predictors.map(async (predictor, symbol) => {
      for (let i = 0; i < perSymbol; i++) {
        const asked = predictor.current!.version
        const value = (symbol * perSymbol + i) % 97
        await predictor.run(windowOf(value))
        const { version, expectedReturn } = predictor.output
        answered++
        versions.add(version)
        if (version !== asked || Math.abs(expectedReturn - (SIZE * value + 1000 * Number(version.slice(1)))) > 0.01) mixed++
      }
    })
    let swaps = 0
    for (let swap = 1; swap <= 20; swap++) {
      // A swap at a moment that questions are in flight and others come meanwhile.
      while (answered < swap * 450) await new Promise((resolve) => setImmediate(resolve))
      source.put({ active: bundleOf(`v${swap}`, 1000 * swap) })
      if (await service.refresh()) swaps++
    }
    await Promise.all(asking)
    expect({ answered, mixed, swaps, versions: versions.size }).toEqual({ answered: 10_000, mixed: 0, swaps: 20, versions: 21 })
    expect(service.status.failures).toBe(0)
  })

  it('answers symbols that are due together in one run', async () => {
    const { source, service } = served()
    source.put({ active: bundleOf('v1', 0) })
    await service.refresh()
    const predictors = Array.from({ length: 11 }, () => service.predictor())
    await Promise.all(predictors.map((predictor, i) => predictor.run(windowOf(i))))
    expect(predictors.map(({ output }) => Math.round(output.expectedReturn))).toEqual(predictors.map((_one, i) => i * SIZE))
    expect(service.status).toMatchObject({ answers: 11, runs: 2, largestBatch: 8 })
  })

  it.each<[string, string, ModelBundle | Error]>([
    ['a bundle that fails its checks', 'RM_MODEL_CHECKSUM', new RingmasterError('RM_MODEL_CHECKSUM', { version: 'v2', file: 'model.onnx', actual: 'a', expected: 'b' })],
    ['a model of other features', 'RM_MODEL_FEATURE_HASH', new RingmasterError('RM_MODEL_FEATURE_HASH', { version: 'v2', actual: 'a', expected: 'b' })],
    ['a model whose answers are not finite', 'RM_MODEL_NOT_FINITE', bundleOf('v2', Number.NaN)],
    ['a model of another shape', 'RM_MODEL_SHAPE', bundleOf('v2', 0, { logits: 4 })],
    ['a truncated file', 'RM_MODEL_LOAD', { ...bundleOf('v2', 0), bytes: bundleOf('v2', 0).bytes.subarray(0, 60) }],
  ])('goes on with the model before when the next is %s', async (_what, code, bundle) => {
    const { source, service, logs } = served()
    source.put({ active: bundleOf('v1', 0) })
    await service.refresh()
    source.put({ active: bundle })
    expect(await service.refresh()).toBe(false)
    expect(service.status).toMatchObject({ active: 'v1', error: expect.stringContaining(code) as string })
    expect(logs.at(-1)).toBe('error the model is refused: the one before goes on')
    const predictor = service.predictor()
    await predictor.run(windowOf(1))
    expect(predictor.output.version).toBe('v1')
    source.put({ active: bundleOf('v3', 0) })
    expect([await service.refresh(), service.status.error]).toEqual([true, null])
  })

  it('refuses a model that sleeps, and lets one rest that begins to: the strategies go on', async () => {
    const { source, service, clock, logs } = served({ budgetMs: 5 })
    source.put({ active: bundleOf('v1', 0) })
    clock.stepMs = 11
    await service.refresh()
    expect(service.status).toMatchObject({ active: null, error: expect.stringContaining('RM_MODEL_CEILING') as string })
    clock.stepMs = 0
    source.put({ active: bundleOf('v2', 0) })
    await service.refresh()
    const predictor = service.predictor()
    clock.stepMs = 6
    for (let i = 0; i < 3; i++) {
      expect(predictor.unfit).toBe(null)
      await expect(predictor.run(windowOf(1))).rejects.toEqual(coded('RM_MODEL_SLOW'))
    }
    clock.stepMs = 0
    expect([predictor.unfit, service.status.resting, service.status.failures]).toEqual(['model_resting', true, 3])
    expect(logs.at(-1)).toContain('rests')
    clock.nowMs += 5001
    expect(predictor.unfit).toBe(null)
    await predictor.run(windowOf(1))
  })

  it('has no model where none is meant, and gives one up when none is any more', async () => {
    const { source, service } = served()
    await service.refresh()
    const predictor = service.predictor()
    expect(predictor.current).toBe(null)
    await expect(predictor.run(windowOf(1))).rejects.toEqual(coded('RM_MODEL_NONE'))
    source.put({ active: bundleOf('v1', 0) })
    await service.refresh()
    expect(predictor.current).toMatchObject({ version: 'v1', windowSteps: STEPS })
    source.put({ active: null })
    expect([await service.refresh(), predictor.current]).toEqual([true, null])
  })

  it('says what cannot be read and tries again when it changes', async () => {
    const { source, service } = served()
    source.put({ active: new Error('disk gone') })
    expect(await service.refresh()).toBe(false)
    expect(service.status.error).toContain('disk gone')
  })

  it('runs a shadow beside the model, and counts how often it agrees and is right', async () => {
    const label = { horizonMs: 1000, threshold: 0.001, volatilityScale: null }
    const { source, service } = served()
    const always = (version: string, side: 0 | 2): ModelBundle => {
      const plain = distinctModel(STEPS, names.length)
      const bias = [0, 0, 0, 0, 0]
      bias[side] = 50
      const bundle = bundleOf(version, 0, {}, STEPS, { label })
      return { ...bundle, bytes: linearOnnx({ ...plain, weights: plain.weights.map(() => [0, 0, 0, 0, 0]), bias }) }
    }
    source.put({ active: always('buyer', 2), shadow: always('seller', 0) })
    await service.refresh()
    const predictor = service.predictor()
    const ask = async (timeMs: number, price: number): Promise<void> => {
      predictor.seen(timeMs, price)
      await predictor.run(windowOf(1))
      for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve))
    }
    await ask(0, 100)
    await ask(500, 100.2)
    predictor.seen(1000, 101)
    predictor.seen(1500, 99)
    // The future of this one comes too late to say anything.
    await ask(2000, 100)
    predictor.seen(20_000, 100)
    expect(service.status.shadow).toEqual({ version: 'seller', answers: 3, same: 0, failures: 0, matured: 2, right: 1, activeRight: 1 })
    source.put({ shadow: null })
    await service.refresh()
    expect(service.status.shadow).toBe(null)
    await predictor.run(windowOf(1))
  })

  it('a model that has drifted is not fit for decisions, where the settings say so', async () => {
    for (const [fallbackFrom, expected] of [['high', 'model_drifted'], [null, null]] as const) {
      const { source, service } = served({ fallbackFrom })
      const baseline = driftBaseline(names, Float32Array.from({ length: 2000 }, (_one, i) => i % 100), Float32Array.from({ length: 100 }, (_one, i) => i / 100))
      source.put({ active: { ...bundleOf('v1', 0), baseline } })
      await service.refresh()
      const predictors: ModelPredictor[] = Array.from({ length: 8 }, () => service.predictor())
      for (let i = 0; i < 125; i++) await Promise.all(predictors.map((predictor) => predictor.run(windowOf(5000))))
      expect(service.status.drift).toMatchObject({ severity: 'critical', rows: 1000, features: { share: 1 } })
      expect(predictors[0]!.unfit).toBe(expected)
    }
  })

  it('survives 100 restarts of inference actors during runs, without an abort and without growing', { timeout: 60_000 }, async () => {
    const child = spawn(process.execPath, ['--expose-gc', new URL('./restart-child.ts', import.meta.url).pathname, '100'], { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const end = await new Promise<{ code: number | null; signal: string | null }>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
    expect(end, err).toEqual({ code: 0, signal: null })
    const seen = JSON.parse(out) as { restarts: number; inFlight: number; answers: number; grownBytes: number }
    expect(seen).toMatchObject({ restarts: 100, inFlight: 100 })
    expect(seen.answers).toBeGreaterThanOrEqual(100)
    // A window of the real size is 26 kB, and a life has two of them: 100 lives that stayed would be 5 MB.
    expect(seen.grownBytes).toBeLessThan(2e6)
  })
})
