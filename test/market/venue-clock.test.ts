import { describe, expect, it } from 'vitest'
import { RegistryMemory, VenueClock } from '../../src/market/index.ts'
import type { MarketReference } from '../../src/venues/index.ts'
import { handContext } from './hand-context.ts'

type Done = Parameters<MarketReference['clock']>[0]

function symbols(count: number) {
  const context = handContext('ingest')
  const registry = RegistryMemory.create(count)
  const asked: Done[] = []
  const heard: number[][] = Array.from({ length: count }, () => [])
  const clocks = heard.map((list) => new VenueClock(context, { clock: (done) => void asked.push(done) }, registry.venueClock(), (offsetMs, roundTripMs) => void list.push(offsetMs, roundTripMs)))
  const look = (): void => clocks.forEach((clock) => clock.look())
  return { context, registry, asked, heard, clocks, look, pass: (seconds: number) => context.time.runUntil(context.time.nowNs() + seconds * 1e9) }
}

describe('the clock of the venue', () => {
  it('is measured once for all symbols: one asks, all hear of the answer, again after a minute', () => {
    const s = symbols(10)
    s.pass(1)
    s.look()
    expect(s.asked).toHaveLength(1)
    s.asked[0]!(null, 12.5, 3)
    s.look()
    expect(s.heard).toEqual(Array.from({ length: 10 }, () => [12.5, 3]))
    s.pass(59)
    s.look()
    expect(s.asked).toHaveLength(1)
    s.pass(2)
    s.look()
    expect(s.asked).toHaveLength(2)
  })

  it('is known at once to a life that begins later', () => {
    const s = symbols(1)
    s.look()
    s.asked[0]!(null, -4, 1)
    const heard: number[] = []
    const later = new VenueClock(s.context, { clock: (done) => void s.asked.push(done) }, s.registry.venueClock(), (offsetMs) => void heard.push(offsetMs))
    later.look()
    expect([heard, s.asked.length]).toEqual([[-4], 1])
  })

  it('is asked by another when there was no answer, when the asker stopped, and when it died with the question', () => {
    const s = symbols(2)
    s.pass(1)
    s.look()
    s.asked[0]!(new Error('no answer'), Number.NaN, Number.NaN)
    expect([s.context.counts.get('ingest_clock_failures Error'), s.heard]).toEqual([1, [[], []]])
    s.look()
    expect(s.asked).toHaveLength(1)
    s.pass(2.1)
    s.clocks[1]!.look()
    expect(s.asked).toHaveLength(2)
    s.clocks[1]!.stop()
    s.pass(2.1)
    s.clocks[0]!.look()
    expect(s.asked).toHaveLength(3)
    // No word from it: after ten seconds whoever looks takes over, and the late answer is not taken.
    s.pass(10.1)
    s.clocks[0]!.look()
    expect(s.asked).toHaveLength(4)
    s.asked[3]!(null, 7, 1)
    s.asked[2]!(null, 99, 1)
    s.look()
    expect(s.heard[0]).toEqual([7, 1])
  })
})
