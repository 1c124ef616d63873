import { describe, expect, it } from 'vitest'
import { CasePool, isBroken } from '../../workers/simulation/campaign.ts'
import { drawCase, type DrawOptions } from '../../workers/simulation/draw-plan.ts'
import { parseCase } from '../../workers/simulation/plan.ts'
import { FAULT_KINDS } from '../../workers/simulation/fault-kinds.ts'
import { simulate, type SimulationResult } from '../../workers/simulation/simulation.ts'

const OPTIONS: DrawOptions = { minutes: 0.5, only: [], venue: null }
const KINDS = new Set<string>(FAULT_KINDS)

// A pool of threads loads the whole engine first.
describe('a simulated run', { timeout: 120_000 }, () => {
  it.each(['bybit', 'okx'] as const)('is the same byte by byte in this thread and in two others, on %s, and another one for another seed', async (venue) => {
    const options = { ...OPTIONS, venue }
    const here = simulate(drawCase(5, options))
    const pools = [new CasePool(1), new CasePool(1)]
    const there = await Promise.all(pools.map((pool) => pool.play({ seed: 5, options })))
    await Promise.all(pools.map((pool) => pool.close()))
    expect(here.records).toBeGreaterThan(20)
    for (const outcome of there) {
      if (isBroken(outcome)) throw new Error(outcome.broken)
      expect(outcome.hash).toBe(here.hash)
      expect(outcome.struck).toEqual(here.struck)
    }
    expect(simulate(drawCase(6, options)).hash).not.toBe(here.hash)
  })

  it('is the same when its plan was printed and read again', () => {
    const drawn = drawCase(12, OPTIONS)
    expect(drawn.plan.length).toBeGreaterThan(0)
    const read = parseCase(JSON.stringify(drawn), KINDS)
    expect(read).toEqual(drawn)
    const [first, second]: SimulationResult[] = [simulate(drawn), simulate(read)]
    expect(second!.hash).toBe(first!.hash)
  })

  it('draws for a seed the same kinds and times whatever the venue', () => {
    for (let seed = 1; seed <= 20; seed++) expect(drawCase(seed, { ...OPTIONS, venue: 'okx' }).plan).toEqual(drawCase(seed, { ...OPTIONS, venue: 'bybit' }).plan)
  })
})
