import { describe, expect, it } from 'vitest'
import { drawCase } from '../../workers/simulation/draw-plan.ts'
import { FAULT_KINDS, faultTerms } from '../../workers/simulation/fault-kinds.ts'
import { simulate } from '../../workers/simulation/simulation.ts'

const SEEDS = 6
/** Kinds that need not show when they are alone: what comes twice is taken once; nobody connects, asks or holds a position just then. */
const QUIET: ReadonlySet<string> = new Set(['duplicate-frames', 'duplicate-pushes', 'refuse-connections', 'lag-replica', 'short-lists', 'funding-rate'])

describe('faults of the simulation', { timeout: 60_000 }, () => {
  it.each(FAULT_KINDS)('%s strikes, and the run is another one for it', (kind) => {
    let struck = 0
    let shown = QUIET.has(kind)
    for (let seed = 1; seed <= SEEDS && (struck === 0 || !shown); seed++) {
      const drawn = drawCase(seed, { minutes: 0.5, only: [kind], venue: seed % 2 === 0 ? 'okx' : 'bybit' })
      expect(drawn.plan.every((step) => step.kind === kind)).toBe(true)
      const run = simulate(drawn)
      struck += run.struck[kind] ?? 0
      shown ||= (run.struck[kind] ?? 0) > 0 && run.hash !== simulate({ ...drawn, plan: [] }).hash
    }
    expect({ struck: struck > 0, shown }).toEqual({ struck: true, shown: true })
  })

  it('come from every family of the menu', () => {
    expect([...new Set(FAULT_KINDS.map((kind) => faultTerms(kind).family))].sort()).toEqual(['host', 'model', 'network', 'operator', 'rest', 'venue'])
  })
})
