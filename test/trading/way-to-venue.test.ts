import { describe, expect, it } from 'vitest'
import { Cell, RESILIENCE_GROUPS, RESILIENCE_VIEW } from '../../src/memory/index.ts'
import { readWay, wayCell } from '../../src/trading/index.ts'
import { ENDPOINT_GROUPS, type ResiliencePort, type ResilienceStatus } from '../../src/venues/index.ts'
import { NO_FAULTS } from './support/model-venue.ts'
import { World } from './support/world.ts'

const status = (state: 'closed' | 'open' | 'half-open' = 'closed'): ResilienceStatus => ({
  banMs: 1500,
  groups: ENDPOINT_GROUPS.map((group, i) => ({ group, breaker: { state, failures: i, openings: 2 * i, opensInMs: 10 * i }, utilisation: i / 10, fullest: 'create', waiting: 3 * i })),
})

/** A way whose door the test opens and shuts. */
class Way implements ResiliencePort {
  open = true
  readonly resets: string[] = []
  takesEntries(): boolean {
    return this.open
  }
  status(): ResilienceStatus {
    return status()
  }
  held = 0
  endHeld(): void {
    this.held++
  }
  reset(group: string): boolean {
    this.resets.push(group)
    return true
  }
}

describe('the cell of the way to the venue', () => {
  it('has a place for every endpoint group', () => expect(RESILIENCE_GROUPS).toBe(ENDPOINT_GROUPS.length))

  it('says nothing before it was written, then what was written, with its age', () => {
    const cell = Cell.create(RESILIENCE_VIEW.byteLength)
    expect(readWay(cell, 5)).toBe(null)
    for (const state of ['open', 'half-open', 'closed'] as const) {
      wayCell(cell, () => 7e6)(status(state))
      expect(readWay(cell, 9e6)).toEqual({ banMs: 1500, ageMs: 2, groups: ENDPOINT_GROUPS.map((group, i) => ({ group, breaker: state, failures: i, openings: 2 * i, opensInMs: 10 * i, utilisation: i / 10, waiting: 3 * i })) })
    }
  })
})

describe('execution and the way to the venue', () => {
  const started = (way: Way, shown: ResilienceStatus[]): World => {
    const world = new World(3, NO_FAULTS)
    world.start(true, -1, 'after-append', { way: { port: way, show: (one) => void shown.push(one) } })
    world.run(400)
    return world
  }

  it('writes no intent while the way takes no entries, and exits as ever', () => {
    const way = new Way()
    const shown: ResilienceStatus[] = []
    const world = started(way, shown)
    const held = (): number => world.life.actor.state.symbols.get('AAAUSDT')!.ledger.signedLots
    for (let i = 0; i < 50 && held() === 0; i++) {
      world.decide(0, 0)
      world.run(100)
    }
    expect(held()).not.toBe(0)
    way.open = false
    const before = world.records().filter((record) => record.kind === 'order-intended' && record.purpose === 'entry').length
    world.decide(1, 0)
    world.run(6000)
    expect(world.records().filter((record) => record.kind === 'order-intended' && record.purpose === 'entry').length).toBe(before)
    expect([held(), world.life.counts.get('decisions_refused/not-open')]).toEqual([0, 1])
    way.open = true
    world.decide(1, 0)
    expect(world.records().filter((record) => record.kind === 'order-intended' && record.purpose === 'entry').length).toBe(before + 1)
    expect(shown.length).toBeGreaterThan(50)
  })

  it.each([
    ['the kill switch engages', { type: 'kill', why: 'a test of it' }],
    ['the engine drains', { type: 'stop', policy: 'leave' }],
  ])('F12 F13: when %s, entries that wait on the way are ended there and then, and once nothing may increase', (_name, message) => {
    const way = new Way()
    const world = started(way, [])
    let may: boolean | null = null
    way.endHeld = () => {
      way.held++
      may = world.life.actor.mayIncrease
    }
    world.life.actor.onMessage({ type: 'reconcile' })
    world.run(300)
    expect([way.held, world.life.actor.mayIncrease]).toEqual([0, true])
    world.life.actor.onMessage(message)
    expect([way.held, may]).toEqual([1, false])
  })

  it('a reset by command reaches the breaker that it names, and no other word does', () => {
    const way = new Way()
    const world = started(way, [])
    for (const group of ['trade', 'nothing', 7, undefined]) world.life.actor.onMessage({ type: 'reset-breaker', group })
    expect(way.resets).toEqual(['trade'])
    expect(world.life.logs.filter((line) => line.includes('reset of a breaker that is not there')).length).toBe(3)
  })
})
