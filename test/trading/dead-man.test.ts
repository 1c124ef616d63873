import { describe, expect, it } from 'vitest'
import { tradingSettings } from '../../workers/trading-settings.ts'
import { eagerConfig } from '../system/virtual-run.ts'
import { ExchangeDesk, type VenueName } from './support/exchange-desk.ts'
import { NO_FAULTS } from './support/model-venue.ts'
import { settings, World } from './support/world.ts'

const armed = { ...settings, deadMan: { enabled: true, timeoutMs: 30_000, whyNot: '' } }
const warnings = (world: World) => world.life.logs.filter((line) => line.startsWith('warn') && line.includes('dead-man'))

describe('the dead-man switch', () => {
  it('is armed once the books agree with the venue, and again every third of its time', () => {
    const world = new World(3, NO_FAULTS, armed)
    world.start()
    world.run(1)
    expect(world.life.connection.armed).toEqual([])
    world.run(30_500)
    expect(world.life.connection.armed).toEqual([30_000, 30_000, 30_000, 30_000])
  })

  it('goes on being armed while the private stream is down: the engine lives', () => {
    const world = new World(3, NO_FAULTS, armed)
    world.start()
    world.run(1000)
    world.life.connection.up = false
    world.run(20_500)
    expect(world.life.connection.armed).toHaveLength(3)
  })

  it('refused, it is told once and not asked for again', () => {
    const world = new World(3, NO_FAULTS, armed)
    world.start()
    world.life.connection.deadManRefusal = 'not entitled'
    world.run(120_000)
    expect(warnings(world)).toHaveLength(1)
    expect(warnings(world)[0]).toContain('not available for this account: 10001 not entitled')
    expect(world.life.counts.get('dead_man/refused')).toBe(1)
    expect(world.life.status).toEqual({ state: 'ready' })
  })

  it('without an answer it is asked for again, and told about once until it works', () => {
    const world = new World(3, { ...NO_FAULTS, ackLost: 1 }, armed)
    world.start()
    world.run(35_000)
    expect(world.life.counts.get('dead_man/unknown')).toBeGreaterThan(2)
    expect(warnings(world)).toHaveLength(1)
    world.venue.faults = NO_FAULTS
    world.run(11_000)
    expect(world.life.logs.some((line) => line.includes('dead-man switch is armed'))).toBe(true)
  })

  it('is taken off by a stop in good order before the epoch ends, and not waited for beyond its time', () => {
    for (const silent of [false, true]) {
      const world = new World(3, NO_FAULTS, armed)
      world.start()
      world.run(1000)
      if (silent) world.venue.faults = { ...NO_FAULTS, requestLost: 1 }
      const before = world.time.nowNs()
      world.life.actor.onMessage({ type: 'stop', policy: 'cancel-entries' })
      while (world.summary === null) world.run(20)
      const tookMs = (world.time.nowNs() - before) / 1e6
      if (silent) expect(tookMs).toBeLessThan(2500)
      else expect(world.life.connection.armed.at(-1)).toBe(0)
      expect(world.summary).toMatchObject({ drained: true })
    }
  })

  it('switched off, the venue hears nothing of it', () => {
    const world = new World(3, NO_FAULTS)
    world.start()
    world.run(60_000)
    expect(world.life.connection.armed).toEqual([])
    world.life.actor.onMessage({ type: 'stop', policy: 'leave' })
    world.run(200)
    expect(world.summary).not.toBeNull()
  })

  it.each<[VenueName, string, boolean]>([
    ['okx', 'auto', true],
    ['okx', 'off', false],
    ['bybit', 'auto', false],
    ['bybit', 'on', true],
  ])('on %s with mode %s enabled is %s', (venue, mode, enabled) => {
    const config = eagerConfig(['BTCUSDT'], venue)
    expect(tradingSettings({ ...config, dead_man: { ...config.dead_man, mode: mode as 'auto' } }).deadMan.enabled).toBe(enabled)
  })
})

describe('the dead-man switch on the built-in exchange', () => {
  const desk = (venue: VenueName): ExchangeDesk => {
    const one = new ExchangeDesk(venue, (own) => ({
      ...own,
      deadMan: { enabled: true, timeoutMs: 10_000, whyNot: '' },
      entry: { ...own.entry, ttlMs: 600_000, offset: { defaultPercent: '0.9', byRegime: {}, bySymbol: {} } },
    }))
    one.start()
    return one
  }

  it('F13 OKX: takes the entry of a dead engine, and leaves the stop of a position and what somebody else placed', () => {
    const one = desk('okx')
    one.decide(0)
    one.run(500)
    expect(one.exchange.orders('main', { open: true })).toHaveLength(1)
    one.kill()
    // Somebody's order, and a position with its stop.
    const common = { symbol: 'BTCUSDT', lots: 5, reduceOnly: false, closeOnTrigger: false } as const
    one.exchange.place('main', { ...common, clientId: 'by-hand', side: 1, type: 'limit', priceTicks: 700_000, timeInForce: 'GTC' })
    one.exchange.place('main', { ...common, clientId: 'market', side: 0, type: 'market', priceTicks: null, timeInForce: 'IOC', protection: { mode: 'full', takeProfit: null, stopLoss: { ticks: 500_000, by: 'mark', limitTicks: null } } })
    expect(one.stops).toHaveLength(1)
    one.run(8000)
    expect(one.exchange.orders('main', { open: true })).toHaveLength(2)
    one.run(4000)
    expect(one.exchange.orders('main', { open: true }).map((order) => order.clientId)).toEqual(['by-hand'])
    expect(one.stops).toHaveLength(1)
    one.stop()
  })

  it('Bybit: the built-in exchange takes stops along, as the venue may: why it is armed by wish only', () => {
    const one = desk('bybit')
    one.exchange.place('main', { symbol: 'BTCUSDT', clientId: 'market', side: 0, type: 'market', priceTicks: null, lots: 5, timeInForce: 'IOC', reduceOnly: false, closeOnTrigger: false })
    one.until('protected', () => one.stops.length === 1, 10_000)
    one.kill()
    one.run(12_000)
    expect(one.held).not.toBe(0)
    expect(one.stops).toEqual([])
    // The next engine finds it missing and sets it again.
    one.start()
    one.until('protected again', () => one.stops.length === 1, 10_000)
    one.stop()
  })
})
