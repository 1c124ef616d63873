import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, money } from '../../src/core/index.ts'
import { apply, checkTradingSettings, createState, type ExitPlan, isCovered, OPEN, type OrderIntended, type TradingRecord, tradingDefaults, type TradingSettings, venueStopTicks } from '../../src/trading/index.ts'
import { ALL_FAULTS, NO_FAULTS } from './support/model-venue.ts'
import { exitSets, settings, SYMBOLS, World } from './support/world.ts'

const find = <K extends TradingRecord['kind']>(world: World, kind: K) => world.records().filter((record): record is Extract<TradingRecord, { kind: K }> => record.kind === kind)

/** What must hold once the venue answers again: one stop for each position, at the price that the books know, and none without. */
function expectCovered(world: World): void {
  for (const symbol of SYMBOLS) {
    const books = world.life.actor.state.symbols.get(symbol)!
    const held = world.venue.positions.get(symbol)!
    expect(books.ledger.signedLots).toBe(held)
    expect(world.venue.stops.has(symbol)).toBe(held !== 0)
    if (held === 0) continue
    expect(isCovered(books)).toBe(true)
    expect(world.venue.stops.get(symbol)).toBe(books.stop.ticks)
    const beyond = books.position!.stopLossTicks - books.stop.ticks
    expect(held > 0 ? beyond : -beyond).toBeGreaterThan(0)
  }
}

describe('protective stops against a faulty venue', () => {
  /** Positions that live long enough to be looked at. */
  const patient: TradingSettings = { ...settings, exit: { ...settings.exit, byRegime: exitSets({ holdMsMax: 60_000, takeProfitPercent: '5', stopLossPercent: '0.3' }) } }

  it('F10 F11: whatever was lost, repeated or late, and whoever died, in the end every position has its one stop and nothing rests without one', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const world = new World(seed, ALL_FAULTS, patient)
      world.start()
      for (let round = 0; round < 4; round++) {
        world.trade(2500, 60, () => world.start())
        if (seed % 2 === 0) {
          world.life.die()
          world.start(round % 2 === 0)
        }
      }
      world.venue.faults = NO_FAULTS
      let settled = false
      for (let i = 0; i < 400 && !settled; i++) {
        world.run(100)
        settled = SYMBOLS.every((symbol) => {
          const books = world.life.actor.state.symbols.get(symbol)!
          return books.live.length === 0 && books.stop.askedNs < 0 && (books.position === null || (books.position.state === OPEN && isCovered(books)))
        })
      }
      expect(settled, `seed ${seed}`).toBe(true)
      expectCovered(world)
      expect(world.venue.violations, `seed ${seed}`).toEqual([])
    }
  })

  it('F11: at every look a position has a stop at the venue, or an exit under way, or is younger than its time, or is alarmed about', () => {
    const { nakedMs } = patient.protection
    for (let seed = 1; seed <= 10; seed++) {
      const world = new World(seed, NO_FAULTS, patient)
      world.start()
      const bareSince = new Map<string, number>()
      for (let i = 0; i < 300; i++) {
        world.decide(i % 2, i % 3 === 0 ? 1 : BUY)
        world.venue.refusesStops = i % 50 > 40
        world.run(50)
        for (const symbol of SYMBOLS) {
          const books = world.life.actor.state.symbols.get(symbol)!
          const covered = world.venue.positions.get(symbol) === 0 || world.venue.stops.has(symbol) || books.stop.alarm || world.venue.liveOf(symbol).some((order) => order.request.reduceOnly)
          if (covered) bareSince.delete(symbol)
          else if (!bareSince.has(symbol)) bareSince.set(symbol, world.time.nowNs())
          const bareMs = (world.time.nowNs() - (bareSince.get(symbol) ?? world.time.nowNs())) / 1e6
          expect(bareMs, `seed ${seed}, look ${i}, ${symbol}`).toBeLessThanOrEqual(nakedMs + patient.sweepMs)
        }
      }
    }
  })

  it('switched off, no order brings a stop and the venue is asked for none', () => {
    const world = new World(3, NO_FAULTS, { ...patient, protection: { ...patient.protection, enabled: false } })
    world.start()
    world.trade(4000, 100, () => {})
    expect(find(world, 'order-intended').some((record) => record.stop !== undefined)).toBe(false)
    expect(find(world, 'protection-intended')).toEqual([])
    expect(world.venue.stops.size).toBe(0)
  })
})

describe('the price of the stop at the venue', () => {
  it('property: lies at least a tick and about the given percent beyond the own stop, on its losing side', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10_000_000 }), fc.boolean(), fc.integer({ min: 1, max: 500 }), (own, long, hundredths) => {
        const ticks = venueStopTicks(own, long, money(hundredths).div(100))
        expect(Number.isSafeInteger(ticks) && ticks > 0).toBe(true)
        expect(long ? ticks < own : ticks > own).toBe(true)
        const away = Math.abs(own - ticks)
        expect(away).toBeGreaterThanOrEqual(Math.min(Math.floor((own * hundredths) / 10_000), own - 1))
        expect(away).toBeLessThanOrEqual(Math.ceil((own * hundredths) / 10_000) + 1)
      }),
    )
  })
})

describe('what journals and settings may hold', () => {
  it('a journal of before there were stops folds, and its position counts as one that has none', () => {
    const state = createState()
    const stamp = { atMs: 1, atNs: 1 }
    const plan: ExitPlan = { takeProfitPercent: '1', stopLossPercent: '1', holdMsMax: 1000, source: 'exit', regime: 'choppy', atrTicks: null, takeProfit: null, stopLoss: null, trailing: null }
    const intent: OrderIntended = { kind: 'order-intended', ...stamp, clientId: 'rmtestE1D0S1A0', symbol: 'AAAUSDT', purpose: 'entry', positionId: 1, side: BUY, type: 'limit', priceTicks: 1000, referenceTicks: 1000, lots: 5, timeInForce: 'GTC', reduceOnly: false, ttlMs: 0, why: '', trace: '', decisionSequence: 1, plan, reason: null, terms: null }
    apply(state, { kind: 'epoch-started', ...stamp, epoch: 1, account: 'test', plan, planBySymbol: {} })
    apply(state, { kind: 'instrument-seen', ...stamp, symbol: 'AAAUSDT', symbolIndex: 0, tick: '0.1', lot: '0.001' })
    apply(state, intent)
    const { stop } = state.symbols.get('AAAUSDT')!
    expect(stop).toMatchObject({ state: 'none', ticks: 0, ids: [], nakedNs: -1 })
    apply(state, { kind: 'fill-booked', atMs: 7, atNs: 7, executionId: 'e1', clientId: intent.clientId, venueId: 'v', symbol: 'AAAUSDT', side: BUY, priceTicks: 1000, priceText: null, lots: 5, fee: '0', feeCoin: null, realised: null, maker: false, type: 'trade', timeMs: 7, beforeLots: 0, afterLots: 5, note: '', source: 'stream' })
    expect(stop).toMatchObject({ state: 'none', nakedNs: 7 })
  })

  it.each([
    ['behindPercent', '0'],
    ['behindPercent', '-1'],
    ['stepPercent', 'none'],
    ['intervalMs', 0],
    ['nakedMs', 1.5],
    ['retryMs', Number.NaN],
  ])('protection.%s %s is refused', (name, value) => {
    const bad = { ...tradingDefaults, protection: { ...tradingDefaults.protection, [name]: value } } as TradingSettings
    expect(() => checkTradingSettings(bad)).toThrow(`protection.${name}`)
  })
})
