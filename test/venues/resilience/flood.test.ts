import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, SELL } from '../../../src/core/index.ts'
import type { CommandOutcome, OrderRequest } from '../../../src/venues/index.ts'
import { bybitFlood, type FloodWorld, fullest, okxFlood } from './flood-world.ts'

const VENUES = [['bybit', bybitFlood], ['okx', okxFlood]] as const

const request = (clientId: string, change: Partial<OrderRequest> = {}): OrderRequest => ({ clientId, symbol: 'BTCUSDT', side: BUY, type: 'limit', priceTicks: 597_000, lots: 1, timeInForce: 'GTC', reduceOnly: false, ...change })

/** Sends a command and writes down how long its answer took. */
function timed(flood: FloodWorld, latenciesMs: number[], outcomes: CommandOutcome[], send: (done: (outcome: CommandOutcome) => void) => void): void {
  const startNs = flood.world.time.nowNs()
  send((outcome) => {
    latenciesMs.push((flood.world.time.nowNs() - startNs) / 1e6)
    outcomes.push(outcome)
  })
}

describe.each(VENUES)('F19 on %s: a flood', (_name, make) => {
  it.each([false, true])('of entries never keeps a cancel or an exit waiting (orders by REST: %s)', (overRest) => {
    const flood = make({ overRest })
    const { world } = flood
    const { port } = world
    world.up()
    expect(world.place({ clientId: 'held', type: 'market', priceTicks: null, timeInForce: 'IOC', lots: 50 })).toMatchObject({ kind: 'accepted' })
    const cancels: CommandOutcome[] = []
    const exits: CommandOutcome[] = []
    const latencies: number[] = []
    const entries = new Map<string, number>()
    for (let ms = 0; ms < 6000; ms += 5) {
      for (let i = 0; i < 4; i++) port.place(request(`e${ms}-${i}`, { priceTicks: 590_000 + i }), (outcome) => void entries.set(outcome.kind, (entries.get(outcome.kind) ?? 0) + 1))
      if (ms % 600 === 300) timed(flood, latencies, cancels, (done) => port.cancel('BTCUSDT', `e${ms - 300}-0`, done))
      if (ms % 1200 === 600) timed(flood, latencies, exits, (done) => port.place(request(`x${ms}`, { side: SELL, reduceOnly: true, priceTicks: 606_000 }), done))
      world.run(5)
    }
    world.run(6000)
    expect([cancels.length, exits.length]).toEqual([10, 5])
    expect(exits.map((outcome) => outcome.kind)).toEqual(exits.map(() => 'accepted'))
    // The way there and back, and nothing else.
    expect(Math.max(...latencies)).toBeLessThan(20)
    expect(entries.get('unsent')).toBeGreaterThan(1000)
    expect(world.front.counters.rateLimited).toBe(0)
    for (const { most, allowed } of fullest(flood)) expect(most).toBeLessThanOrEqual(allowed)
    world.stop()
  })

  it('of cancels is served in the pace of the venue, each within its deadline or unsent', () => {
    const flood = make()
    const { world } = flood
    world.up()
    const outcomes: CommandOutcome[] = []
    const latencies: number[] = []
    for (let i = 0; i < 400; i++) timed(flood, latencies, outcomes, (done) => world.port.cancel('BTCUSDT', `none${i}`, done))
    world.run(7000)
    expect(outcomes.length).toBe(400)
    expect(Math.max(...latencies)).toBeLessThan(5001)
    expect(new Set(outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.errorClass : outcome.kind)))).toEqual(new Set(['not-found', 'unsent']))
    expect(world.front.counters.rateLimited).toBe(0)
    world.stop()
  })

  it('property: whatever a strategy asks for, no window of the venue is overrun, and the venue refuses nothing for a limit', () => {
    const step = fc.record({
      what: fc.constantFrom('place' as const, 'place' as const, 'cancel' as const, 'batch' as const, 'cancel-batch' as const, 'exit' as const, 'ask' as const),
      times: fc.constantFrom(1, 3, 12, 80), size: fc.integer({ min: 1, max: 10 }), pauseMs: fc.constantFrom(0, 1, 30, 400, 1100),
    })
    fc.assert(fc.property(fc.array(step, { minLength: 10, maxLength: 30 }), (steps) => {
      const flood = make()
      const { world } = flood
      const { port } = world
      world.up()
      let n = 0
      let asked = 0
      let told = 0
      const one = (): void => void told++
      for (const { what, times, size, pauseMs } of steps) {
        for (let i = 0; i < times; i++) {
          const ids = Array.from({ length: size }, () => `s${n++}`)
          asked++
          if (what === 'place') port.place(request(ids[0]!), one)
          else if (what === 'exit') port.place(request(ids[0]!, { side: SELL, reduceOnly: true, priceTicks: 606_000 }), one)
          else if (what === 'cancel') port.cancel('BTCUSDT', `s${n >> 1}`, one)
          else if (what === 'batch') port.placeBatch(ids.map((id) => request(id)), one)
          else if (what === 'cancel-batch') port.cancelBatch('BTCUSDT', ids, one)
          else port.evidence('BTCUSDT', ids[0]!, one)
        }
        world.run(pauseMs)
      }
      world.run(40_000)
      expect(told).toBe(asked)
      for (const { operation, most, allowed } of fullest(flood)) expect([operation, Math.min(most, allowed)]).toEqual([operation, most])
      expect([world.front.counters.rateLimited, world.front.counters.addressBans]).toEqual([0, 0])
      world.stop()
    }), { numRuns: 12 })
  })
})

describe.each(VENUES)('F18 on %s', (_name, make) => {
  it.each([[-5000, false], [5000, false], [-5000, true], [5000, true]])('the venue\'s clock %i ms off, then the other way (orders by REST: %s): a cancel succeeds within 3 s', (skewMs, overRest) => {
    const flood = make({ overRest })
    const { world } = flood
    world.up()
    for (const [i, ms] of [skewMs, -skewMs, 0].entries()) {
      const clientId = `c${i}`
      expect(world.place({ clientId })).toMatchObject({ kind: 'accepted' })
      world.run(100)
      world.front.faults.clockSkewMs = ms
      const outcomes: CommandOutcome[] = []
      const latencies: number[] = []
      timed(flood, latencies, outcomes, (done) => world.port.cancel('BTCUSDT', clientId, done))
      world.run(3000)
      expect(outcomes).toMatchObject([{ kind: 'accepted' }])
      expect(world.of(clientId).at(-1)).toEqual(['cancelled', 0])
    }
    world.stop()
  })

  it('a clock that steps again while it is being measured is followed, too', () => {
    const flood = make({ overRest: true })
    const { world } = flood
    world.up()
    expect(world.place({ clientId: 'c' })).toMatchObject({ kind: 'accepted' })
    world.run(100)
    for (let ms = 0; ms < 40; ms += 4) world.time.after(ms, () => void (world.front.faults.clockSkewMs += ms % 8 === 0 ? 31_000 : -33_000))
    const outcomes: CommandOutcome[] = []
    timed(flood, [], outcomes, (done) => world.port.cancel('BTCUSDT', 'c', done))
    world.run(3000)
    expect(outcomes).toMatchObject([{ kind: 'accepted' }])
    world.stop()
  })
})
