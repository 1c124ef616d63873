/** A process that collects as fast as it can and is killed: writes the time of every sample to standard output once the sink has it. */
import { writeSync } from 'node:fs'
import { featureNames } from '../../src/features/index.ts'
import { Collector, lockDataset } from '../../src/model/index.ts'
import { collectingRun, KILLED_BATCH, KILLED_RUN_S } from './collect-run.ts'

const [root = ''] = process.argv.slice(2)
const STDOUT = 1
const symbols = ['BTCUSDT']
const release = lockDataset(root, symbols, 'collector')
const { engine } = collectingRun(symbols, (symbol) => {
  const collector = new Collector({ root, symbol, featureNames: featureNames(), batchSamples: KILLED_BATCH })
  return {
    add: (sample) => {
      const added = collector.add(sample)
      if (added) writeSync(STDOUT, `${sample.timestampMs}\n`)
      return added
    },
    sync: () => collector.sync(),
    close: () => collector.close(),
  }
})
process.send!('runs')
for (let s = 1; s <= KILLED_RUN_S; s++) {
  engine.runUntil(s * 1e9)
  await new Promise((resolve) => setImmediate(resolve))
}
engine.stop()
release()
process.disconnect()
