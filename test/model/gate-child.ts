/**
 * A process of its own: terminates and respawns a worker that runs a model back to back, and prints what it saw.
 * Arguments: cycles, `gated` or `ungated`. An abort of the native library ends this process and not the test runner.
 */
import { Worker } from 'node:worker_threads'
import { Random, SystemTimers } from '../../src/core/index.ts'
import { ModelGate, type ModelBundle } from '../../src/model/index.ts'
import { distinctModel, linearOnnx, metaFor } from './onnx-fixture.ts'

const cycles = Number(process.argv[2])
const gated = process.argv[3] !== 'ungated'
const STEPS = 60
const names = Array.from({ length: 110 }, (_, i) => `feature_${i}`)
const bundle: ModelBundle = { bytes: linearOnnx(distinctModel(STEPS, names.length)), meta: metaFor(names, STEPS, 'child'), golden: null, baseline: null }

const gateBuffer = ModelGate.buffer(1)
const gate = new ModelGate(gateBuffer)
const runsBuffer = new SharedArrayBuffer(4)
const runs = new Int32Array(runsBuffer)
const timers = new SystemTimers()
const random = new Random(20261121)
let terminated = 0
let refused = 0
let slowestMs = 0

for (let cycle = 0; cycle < cycles; cycle++) {
  gate.reopen()
  const before = Atomics.load(runs, 0)
  const worker = new Worker(new URL('./gate-worker.ts', import.meta.url), { workerData: { gateBuffer, runsBuffer, bundle, gated } })
  const failure = new Promise<never>((_, reject) => worker.once('error', reject))
  failure.catch(() => {})
  if (random.chance(0.2)) {
    // Some time during start-up or loading of the model.
    await Promise.race([failure, pause(random.between(20, 150))])
  } else {
    await Promise.race([failure, firstRun(before)])
    await Promise.race([failure, pause(random.between(0, 5))])
  }
  const askedMs = performance.now()
  if (gated && !(await gate.close(20_000, timers))) refused++
  slowestMs = Math.max(slowestMs, performance.now() - askedMs)
  await worker.terminate()
  terminated++
}
console.log(JSON.stringify({ terminated, refused, runs: Atomics.load(runs, 0), slowestMs: Math.round(slowestMs) }))

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => timers.after(ms, resolve))
}

async function firstRun(before: number): Promise<void> {
  // A pending waitAsync does not keep the process alive; the running worker does.
  const wait = Atomics.waitAsync(runs, 0, before, 20_000)
  if (wait.async && (await wait.value) === 'timed-out') throw new Error('the worker ran no model in 20 s')
}
