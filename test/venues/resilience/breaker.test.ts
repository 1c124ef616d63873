import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BAD, type BreakerState, CircuitBreaker, GOOD, NO_PASS, NOTHING_SAID, type Verdict } from '../../../src/venues/resilience/breaker.ts'

const MS = 1e6
const TERMS = { threshold: 5, cooldownMs: 1000, cooldownMsMax: 4000 }

const make = (): { readonly breaker: CircuitBreaker; readonly steps: BreakerState[] } => {
  const steps: BreakerState[] = []
  return { breaker: new CircuitBreaker(TERMS, (state) => steps.push(state)), steps }
}
const say = (breaker: CircuitBreaker, verdict: Verdict, times: number, nowNs = 0): void => {
  for (let i = 0; i < times; i++) breaker.settle(breaker.admit(nowNs), verdict, nowNs)
}

describe('a breaker', () => {
  it('opens at the fifth failure in a row and refuses until its cool-down is over', () => {
    const { breaker, steps } = make()
    say(breaker, BAD, 4)
    say(breaker, GOOD, 1)
    say(breaker, BAD, 4)
    expect([breaker.closed, breaker.blocks(0)]).toEqual([true, false])
    say(breaker, BAD, 1)
    expect(breaker.status(400 * MS)).toEqual({ state: 'open', failures: 5, openings: 1, opensInMs: 600 })
    expect([breaker.admit(999 * MS), breaker.blocks(999 * MS)]).toEqual([NO_PASS, true])
    expect([breaker.blocks(1000 * MS), breaker.admit(1000 * MS) !== NO_PASS]).toEqual([false, true])
    expect(steps).toEqual(['open', 'half-open'])
  })

  it('probes with one call at a time: a good one closes it, a bad one opens it for twice as long up to the cap, one that says nothing makes room for the next', () => {
    const { breaker } = make()
    say(breaker, BAD, 5)
    let nowNs = 0
    for (const coolMs of [1000, 2000, 4000, 4000]) {
      expect(breaker.status(nowNs).opensInMs).toBe(coolMs)
      nowNs += coolMs * MS
      const probe = breaker.admit(nowNs)
      expect([breaker.admit(nowNs), breaker.blocks(nowNs)]).toEqual([NO_PASS, true])
      breaker.settle(probe, NOTHING_SAID, nowNs)
      const next = breaker.admit(nowNs)
      expect(next).not.toBe(NO_PASS)
      breaker.settle(next, BAD, nowNs)
    }
    nowNs += 4000 * MS
    breaker.settle(breaker.admit(nowNs), GOOD, nowNs)
    expect(breaker.status(nowNs)).toMatchObject({ state: 'closed', failures: 0, opensInMs: 0 })
    say(breaker, BAD, 5, nowNs)
    // Closed in between: it begins with the short wait again.
    expect(breaker.status(nowNs).opensInMs).toBe(1000)
  })

  it('a verdict on an earlier state changes nothing: neither a late timeout nor a late answer decides a probe', () => {
    for (const late of [GOOD, BAD] as const) {
      const { breaker } = make()
      const old = breaker.admit(0)
      say(breaker, BAD, 5)
      breaker.settle(old, late, 10)
      expect(breaker.status(0)).toMatchObject({ state: 'open', opensInMs: 1000 })
      const probe = breaker.admit(1000 * MS)
      breaker.settle(old, late, 1000 * MS)
      expect(breaker.status(0).state).toBe('half-open')
      breaker.settle(probe, GOOD, 1000 * MS)
      breaker.settle(probe, BAD, 1000 * MS)
      expect(breaker.status(0)).toMatchObject({ state: 'closed', failures: 0 })
    }
  })

  it('failures of free calls open it as well; their success hides no failure of the others, closes nothing, and the reverse', () => {
    const { breaker } = make()
    const free = (verdict: Verdict): void => breaker.settle(breaker.freePass(), verdict, 0)
    for (let i = 0; i < 4; i++) {
      say(breaker, BAD, 1)
      free(GOOD)
    }
    expect(breaker.closed).toBe(true)
    say(breaker, BAD, 1)
    expect(breaker.status(0).state).toBe('open')
    free(GOOD)
    expect(breaker.status(0).state).toBe('open')
    const probe = breaker.admit(1000 * MS)
    free(GOOD)
    expect(breaker.status(0).state).toBe('half-open')
    breaker.settle(probe, GOOD, 1000 * MS)
    for (let i = 0; i < 5; i++) {
      expect(breaker.closed).toBe(true)
      say(breaker, GOOD, 1)
      free(BAD)
    }
    expect(breaker.closed).toBe(false)
  })

  it('is closed by hand from any state, and says whether it was open', () => {
    const { breaker } = make()
    expect(breaker.reset()).toBe(false)
    say(breaker, BAD, 4)
    expect(breaker.reset()).toBe(false)
    say(breaker, BAD, 4)
    expect(breaker.closed).toBe(true)
    say(breaker, BAD, 1)
    expect(breaker.reset()).toBe(true)
    expect(breaker.admit(0)).not.toBe(NO_PASS)
    say(breaker, BAD, 5)
    breaker.admit(1000 * MS)
    expect(breaker.reset()).toBe(true)
  })

  it('property: admits nothing between an opening and the end of its cool-down, never two probes at once, and always comes back', () => {
    const step = fc.record({ waitMs: fc.integer({ min: 0, max: 1500 }), verdict: fc.constantFrom(GOOD, BAD, BAD, NOTHING_SAID), free: fc.boolean(), late: fc.boolean() })
    fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { breaker } = make()
      let nowNs = 0
      const held: { readonly pass: number; readonly verdict: Verdict; readonly state: BreakerState }[] = []
      for (const { waitMs, verdict, free, late } of steps) {
        nowNs += waitMs * MS
        const before = breaker.status(nowNs)
        const pass = free ? breaker.freePass() : breaker.admit(nowNs)
        if (!free && before.state === 'open' && before.opensInMs > 0) expect(pass).toBe(NO_PASS)
        const { state } = breaker.status(nowNs)
        if (!free && state === 'half-open' && pass !== NO_PASS) expect(held.some((one) => one.state === 'half-open' && (one.pass & 1) === 0 && breaker.current(one.pass))).toBe(false)
        if (pass !== NO_PASS) held.push({ pass, verdict, state })
        if (!late) for (const one of held.splice(0)) breaker.settle(one.pass, one.verdict, nowNs)
      }
      for (const one of held) breaker.settle(one.pass, one.verdict, nowNs)
      nowNs += TERMS.cooldownMsMax * MS
      const pass = breaker.admit(nowNs)
      expect(pass).not.toBe(NO_PASS)
      breaker.settle(pass, GOOD, nowNs)
      expect(breaker.closed).toBe(true)
    }), { numRuns: 300 })
  })
})
