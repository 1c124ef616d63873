/** What a thread of the pool does: one case from its seed, or one that is given. */
import { drawCase, type DrawOptions } from './draw-plan.ts'
import type { SimulationCase } from './plan.ts'
import { simulate, type SimulationResult } from './simulation.ts'
import { errorLine } from '../../src/core/index.ts'

export type CaseJob = { readonly seed: number; readonly options: DrawOptions } | { readonly given: SimulationCase }

/** A run that ended by an exception: a defect of the engine that no host caught, or of the simulation. */
export interface BrokenRun {
  readonly seed: number
  readonly broken: string
}

export default function runCase(job: CaseJob): SimulationResult | BrokenRun {
  const simulationCase = 'given' in job ? job.given : drawCase(job.seed, job.options)
  try {
    return simulate(simulationCase)
  } catch (error) {
    return { seed: simulationCase.seed, broken: error instanceof Error ? `${errorLine(error)}\n${error.stack ?? ''}` : String(error) }
  }
}
