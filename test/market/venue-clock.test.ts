import { describe, expect, it } from 'vitest'
import { RingmasterError, VirtualTime } from '../../src/core/index.ts'
import { RegistryMemory, VenueClock } from '../../src/market/index.ts'
import type { MarketReference } from '../../src/venues/index.ts'
import { WALL_ORIGIN_MS, handContext } from './hand-context.ts'

type Answer = Parameters<MarketReference['clock']>[0]

/** Several actors on one registry, each looking ten times a second. */
function bench(actors: number) {
  const time = new VirtualTime(WALL_ORIGIN_MS)
  const context = handContext('ingest', time)
  const registry = RegistryMemory.create(1)
  const asked: { readonly actor: number; readonly atMs: number; readonly done: Answer }[] = []
  const heard: [actor: number, offsetMs: number, roundTripMs: number][] = []
  const clocks = Array.from({ length: actors }, (_, actor) => {
    const reference = { clock: (done: Answer) => void asked.push({ actor, atMs: time.nowNs() / 1e6, done }) }
    return new VenueClock(context, reference, RegistryMemory.attach(registry.buffer, 1).venueClock(), (_baseMs, offsetMs, roundTripMs) => void heard.push([actor, offsetMs, roundTripMs]))
  })
  const dead = new Set<number>()
  const look = (): void => clocks.forEach((clock, actor) => !dead.has(actor) && clock.look())
  time.every(100, look)
  look()
  return { time, context, asked, heard, clocks, dead, run: (ms: number) => time.runUntil(time.nowNs() + ms * 1e6) }
}

const REFUSED = new RingmasterError('RM_VENUE_CLOCK', { answered: 0, asked: 5, reason: 'refused' })

describe('MD-14: the clock of the venue', () => {
  it('is measured by one actor for all, once a minute; each hears of each measurement once', () => {
    const b = bench(5)
    expect(b.asked.map((one) => one.actor)).toEqual([0])
    b.run(500)
    b.asked[0]!.done(null, -12, 3)
    b.run(100)
    expect(b.heard).toEqual([0, 1, 2, 3, 4].map((actor) => [actor, -12, 3]))
    b.run(59_000)
    expect([b.asked.length, b.heard.length]).toEqual([1, 5])
    b.run(1000)
    expect(b.asked.length).toBe(2)
    b.asked[1]!.done(null, -13, 4)
    b.run(100)
    expect(b.heard.slice(5).map(([, offsetMs]) => offsetMs)).toEqual([-13, -13, -13, -13, -13])
  })

  it('is asked for again two seconds after a failure, not by every actor in turn; what was known stays', () => {
    const b = bench(5)
    b.asked[0]!.done(REFUSED, Number.NaN, Number.NaN)
    b.run(1900)
    expect(b.asked.length).toBe(1)
    b.run(200)
    expect(b.asked.length).toBe(2)
    expect([b.heard, b.context.counts.get('ingest_clock_failures RM_VENUE_CLOCK')]).toEqual([[], 1])
  })

  it('is measured by another when the one that measures dies, or is stopped; an answer that comes too late is dropped', () => {
    const b = bench(3)
    b.dead.add(0)
    b.run(9900)
    expect(b.asked.length).toBe(1)
    b.run(200)
    expect(b.asked.map((one) => one.actor)).toEqual([0, 1])
    b.asked[0]!.done(null, 999, 1)
    b.run(200)
    expect(b.heard).toEqual([])
    b.clocks[1]!.stop()
    b.dead.add(1)
    b.run(2200)
    expect(b.asked.map((one) => one.actor)).toEqual([0, 1, 2])
    b.asked[1]!.done(null, 888, 1)
    b.asked[2]!.done(null, 5, 2)
    b.run(200)
    expect(b.heard).toEqual([[2, 5, 2]])
  })
})
