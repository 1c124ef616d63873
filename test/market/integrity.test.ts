import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../../src/core/index.ts'
import { BookIntegrity, ENTRIES_CHANGED, ENTRIES_INTEGRITY, ENTRIES_NOT_TRADING, ENTRIES_OPEN, ENTRIES_UNKNOWN, EntriesGate, FeedHealth, RegistryMemory } from '../../src/market/index.ts'
import { WALL_ORIGIN_MS, handContext } from './hand-context.ts'

const MINUTE_NS = 60e9

describe('the integrity of a book', () => {
  it('is 0 before the first book and 1 with it; time away and every loss take from it, time alone gives it back', () => {
    const integrity = new BookIntegrity(0)
    expect(integrity.score(60e9)).toBe(0)
    integrity.turn(true, 60e9)
    expect(integrity.score(60e9)).toBe(1)
    integrity.lose(61e9)
    expect(integrity.score(61e9)).toBeCloseTo(0.96, 9)
    expect(integrity.score(61e9 + 5 * MINUTE_NS)).toBeCloseTo(0.96 / Math.E, 9)
    integrity.turn(true, 61e9)
    expect(integrity.score(61e9 + 5 * MINUTE_NS)).toBeCloseTo(1 - 0.04 / Math.E, 9)
    expect(integrity.rebuilds).toBe(1)
  })

  it('loses nothing twice, and nothing for a side that is empty', () => {
    const integrity = new BookIntegrity(0)
    integrity.turn(true, 0)
    integrity.turn(false, 1)
    integrity.turn(true, 2)
    expect([integrity.rebuilds, integrity.score(2)]).toEqual([0, expect.closeTo(1, 9)])
    integrity.lose(3)
    integrity.lose(4)
    expect(integrity.rebuilds).toBe(1)
  })

  it('falls by half with a proof that the book was wrong', () => {
    const integrity = new BookIntegrity(0)
    integrity.turn(true, 0)
    integrity.disprove(0)
    expect(integrity.score(0)).toBe(0.5)
  })

  it('stays between 0 and 1 whatever happens, and is what a sum over small steps gives', () => {
    const step = fc.record({ kind: fc.constantFrom('turn', 'lose', 'disprove', 'empty'), afterNs: fc.integer({ min: 0, max: 600e9 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const integrity = new BookIntegrity(0)
        let nowNs = 0
        let reference = 0
        let ever = false
        let valid = false
        for (const { kind, afterNs } of steps) {
          nowNs += afterNs
          // The same average, a thousand pieces at a time.
          for (let i = 0; i < 1000 && ever; i++) {
            const kept = Math.exp(-afterNs / 1000 / (5 * MINUTE_NS))
            reference = reference * kept + (valid ? 1 - kept : 0)
          }
          if (kind === 'turn') {
            integrity.turn(true, nowNs)
            if (!ever) reference = 1
            ever = valid = true
          } else if (kind === 'empty') {
            integrity.turn(false, nowNs)
            valid = false
          } else if (kind === 'lose') {
            integrity.lose(nowNs)
            if (valid) reference *= 0.96
            valid = false
          } else {
            integrity.disprove(nowNs)
            reference *= 0.5
          }
          const score = integrity.score(nowNs)
          expect(score).toBeGreaterThanOrEqual(0)
          expect(score).toBeLessThanOrEqual(1)
          expect(score).toBeCloseTo(reference, 6)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('the gate of entries', () => {
  it('closes below one score and opens again only from a higher one', () => {
    const gate = new EntriesGate(0.8, 0.9)
    expect(gate.open).toBe(false)
    expect([1, 0.8, 0.79, 0.85, 0.899, 0.9, 0.81].map((score) => gate.look(score))).toEqual([true, true, false, false, false, true, true])
  })

  it('never changes its mind between the two scores', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (scores) => {
        const gate = new EntriesGate(0.8, 0.9)
        let before: boolean | null = null
        for (const score of scores) {
          const open = gate.look(score)
          if (before !== null && score >= 0.8 && score < 0.9) expect(open).toBe(before)
          if (score < 0.8) expect(open).toBe(false)
          if (score >= 0.9) expect(open).toBe(true)
          before = open
        }
      }),
    )
  })

  it('takes no limits that make no sense, and no score that is no number', () => {
    for (const [below, from] of [[0.9, 0.8], [-0.1, 0.5], [0.5, 1.1], [Number.NaN, 0.9], [0.8, Number.NaN]] as const) expect(() => new EntriesGate(below, from)).toThrow('RM_GATE_LIMITS')
    expect(new EntriesGate(0.8, 0.9).look(Number.NaN)).toBe(false)
  })
})

describe('the health of a feed', () => {
  function bench(registry = RegistryMemory.create(1), time = new VirtualTime(WALL_ORIGIN_MS)) {
    const context = handContext('ingest', time)
    const health = new FeedHealth(context, registry, 0, { closeBelow: 0.8, openFrom: 0.9 })
    const reader = registry.readFeedHealth(0)
    return {
      context, health, time, registry,
      read: () => {
        expect(reader.read()).toBe(true)
        return reader.value
      },
    }
  }

  it('refuses entries before a book, after too many losses, and makes them again with hysteresis: told once per change', () => {
    const b = bench()
    expect(b.read().entries).toBe(ENTRIES_UNKNOWN)
    b.health.turn(true)
    expect(b.read().entries).toBe(ENTRIES_OPEN)
    for (let i = 0; i < 6; i++) {
      b.health.lose()
      b.health.turn(true)
    }
    expect([b.read().entries, b.read().rebuilds]).toEqual([ENTRIES_INTEGRITY, 6])
    expect(b.read().integrity).toBeCloseTo(0.96 ** 6, 9)
    b.time.runUntil(2 * MINUTE_NS)
    b.health.refresh()
    expect(b.read().integrity).toBeGreaterThan(0.8)
    expect(b.read().entries).toBe(ENTRIES_INTEGRITY)
    b.time.runUntil(6 * MINUTE_NS)
    b.health.refresh()
    expect([b.read().entries, b.read().integrity > 0.9]).toEqual([ENTRIES_OPEN, true])
    expect(b.context.logs.map((line) => line.message)).toEqual(['entries may be made on this book', 'no entries on this symbol: integrity', 'entries may be made on this book'])
    expect([b.context.counts.get('entries_gate integrity'), b.context.counts.get('entries_gate open')]).toEqual([1, 2])
  })

  it('refuses entries on an instrument that is not trading, and for good on one whose grid has changed', () => {
    const b = bench()
    b.health.turn(true)
    b.health.showInstrument('suspended', false)
    expect(b.read().entries).toBe(ENTRIES_NOT_TRADING)
    b.health.showInstrument('trading', false)
    expect(b.read().entries).toBe(ENTRIES_OPEN)
    b.health.showInstrument('trading', true)
    b.health.showInstrument('trading', false)
    expect(b.read().entries).toBe(ENTRIES_CHANGED)
    // Also in the next life of its actor.
    const next = bench(b.registry, b.time)
    next.health.turn(true)
    expect(next.read().entries).toBe(ENTRIES_CHANGED)
  })

  it('goes on in a new life with the score, the counts and the side of the gate that the last one left', () => {
    const b = bench()
    b.health.turn(true)
    for (const outcome of ['equal', 'equal', 'stale', 'no-answer', 'inconclusive', 'mismatch'] as const) b.health.audited(outcome)
    b.health.countReconnect()
    expect(b.read().entries).toBe(ENTRIES_INTEGRITY)
    b.time.runUntil(MINUTE_NS)
    const next = bench(b.registry, b.time)
    next.health.turn(true)
    const cell = next.read()
    expect([cell.auditsEqual, cell.auditsMismatch, cell.auditsStale, cell.auditsInconclusive, cell.auditsNoAnswer, cell.reconnects]).toEqual([2, 1, 1, 1, 1, 1])
    expect(cell.integrity).toBeCloseTo(0.5 * Math.exp(-0.2), 9)
    expect(cell.entries).toBe(ENTRIES_INTEGRITY)
  })

  it('shows the clock offset with its round trip (MD-14), NaN before the first measurement', () => {
    const b = bench()
    b.health.refresh()
    expect([b.read().clockOffsetMs, b.read().clockRoundTripMs]).toEqual([Number.NaN, Number.NaN])
    b.health.showClock(-12.5, 31)
    expect([b.read().clockOffsetMs, b.read().clockRoundTripMs]).toEqual([-12.5, 31])
  })
})
