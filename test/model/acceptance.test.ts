import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, Random, VirtualTime } from '../../src/core/index.ts'
import { acceptModel, type BundleDraft, driftBaseline, type GoldenSet, ModelGate, ModelRegistry, ModelSession } from '../../src/model/index.ts'
import { distinctModel, draftFor, linearLogits, linearOnnx, metaFor, type Oddity } from './onnx-fixture.ts'

const names = ['depth_bid_5', 'depth_ask_5', 'mid_price']
const STEPS = 4
const SIZE = STEPS * names.length
const linear = distinctModel(STEPS, names.length)
const coded = (code: string, words = ''): unknown => expect.objectContaining({ code, message: expect.stringContaining(words) })

function goldenOf(windows: number): GoldenSet {
  const random = new Random(5)
  const inputs = Float32Array.from({ length: windows * SIZE }, () => random.between(-2, 2))
  const answers = Float32Array.from(Array.from({ length: windows }, (_, i) => linearLogits(linear, inputs.subarray(i * SIZE, (i + 1) * SIZE))).flat())
  return { windows, inputs, answers }
}

const baseline = driftBaseline(names, Float32Array.from({ length: 30 }, (_, i) => i), Float32Array.from({ length: 10 }, (_, i) => i / 10))

let folder: string
let registry: ModelRegistry
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rm-acceptance-'))
  registry = new ModelRegistry(folder, new VirtualTime(0))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const register = (odd: Oddity, extra: Partial<BundleDraft> = {}) => registry.register('v1', linearOnnx(linear, odd), { ...draftFor(names, STEPS), ...extra })

describe('the trial of a model', () => {
  it('lets one in that answers its golden windows, alone and in batches, and says by how much it is off', async () => {
    await register({}, { golden: goldenOf(16), baseline })
    const acceptance = await registry.try('v1', names)
    expect(acceptance).toMatchObject({ windows: 16, golden: true })
    expect(Math.max(acceptance.worstGolden, acceptance.worstBatch)).toBeLessThan(1e-5)
    const { golden, baseline: kept, meta } = registry.load('v1', names)
    expect(golden).toEqual(goldenOf(16))
    expect(kept).toEqual(baseline)
    expect(meta.files).toMatchObject({ golden: { windows: 16 }, baseline: { rows: 10 } })
  })

  it.each<[string, string, Oddity, Partial<BundleDraft>, string]>([
    ['a golden answer is missed by more than a ten-thousandth', 'RM_MODEL_ANSWER', {}, { golden: { ...goldenOf(16), answers: goldenOf(16).answers.map((value, i) => (i === 37 ? value + 2e-4 : value)) } }, 'number 2 of its answer to golden window 7'],
    ['a weight is not a number', 'RM_MODEL_WEIGHTS', { firstWeight: Number.NaN }, {}, 'weight "w_direction" is not a number at 0'],
    ['an answer is not finite', 'RM_MODEL_NOT_FINITE', { firstWeight: Number.POSITIVE_INFINITY }, {}, 'direction_logits[0]'],
    ['a confidence leaves 0..1', 'RM_MODEL_RANGE', { rawConfidence: true }, {}, 'confidence'],
    ['the answer in a batch differs from the one alone', 'RM_MODEL_BATCH', { batchDependent: true }, {}, 'in a batch'],
    ['the operator set is older than 17', 'RM_MODEL_OPSET', { opset: 16 }, {}, '16'],
    ['an output has another shape', 'RM_MODEL_SHAPE', { logits: 4 }, {}, 'float32 [batch, 4]'],
    ['numbers are not float32', 'RM_MODEL_SHAPE', { double: true }, {}, 'float64'],
    ['the golden windows are of another size', 'RM_MODEL_GOLDEN', {}, { golden: { windows: 2, inputs: new Float32Array(5), answers: new Float32Array(10) } }, '5 inputs'],
    ['a golden window is not finite', 'RM_MODEL_GOLDEN', {}, { golden: { ...goldenOf(1), inputs: new Float32Array(SIZE).fill(Number.NaN) } }, 'number 0 of the golden windows is NaN'],
    ['the scaler is of other features', 'RM_MODEL_SHAPE', {}, { scaler: { mean: [1], deviation: [1], clip: null } }, 'the mean of the scaler'],
    ['the baseline is of other features', 'RM_MODEL_BASELINE', {}, { baseline: { ...baseline, features: baseline.features.slice(1) } }, '2 features'],
  ])('refuses it when %s, and nothing is registered', async (_why, code, odd, extra, words) => {
    await expect(register(odd, extra)).rejects.toEqual(coded(code, words))
    expect(registry.versions()).toEqual([])
  })

  it.each([0, 1, 10, 100])('refuses a file of which only the first %i bytes came', async (kept) => {
    await expect(registry.register('v1', linearOnnx(linear).subarray(0, kept), draftFor(names, STEPS))).rejects.toEqual(coded('RM_MODEL_LOAD'))
    expect(registry.versions()).toEqual([])
  })

  it('refuses a model whose runs take longer than the ceiling', async () => {
    const session = await ModelSession.open({ meta: metaFor(names, STEPS), bytes: linearOnnx(linear) }, new ModelGate(ModelGate.buffer(1)))
    let nowMs = 0
    const slow: Clock = { nowNs: () => (nowMs += 11) * 1e6, wallMs: () => 0 }
    await expect(acceptModel(session, null, slow)).rejects.toEqual(coded('RM_MODEL_CEILING', '11 ms'))
  })

  it('runs a model that fixes its batch at one window one by one', async () => {
    await register({ fixedBatch: true }, { golden: goldenOf(3) })
    const session = await ModelSession.open(registry.load('v1', names), new ModelGate(ModelGate.buffer(1)))
    expect(session.batchMax).toBe(1)
  })
})
