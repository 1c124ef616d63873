/**
 * One training step of the recommended network (batch 64, 60 rows of 110 features) against the same network in jax-js and in TensorFlow.js,
 * both on WebAssembly. Peers are found in the folder that RINGMASTER_PEERS names (default: bench/peers); without any the step is measured alone.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Random } from '../../src/core/index.ts'
import { emptyTable, type NetworkSize, freshParameters, networkShape } from '../../src/model/training/index.ts'
import { Stepper } from '../../src/model/training/fit/stepper.ts'
import { optimiserDefaults } from '../../src/model/training/autodiff/index.ts'
import { defineBench, type Side } from '../harness.ts'
import { jaxStep } from './jax-step.ts'
import { tfjsStep } from './tfjs-step.ts'

const BATCH = 64
const STEPS = 60
const FEATURES = 110
const ROWS = 2000
const SIZES: readonly NetworkSize[] = ['small', 'big']

function randomTable() {
  const table = emptyTable(['MADE'], ROWS, FEATURES, 1000, 0)
  const random = new Random(1, 'bench')
  for (let i = 0; i < table.values.length; i++) table.values[i] = random.normal()
  for (let row = 0; row < ROWS; row++) {
    table.timeMs[row] = row * 1000
    table.direction[row] = random.below(3) - 1
    table.movement[row] = random.normal()
  }
  return table
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

async function ours(size: NetworkSize): Promise<Side> {
  const shape = networkShape('lstm', size, STEPS, FEATURES)
  const theta = freshParameters(shape, 1)
  const zeros = (): Float32Array => new Float32Array(theta.length)
  const options = { shape, batch: BATCH, normaliser: { mean: new Float32Array(FEATURES), deviation: new Float32Array(FEATURES).fill(1) }, classWeights: [1, 1, 1], returnScale: 1, dropout: 0.2, optimiser: optimiserDefaults, seed: 1, threads: 1 }
  const stepper = await Stepper.open(randomTable(), options, [theta, zeros(), zeros()])
  const windows = Int32Array.from({ length: BATCH }, (_, i) => STEPS + i * 20)
  let step = 0
  return {
    name: 'ringmaster',
    async measure() {
      const took: number[] = []
      for (let i = 0; i < 12; i++) {
        const startMs = performance.now()
        await stepper.step(windows, ++step, 1e-3)
        took.push(performance.now() - startMs)
      }
      return median(took)
    },
  }
}

const peers = process.env['RINGMASTER_PEERS'] ?? join(import.meta.dirname, '../peers')
const PEERS = [['@jax-js/jax', jaxStep], ['@tensorflow/tfjs-backend-wasm', tfjsStep]] as const
const found = []
for (const [name, open] of PEERS) {
  if (existsSync(join(peers, 'node_modules', name))) found.push(await open(createRequire(join(peers, 'package.json'))))
  else console.log(`training-step: without a peer, there is no ${name} in ${peers} (bench/peers/README.md)`)
}

if (import.meta.main) {
  const cases = []
  for (const size of SIZES) {
    const shape = networkShape('lstm', size, STEPS, FEATURES)
    const name = `training step, ${size} network, batch ${BATCH}, 1 thread`
    const common = { unit: 'ms', better: 'lower' as const, ours: await ours(size) }
    if (found.length === 0) cases.push({ ...common, name, goal: null })
    for (const open of found) {
      const peer = open(shape, BATCH)
      cases.push({ ...common, name: `${name}, beside ${peer.name}`, peer, goal: { ratio: 10 } })
    }
  }
  await defineBench('training-step', { rounds: 3 }, ...cases).run()
}
