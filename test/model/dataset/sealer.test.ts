import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { BatchFiles, checkDataset, Collector, type SealJob } from '../../../src/model/index.ts'
import { Sealer } from '../../../workers/sealer.ts'

const names = ['a', 'b']

let root: string
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'ringmaster-sealer-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

it('full batches become whole away from the thread, one after the other, each once; one that fails is told and does not hold up the rest', async () => {
  const jobs: SealJob[] = []
  const collector = new Collector({ root, symbol: 'BTCUSDT', featureNames: names, batchSamples: 2, seal: (job) => void jobs.push(job) })
  for (let i = 0; i < 7; i++) collector.add({ timestampMs: 1000 * (i + 1), midPrice: 1, spread: 1, imbalance: 0, signalType: 'hold', signalConfidence: 0, features: Float32Array.of(i, -i) })
  collector.close()
  const files = new BatchFiles(root, 'BTCUSDT')
  // A folder stands where the features of the second are to be: it cannot be written.
  mkdirSync(files.path(jobs[1]!.name, 'features'))
  const failures: string[] = []
  const sealer = new Sealer((job, error) => void failures.push(`${job.name.number} ${error.message}`))
  for (const job of [...jobs, ...jobs]) sealer.seal(job)
  expect(jobs).toHaveLength(3)
  // The log goes last.
  await expect.poll(() => files.unfinished().map((name) => name.number), { timeout: 15_000, interval: 20 }).toEqual([2, 4])
  expect(failures).toEqual([expect.stringMatching(/^2 RM_DATASET_FILE: .*batch_0002\.npy/)])
  expect(files.batches().map((name) => name.number)).toEqual([1, 3])
  expect(checkDataset(root, names)).toMatchObject({ problems: [], samples: 4, unfinished: 2 })
})
