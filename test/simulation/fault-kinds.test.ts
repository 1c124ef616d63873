import { describe, expect, it } from 'vitest'
import { drawCase } from '../../workers/simulation/draw-plan.ts'
import { FAULT_KINDS, faultTerms } from '../../workers/simulation/fault-kinds.ts'
import { simulate } from '../../workers/simulation/simulation.ts'

const SEEDS = 6

describe('faults of the simulation', { timeout: 60_000 }, () => {
  it.each(FAULT_KINDS)('%s strikes, and the run is another one for it', (kind) => {
    let struck = 0
    for (let seed = 1; seed <= SEEDS && struck === 0; seed++) {
      const drawn = drawCase(seed, { minutes: 0.5, only: [kind], venue: seed % 2 === 0 ? 'okx' : 'bybit' })
      expect(drawn.plan.every((step) => step.kind === kind)).toBe(true)
      const run = simulate(drawn)
      struck = run.struck[kind] ?? 0
      if (struck > 0) expect(run.hash).not.toBe(simulate({ ...drawn, plan: [] }).hash)
    }
    expect(struck).toBeGreaterThan(0)
  })

  it('come from every family of the menu', () => {
    expect([...new Set(FAULT_KINDS.map((kind) => faultTerms(kind).family))].sort()).toEqual(['host', 'model', 'network', 'operator', 'rest', 'venue'])
  })
})
