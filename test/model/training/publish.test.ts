import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SystemClock } from '../../../src/core/index.ts'
import { ModelRegistry } from '../../../src/model/index.ts'
import { checkedShape, judge, publish, trainFold, trainingReport, walkForward } from '../../../src/model/training/index.ts'
import { productTable } from './tables.ts'

const STEPS = 8
const NAMES = ['a', 'b', 'c', 'd']

test('what beats both baselines passes the verdict, is registered with its facts, and answers its golden windows', { timeout: 60_000 }, async () => {
  const table = productTable(6000, NAMES.length, STEPS, 11)
  const fold = walkForward(table, { steps: STEPS, folds: 1, validationShare: 0.15, testShare: 0.15, embargoMs: 1000 })[0]!
  const shape = checkedShape({ kind: 'lstm', steps: STEPS, features: NAMES.length, channels: [12, 16], pool: 2, hidden: 16, attention: 8, dense: 16 })
  const settings = { batch: 64, epochs: 16, patience: 3, stride: 1, learningRate: 5e-3, weightDecay: 1e-2, dropout: 0.05, classBalance: 0.5, seed: 7 }
  const result = (await trainFold(table, fold, shape, settings, { fingerprint: 'f', storeOf: () => null, nowMs: () => 0, stopped: () => false, onProgress: () => {}, budgetMs: null }))!
  const options = { stride: 1, steps: STEPS, spacingMs: 1000, seed: 1, policy: { minProbability: 0.5, minConfidence: 0.5, fee: 0.0005 } }
  const verdict = judge(table, [result], options)
  expect(verdict.objections).toEqual([])
  expect(verdict.all.gainOverLinear.low).toBeGreaterThan(0)
  const page = trainingReport([result], verdict, { published: 'v1', rows: [['<data>', 'x']] })
  expect(page).toContain('Published as v1')
  expect(page).toContain('&lt;data&gt;')
  expect(page).not.toMatch(/NaN|undefined|https?:/)

  const folder = mkdtempSync(join(tmpdir(), 'ringmaster-publish-'))
  try {
    const registry = new ModelRegistry(folder, new SystemClock(process.hrtime.bigint()))
    await publish(registry, 'v1', {
      table, fold, result, verdict, featureNames: NAMES, spacingMs: 1000, label: { threshold: 0.001, volatilityScale: null }, thresholds: { minProbability: 0.5, minConfidence: 0.5 }, gitRevision: null, wallMs: 0, stride: 1,
    })
    const { meta } = registry.load('v1', NAMES)
    expect(meta.metrics?.test.windows).toBe(result.windows.length)
    expect(meta.files.golden?.windows).toBe(16)
    await registry.try('v1', NAMES)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }

  // The same answers against a network that only repeats the linear model: no gain, so it is not worth it.
  const none = judge(table, [{ ...result, network: result.linear }], options)
  expect(none.objections.join()).toContain('the linear model')
})
