/** Runs a model back to back behind a gate until it is terminated. With `gated: false` nothing stands before the native calls. */
import { parentPort, workerData } from 'node:worker_threads'
import { SystemClock } from '../../src/core/index.ts'
import { ModelBatcher, ModelGate, ModelSession, type ModelBundle } from '../../src/model/index.ts'

const { gateBuffer, runsBuffer, bundle, gated } = workerData as { gateBuffer: SharedArrayBuffer; runsBuffer: SharedArrayBuffer; bundle: ModelBundle; gated: boolean }
const runs = new Int32Array(runsBuffer)
const gate = new ModelGate(gated ? gateBuffer : ModelGate.buffer(1))
const [steps, features] = bundle.meta.input.shape
const window = new Float32Array(steps * features).fill(0.25)

// A gate that closes ends the loop; the thread then waits on its port to be terminated.
parentPort!.on('message', () => {})
try {
  const session = await ModelSession.open(bundle, gate)
  const predictor = new ModelBatcher(session, new SystemClock(process.hrtime.bigint()), 60_000).questions()
  for (;;) {
    await predictor.run(window)
    Atomics.add(runs, 0, 1)
    Atomics.notify(runs, 0)
  }
} catch (error) {
  if ((error as { code?: string }).code !== 'RM_MODEL_GATE_CLOSED') throw error
}
