/** Precision and recall of the detectors over 200 seeded hours with planted episodes, on as many threads as there are cores. */
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { defineBench, type Side } from '../harness.ts'
import { addScore, emptyScore, type HourScore } from './score.ts'

const HOURS = Number(process.env['RINGMASTER_BENCH_HOURS'] ?? 200)
/** None of the seeds that the settings were chosen by. */
const FIRST_SEED = 1001

async function scoreAll(): Promise<HourScore> {
  const sum = emptyScore()
  let next = 0
  const file = fileURLToPath(new URL('./score-thread.ts', import.meta.url))
  const work = async (): Promise<void> => {
    const worker = new Worker(file)
    while (next < HOURS) {
      worker.postMessage(FIRST_SEED + next++)
      const [hour] = (await once(worker, 'message')) as [HourScore]
      addScore(sum, hour)
    }
    await worker.terminate()
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return sum
}

// One pass is minutes of work and the same every time: all cases read it.
const score = await scoreAll()
console.log(`${HOURS} hours, ${score.messages} messages`)
for (const name of ['spoofing', 'layering'] as const) console.log(name, JSON.stringify(score[name]))
console.log('not as planted:', JSON.stringify(score.wrong))

const told = (name: string, value: number): Side => ({ name, measure: () => value })
const precision = ({ right, patterns }: HourScore['spoofing']): number => right / patterns
const recall = ({ found, planted }: HourScore['spoofing']): number => found / planted
const wrongPerHour = (score.spoofing.patterns - score.spoofing.right + score.layering.patterns - score.layering.right) / HOURS
const delays = score.delays.toSorted((a, b) => a - b)

export const bench = defineBench(
  'detection-episodes',
  { rounds: 1 },
  { name: 'spoofing, precision', unit: 'share', better: 'higher', ours: told('SpoofingDetector', precision(score.spoofing)), goal: { atLeast: 0.9 } },
  { name: 'spoofing, recall', unit: 'share', better: 'higher', ours: told('SpoofingDetector', recall(score.spoofing)), goal: { atLeast: 0.9 } },
  { name: 'layering, precision', unit: 'share', better: 'higher', ours: told('LayeringDetector', precision(score.layering)), goal: { atLeast: 0.9 } },
  { name: 'layering, recall', unit: 'share', better: 'higher', ours: told('LayeringDetector', recall(score.layering)), goal: { atLeast: 0.9 } },
  { name: 'false patterns per hour and symbol', unit: 'patterns', better: 'lower', mayBeZero: true, ours: told('both', wrongPerHour), goal: null },
  { name: 'first block after the last order of an episode, 95th percentile', unit: 's', better: 'lower', ours: told('both', delays[Math.floor(0.95 * delays.length)] ?? Number.NaN), goal: null },
)

if (import.meta.main) await bench.run()
