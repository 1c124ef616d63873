import { describe, expect, it } from 'vitest'
import { type Clock, VirtualTime } from '../../src/core/index.ts'
import { PriceReader, RegistryMemory, VenueClock } from '../../src/market/index.ts'
import type { MarketReference } from '../../src/venues/index.ts'
import { VenueTime } from '../../src/venues/common/venue-time.ts'
import { BYBIT_DEFAULTS } from '../../src/venues/bybit/settings.ts'
import { BybitReference } from '../../src/venues/bybit/reference.ts'

const ORIGIN_MS = 1_700_000_000_000

/** A run clock that goes on and a wall clock that can be put forward or back. */
class Stepped implements Clock {
  readonly time = new VirtualTime(ORIGIN_MS)
  stepMs = 0
  nowNs(): number {
    return this.time.nowNs()
  }
  wallMs(): number {
    return this.time.wallMs() + this.stepMs
  }
  run(ms: number): void {
    this.time.runUntil(this.time.nowNs() + ms * 1e6)
  }
}

describe('F18: a step of the wall clock changes no age', () => {
  const steps = [-3_600_000, -5000, -900, 900, 5000, 3_600_000]

  it.each(steps)('of %i ms: a book that was made 1.2 s ago is that old before and after, and young ones stay young', (stepMs) => {
    const clock = new Stepped()
    const registry = RegistryMemory.create(1)
    // The venue is 250 ms ahead of our wall clock.
    const reference: Pick<MarketReference, 'clock'> = { clock: (done) => done(null, 250, 10) }
    const bases: number[] = []
    const venueClock = new VenueClock({ clock, log: () => {}, count: () => {} }, reference, registry.venueClock(), (baseMs) => void bases.push(baseMs))
    venueClock.look()
    expect(bases).toEqual([ORIGIN_MS + 250])
    clock.run(10_000)
    const prices = new PriceReader(registry)
    const write = (madeMsAgo: number): void => {
      const writer = registry.writeTick(0)
      const venueTimeMs = ORIGIN_MS + 250 + clock.nowNs() / 1e6 - madeMsAgo
      Object.assign(writer.begin(), { bidTicks: 10, askTicks: 11, bidLots: 1, askLots: 1, bookValid: 1, source: 1, receiveNs: clock.nowNs(), venueTimeMs, venueBaseMs: bases[0]! })
      writer.end()
    }
    const age = (): number => Math.round(prices.priceFor(0, 'other', clock).ageMs)
    for (const madeMsAgo of [1200, 40]) {
      write(madeMsAgo)
      const before = age()
      clock.stepMs = stepMs
      expect([before, age()]).toEqual([madeMsAgo, madeMsAgo])
      clock.run(100)
      expect(age()).toBe(madeMsAgo + 100)
      clock.stepMs = 0
    }
  })

  it.each(steps)('of %i ms: requests are stamped with the time of the venue as before', (stepMs) => {
    const clock = new Stepped()
    const venue = new VenueTime(clock)
    expect([venue.nowMs(), venue.measured]).toEqual([ORIGIN_MS, false])
    venue.set(-400)
    clock.stepMs = stepMs
    clock.run(1000)
    expect([venue.nowMs(), venue.measured]).toEqual([ORIGIN_MS + 600, true])
  })

  it.each(steps)('of %i ms between question and answer: what is measured is the clock of the venue, not the step', (stepMs) => {
    const clock = new Stepped()
    const venue = new VenueTime(clock)
    const queries = {
      as: () => queries,
      get: (_path: string, _group: string, _signed: boolean, _params: unknown, done: (error: unknown, result: unknown, timeMs: number) => void) => {
        clock.run(4)
        clock.stepMs = stepMs
        const timeNano = String((ORIGIN_MS + clock.nowNs() / 1e6 + 700) * 1e6)
        clock.run(4)
        done(null, { timeNano }, 0)
      },
    }
    const services = { clock, timers: clock.time, count: () => {} }
    const found: number[] = []
    new BybitReference(services as never, queries as never, BYBIT_DEFAULTS, venue).clock((_error, offsetMs) => void found.push(Math.round(offsetMs)))
    expect(found).toEqual([700 - stepMs])
    expect(Math.abs(venue.nowMs() - (clock.time.wallMs() + 700))).toBeLessThanOrEqual(1)
  })
})
