import { describe, expect, it } from 'vitest'
import { type Clock } from '../../../src/core/index.ts'
import { freshnessLimits, RegistryMemory } from '../../../src/market/index.ts'
import { registryObservations } from '../../../src/trading/index.ts'

describe('what the trips see of the market (F14, F18)', () => {
  const registry = RegistryMemory.create(2)
  let ms = 0
  const clock: Clock = { nowNs: () => ms * 1e6, wallMs: () => ms }
  const seen = registryObservations(registry, freshnessLimits(), clock)

  it('a symbol is fresh as long as its price is younger than the limit of every other use, and not before its first', () => {
    expect([seen.fresh(0), seen.fresh(1)]).toEqual([false, false])
    const writer = registry.writeTick(0)
    const tick = writer.begin()
    Object.assign(tick, { bidTicks: 100, askTicks: 101, bookValid: 1, source: 1, receiveNs: 0, venueTimeMs: 0, venueBaseMs: 0 })
    writer.end()
    expect([seen.fresh(0), seen.fresh(1)]).toEqual([true, false])
    ms = 5000
    expect(seen.fresh(0)).toBe(true)
    ms = 5001
    expect(seen.fresh(0)).toBe(false)
  })

  it('the clock is known from its first measurement until it was missed twice', () => {
    expect(seen.clockOffsetMs()).toBeNaN()
    const shared = registry.venueClock()
    expect(shared.claim(clock.nowNs())).toBe(true)
    shared.publish(-12, -12, 3, clock.nowNs())
    expect(seen.clockOffsetMs()).toBe(-12)
    ms += 150_000
    expect(seen.clockOffsetMs()).toBe(-12)
    ms += 1
    expect(seen.clockOffsetMs()).toBeNaN()
  })
})
