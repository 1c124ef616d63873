import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALL_FAULTS, type Faults, NO_FAULTS } from '../support/model-venue.ts'
import { type CrashMode, SYMBOLS, World } from '../support/world.ts'
import { type Left, killing, liveEntries, tap } from './kill-world.ts'

/**
 * A life that is told to stop everything, and dies at one record of its journal before, at or after that; another one
 * goes on. From the command on nothing that increases exposure may leave any life, and in the end nothing rests.
 */
function play(seed: number, faults: Faults, crashAt: number, mode: CrashMode, process: boolean, flatten: boolean): { world: World; left: Left[]; killedNs: number; length: number } {
  const world = new World(seed, faults, killing({}, seed % 2 === 0))
  const left: Left[] = []
  tap(world, world.start(true, crashAt, mode), left)
  const revive = (): void => tap(world, world.start(process), left)
  world.trade(2000, 100, revive)
  if (!world.life.alive) revive()
  world.life.actor.onMessage({ type: 'kill', id: 'k', by: 'api', why: 'test', flatten })
  // Who asked for it keeps it on the disk before the engine hears of it.
  world.killStore.engage({ id: 'k', by: 'api', code: 'manual', reason: 'test', flatten, values: {} })
  const killedNs = world.time.nowNs()
  world.trade(3000, 100, revive)
  world.venue.faults = NO_FAULTS
  for (let i = 0; i < 2; i++) {
    if (!world.life.alive) revive()
    world.run(15_000)
  }
  return { world, left, killedNs, length: world.journal.length }
}

function expectStopped({ world, left, killedNs }: ReturnType<typeof play>, flatten: boolean): void {
  expect(left.filter((one) => one.atNs > killedNs && !one.request.reduceOnly).map(({ request }) => request.clientId)).toEqual([])
  expect(world.life.actor.state.kill.engaged).toMatchObject({ code: 'manual', flatten })
  expect(liveEntries({ world, left })).toBe(0)
  expect(world.venue.violations).toEqual([])
  if (flatten) for (const symbol of SYMBOLS) expect(world.venue.positions.get(symbol), symbol).toBe(0)
}

describe('kill switch and death (EX-2, F12, EX-43)', () => {
  it.each([['a calm venue', NO_FAULTS, 21, false], ['a calm venue, positions closed', NO_FAULTS, 22, true], ['a faulty venue, positions closed', ALL_FAULTS, 23, true]] as const)('stays engaged through a death before and after every record of the journal: %s', (_name, faults, seed, flatten) => {
    const whole = play(seed, faults, -1, 'after-append', true, flatten)
    expectStopped(whole, flatten)
    expect(whole.left.length).toBeGreaterThan(2)
    expect(whole.length).toBeGreaterThan(15)
    for (let crashAt = 3; crashAt < whole.length; crashAt++)
      for (const mode of ['before-append', 'after-append'] as const) expectStopped(play(seed, faults, crashAt, mode, crashAt % 2 === 0, flatten), flatten)
  })

  it.each(['before-append', 'after-append'] as const)('a trip of its own survives a death at every record around it (%s), without anybody to remember it', (mode) => {
    const trip = (crashAt: number): { world: World; left: Left[]; movedNs: number; from: number } => {
      const world = new World(31, NO_FAULTS, killing({ dailyLossMax: '1', flattenOnTrip: true }))
      const left: Left[] = []
      tap(world, world.start(true, crashAt, mode), left)
      const revive = (): void => tap(world, world.start(crashAt % 2 === 0), left)
      for (let i = 0; i < 100 && world.venue.positions.get(SYMBOLS[0]!) === 0; i++) {
        if (!world.life.alive) revive()
        world.decide(0, 0)
        world.run(200)
      }
      expect(world.venue.positions.get(SYMBOLS[0]!)).not.toBe(0)
      const from = world.journal.length
      world.venue.prices.set(SYMBOLS[0]!, world.venue.prices.get(SYMBOLS[0]!)! - 3000)
      const movedNs = world.time.nowNs()
      // The next look is due within its period: no decision comes before it here, so that the moment of the trip is known.
      world.run(300)
      if (!world.life.alive) revive()
      world.trade(3000, 100, revive)
      if (!world.life.alive) revive()
      world.run(15_000)
      return { world, left, movedNs, from }
    }
    const whole = trip(-1)
    const last = whole.world.journal.length
    expect(last - whole.from).toBeGreaterThan(4)
    for (const crashAt of [-1, ...Array.from({ length: last - whole.from }, (_, i) => whole.from + i)]) {
      const { world, left, movedNs } = trip(crashAt)
      expect(left.filter((one) => one.atNs > movedNs && !one.request.reduceOnly).map(({ request }) => request.clientId), `death at ${crashAt}`).toEqual([])
      expect(world.life.actor.state.kill.engaged, `death at ${crashAt}`).toMatchObject({ code: 'daily-loss', flatten: true })
      expect(world.venue.positions.get(SYMBOLS[0]!), `death at ${crashAt}`).toBe(0)
      expect(world.venue.violations).toEqual([])
    }
  })

  it('F12: never trades again under any faults and several deaths, until released', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 3, max: 60 }), fc.boolean(), fc.boolean(), (seed, crashAt, process, flatten) => {
        expectStopped(play(seed, ALL_FAULTS, crashAt, 'after-append', process, flatten), flatten)
      }),
      { numRuns: 25 },
    )
  })
})
