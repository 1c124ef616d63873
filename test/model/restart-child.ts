/** A process of its own: replaces an inference actor again and again while its model runs, and prints what it saw. Argument: restarts. */
import { SystemClock } from '../../src/core/index.ts'
import { ModelGate, ModelService } from '../../src/model/index.ts'
import { Stage } from '../actors/inference-stage.ts'
import { distinctModel, HandSource, linearOnnx, metaFor } from './onnx-fixture.ts'

const restarts = Number(process.argv[2])
const names = ['depth_bid_5', 'depth_ask_5']
const STEPS = 3000
const source = new HandSource()
source.put({ active: { meta: metaFor(names, STEPS, 'v1'), bytes: linearOnnx(distinctModel(STEPS, names.length)), golden: null, baseline: null } })
const service = new ModelService({ source, gate: new ModelGate(ModelGate.buffer(1)), clock: new SystemClock(process.hrtime.bigint()), budgetMs: 10_000, fallbackFrom: null, log: () => {} })
await service.refresh()

let inFlight = 0
const life = async (): Promise<void> => {
  const stage = new Stage(service.predictor())
  for (let i = 0; i < STEPS - 1; i++) stage.vector(1, 1, { last: false })
  stage.vector(9, 1)
  if (stage.actor.busy) inFlight++
  // The host replaces it after a crash: nobody waits for the run.
  stage.actor.stop(false, () => {})
  await new Promise((resolve) => setImmediate(resolve))
}
const held = async (): Promise<number> => {
  // Memory of buffers goes back behind the collector's back, some rounds later.
  for (let round = 0; round < 10; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    globalThis.gc!()
  }
  const { external, arrayBuffers, heapUsed } = process.memoryUsage()
  return external + arrayBuffers + heapUsed
}
for (let i = 0; i < 10; i++) await life()
const before = await held()
inFlight = 0
for (let i = 0; i < restarts; i++) await life()
const grownBytes = (await held()) - before
console.log(JSON.stringify({ restarts, inFlight, answers: service.status.answers, grownBytes }))
