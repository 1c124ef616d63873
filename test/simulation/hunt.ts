import { campaign, CasePool, isBroken } from '../../workers/simulation/campaign.ts'
import { FAULT_KINDS, faultTerms } from '../../workers/simulation/fault-kinds.ts'
import { violationLine } from '../../workers/simulation/violation.ts'
import type { Mutant } from './mutants.ts'

export interface Hunted {
  readonly mutant: Mutant
  /** Seed that found it, or null. */
  readonly seed: number | null
  readonly seeds: number
  readonly how: string
}

export const USUAL_KINDS = FAULT_KINDS.filter((kind) => faultTerms(kind).onDemand === undefined)

/** Plays seeds with a planted bug until one breaks a row that it must break. A run that dies of it counts as found where `heal` does. */
export async function hunt(mutant: Mutant, seedsMax: number, threads: number | null): Promise<Hunted> {
  const pool = new CasePool(threads, { execArgv: ['--import', new URL('./mutant-hook.ts', import.meta.url).href], env: { ...process.env, RINGMASTER_MUTANT: mutant.name } })
  let seed: number | null = null
  let how = ''
  const report = await campaign({ firstSeed: 1, seeds: seedsMax, draw: { minutes: 1, only: [], venue: null }, threads }, pool, (outcome) => {
    const found = isBroken(outcome) ? (mutant.rows.includes('heal') ? outcome.broken.split('\n')[0]! : undefined) : outcome.violations.find((one) => mutant.rows.includes(one.row))
    if (found === undefined || seed !== null) return seed === null
    seed = outcome.seed
    how = typeof found === 'string' ? found : violationLine(found)
    return false
  })
  await pool.close()
  return { mutant, seed, seeds: report.seeds, how }
}
