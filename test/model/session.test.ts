import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/core/index.ts'
import { ModelBatcher, ModelGate, ModelSession, type ModelBundle } from '../../src/model/index.ts'
import { distinctModel,  linearAnswer, linearOnnx, metaFor, type LinearModel, type Oddity } from './onnx-fixture.ts'

const STEPS = 3
const names = ['depth_bid_5', 'depth_ask_5']
const linear = distinctModel(STEPS, names.length)
const coded = (code: string, words = ''): unknown => expect.objectContaining({ code, message: expect.stringContaining(words) })

/** Every reading is `stepMs` later than the one before. */
class SteppingClock implements Clock {
  stepMs = 0
  #nowMs = 0
  nowNs(): number {
    this.#nowMs += this.stepMs
    return this.#nowMs * 1e6
  }
  wallMs(): number {
    return 0
  }
}

function bundleOf(model: LinearModel, odd: Oddity = {}, shape: readonly [number, number] = [model.steps, model.features]): ModelBundle {
  const meta = metaFor(names, model.steps)
  return { meta: { ...meta, input: { ...meta.input, shape } }, bytes: linearOnnx(model, odd), golden: null, baseline: null }
}

const windowOf = (start: number): Float32Array => Float32Array.from({ length: STEPS * names.length }, (_, i) => start + i * 0.5)
const gate = (): ModelGate => new ModelGate(ModelGate.buffer(1))

describe('model session', () => {
  it('answers what the model computes, for every head and several windows', async () => {
    const session = await ModelSession.open(bundleOf(linear), gate())
    const predictor = new ModelBatcher(session, new SteppingClock(), 10).questions()
    for (const start of [-2, 0, 0.3, 4]) {
      const window = windowOf(start)
      await predictor.run(window)
      const golden = linearAnswer(linear, window)
      for (const key of ['sell', 'hold', 'buy', 'confidence', 'expectedReturn'] as const) expect(predictor.output[key], `${key} at ${start}`).toBeCloseTo(golden[key], 5)
      expect(predictor.output.sell + predictor.output.hold + predictor.output.buy).toBeCloseTo(1, 12)
    }
  })

  it('does not mix the runs of two symbols that share a session', async () => {
    const session = await ModelSession.open(bundleOf(linear), gate())
    const batcher = new ModelBatcher(session, new SteppingClock(), 10)
    const [a, b] = [batcher.questions(), batcher.questions()]
    await Promise.all([a.run(windowOf(-1)), b.run(windowOf(2))])
    expect(a.output.expectedReturn).toBeCloseTo(linearAnswer(linear, windowOf(-1)).expectedReturn, 5)
    expect(b.output.expectedReturn).toBeCloseTo(linearAnswer(linear, windowOf(2)).expectedReturn, 5)
  })

  it('answers for the window as it was when asked, whatever the caller writes after', async () => {
    const session = await ModelSession.open(bundleOf(linear), gate())
    const predictor = new ModelBatcher(session, new SteppingClock(), 10).questions()
    const window = windowOf(1)
    const running = predictor.run(window)
    window.fill(99)
    await running
    expect(predictor.output.expectedReturn).toBeCloseTo(linearAnswer(linear, windowOf(1)).expectedReturn, 5)
  })

  it('rejects a non-finite answer and names the output', async () => {
    const session = await ModelSession.open(bundleOf(linear), gate())
    const predictor = new ModelBatcher(session, new SteppingClock(), 10).questions()
    const window = windowOf(1)
    window[3] = Number.NaN
    await expect(predictor.run(window)).rejects.toEqual(coded('RM_MODEL_NOT_FINITE', 'direction_logits[0] is NaN'))
    await predictor.run(windowOf(1))
    expect(predictor.output.buy).toBeGreaterThan(0)
  })

  it('rejects a confidence outside 0..1', async () => {
    const session = await ModelSession.open(bundleOf(linear, { rawConfidence: true }), gate())
    await expect(new ModelBatcher(session, new SteppingClock(), 10).questions().run(windowOf(50))).rejects.toEqual(coded('RM_MODEL_RANGE', 'confidence'))
  })

  it('rejects an answer that took longer than its budget, and only that one', async () => {
    const session = await ModelSession.open(bundleOf(linear), gate())
    const clock = new SteppingClock()
    const predictor = new ModelBatcher(session, clock, 10).questions()
    clock.stepMs = 10.5
    await expect(predictor.run(windowOf(1))).rejects.toEqual(coded('RM_MODEL_SLOW', 'took 10.5 ms of 10 ms'))
    clock.stepMs = 9.5
    await expect(predictor.run(windowOf(1))).resolves.toBeUndefined()
  })

  it('refuses a window of another length, and a second run before the first ended', async () => {
    const session = await ModelSession.open(bundleOf(linear), gate())
    const predictor = new ModelBatcher(session, new SteppingClock(), 10).questions()
    await expect(predictor.run(new Float32Array(5))).rejects.toEqual(coded('RM_MODEL_WINDOW', 'takes a window of 6 numbers, got 5'))
    const first = predictor.run(windowOf(1))
    await expect(predictor.run(windowOf(2))).rejects.toEqual(coded('RM_MODEL_BUSY'))
    await first
    expect(predictor.output.expectedReturn).toBeCloseTo(linearAnswer(linear, windowOf(1)).expectedReturn, 5)
  })

  it('makes no native call behind a closed gate, and holds the gate during one', async () => {
    const mine = gate()
    const session = await ModelSession.open(bundleOf(linear), mine)
    const predictor = new ModelBatcher(session, new SteppingClock(), 10).questions()
    const running = session.run(1)
    expect(mine.runs).toBe(1)
    await running
    expect(mine.runs).toBe(0)
    await mine.close(1, { after: () => ({ cancel: () => {} }), every: () => ({ cancel: () => {} }) })
    await expect(predictor.run(windowOf(1))).rejects.toEqual(coded('RM_MODEL_GATE_CLOSED'))
    await expect(ModelSession.open(bundleOf(linear), mine)).rejects.toEqual(coded('RM_MODEL_GATE_CLOSED'))
    await expect(session.release()).rejects.toEqual(coded('RM_MODEL_GATE_CLOSED'))
  })

  it('leaves the gate also when the native library throws', async () => {
    const mine = gate()
    await expect(ModelSession.open({ ...bundleOf(linear), bytes: new Uint8Array([1, 2, 3]) }, mine)).rejects.toEqual(coded('RM_MODEL_LOAD', 'v1'))
    const session = await ModelSession.open(bundleOf(linear), mine)
    const predictor = new ModelBatcher(session, new SteppingClock(), 10).questions()
    await session.release()
    await expect(predictor.run(windowOf(1))).rejects.toEqual(coded('RM_MODEL_RUN'))
    expect(mine.runs).toBe(0)
  })

  it('refuses a model file that is not what its bundle says', async () => {
    await expect(ModelSession.open(bundleOf(linear, { inputName: 'x' }), gate())).rejects.toEqual(coded('RM_MODEL_SHAPE', 'input input has shape absent'))
    await expect(ModelSession.open(bundleOf(linear, { logits: 4 }), gate())).rejects.toEqual(coded('RM_MODEL_SHAPE', 'float32 [batch, 4]'))
    await expect(ModelSession.open(bundleOf(distinctModel(4, 2), {}, [STEPS, 2]), gate())).rejects.toEqual(coded('RM_MODEL_SHAPE', 'float32 [batch, 4, 2]'))
  })

  it('does not load the native library before a model is opened', () => {
    const script = `await import('${new URL('../../src/model/index.ts', import.meta.url).pathname}'); console.log(JSON.stringify(process.report.getReport().sharedObjects.filter((name) => name.includes('onnxruntime'))))`
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(JSON.parse(out)).toEqual([])
  })
})
