import { describe, expect, it } from 'vitest'
import { SELL } from '../../src/core/index.ts'
import { MARKET_STATS } from '../../src/memory/index.ts'
import { RegistryMemory, StatsCell } from '../../src/market/index.ts'
import type { RiskHealth } from '../../src/runtime/health/index.ts'
import { bandBroken, compileRules, type PriceBand, registryBands, type TradingSettings } from '../../src/trading/index.ts'
import { NO_FAULTS } from './support/model-venue.ts'
import { exitSets, instruments, settings, World } from './support/world.ts'

const limited = (change: Partial<TradingSettings['limits']>): TradingSettings => ({ ...settings, limits: { ...settings.limits, ...change } })

/** A world that trades, with the last view of its risk. */
function watched(own: TradingSettings = settings, change: Parameters<World['start']>[3] = {}): { world: World; view: () => RiskHealth } {
  const world = new World(3, NO_FAULTS, own)
  let last: RiskHealth | null = null
  world.start(true, -1, 'after-append', { onRisk: (view) => (last = view), ...change })
  world.run(400)
  expect(world.life.status).toEqual({ state: 'ready' })
  return {
    world,
    view: () => {
      world.run(1100)
      return last!
    },
  }
}

const refused = (world: World, reason: string) => world.life.counts.get(`decisions_refused/${reason}`) ?? 0

describe('EX-1 limits', () => {
  it('count longs and shorts apart: a short is let in where the longs are full, and refused by its own name where not', () => {
    const { world } = watched(limited({ directionExposureMax: '150' }))
    world.decide(0, 0)
    world.decide(1, 0)
    expect(refused(world, 'limit-direction-exposure')).toBe(1)
    world.decide(1, SELL)
    expect(world.records().filter((record) => record.kind === 'order-intended').map((record) => [record.symbol, record.side])).toEqual([['AAAUSDT', 0], ['BBBUSDT', 1]])
  })

  it('leave a trace that an operator can see: the last refusal of each symbol, with both numbers, and one line of log a minute', () => {
    const { world, view } = watched(limited({ symbolExposureMax: '50' }))
    for (let i = 0; i < 20; i++) world.decide(0, 0)
    const { refusals, exposure, blocked, limits } = view()
    expect(refusals).toEqual([{ symbol: 'AAAUSDT', limit: 'limit-symbol-exposure', found: expect.stringMatching(/^9\d\.\d+$/), allowed: '50', atMs: expect.any(Number), times: 20 }])
    expect([exposure, blocked, limits.find((one) => one.name === 'max_symbol_exposure_usdt')]).toEqual([{ long: '0', short: '0', total: '0', positions: 0 }, [], { name: 'max_symbol_exposure_usdt', value: '50', configured: '50' }])
    const lines = () => world.life.logs.filter((line) => line.startsWith('warn an entry is refused: limit-symbol-exposure'))
    expect(lines()).toHaveLength(1)
    world.run(60_000)
    world.decide(0, 0)
    expect(lines()).toHaveLength(2)
    expect(lines()[1]).toContain('"times":21')
    // Two limits that take turns are told of once each.
    for (let i = 0; i < 10; i++) {
      world.life.actor.onMessage({ type: 'set-limit', limit: 'max_symbol_exposure_usdt', value: i % 2 === 0 ? '2000' : '50' } as never)
      world.life.actor.onMessage({ type: 'set-limit', limit: 'max_exposure_usdt', value: i % 2 === 0 ? '50' : '10000' } as never)
      world.decide(0, 0)
    }
    expect([lines().length, world.life.logs.filter((line) => line.startsWith('warn an entry is refused: limit-exposure')).length]).toEqual([2, 1])
  })

  it('show what is used of them', () => {
    const { world, view } = watched({ ...limited({}), entry: { ...settings.entry, ttlMs: 60_000 } })
    world.decide(0, 0)
    const intent = world.records().find((record) => record.kind === 'order-intended')
    expect(view().exposure.positions).toBe(1)
    expect(Number(view().exposure.long)).toBeCloseTo(intent!.lots * intent!.referenceTicks * 0.0001, 6)
  })

  it.each([
    ['max_symbol_exposure_usdt', { symbolExposureMax: '4' }],
    ['max_exposure_usdt', { exposureMax: '4' }],
    ['max_direction_exposure_usdt', { directionExposureMax: '4' }],
    ['max_exposure_usdt', { exposureMax: '30000001' }],
  ])('do not start where %s cannot be', (name, change) => {
    expect(() => compileRules(limited(change), instruments)).toThrow(`RM_TRADING_SETTINGS: trading settings: limit ${name} is `)
  })
})

describe('SG-12 strategies changed while running', () => {
  it('are in the journal with before, after and what is configured, and trading goes on over a restart', () => {
    const { world } = watched()
    world.life.actor.onMessage({ type: 'strategy-changed', strategy: 'momentum', setting: 'rsi_min', before: '50', value: '60', configured: '50', why: 'by hand' } as never)
    expect(world.records().filter((record) => record.kind === 'strategy-changed')).toMatchObject([{ strategy: 'momentum', setting: 'rsi_min', before: '50', value: '60', configured: '50', why: 'by hand' }])
    world.life.die()
    world.start(true)
    world.run(400)
    world.decide(0, 0)
    expect(world.records().filter((record) => record.kind === 'order-intended')).toHaveLength(1)
  })
})

describe('CF-3 limits changed while running', () => {
  const set = (world: World, limit: unknown, value: unknown) => world.life.actor.onMessage({ type: 'set-limit', limit, value, why: 'by hand' } as never)
  const changes = (world: World) => world.records().filter((record) => record.kind === 'limits-changed')

  it('hold for the next entry, with a record of before and after, and are shown beside the configured ones', () => {
    const { world, view } = watched()
    set(world, 'max_exposure_usdt', '50')
    expect(changes(world)).toMatchObject([{ limit: 'max_exposure_usdt', before: '10000', value: '50', configured: '10000', why: 'by hand' }])
    world.decide(0, 0)
    expect(refused(world, 'limit-exposure')).toBe(1)
    expect(view().limits.find((one) => one.name === 'max_exposure_usdt')).toEqual({ name: 'max_exposure_usdt', value: '50', configured: '10000' })
    set(world, 'max_exposure_usdt', '10000')
    world.decide(0, 0)
    expect(world.records().filter((record) => record.kind === 'order-intended')).toHaveLength(1)
  })

  it('outlive a crash and a new process, and end when the configuration itself says another value', () => {
    const { world } = watched()
    set(world, 'max_open_positions', '1')
    world.life.die()
    world.start(true)
    world.run(400)
    world.decide(0, 0)
    world.decide(1, 0)
    expect(refused(world, 'limit-positions')).toBe(1)
    world.life.die()
    world.start(true, -1, 'after-append', { settings: limited({ openPositionsMax: 3 }) })
    world.run(2500)
    world.decide(0, 0)
    world.decide(1, 0)
    expect(refused(world, 'limit-positions')).toBe(0)
  })

  it.each([
    ['max_exposure_usdt', '0', 'is not a decimal above 0'],
    ['max_exposure_usdt', '-5', 'is not a decimal above 0'],
    ['max_exposure_usdt', 'NaN', 'is not a decimal above 0'],
    ['max_exposure_usdt', '1e9', 'is not a decimal above 0'],
    ['max_exposure_usdt', '30000001', 'up to 30000000'],
    ['max_exposure_usdt', '4.99', 'min_order_size_usdt 5 would be above max_exposure_usdt 4.99'],
    ['min_order_size_usdt', '2001', 'min_order_size_usdt 2001 would be above max_symbol_exposure_usdt 2000'],
    ['max_open_positions', '1.5', 'is not a whole number above 0, up to 128'],
    ['max_orders_per_minute', '1001', 'up to 1000'],
    ['price_collar_percent', '51', 'up to 50'],
    ['risk_per_trade_percent', '11', 'up to 10'],
    ['max_loss', '5', 'there is no limit max_loss'],
    [7, '5', 'there is no limit 7'],
    ['max_exposure_usdt', 5, 'the value is no text'],
  ])('%s = %s is refused, changes nothing and is told', (limit, value, problem) => {
    const { world } = watched()
    const before = world.journal.length
    set(world, limit, value)
    expect(world.journal.length).toBe(before)
    expect(world.life.logs.at(-1)).toContain(`warn RM_LIMIT_VALUE: the limit is not changed: `)
    expect(world.life.logs.at(-1)).toContain(problem)
  })

  it('that are as they were write nothing', () => {
    const { world } = watched()
    set(world, 'max_exposure_usdt', '10000')
    expect(changes(world)).toEqual([])
  })
})

describe('EX-6 prices of entries', () => {
  const band = (change: Partial<PriceBand>): PriceBand => ({ highestBuyTicks: 101_000, lowestSellTicks: 99_000, enabled: true, ageMs: 10, ...change })

  it.each<[string, PriceBand, 0 | 1, number, string | null]>([
    ['a buy at the highest', band({}), 0, 101_000, null],
    ['a buy above the highest', band({}), 0, 101_001, 'at most 10100.0'],
    ['a sell at the lowest', band({}), 1, 99_000, null],
    ['a sell below the lowest', band({}), 1, 98_999, 'at least 9900.0'],
    ['a buy far below', band({}), 0, 1, null],
    ['limits that the venue does not apply', band({ enabled: false }), 0, 999_999, null],
    ['limits that are too old', band({ ageMs: 60_001 }), 0, 100_000, '60000 ms'],
    ['limits that nobody has said', band({ ageMs: Number.NaN }), 0, 100_000, '60000 ms'],
    ['limits without a number', band({ highestBuyTicks: Number.NaN }), 0, 100_000, 'at most a price that the venue has not said'],
  ])('inside the price limits of the venue: %s', (_what, limits, side, ticks, allowed) => {
    const broken = bandBroken(limits, side, ticks, 60_000, instruments[0]!)
    expect(broken === null ? null : [broken.refusal, broken.allowed]).toEqual(allowed === null ? null : ['price-limit', allowed])
  })

  it('outside of them no order is sent, and both numbers are kept; they are read as the registry has them, with their age', () => {
    const registry = RegistryMemory.create(instruments.length)
    const stats = new StatsCell(registry, 0)
    const world = new World(3, NO_FAULTS)
    let last: RiskHealth | null = null
    world.start(true, -1, 'after-append', { bands: registryBands(registry, instruments, world.time), onRisk: (view) => (last = view) })
    world.run(400)
    world.decide(0, 0)
    expect(refused(world, 'price-limit')).toBe(1)
    const show = (highestBuyTicks: number) => stats.showPriceLimits({ highestBuyTicks, lowestSellTicks: 1, enabled: true, timeMs: 0 }, 1, world.time.wallMs(), world.time.nowNs())
    show(50_000)
    world.decide(0, 0)
    expect(refused(world, 'price-limit')).toBe(2)
    world.run(1100)
    expect(last!.refusals).toMatchObject([{ limit: 'price-limit', found: expect.stringMatching(/^99\d\d\.\d$|^100\d\d\.\d$/), allowed: 'at most 5000.0' }])
    show(200_000)
    world.run(60_001)
    world.decide(0, 0)
    expect(refused(world, 'price-limit')).toBe(3)
    show(200_000)
    world.decide(0, 0)
    expect(world.records().filter((record) => record.kind === 'order-intended')).toHaveLength(1)
    expect(MARKET_STATS.fields.limitsNs.type).toBe('f64')
  })

  it('the collar is measured on the price as it would be sent, after rounding to the tick', () => {
    // Mid about 10000.0, tick 0.1: 0.05 % passive is 0.0500 % before and up to 0.0510 % after rounding away from the market.
    const { world } = watched({ ...limited({ collarPercent: '0.05' }), entry: { ...settings.entry, offset: { defaultPercent: '0.0499', byRegime: {}, bySymbol: {} } } })
    for (let i = 0; i < 30; i++) {
      world.decide(0, i % 2 === 0 ? 0 : SELL)
      world.run(40)
    }
    for (const record of world.records()) {
      if (record.kind !== 'order-intended' || record.purpose !== 'entry') continue
      expect(record.priceTicks).toBe(Math.trunc(record.priceTicks!))
    }
    expect(refused(world, 'price-collar')).toBeGreaterThan(0)
  })

  it('MD-12: a stale price sends no order', () => {
    const { world } = watched(settings, { prices: { orderPrice: () => ({ refused: true, reason: 'stale' }), exitPrice: () => ({ refused: true, reason: 'stale' }) } })
    world.decide(0, 0)
    world.run(500)
    expect([refused(world, 'no-price'), world.venue.orders.length, world.records().some((record) => record.kind === 'order-intended')]).toEqual([1, 0, false])
  })
})

describe('dust', () => {
  it('below the smallest order is told once, shown, and closed by the usual exit', () => {
    const world = new World(4, NO_FAULTS, { ...settings, exit: { ...settings.exit, byRegime: exitSets({ takeProfitPercent: '50', stopLossPercent: '50' }) } })
    let last: RiskHealth | null = null
    world.start(true, -1, 'after-append', { onRisk: (risk) => (last = risk) })
    world.run(400)
    // Four dollars, where an order of the venue has at least five.
    world.venue.prices.set('AAAUSDT', 20_000)
    world.venue.foreignTrade('AAAUSDT', 0, 2, true)
    world.run(1500)
    expect(last!.dust).toEqual(['AAAUSDT'])
    expect(world.life.logs.filter((line) => line.includes('smaller than the smallest order of the venue'))).toHaveLength(1)
    world.run(8000)
    expect([world.venue.positions.get('AAAUSDT'), last!.dust]).toEqual([0, []])
    expect(world.venue.orders.some((order) => order.request.reduceOnly && order.request.lots <= 2)).toBe(true)
  })
})
