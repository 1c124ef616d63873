import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../../../src/core/index.ts'
import { LINE_MAX, RateWindow } from '../../../src/venues/resilience/rate-window.ts'
import { ENTRY, EVIDENCE, MARKET, QUERY, REDUCE, type Urgency } from '../../../src/venues/resilience/urgency.ts'

const URGENCIES: readonly Urgency[] = [REDUCE, ENTRY, EVIDENCE, QUERY, MARKET]

describe('a window with a reserve', () => {
  it('keeps its share for what takes risk away, whoever else asks', () => {
    const time = new VirtualTime(0)
    const window = new RateWindow(time, time, 10, 1000, 0.2)
    const taken = URGENCIES.slice(1).map((urgency) => Array.from({ length: 10 }, () => window.take(urgency)).filter(Boolean).length)
    expect(taken).toEqual([8, 0, 0, 0])
    expect([window.take(REDUCE), window.take(REDUCE), window.take(REDUCE), window.used()]).toEqual([true, true, false, 10])
  })

  it.each([[1, 1, 1], [2, 1, 2], [5, 4, 5], [60, 48, 60], [1000, 800, 1000]])('a limit of %i leaves %i to entries and %i to exits', (limit, entries, exits) => {
    const time = new VirtualTime(0)
    const window = new RateWindow(time, time, limit, 1000, 0.2)
    let count = 0
    while (window.take(ENTRY)) count++
    expect(count).toBe(entries)
    while (window.take(REDUCE)) count++
    expect(count).toBe(exits)
  })

  it('lets those that wait go in the order of their urgency, and of their asking within one', () => {
    const time = new VirtualTime(0)
    const window = new RateWindow(time, time, 1, 1000)
    const order: string[] = []
    window.take(ENTRY)
    const names: readonly (readonly [Urgency, string])[] = [[MARKET, 'market'], [QUERY, 'query'], [ENTRY, 'entry 1'], [EVIDENCE, 'evidence'], [ENTRY, 'entry 2'], [REDUCE, 'exit 1'], [REDUCE, 'exit 2']]
    for (const [urgency, name] of names) window.acquire(urgency, 1e15, () => order.push(name))
    time.runUntil(10e9)
    expect(order).toEqual(['exit 1', 'exit 2', 'entry 1', 'entry 2', 'evidence', 'query', 'market'])
  })

  it('sends the least urgent of a line away that grows too long, and never the caller inside its call', () => {
    const time = new VirtualTime(0)
    const window = new RateWindow(time, time, 1, 1000)
    window.take(REDUCE)
    const refused: number[] = []
    for (let i = 0; i < LINE_MAX; i++) window.acquire(ENTRY, 1e15, (granted) => void (granted || refused.push(i)))
    window.acquire(REDUCE, 1e15, (granted) => void (granted || refused.push(-1)))
    window.acquire(MARKET, 1e15, (granted) => void (granted || refused.push(-2)))
    expect([refused, window.waiting]).toEqual([[], LINE_MAX])
    time.runUntil(1)
    expect(refused).toEqual([LINE_MAX - 1, -2])
  })

  it('what must not leave any more takes no place: ended by a word at once, and without one when its turn comes', () => {
    for (const word of [true, false]) {
      const time = new VirtualTime(0)
      const window = new RateWindow(time, time, 2, 1000)
      const told: string[] = []
      let stopped = false
      const ask = (name: string, urgency: Urgency, held: (() => boolean) | null): void =>
        window.acquire(urgency, 1e15, (granted) => void told.push(`${name} ${granted} ${Math.round(time.nowNs() / 1e6)}`), 1, null, 1, held)
      for (const name of ['a', 'b', 'entry 1', 'entry 2', 'entry 3']) ask(name, ENTRY, () => stopped)
      ask('query', QUERY, null)
      expect(told.splice(0)).toEqual(['a true 0', 'b true 0'])
      stopped = true
      if (word) window.endHeld()
      // Never inside the call.
      expect(told).toEqual([])
      if (word) expect(window.waiting).toBe(1)
      time.runUntil(1e6)
      expect(told).toEqual(word ? ['entry 1 false 0', 'entry 2 false 0', 'entry 3 false 0'] : [])
      time.runUntil(3e9)
      expect(told.slice(3)).toEqual(['query true 1000'])
      window.endHeld()
      expect(window.take(REDUCE) && window.take(REDUCE)).toBe(true)
    }
  })

  it('a batch larger than what is not reserved waits until the window is its own, and leaves', () => {
    const time = new VirtualTime(0)
    const window = new RateWindow(time, time, 10, 1000, 0.2)
    expect(window.take(REDUCE)).toBe(true)
    const at: number[] = []
    window.acquire(ENTRY, 1e15, () => at.push(time.nowNs()), 10)
    time.runUntil(5e9)
    expect(at.map((ns) => Math.round(ns / 1e6))).toEqual([1000])
  })

  it('property: never more than the limit in any window, and what takes risk away never waits longer than others of its kind make it', () => {
    const ask = fc.record({ urgency: fc.constantFrom(...URGENCIES), cost: fc.integer({ min: 1, max: 4 }), pauseMs: fc.integer({ min: 0, max: 120 }) })
    fc.assert(fc.property(fc.array(ask, { minLength: 20, maxLength: 120 }), fc.integer({ min: 5, max: 20 }), (asks, limit) => {
      const time = new VirtualTime(0)
      const window = new RateWindow(time, time, limit, 1000, 0.2)
      const sent: { readonly ns: number; readonly cost: number; readonly urgency: Urgency; readonly waitedNs: number }[] = []
      for (const { urgency, cost, pauseMs } of asks) {
        const askedNs = time.nowNs()
        const one = urgency === REDUCE ? 1 : cost
        window.acquire(urgency, 1e15, (granted) => granted && sent.push({ ns: time.nowNs(), cost: one, urgency, waitedNs: time.nowNs() - askedNs }), one)
        time.runUntil(time.nowNs() + pauseMs * 1e6)
      }
      time.runUntil(time.nowNs() + 200e9)
      expect(sent.length).toBe(asks.length)
      const places = (from: number, to: number, which: (one: (typeof sent)[number]) => boolean): number => sent.filter((one) => one.ns > from && one.ns <= to && which(one)).reduce((sum, one) => sum + one.cost, 0)
      for (const { ns } of sent) expect(places(ns - 1e9, ns, () => true)).toBeLessThanOrEqual(limit)
      const reserve = limit - Math.max(1, limit - Math.max(1, Math.ceil(limit * 0.2)))
      for (const one of sent) if (one.urgency === REDUCE && one.waitedNs > 0) expect(places(one.ns - 2e9, one.ns, (other) => other.urgency === REDUCE)).toBeGreaterThan(reserve)
    }), { numRuns: 150 })
  })
})

describe('two windows at once', () => {
  it('property: neither is ever overrun at the moment of leaving, everybody leaves, and the reserve of the second is kept too', () => {
    const ask = fc.record({ group: fc.integer({ min: 0, max: 3 }), urgency: fc.constantFrom(...URGENCIES), cost: fc.integer({ min: 1, max: 3 }), pauseMs: fc.constantFrom(0, 0, 0, 5, 200, 1300) })
    fc.assert(fc.property(fc.array(ask, { minLength: 30, maxLength: 200 }), (asks) => {
      const time = new VirtualTime(0)
      const wide = new RateWindow(time, time, 12, 2000, 0.2)
      const groups = Array.from({ length: 4 }, () => new RateWindow(time, time, 6, 1000, 0.2))
      const sent: { readonly ns: number; readonly group: number; readonly cost: number; readonly urgency: Urgency }[] = []
      for (const { group, urgency, cost, pauseMs } of asks) {
        groups[group]!.acquire(urgency, 1e15, (granted) => granted && sent.push({ ns: time.nowNs(), group, cost, urgency }), cost, wide, 1)
        time.runUntil(time.nowNs() + pauseMs * 1e6)
      }
      time.runUntil(time.nowNs() + 400e9)
      expect(sent.length).toBe(asks.length)
      for (const last of sent) {
        const within = (windowNs: number): (typeof sent) => sent.filter((one) => one.ns > last.ns - windowNs && one.ns <= last.ns)
        expect(within(2e9).length).toBeLessThanOrEqual(12)
        if (within(2e9).every((one) => one.urgency !== REDUCE)) expect(within(2e9).length).toBeLessThanOrEqual(9)
        expect(within(1e9).filter((one) => one.group === last.group).reduce((sum, one) => sum + one.cost, 0)).toBeLessThanOrEqual(6)
      }
    }), { numRuns: 150 })
  })

  it('the more urgent goes first where the second one is what they wait for, whichever line they stand in', () => {
    const time = new VirtualTime(0)
    const wide = new RateWindow(time, time, 1, 1000)
    const order: string[] = []
    const names: readonly (readonly [Urgency, string])[] = [[MARKET, 'first'], [MARKET, 'market'], [QUERY, 'query'], [ENTRY, 'entry'], [REDUCE, 'exit']]
    for (const [urgency, name] of names) new RateWindow(time, time, 5, 1000).acquire(urgency, 1e15, () => order.push(name), 1, wide)
    time.runUntil(10e9)
    expect(order).toEqual(['first', 'exit', 'entry', 'query', 'market'])
  })
})
