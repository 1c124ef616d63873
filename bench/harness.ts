import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { Bench } from 'tinybench'

/** One way to do the work of a case. */
export interface Side {
  readonly name: string
  /** One fresh measurement, in the unit of the case. */
  measure(): number | Promise<number>
}

/** What a case must reach: a ratio to its peer (above 1 is better than it), or a bound on our own number. */
export type Goal = { readonly ratio: number } | { readonly atLeast: number } | { readonly atMost: number }

export interface BenchCase {
  readonly name: string
  /** Unit of a measurement: `records/s`, `us`. */
  readonly unit: string
  /** Which way is better; rates are higher, durations lower. */
  readonly better: 'higher' | 'lower'
  /** A measurement of 0 is a result, as for counts of what must not happen; elsewhere it is a mistake. */
  readonly mayBeZero?: boolean
  readonly ours: Side
  /** Absent where nothing comparable exists; the goal is then a bound. */
  readonly peer?: Side
  /** null: told for the record, judged by nothing. */
  readonly goal: Goal | null
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface CaseResult {
  readonly name: string
  readonly unit: string
  readonly ours: Spread & { readonly name: string }
  readonly peer: (Spread & { readonly name: string }) | null
  /** Of the two measurements of each round, so that a slow minute of the machine hits both. */
  readonly ratio: Spread | null
  readonly goal: string
  /** null without a goal. */
  readonly met: boolean | null
}

export interface BenchResult {
  readonly name: string
  readonly date: string
  readonly node: string
  readonly cpu: string
  readonly cores: number
  /** Runnable threads of the machine (one minute mean) before and after: how far to trust the numbers. */
  readonly load: readonly [before: number, after: number]
  readonly rounds: number
  readonly cases: readonly CaseResult[]
}

export const RESULTS_FOLDER = join(import.meta.dirname, '.results')

/** Median, smallest and largest of at least one number. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)! }
}

/** Sums a case up from the samples of its rounds. */
export function summarise(spec: BenchCase, ours: readonly number[], peer: readonly number[]): CaseResult {
  const ratios = peer.map((theirs, round) => (spec.better === 'higher' ? ours[round]! / theirs : theirs / ours[round]!))
  const mine = spreadOf(ours)
  const ratio = ratios.length === 0 ? null : spreadOf(ratios)
  const { goal } = spec
  if (goal !== null && 'ratio' in goal && ratio === null) throw new Error(`${spec.name}: a goal by ratio needs a peer`)
  const met = goal === null ? null : 'ratio' in goal ? ratio!.median >= goal.ratio : 'atLeast' in goal ? mine.median >= goal.atLeast : mine.median <= goal.atMost
  const bound = goal === null ? '–' : 'ratio' in goal ? `≥ ${goal.ratio}×` : 'atLeast' in goal ? `≥ ${number(goal.atLeast)} ${spec.unit}` : `≤ ${number(goal.atMost)} ${spec.unit}`
  return {
    name: spec.name,
    unit: spec.unit,
    ours: { name: spec.ours.name, ...mine },
    peer: spec.peer === undefined ? null : { name: spec.peer.name, ...spreadOf(peer) },
    ratio,
    goal: bound,
    met,
  }
}

export interface BenchOptions {
  /** Counted rounds; RINGMASTER_BENCH_ROUNDS overrides. */
  readonly rounds?: number
}

/**
 * Declares a benchmark. `run` measures all cases in interleaved rounds (one uncounted first), the two sides of a case
 * right after each other and in changing order, prints a table, and leaves bench/.results/<name>.json.
 */
export function defineBench(name: string, options: BenchOptions, ...cases: readonly BenchCase[]): { readonly name: string; run(): Promise<BenchResult> } {
  return {
    name,
    async run(): Promise<BenchResult> {
      const rounds = Number(process.env.RINGMASTER_BENCH_ROUNDS ?? options.rounds ?? 5)
      const loadBefore = loadavg()[0]!
      const samples = cases.map(() => ({ ours: [] as number[], peer: [] as number[] }))
      for (let round = -1; round < rounds; round++) {
        for (const [i, { ours, peer, mayBeZero }] of cases.entries()) {
          const sides = peer === undefined ? [ours] : round % 2 === 0 ? [ours, peer] : [peer, ours]
          for (const side of sides) {
            const sample = await side.measure()
            if (!(sample > 0 || (mayBeZero === true && sample === 0))) throw new Error(`${name}: ${side.name} measured ${sample}`)
            if (round >= 0) (side === ours ? samples[i]!.ours : samples[i]!.peer).push(sample)
          }
        }
      }
      const result: BenchResult = {
        name,
        date: new Date().toISOString(),
        node: process.version,
        cpu: cpus()[0]?.model.trim() ?? 'unknown',
        cores: cpus().length,
        load: [loadBefore, loadavg()[0]!],
        rounds,
        cases: cases.map((spec, i) => summarise(spec, samples[i]!.ours, samples[i]!.peer)),
      }
      print(result)
      mkdirSync(RESULTS_FOLDER, { recursive: true })
      writeFileSync(join(RESULTS_FOLDER, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`)
      return result
    },
  }
}

/**
 * A side that runs in this thread, by tinybench: calls of `body` per second, times the `perCall` things that one call
 * does. A call should take some microseconds: the clock is read around each.
 */
export function inProcess(name: string, body: () => void, { perCall = 1, timeMs = 250, warmupMs = 60 } = {}): Side {
  return {
    name,
    async measure() {
      const bench = new Bench({ time: timeMs, warmupTime: warmupMs, throws: true })
      bench.add(name, body)
      await bench.run()
      const result = bench.tasks[0]!.result
      if (!('throughput' in result)) throw new Error(`${name}: tinybench ended as ${result.state}`)
      const callMs = result.latency.p50
      if (!(callMs > 0)) throw new Error(`${name}: one call is too short to be timed; do more in it`)
      return (perCall * 1000) / callMs
    },
  }
}

/** Three significant digits, with k, M, G for the thousands. */
export function number(value: number): string {
  const steps: readonly [number, string][] = [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']]
  for (const [size, letter] of steps) if (value >= size) return `${significant(value / size)} ${letter}`
  return significant(value)
}

const significant = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 2 : 3))

/** `1.20 M records/s [0.90 M–1.50 M]` */
export const measured = (side: Spread, unit: string): string => `${number(side.median)} ${unit} [${number(side.min)}–${number(side.max)}]`
export const metText = (met: boolean | null, missed: string): string => (met === null ? '–' : met ? 'yes' : missed)
export const ratioText = (ratio: Spread | null): string => (ratio === null ? '–' : `${significant(ratio.median)}× [${significant(ratio.min)}–${significant(ratio.max)}]`)

function print(result: BenchResult): void {
  console.log(`${result.name} · ${result.rounds} rounds · ${result.cpu} ×${result.cores} · Node ${result.node} · load ${result.load.map((l) => l.toFixed(1)).join(' → ')}`)
  console.table(
    Object.fromEntries(
      result.cases.map((c) => [
        c.name,
        { ours: measured(c.ours, c.unit), peer: c.peer === null ? '–' : `${c.peer.name}: ${measured(c.peer, c.unit)}`, ratio: ratioText(c.ratio), goal: c.goal, met: metText(c.met, 'NO') },
      ]),
    ),
  )
}
