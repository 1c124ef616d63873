import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  bestEpoch, CheckpointFile, type CheckpointStore, type Checkpoint, checkedShape, decodeCheckpoint, encodeCheckpoint, fit, fitPlan, type FitSettings, type FitSurroundings, type Fitted, learningRate, type NetworkShape, stopsEarly,
  trainFold, walkForward,
} from '../../../src/model/training/index.ts'
import { productTable } from './tables.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringmaster-train-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const STEPS = 8
const FEATURES = 4
const SHAPE: NetworkShape = checkedShape({ kind: 'lstm', steps: STEPS, features: FEATURES, channels: [12, 16], pool: 2, hidden: 16, attention: 8, dense: 16 })
const SETTINGS: FitSettings = { batch: 32, epochs: 3, patience: 3, stride: 2, learningRate: 3e-3, weightDecay: 1e-2, dropout: 0.2, classBalance: 0.5, seed: 7 }
const FOLDS = { steps: STEPS, folds: 1, validationShare: 0.15, testShare: 0.15, embargoMs: 1000 }
const table = productTable(900, FEATURES, STEPS, 3)
const fold = walkForward(table, FOLDS)[0]!

const around = (more: Partial<FitSurroundings> = {}): FitSurroundings => ({ name: 'test', fingerprint: 'f', store: null, nowMs: () => 0, stopped: () => false, onProgress: () => {}, budgetMs: null, ...more })
const hashOf = ({ theta }: Fitted): string => createHash('sha256').update(new Uint8Array(theta.buffer, theta.byteOffset, theta.byteLength)).digest('hex')

describe('a training', () => {
  test('gives the same bits for the same seed, also with two threads of the runtime, and others for another', async () => {
    const first = (await fit(table, fold, SHAPE, SETTINGS, around()))!
    expect(hashOf((await fit(table, fold, SHAPE, SETTINGS, around({ threads: 2 })))!)).toBe(hashOf(first))
    expect(hashOf((await fit(table, fold, SHAPE, { ...SETTINGS, seed: 8 }, around()))!)).not.toBe(hashOf(first))
    expect(first.history.length).toBe(3)
  })

  test('that is stopped anywhere and goes on from its checkpoint ends with the same bits', async () => {
    const whole = (await fit(table, fold, SHAPE, SETTINGS, around()))!
    const store = new CheckpointFile(join(folder, 'stopped.checkpoint'))
    let lives = 0
    let fitted: Fitted | null = null
    while (fitted === null && lives < 50) {
      lives++
      let steps = 0
      fitted = await fit(table, fold, SHAPE, SETTINGS, around({ store, stopped: () => ++steps > 7 }))
    }
    expect(lives).toBeGreaterThan(3)
    expect(hashOf(fitted!)).toBe(hashOf(whole))
    expect(fitted!.history).toEqual(whole.history)
    // A finished one is not done again.
    expect(hashOf((await fit(table, fold, SHAPE, SETTINGS, around({ store, stopped: () => true })))!)).toBe(hashOf(whole))
  })

  test('that dies between two checkpoints repeats what was lost, to the same bits', async () => {
    const whole = (await fit(table, fold, SHAPE, SETTINGS, around()))!
    let kept: Checkpoint | null = null
    // The store of a process that is killed: the first epoch is on the disk, what came after it is not.
    const store: CheckpointStore = { load: () => kept, save: (checkpoint) => void (kept ??= decodeCheckpoint(encodeCheckpoint(checkpoint), 'kept')) }
    let steps = 0
    expect(await fit(table, fold, SHAPE, SETTINGS, around({ store, stopped: () => ++steps > 15 }))).toBeNull()
    expect(kept!.history.length).toBe(1)
    expect(hashOf((await fit(table, fold, SHAPE, SETTINGS, around({ store })))!)).toBe(hashOf(whole))
  })

  test('does not go on from a checkpoint of other data or settings', async () => {
    const store = new CheckpointFile(join(folder, 'other.checkpoint'))
    await fit(table, fold, SHAPE, { ...SETTINGS, epochs: 1 }, around({ store }))
    await expect(fit(table, fold, SHAPE, SETTINGS, around({ store, fingerprint: 'g' }))).rejects.toThrow('RM_TRAIN_CHECKPOINT')
  })

  test('whose loss is no number ends with a coded error', async () => {
    await expect(fit(table, fold, SHAPE, { ...SETTINGS, learningRate: 1e30 }, around())).rejects.toThrow('RM_TRAIN_DIVERGED')
  })

  test('that has no time is cut short, and says by how much', async () => {
    // Every look at the clock is 1 ms later: a step takes 1 ms.
    let nowMs = 0
    const fitted = (await fit(table, fold, SHAPE, { ...SETTINGS, epochs: 10 }, around({ nowMs: () => nowMs++, budgetMs: 20 })))!
    expect(fitted.plan).toEqual({ epochs: 4, stepsPerEpoch: 4 })
  })
})

test('learns what a linear model cannot: a product of two features some rows ago', { timeout: 60_000 }, async () => {
  const set = productTable(6000, FEATURES, STEPS, 11)
  const one = walkForward(set, FOLDS)[0]!
  const settings = { ...SETTINGS, stride: 1, epochs: 16, batch: 64, learningRate: 5e-3, dropout: 0.05 }
  const result = (await trainFold(set, one, SHAPE, settings, { fingerprint: 'f', storeOf: () => null, nowMs: () => 0, stopped: () => false, onProgress: () => {}, budgetMs: null }))!
  const accuracy = (logits: Float32Array): number => {
    let right = 0
    result.windows.forEach((row, i) => {
      const three = [...logits.subarray(i * 3, i * 3 + 3)]
      if (three.indexOf(Math.max(...three)) === set.direction[row]! + 1) right++
    })
    return right / result.windows.length
  }
  const most = Math.max(...[-1, 0, 1].map((direction) => result.windows.reduce((sum, row) => sum + Number(set.direction[row] === direction), 0) / result.windows.length))
  expect(accuracy(result.linear.predictions.logits)).toBeLessThan(most + 0.06)
  expect(accuracy(result.network.predictions.logits)).toBeGreaterThan(most + 0.2)
})

describe('a checkpoint', () => {
  const checkpoint: Checkpoint = {
    fingerprint: 'f', plan: { epochs: 2, stepsPerEpoch: 3 }, step: 4, history: [], sums: [1, 2, 3], finished: false,
    theta: Float32Array.of(1, 2), momentum: Float32Array.of(3, 4), variance: Float32Array.of(5, 6), best: Float32Array.of(7, 8),
  }

  test('comes back whole', () => {
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint), 'x')).toEqual(checkpoint)
  })

  test('that is cut or has a flipped bit is refused', () => {
    const path = join(folder, 'damaged.checkpoint')
    const file = new CheckpointFile(path)
    expect(file.load()).toBeNull()
    file.save(checkpoint)
    expect(file.load()).toEqual(checkpoint)
    const bytes = readFileSync(path)
    for (const damaged of [bytes.subarray(0, 10), bytes.subarray(0, bytes.length - 1), Buffer.from(bytes.map((byte, i) => (i === bytes.length - 3 ? byte ^ 1 : byte)))]) {
      writeFileSync(path, damaged)
      expect(() => file.load()).toThrow('RM_TRAIN_CHECKPOINT')
    }
  })
})

test('the learning rate rises, then falls to a twentieth', () => {
  const plan = { epochs: 10, stepsPerEpoch: 300 }
  expect(learningRate(1, 1, plan)).toBeCloseTo(1 / 200)
  expect(learningRate(200, 1, plan)).toBe(1)
  expect(learningRate(1600, 1, plan)).toBeCloseTo(0.525)
  expect(learningRate(3000, 1, plan)).toBeCloseTo(0.05)
})

test('a plan is cut to its time: fewer epochs first, then shorter ones, never fewer than four', () => {
  const plan = { epochs: 10, stepsPerEpoch: 300 }
  expect(fitPlan(plan, Number.POSITIVE_INFINITY)).toEqual(plan)
  expect(fitPlan(plan, 2000)).toEqual({ epochs: 6, stepsPerEpoch: 300 })
  expect(fitPlan(plan, 400)).toEqual({ epochs: 4, stepsPerEpoch: 100 })
  expect(fitPlan({ epochs: 2, stepsPerEpoch: 300 }, 1)).toEqual({ epochs: 2, stepsPerEpoch: 1 })
})

test('stops after as many epochs without a better one as patience says, never before the fourth', () => {
  const after = (...losses: number[]) => losses.map((validationLoss) => ({ validationLoss }))
  expect(stopsEarly(after(1, 2, 3), 1)).toBe(false)
  expect(stopsEarly(after(1, 2, 3, 4), 3)).toBe(true)
  expect(stopsEarly(after(3, 2, 1, 4, 4), 3)).toBe(false)
  expect(bestEpoch(after(3, 1, 2))).toBe(1)
  expect(bestEpoch([])).toBe(-1)
})
