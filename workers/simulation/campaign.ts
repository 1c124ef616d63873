import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import type { DrawOptions } from './draw-plan.ts'
import { FAULT_KINDS } from './fault-kinds.ts'
import type { SimulationCase } from './plan.ts'
import type { BrokenRun, CaseJob } from './run-case.ts'
import type { SimulationResult } from './simulation.ts'

export interface CampaignOptions {
  readonly firstSeed: number
  readonly seeds: number
  readonly draw: DrawOptions
  /** Threads; null: as many as there are cores. */
  readonly threads: number | null
}

/** What so many seeds came to. */
export interface CampaignReport {
  readonly seeds: number
  readonly results: readonly SimulationResult[]
  readonly broken: readonly BrokenRun[]
  /** Over the hashes of all runs in the order of their seeds. */
  readonly hash: string
  /** By kind: steps that were due, and how often they struck. */
  readonly faults: Readonly<Record<string, { readonly applied: number; readonly struck: number }>>
  readonly wallS: number
}

export type CaseOutcome = SimulationResult | BrokenRun
export const isBroken = (outcome: CaseOutcome): outcome is BrokenRun => 'broken' in outcome
export const hasFailed = (outcome: CaseOutcome): boolean => isBroken(outcome) || outcome.violations.length > 0

/** What the threads of a pool are started with: code that is loaded before anything else, their environment. */
export interface PoolSettings {
  readonly execArgv: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** Threads that play cases, one each at a time. */
export class CasePool {
  readonly #pool: Piscina

  /** @param threads null: one for each core */
  constructor(threads: number | null, settings: PoolSettings | null = null) {
    const maxThreads = threads ?? availableParallelism()
    this.#pool = new Piscina({ filename: new URL('./run-case.ts', import.meta.url).href, minThreads: 0, maxThreads, ...(settings === null ? {} : { execArgv: [...settings.execArgv], env: settings.env as Record<string, string> }) })
  }

  get threads(): number {
    return this.#pool.maxThreads
  }

  play(job: CaseJob): Promise<CaseOutcome> {
    return this.#pool.run(job) as Promise<CaseOutcome>
  }

  given(simulationCase: SimulationCase): Promise<CaseOutcome> {
    return this.play({ given: simulationCase })
  }

  close(): Promise<void> {
    return this.#pool.destroy()
  }
}

/**
 * Plays seeds on all threads. The report does not depend on how many there are.
 * @param onDone hears of each seed as it ends; false ends the campaign early
 */
export async function campaign(options: CampaignOptions, pool: CasePool, onDone: (outcome: CaseOutcome, done: number) => boolean): Promise<CampaignReport> {
  const started = performance.now()
  const outcomes: CaseOutcome[] = []
  let next = options.firstSeed
  const endSeed = options.firstSeed + options.seeds
  let going = true
  const lane = async (): Promise<void> => {
    while (going && next < endSeed) {
      const seed = next++
      const outcome = await pool.play({ seed, options: options.draw })
      outcomes.push(outcome)
      going &&= onDone(outcome, outcomes.length)
    }
  }
  await Promise.all(Array.from({ length: pool.threads }, lane))
  outcomes.sort((a, b) => a.seed - b.seed)
  const results = outcomes.filter((one): one is SimulationResult => !isBroken(one))
  const hash = createHash('sha256')
  for (const one of results) hash.update(one.hash)
  return { seeds: outcomes.length, results, broken: outcomes.filter(isBroken), hash: hash.digest('hex'), faults: tally(results), wallS: (performance.now() - started) / 1000 }
}

function tally(results: readonly SimulationResult[]): CampaignReport['faults'] {
  return Object.fromEntries(
    FAULT_KINDS.map((kind) => [kind, { applied: results.reduce((sum, one) => sum + (one.applied[kind] ?? 0), 0), struck: results.reduce((sum, one) => sum + (one.struck[kind] ?? 0), 0) }]),
  )
}
