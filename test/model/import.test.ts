import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VirtualTime } from '../../src/core/index.ts'
import { importDraft, ModelRegistry } from '../../src/model/index.ts'
import { distinctModel, draftFor, linearOnnx } from './onnx-fixture.ts'

const golden = (file: string): Buffer => readFileSync(join(import.meta.dirname, '../golden', file))
const NOW = '2026-01-02T03:04:05.000Z'
const names = ['mid_price', 'bid_ask_spread_abs', 'imbalance_5', 'depth_bid_5']
const files = { onnx: golden('torch_model.onnx'), meta: golden('torch_model.json').toString('utf8'), golden: golden('torch_model.npy') }
const coded = (code: string, words = ''): unknown => expect.objectContaining({ code, message: expect.stringContaining(words) })

let folder: string
let registry: ModelRegistry
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rm-import-'))
  registry = new ModelRegistry(folder, new VirtualTime(0))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('import of a model made elsewhere', () => {
  it('takes one that PyTorch exported, and answers its windows as PyTorch did', async () => {
    const meta = await registry.register('torch', files.onnx, importDraft('torch', files, NOW))
    expect(meta).toMatchObject({ created: NOW, input: { shape: [12, 4] }, label: { horizonMs: 30_000 }, scaler: { clip: 8 }, metrics: null, files: { golden: { windows: 16 }, baseline: null } })
    const acceptance = await registry.activate('torch', names, { who: 'a test', why: 'to see' })
    expect(acceptance).toMatchObject({ golden: true, windows: 16 })
    expect(acceptance.worstGolden).toBeLessThan(1e-5)
  })

  it('reads from a file that was registered here what it tells of itself, without a meta file', async () => {
    await registry.register('torch', files.onnx, importDraft('torch', files, NOW))
    const onnx = registry.load('torch', names).bytes
    const draft = importDraft('again', { onnx, meta: null, golden: null }, '2027-01-01T00:00:00.000Z')
    expect(draft).toEqual({ ...importDraft('torch', files, NOW), golden: null })
  })

  it.each<[string, Partial<typeof files> | { meta: null }, string, string]>([
    ['without a meta file when the model tells nothing of its features', { meta: null }, 'RM_MODEL_IMPORT', '--meta'],
    ['with a meta file that is not JSON', { meta: '{' }, 'RM_MODEL_IMPORT', 'not JSON'],
    ['with a meta file that lacks something, by name', { meta: '{"features":["a"],"stepMs":0,"thresholds":{"minProbability":0,"minConfidence":0}}' }, 'RM_MODEL_IMPORT', 'steps'],
    ['with a meta file that tells what nobody knows', { meta: files.meta.replace('{', '{"surprise":1,') }, 'RM_MODEL_IMPORT', 'surprise'],
    ['with golden windows of another size', { meta: files.meta.replace('"steps": 12', '"steps": 11') }, 'RM_MODEL_GOLDEN', 'columns'],
    ['with a golden file that is cut off', { golden: files.golden.subarray(0, 3000) }, 'RM_DATASET_NPY', ''],
    ['of a file that is no model', { onnx: Buffer.from('no model at all') }, 'RM_MODEL_LOAD', ''],
  ])('refuses %s', (_what, broken, code, words) => {
    expect(() => importDraft('torch', { ...files, ...broken }, NOW)).toThrow(coded(code, words))
  })

  it('refuses a meta file that names other features than the model does', async () => {
    await registry.register('own', linearOnnx(distinctModel(3, 4)), draftFor(names, 3))
    const onnx = registry.load('own', names).bytes
    const meta = JSON.stringify({ features: [...names].reverse(), steps: 3, stepMs: 0, thresholds: { minProbability: 0, minConfidence: 0 } })
    expect(() => importDraft('other', { onnx, meta, golden: null }, NOW)).toThrow(coded('RM_MODEL_FEATURE_HASH'))
  })

  it('refuses at registration a window that the model does not take', async () => {
    const meta = files.meta.replace('"steps": 12', '"steps": 11')
    await expect(registry.register('torch', files.onnx, importDraft('torch', { ...files, meta, golden: null }, NOW))).rejects.toEqual(coded('RM_MODEL_SHAPE', '12'))
  })
})
