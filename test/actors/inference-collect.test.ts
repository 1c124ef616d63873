import { describe, expect, it } from 'vitest'
import { fail } from '../../src/core/index.ts'
import type { Sample, SampleSink } from '../../src/model/index.ts'
import { HandModel, MS, names, Stage } from './inference-stage.ts'

const collected = [...names, 'mid_price', 'bid_ask_spread_abs', 'imbalance_5']

class WideModel extends HandModel {
  override readonly featureCount = collected.length
  override readonly windowSteps = 1
}

/** A sink under the hand of the test. */
class HandSink implements SampleSink {
  readonly samples: Sample[] = []
  syncs = 0
  opened = 0
  closed = 0
  /** What it fails with, by what is asked of it. */
  fails: { open?: boolean; add?: boolean; sync?: boolean } = {}

  readonly open = (): SampleSink => {
    if (this.fails.open === true) fail('RM_DATASET_FILE', { file: 'folder', problem: 'EACCES: permission denied' })
    this.opened++
    return this
  }

  add(sample: Sample): boolean {
    if (this.fails.add === true) fail('RM_DATASET_FILE', { file: 'log', problem: 'ENOSPC: no space left on device' })
    if (sample.timestampMs <= (this.samples.at(-1)?.timestampMs ?? 0)) return false
    this.samples.push({ ...sample, features: sample.features.slice() })
    return true
  }

  sync(): void {
    if (this.fails.sync === true) fail('RM_DATASET_FILE', { file: 'log', problem: 'EIO: i/o error' })
    this.syncs++
  }

  close(): void {
    this.closed++
  }

  get told(): string[] {
    return this.samples.map((sample) => `${sample.timestampMs - 42} ${sample.signalType} ${sample.signalConfidence.toFixed(2)}`)
  }
}

const staged = (every: number, model: HandModel | null = null, sink = new HandSink()): { readonly stage: Stage; readonly sink: HandSink } => ({ sink, stage: new Stage(model, { names: collected, collect: { every, open: sink.open } }) })
const passSeconds = (stage: Stage, seconds: number): void => stage.time.runUntil(stage.time.nowNs() + seconds * 1000 * MS)

describe('samples for training', () => {
  it('are every Nth analysis, with the vector as it was, its price, spread and imbalance, and what was decided on it', () => {
    const { stage, sink } = staged(3)
    for (const [bid, ask] of [[1, 1], [1, 1], [1, 1], [1, 1], [1, 1], [1, 9], [1, 1], [1, 1], [9, 1]] as const) stage.vector(bid, ask)
    expect(sink.told).toEqual(['2 hold 0.00', '5 sell 0.90', '8 buy 0.90'])
    expect(sink.samples[1]).toEqual({ timestampMs: 47, midPrice: 1000, spread: 2, imbalance: -0.8, signalType: 'sell', signalConfidence: expect.closeTo(0.9) as number, features: Float32Array.of(1, 9, 1000, 2, -0.8) })
    expect(stage.counts.get('samples')).toBe(3)
  })

  it('count only what is an analysis: warm, and the newest of its batch', () => {
    const { stage, sink } = staged(2)
    stage.vector(1, 1, { warm: 0 })
    stage.vector(1, 1, { last: false })
    stage.vector(1, 1)
    stage.vector(1, 1, { last: false })
    stage.vector(1, 1, { warm: 0 })
    expect(sink.told).toEqual([])
    stage.vector(1, 1)
    expect(sink.told).toEqual(['5 hold 0.00'])
  })

  it('say that nothing was decided where data was too old or the last decision too near', () => {
    const sink = new HandSink()
    const stage = new Stage(null, { names: collected, decisionCooldownMs: 100, collect: { every: 1, open: sink.open } })
    stage.vector(9, 1, { ageMs: 4000 })
    stage.vector(9, 1)
    stage.vector(1, 9)
    expect(sink.told).toEqual(['0 hold 0.00', '1 buy 0.90', '2 hold 0.00'])
  })

  it('wait for the model that is asked about them, and carry its answer', async () => {
    const model = new WideModel()
    const { stage, sink } = staged(1, model)
    stage.vector(1, 9)
    expect(sink.told).toEqual([])
    await model.answer({ buy: 0.8, hold: 0.1, sell: 0.1, confidence: 0.75 })
    expect(sink.told).toEqual(['0 buy 0.75'])
    stage.vector(1, 9)
    await model.answer({ hold: 0.9, buy: 0.05, sell: 0.05 })
    stage.vector(1, 9)
    await model.refuse(new Error('broken'))
    expect(sink.told.slice(1)).toEqual(['1 hold 0.00', '2 sell 0.90'])
  })

  it('are brought to the disk once a second, and closed with the actor, the one that waits for a model included', () => {
    const { stage, sink } = staged(1, new WideModel())
    expect([sink.opened, sink.syncs]).toEqual([1, 1])
    passSeconds(stage, 3)
    expect([sink.opened, sink.syncs]).toEqual([1, 4])
    stage.vector(1, 1)
    let stopped = false
    stage.actor.stop(false, () => void (stopped = true))
    expect([stopped, sink.closed, sink.told]).toEqual([true, 1, ['0 hold 0.00']])
  })

  it('that cannot be written are counted and told once, and nothing that is decided changes', () => {
    const { stage, sink } = staged(1)
    sink.fails = { add: true }
    for (let i = 0; i < 3; i++) stage.vector(1, 9)
    expect(stage.decisions).toHaveLength(3)
    sink.fails = {}
    stage.vector(1, 9)
    sink.fails = { sync: true }
    passSeconds(stage, 3)
    expect([stage.counts.get('samples_lost RM_DATASET_FILE'), stage.counts.get('samples'), stage.crashes]).toEqual([3, 1, []])
    expect(stage.logs).toEqual(['warn samples are not collected', 'info samples are collected again', 'warn samples cannot be brought to the disk'])
  })

  it('begin as soon as a folder that could not be used can be', () => {
    const sink = new HandSink()
    sink.fails = { open: true }
    const { stage } = staged(1, null, sink)
    stage.vector(1, 9)
    expect([sink.opened, stage.decisions.length, stage.counts.get('samples_lost RM_DATASET_FILE')]).toEqual([0, 1, 1])
    sink.fails = {}
    passSeconds(stage, 1)
    stage.vector(1, 9)
    expect([sink.opened, sink.told]).toEqual([1, ['1 sell 0.90']])
  })

  it('that are there already, as after a restart at older data, are counted as such', () => {
    const { stage, sink } = staged(1)
    sink.samples.push({ timestampMs: 43, midPrice: 1, spread: 1, imbalance: 0, signalType: 'hold', signalConfidence: 0, features: new Float32Array(5) })
    for (let i = 0; i < 3; i++) stage.vector(1, 1)
    expect([sink.samples.length, stage.counts.get('samples_known'), stage.counts.get('samples')]).toEqual([2, 2, 1])
  })

  it.each([
    ['a vector without the mid price', { names: [...names, 'bid_ask_spread_abs', 'imbalance_5'] }, 3, 'no mid_price'],
    ['every 0th analysis', { names: collected }, 0, 'a whole number from 1 on'],
    ['every 1.5th analysis', { names: collected }, 1.5, 'a whole number from 1 on'],
  ])('are refused for %s', (_what, extra, every, words) => {
    expect(() => new Stage(null, { ...extra, collect: { every, open: new HandSink().open } })).toThrow(words)
  })
})
