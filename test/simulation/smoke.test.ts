import { describe, expect, it } from 'vitest'
import { campaign, CasePool, hasFailed, isBroken } from '../../workers/simulation/campaign.ts'
import { type Row, violationLine } from '../../workers/simulation/violation.ts'

const SEEDS = 1000
const TIMEOUT_MS = 1_800_000
/** Each must have something to judge somewhere. */
const ROWS = Array.from({ length: 25 }, (_, index) => `F${index + 1}` as Row)

describe('F1 to F25', () => {
  it(`hold in ${SEEDS} seeds of one virtual minute with faults`, { timeout: TIMEOUT_MS }, async () => {
    const pool = new CasePool(null)
    const failed: string[] = []
    const report = await campaign({ firstSeed: 1, seeds: SEEDS, draw: { minutes: 1, only: [], venue: null }, threads: null }, pool, (outcome) => {
      if (hasFailed(outcome)) failed.push(`seed ${outcome.seed}: ${isBroken(outcome) ? outcome.broken : outcome.violations.map(violationLine).join('; ')}`)
      return true
    })
    await pool.close()
    expect(failed).toEqual([])
    expect(report.seeds).toBe(SEEDS)
    // A world in which nothing happens would hold anything.
    expect(report.results.reduce((sum, one) => sum + one.executions, 0)).toBeGreaterThan(5 * SEEDS)
    const struck = Object.values(report.faults).filter((one) => one.struck > 0).length
    expect(struck).toBeGreaterThan(50)
    for (const row of ROWS) expect(report.results.some(({ judgements }) => (judgements[row] ?? 0) > 0), `${row} had something to judge`).toBe(true)
  })
})
