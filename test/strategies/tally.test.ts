import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, SELL } from '../../src/core/index.ts'
import { AGREED, CONFLICT, CONSENSUS_MODES, type ConsensusSettings, LOW_CONFIDENCE, NO_VOTES, Tally, TOO_FEW } from '../../src/strategies/index.ts'

const settings: ConsensusSettings = { mode: 'majority', strategiesMin: 2, confidenceMin: 0.6, conflict: 'resolve' }
const ONES = [1, 1, 1, 1, 1]

function count(votes: readonly number[], changes: Partial<ConsensusSettings> = {}, weights: readonly number[] = ONES): Tally {
  const tally = new Tally()
  tally.count(Float64Array.from(votes), Float64Array.from(weights), { ...settings, ...changes })
  return tally
}

describe('a count of votes', () => {
  it.each([
    ['nobody has an opinion', [0, Number.NaN, 0, 0, 0], {}, NO_VOTES, 0],
    ['one is not enough', [0.9, 0, 0, 0, 0], {}, TOO_FEW, 0.9],
    ['two agree', [0.7, 0.9, 0, 0, 0], {}, AGREED, 0.8],
    ['two agree, but not surely enough', [0.5, 0.6, 0, 0, 0], {}, LOW_CONFIDENCE, 0.55],
    ['two against one by majority: mean of the two, times two thirds', [0.9, 0.9, -0.9, 0, 0], {}, AGREED, 0.6],
    ['one against one', [0.9, -0.6, 0, 0, 0], {}, CONFLICT, 0],
    ['two against one with none to resolve it', [0.9, 0.9, -0.9, 0, 0], { conflict: 'stand-aside' }, CONFLICT, 0.6],
    ['two against one by weight', [0.9, 0.9, -0.3, 0, 0], { mode: 'weighted', confidenceMin: 0.5 }, AGREED, 0.5],
    ['two against one where all must agree', [0.9, 0.9, -0.1, 0, 0], { mode: 'unanimous' }, CONFLICT, 0.9],
    ['three of one mind', [-0.6, -0.7, -0.8, 0, 0], { mode: 'unanimous' }, AGREED, 0.7],
  ] as const)('%s', (_what, votes, changes, outcome, confidence) => {
    const tally = count(votes, changes)
    expect(tally.outcome).toBe(outcome)
    expect(tally.confidence).toBeCloseTo(confidence, 12)
    expect(tally.side).toBe(votes[0] < 0 ? SELL : BUY)
  })

  it('gives the side with the larger weight the word, though it has fewer voters', () => {
    const tally = count([0.9, -0.5, -0.5, 0, 0], { mode: 'weighted', strategiesMin: 1, confidenceMin: 0.1 }, [5, 1, 1, 1, 1])
    expect(tally.outcome).toBe(AGREED)
    expect(tally.side).toBe(BUY)
    expect(tally.confidence).toBeCloseTo(3.5 / 7, 12)
  })

  it('does not count a strategy of weight 0', () => {
    expect(count([0.9, 0.9, -1, 0, 0], { mode: 'unanimous' }, [1, 1, 0, 1, 1]).outcome).toBe(AGREED)
  })

  const votes = fc.array(fc.oneof(fc.constantFrom(0, Number.NaN), fc.integer({ min: -1000, max: 1000 }).map((vote) => vote / 1000)), { minLength: 5, maxLength: 5 })
  const weights = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 10, noNaN: true })), { minLength: 5, maxLength: 5 })
  const rules = fc.record({ mode: fc.constantFrom(...CONSENSUS_MODES), strategiesMin: fc.integer({ min: 1, max: 5 }), confidenceMin: fc.double({ min: 0, max: 1, noNaN: true }), conflict: fc.constantFrom('resolve' as const, 'stand-aside' as const) })

  it('has a confidence from 0 to 1, and agrees only with as many strategies and as much confidence as asked for', () => {
    fc.assert(
      fc.property(votes, weights, rules, (given, heavy, how) => {
        const tally = count(given, how, heavy)
        expect(tally.confidence).toBeGreaterThanOrEqual(0)
        expect(tally.confidence).toBeLessThanOrEqual(1)
        if (tally.outcome !== AGREED) return
        expect(tally.side === BUY ? tally.buyers : tally.sellers).toBeGreaterThanOrEqual(how.strategiesMin)
        expect(tally.confidence).toBeGreaterThanOrEqual(how.confidenceMin)
        expect(tally.opposed && (how.mode === 'unanimous' || how.conflict === 'stand-aside')).toBe(false)
      }),
    )
  })

  it('comes to the mirrored result when all votes are mirrored, and to the same in any order', () => {
    fc.assert(
      fc.property(votes, weights, rules, (given, heavy, how) => {
        const tally = count(given, how, heavy)
        const mirrored = count(given.map((vote) => -vote), how, heavy)
        const turned = count(given.toReversed(), how, heavy.toReversed())
        expect([mirrored.buyers, mirrored.sellers]).toEqual([tally.sellers, tally.buyers])
        expect(mirrored.confidence).toBeCloseTo(tally.confidence, 9)
        expect(turned.confidence).toBeCloseTo(tally.confidence, 9)
        if (tally.outcome === AGREED) expect([mirrored.outcome, mirrored.side]).toEqual([AGREED, tally.side === BUY ? SELL : BUY])
      }),
    )
  })
})
