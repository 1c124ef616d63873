import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placementPlan, RestartPolicy } from '../../src/runtime/index.ts'

describe('restart policy', () => {
  const limits = { max: 3, windowMs: 1000, backoffMs: 10, backoffMaxMs: 15 }
  it('answers the first failure of a window at once, further ones with growing waits, then escalates', () => {
    const policy = new RestartPolicy(limits)
    const verdicts = [0, 1, 2, 3].map((ms) => policy.onFailure(ms * 1e6))
    expect(verdicts).toEqual([
      { kind: 'restart', delayMs: 0 },
      { kind: 'restart', delayMs: 10 },
      { kind: 'restart', delayMs: 15 },
      { kind: 'escalate', failures: 4 },
    ])
  })

  it('never escalates when failures are rarer than the limit allows', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 334, max: 5000 }), { maxLength: 50 }), (gapsMs) => {
        const policy = new RestartPolicy(limits)
        let nowMs = 0
        for (const gap of gapsMs) {
          nowMs += gap
          expect(policy.onFailure(nowMs * 1e6).kind).toBe('restart')
        }
      }),
    )
  })
})

describe('placement', () => {
  const symbols = fc.uniqueArray(fc.stringMatching(/^[A-Z]{3,6}USDT$/), { minLength: 1, maxLength: 20 })

  it('puts every actor on exactly one thread, execution alone on the last, under every policy', () => {
    fc.assert(
      fc.property(symbols, fc.integer({ min: 1, max: 64 }), fc.constantFrom('shared', 'symbol', 'isolated'), (list, cores, policy) => {
        const plan = placementPlan(list, cores, policy, null)
        const actors = plan.flatMap((thread) => thread.actors)
        expect(new Set(actors).size).toBe(actors.length)
        expect(actors).toHaveLength(3 * list.length + 1)
        expect(plan.at(-1)!.actors).toEqual(['execution'])
      }),
    )
  })

  it('keeps the actors of a symbol together, upstream first, unless isolated', () => {
    fc.assert(
      fc.property(symbols, fc.integer({ min: 1, max: 64 }), (list, cores) => {
        for (const thread of placementPlan(list, cores, 'shared', null).slice(0, -1)) {
          const bySymbol = Map.groupBy(thread.actors, (id) => id.split(':')[1]!)
          for (const actors of bySymbol.values()) expect(actors.map((id) => id.split(':')[0])).toEqual(['ingest', 'features', 'inference'])
        }
      }),
    )
  })

  it('refuses no symbols, a symbol named twice and a shard count of zero', () => {
    expect(() => placementPlan([], 2, 'shared', null)).toThrow(/RM_PLACEMENT.*no symbols/)
    expect(() => placementPlan(['A', 'A'], 2, 'shared', null)).toThrow(/RM_PLACEMENT.*twice/)
    expect(() => placementPlan(['A'], 2, 'shared', 0)).toThrow(/RM_PLACEMENT.*0 shards/)
  })
})
