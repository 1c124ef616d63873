import { describe, expect, it } from 'vitest'
import { RegistryMemory, SharedClock, VenueClock } from '../../src/market/index.ts'
import type { MarketReference } from '../../src/venues/index.ts'
import { handContext } from './hand-context.ts'

type Done = Parameters<MarketReference['clock']>[0]

function symbols(count: number) {
  const context = handContext('ingest')
  const registry = RegistryMemory.create(count)
  const asked: Done[] = []
  const heard: number[][] = Array.from({ length: count }, () => [])
  const clocks = heard.map((list) => new VenueClock(context, { clock: (done) => void asked.push(done) }, registry.venueClock(), (offsetMs, roundTripMs) => void list.push(offsetMs, roundTripMs)))
  return { context, registry, asked, heard, clocks, pass: (seconds: number) => context.time.runUntil(context.time.nowNs() + seconds * 1e9) }
}

describe('the clock of the venue', () => {
  it('is measured once for all symbols: one asks, all hear of the answer', () => {
    const s = symbols(10)
    s.pass(1)
    for (const clock of s.clocks) clock.ask()
    expect(s.asked).toHaveLength(1)
    s.asked[0]!(null, 12.5, 3)
    for (const clock of s.clocks) clock.look()
    expect(s.heard).toEqual(Array.from({ length: 10 }, () => [12.5, 3]))
    // A life that begins later has it at once.
    s.pass(5)
    for (const clock of s.clocks) clock.ask()
    expect(s.asked).toHaveLength(1)
    s.pass(60)
    for (const clock of s.clocks) clock.ask()
    expect(s.asked).toHaveLength(2)
  })

  it('is asked by another when the one who asked has no answer, or died with the question', () => {
    const s = symbols(2)
    s.pass(1)
    s.clocks[0]!.ask()
    s.clocks[1]!.ask()
    s.asked[0]!(new Error('no answer'), Number.NaN, Number.NaN)
    expect([s.context.counts.get('ingest_clock_failures Error'), s.heard]).toEqual([1, [[], []]])
    s.clocks[1]!.look()
    expect(s.asked).toHaveLength(2)
    s.clocks[1]!.stop()
    s.clocks[0]!.ask()
    expect(s.asked).toHaveLength(2)
    s.pass(11)
    s.clocks[0]!.look()
    expect(s.asked).toHaveLength(3)
    s.asked[2]!(null, -4, 1)
    expect(s.heard).toEqual([[-4, 1], []])
  })

  it('is not read while it is being written', () => {
    const registry = RegistryMemory.create(1)
    const clock = registry.venueClock()
    expect([clock.version, clock.ageNs(5)]).toEqual([0, Number.POSITIVE_INFINITY])
    expect([clock.claim(1e9), clock.claim(1e9), registry.venueClock().claim(5e9), registry.venueClock().claim(11e9)]).toEqual([true, false, false, true])
    clock.publish(1, 2, 3e9)
    expect([clock.version, clock.offsetMs, clock.roundTripMs, clock.ageNs(4e9), registry.venueClock().claim(4e9)]).toEqual([2, 1, 2, 1e9, true])
    const halfWritten = new SharedClock(new SharedArrayBuffer(32), 0)
    halfWritten.publish(7, 7, 1)
    expect(halfWritten.version % 2).toBe(0)
  })
})
