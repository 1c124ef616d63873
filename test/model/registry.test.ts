import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VirtualTime } from '../../src/core/index.ts'
import { inspectOnnx, ModelRegistry, ownMetadata } from '../../src/model/index.ts'
import { distinctModel, draftFor, linearOnnx } from './onnx-fixture.ts'

const names = ['depth_bid_5', 'depth_ask_5', 'mid_price']
const STEPS = 4
const bytes = linearOnnx(distinctModel(STEPS, names.length))
const clock = new VirtualTime(1_767_323_045_000)
const reason = { who: 'a test', why: 'to see' }
const coded = (code: string, words = ''): unknown => expect.objectContaining({ code, message: expect.stringContaining(words) })

let folder: string
let registry: ModelRegistry
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rm-registry-'))
  registry = new ModelRegistry(folder, clock)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface LooseMeta {
  version: string
  files: { model: { file: string } }
  features: { hash: string }
  input: { shape: number[] }
  thresholds?: unknown
  surprise?: number
}

const editBundle = (version: string, edit: (meta: LooseMeta) => void): void => {
  const path = join(folder, version, 'bundle.json')
  const meta = JSON.parse(readFileSync(path, 'utf8')) as LooseMeta
  edit(meta)
  writeFileSync(path, JSON.stringify(meta))
}

describe('model registry', () => {
  it('answers null, not an error, when nothing was ever registered', () => {
    expect(new ModelRegistry(join(folder, 'never-made'), clock).loadActive(names)).toBe(null)
    expect(registry.loadActive(names)).toBe(null)
    expect(registry.versions()).toEqual([])
  })

  it('does not use a registered version before it is activated', async () => {
    await registry.register('v1', bytes, draftFor(names, STEPS))
    expect(registry.versions()).toEqual(['v1'])
    expect(registry.loadActive(names)).toBe(null)
  })

  it('gives back the words that were registered, and writes them into the model file as well', async () => {
    const draft = draftFor(names, STEPS)
    await registry.register('v1', bytes, draft)
    await registry.activate('v1', names, reason)
    const bundle = new ModelRegistry(folder, clock).loadActive(names)!
    expect(bundle.bytes.length).toBeGreaterThan(bytes.length)
    expect(bundle.meta).toMatchObject({ version: 'v1', created: draft.created, input: draft.input, outputs: draft.outputs, thresholds: draft.thresholds })
    expect(bundle.meta.features.names).toEqual(names)
    // sha256 of the names joined by line feeds, by `printf 'depth_bid_5\ndepth_ask_5\nmid_price' | sha256sum`
    expect(bundle.meta.features.hash).toBe('1f46fa869e944f336950755f53a5404bad0742f67805a02ce1445c673f9b38a0')
    const { metadata, parameters } = inspectOnnx('v1', bundle.bytes)
    expect(ownMetadata(metadata, 'feature_hash')).toBe(bundle.meta.features.hash)
    expect(JSON.parse(ownMetadata(metadata, 'feature_names')!)).toEqual(names)
    expect(JSON.parse(ownMetadata(metadata, 'thresholds')!)).toEqual(draft.thresholds)
    expect(ownMetadata(metadata, 'classes')).toBe('["sell","hold","buy"]')
    expect(ownMetadata(metadata, 'metrics')).toBe('null')
    expect(parameters).toBe(5 * STEPS * names.length + 5)
  })

  it('keeps the old active version when the new one does not pass its checks', async () => {
    await registry.register('v1', bytes, draftFor(names, STEPS))
    await registry.activate('v1', names, reason)
    await registry.register('v2', linearOnnx(distinctModel(STEPS, 4)), draftFor([...names, 'new_feature'], STEPS))
    await expect(registry.activate('v2', names, reason)).rejects.toEqual(coded('RM_MODEL_FEATURE_NAMES', 'new_feature'))
    expect(registry.active()).toBe('v1')
  })

  it('never overwrites a registered version', async () => {
    await registry.register('v1', bytes, draftFor(names, STEPS))
    await expect(registry.register('v1', new Uint8Array(3), draftFor(names, STEPS))).rejects.toEqual(coded('RM_MODEL_EXISTS', 'v1'))
    expect(registry.load('v1', names).meta.version).toBe('v1')
  })

  it.each(['../v1', '.hidden', 'a/b', '', 'x'.repeat(65)])('refuses the version name "%s"', async (version) => {
    await expect(registry.register(version, bytes, draftFor(names, STEPS))).rejects.toEqual(coded('RM_MODEL_VERSION'))
    expect(() => registry.load(version, names)).toThrow(coded('RM_MODEL_VERSION'))
  })

  it('refuses a draft that does not fit the format, and leaves nothing behind', async () => {
    const draft = { ...draftFor(names, STEPS), thresholds: { minProbability: 1.5, minConfidence: 0.5 } }
    await expect(registry.register('v1', bytes, draft)).rejects.toEqual(coded('RM_MODEL_BUNDLE', 'thresholds.minProbability'))
    expect(registry.versions()).toEqual([])
  })

  describe('refuses at load', () => {
    beforeEach(async () => {
      await registry.register('v1', bytes, draftFor(names, STEPS))
      await registry.activate('v1', names, reason)
    })

    it('a model file with one bit turned', () => {
      const path = join(folder, 'v1', 'model.onnx')
      const broken = readFileSync(path)
      broken[broken.length >> 1]! ^= 1
      writeFileSync(path, broken)
      expect(() => registry.loadActive(names)).toThrow(coded('RM_MODEL_CHECKSUM'))
    })

    it('a truncated model file', () => {
      truncateSync(join(folder, 'v1', 'model.onnx'), bytes.length - 1)
      expect(() => registry.loadActive(names)).toThrow(coded('RM_MODEL_CHECKSUM'))
    })

    it('a missing model file', () => {
      rmSync(join(folder, 'v1', 'model.onnx'))
      expect(() => registry.loadActive(names)).toThrow(coded('RM_MODEL_BUNDLE', 'model.onnx cannot be read'))
    })

    it('a truncated bundle', () => {
      truncateSync(join(folder, 'v1', 'bundle.json'), 40)
      expect(() => registry.loadActive(names)).toThrow(coded('RM_MODEL_BUNDLE', 'not JSON'))
    })

    it('a bundle without thresholds, by name', () => {
      editBundle('v1', (meta) => void delete meta.thresholds)
      expect(() => registry.loadActive(names)).toThrow(coded('RM_MODEL_BUNDLE', 'thresholds'))
    })

    it('a bundle with a key nobody knows', () => {
      editBundle('v1', (meta) => void (meta.surprise = 1))
      expect(() => registry.loadActive(names)).toThrow(coded('RM_MODEL_BUNDLE', 'surprise'))
    })

    it('a bundle that was moved under another version', () => {
      editBundle('v1', (meta) => void (meta.version = 'v7'))
      expect(() => registry.loadActive(names)).toThrow(coded('RM_MODEL_BUNDLE', 'names version v7'))
    })

    it('a model file outside its folder', () => {
      editBundle('v1', (meta) => void (meta.files.model.file = '../../etc/passwd'))
      expect(() => registry.loadActive(names)).toThrow(coded('RM_MODEL_BUNDLE', 'files.model.file'))
    })

    it('other features, naming those that differ', () => {
      expect(() => registry.loadActive(['depth_bid_5', 'depth_ask_5', 'micro_price'])).toThrow(coded('RM_MODEL_FEATURE_NAMES', 'missing here [mid_price], unknown to it [micro_price]'))
    })

    it('fewer and more features', () => {
      expect(() => registry.loadActive(names.slice(0, 2))).toThrow(coded('RM_MODEL_FEATURE_NAMES', 'mid_price'))
      expect(() => registry.loadActive([...names, 'spread'])).toThrow(coded('RM_MODEL_FEATURE_NAMES', 'spread'))
    })

    it('the same features in another order, naming the first place', () => {
      expect(() => registry.loadActive(['depth_bid_5', 'mid_price', 'depth_ask_5'])).toThrow(coded('RM_MODEL_FEATURE_ORDER', 'feature 1 is "mid_price" here, the model expects "depth_ask_5"'))
    })

    it('a feature hash that does not belong to its names', () => {
      editBundle('v1', (meta) => void (meta.features.hash = 'a'.repeat(64)))
      expect(() => registry.loadActive(names)).toThrow(coded('RM_MODEL_FEATURE_HASH'))
    })

    it('a window whose rows are not as long as the features are many', () => {
      editBundle('v1', (meta) => void (meta.input.shape = [STEPS, 4]))
      expect(() => registry.loadActive(names)).toThrow(coded('RM_MODEL_SHAPE', '[4, 4]'))
    })

    it('an active pointer to a version that is not there', () => {
      rmSync(join(folder, 'v1', 'bundle.json'))
      expect(() => registry.loadActive(names)).toThrow(coded('RM_MODEL_POINTER', 'v1'))
    })

    it.each(['{"format":1', '{"format":1,"active":"../../v1","shadow":null,"archived":[],"history":[]}', '[]'])('a state that reads %s', (text) => {
      writeFileSync(join(folder, 'state.json'), text)
      expect(() => registry.loadActive(names)).toThrow(coded('RM_MODEL_POINTER', 'state.json'))
    })

    it('a folder without a bundle', () => {
      mkdirSync(join(folder, 'v3'))
      expect(registry.versions()).toEqual(['v1'])
      expect(() => registry.load('v3', names)).toThrow(coded('RM_MODEL_BUNDLE', 'bundle.json cannot be read'))
    })
  })
})

describe('bundles of the first format', () => {
  it('are read with what they did not tell as not known, and their pointer is followed until the state is written', async () => {
    await registry.register('v1', bytes, draftFor(names, STEPS))
    const { version, created, features, input, outputs, thresholds, files } = registry.meta('v1')
    writeFileSync(join(folder, 'v1', 'bundle.json'), JSON.stringify({ format: 1, version, created, features, input, outputs, thresholds, model: files.model }))
    writeFileSync(join(folder, 'active'), 'v1\n')
    const bundle = registry.loadActive(names)!
    expect(bundle.meta).toEqual({
      format: 2, version, created, features, input, outputs, thresholds,
      files: { model: files.model, golden: null, baseline: null },
      classes: ['sell', 'hold', 'buy'], gitRevision: null, scaler: null, label: null, data: null, metrics: null,
    })
    expect([bundle.golden, bundle.baseline]).toEqual([null, null])
    await registry.register('v2', bytes, draftFor(names, STEPS))
    await registry.activate('v2', names, reason)
    expect(registry.state().history).toEqual([{ when: '2026-01-02T03:04:05.000Z', ...reason, action: 'activate', version: 'v2', activeBefore: 'v1' }])
    expect(await registry.rollback(names, reason)).toBe('v1')
    expect(registry.active()).toBe('v1')
  })

  it('with a pointer that is no version name are refused', () => {
    writeFileSync(join(folder, 'active'), '../../v1')
    expect(() => registry.loadActive(names)).toThrow(coded('RM_MODEL_POINTER', 'not a version name'))
  })
})
