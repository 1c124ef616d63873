import { describe, expect, it } from 'vitest'
import type { PlanStep, SimulationCase } from '../../workers/simulation/plan.ts'
import { shrink } from '../../workers/simulation/shrink.ts'

const step = (n: number): PlanStep => ({ atMs: n * 100, kind: 'kill', fields: { n } })
const plan = Array.from({ length: 60 }, (_, n) => step(n))
const failing: SimulationCase = { seed: 1, venue: 'okx', minutes: 4, plan }
const has = (smaller: SimulationCase, n: number): boolean => smaller.plan.some((one) => one.fields['n'] === n)

describe('shrinking a failing plan', () => {
  it('finds the two steps that it needs, and the shortest run that still holds them', async () => {
    const { smallest, tried } = await shrink(failing, (smaller) => has(smaller, 17) && has(smaller, 43) && smaller.minutes * 60_000 >= 4300, 500)
    expect(smallest.plan).toEqual([step(17), step(43)])
    expect(smallest.minutes).toBe(1)
    expect(smallest).toMatchObject({ seed: 1, venue: 'okx' })
    expect(tried).toBeLessThan(120)
  })

  it('keeps the order of the steps, where three of them must come one after the other', async () => {
    const { smallest } = await shrink(failing, (smaller) => JSON.stringify(smaller.plan.map((one) => one.fields['n'])).replace(/\b(?!(?:5|30|59)\b)\d+,?/g, '') !== '' && [5, 30, 59].every((n) => has(smaller, n)), 500)
    expect(smallest.plan).toEqual([step(5), step(30), step(59)])
  })

  it('drops everything where no step is needed at all', async () => {
    expect((await shrink(failing, () => true, 500)).smallest).toMatchObject({ plan: [], minutes: 1 })
  })

  it('stops after so many tries with what still fails', async () => {
    let tries = 0
    const stillFails = (smaller: SimulationCase): boolean => {
      tries++
      return has(smaller, 17) && has(smaller, 43)
    }
    const { smallest, tried } = await shrink(failing, stillFails, 10)
    expect(tried).toBe(10)
    expect(tries).toBe(10)
    expect(has(smallest, 17) && has(smallest, 43)).toBe(true)
  })
})
