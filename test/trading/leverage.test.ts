import { describe, expect, it } from 'vitest'
import { money } from '../../src/core/index.ts'
import { compileRules, Preflight, resolveLeverage, type TradingSettings } from '../../src/trading/index.ts'
import type { VenueLeverage } from '../../src/venues/index.ts'
import { type ExchangeWorld, OkxExchangeWorld, World as BybitWorld } from '../venues/exchange-world.ts'
import { NO_FAULTS } from './support/model-venue.ts'
import { settings, World } from './support/world.ts'

const found = (lever: unknown, leverage: unknown): VenueLeverage => ({ lever, leverage, raw: JSON.stringify({ symbol: 'BTC', lever, leverage }) })
const asked = (preflight: Partial<TradingSettings['preflight']>): TradingSettings => ({ ...settings, preflight: { ...settings.preflight, ...preflight } })

describe('EX-4 leverage', () => {
  it.each<[string | null, unknown, unknown, string]>([
    ['3', '10', '20', '3'],
    [null, '10', '20', '10'],
    [null, undefined, '20', '20'],
    [null, '', 20, '20'],
    [null, '0', '2.5', '2.5'],
    [null, 'ten', '4', '4'],
    [null, null, '4', '4'],
  ])('is the configured value, then lever, then leverage of the position: %s, %s, %s give %s', (configured, lever, leverage, wanted) => {
    expect(resolveLeverage('BTCUSDT', configured, found(lever, leverage)).toFixed()).toBe(wanted)
  })

  it.each([['', ''], ['0', '0'], ['-1', 'NaN'], [undefined, undefined], [Number.NaN, Number.POSITIVE_INFINITY], [{}, []]])('is nothing where none is a positive number (%s, %s): the error names all three sources, the symbol and the raw position', (lever, leverage) => {
    const raw = found(lever, leverage)
    expect(() => resolveLeverage('BTCUSDT', null, raw)).toThrow('RM_LEVERAGE_UNKNOWN: BTCUSDT is not traded')
    const message = (() => {
      try {
        return resolveLeverage('BTCUSDT', null, raw).toFixed()
      } catch (error) {
        return String(error)
      }
    })()
    for (const part of ['Configured: none', 'lever of the position', 'leverage of it', raw.raw]) expect(message).toContain(part)
  })

  /** Preflight of one symbol on the built-in exchange, until it has settled. */
  function looked(w: ExchangeWorld<{ close(): void }>, own: TradingSettings): { preflight: Preflight; logs: string[]; settled: number } {
    const logs: string[] = []
    let settled = 0
    const preflight = new Preflight(compileRules(own, [w.btc]), w.port, { timers: w.time, log: (level, message, data) => void logs.push(`${level} ${message} ${JSON.stringify(data)}`), count: () => {} }, () => settled++)
    preflight.run()
    w.run(3000)
    return { preflight, logs, settled }
  }

  const venues: readonly (readonly [string, () => ExchangeWorld<{ close(): void }>])[] = [['bybit', () => new BybitWorld()], ['okx', () => new OkxExchangeWorld()]]
  it.each(venues)('on %s: the leverage that stands at the venue holds where none is configured', (_name, make) => {
    const w = make()
    w.up()
    const { preflight, settled } = looked(w, asked({}))
    expect([preflight.blocked(0), preflight.leverage(0)?.toFixed(), settled]).toEqual(['', '10', 1])
    w.stop()
  })

  it.each(venues)('on %s: a configured leverage is set at the venue and read back', (_name, make) => {
    const w = make()
    w.up()
    const { preflight } = looked(w, asked({ leverage: '20', leverageBySymbol: { BTCUSDT: '7' } }))
    expect([preflight.blocked(0), preflight.leverage(0)?.toFixed()]).toEqual(['', '7'])
    expect(w.exchange.position('main', 'BTCUSDT').leverage).toBe('7')
    // The same once more is "unchanged", which is what was wanted.
    expect(looked(w, asked({ leverage: '7' })).preflight.blocked(0)).toBe('')
    w.stop()
  })

  it.each(venues)('on %s: a symbol whose leverage nobody knows is not traded, and is once the venue says one', (_name, make) => {
    const w = make()
    w.up()
    const { leverage } = w.port
    w.port.leverage = (_symbol, done) => w.time.after(1, () => done(null, found('0', '')))
    const { preflight, logs } = looked(w, asked({}))
    expect(preflight.blocked(0)).toContain('RM_LEVERAGE_UNKNOWN: BTCUSDT')
    expect(preflight.leverage(0)).toBe(null)
    expect(logs.some((line) => line.startsWith('error the symbol is not traded') && line.includes('Configured: none; lever of the position at the venue: '))).toBe(true)
    w.port.leverage = leverage.bind(w.port)
    w.run(settings.reconcile.auditMs + 1000)
    expect([preflight.blocked(0), preflight.leverage(0)?.toFixed()]).toEqual(['', '10'])
    w.stop()
  })

  it.each(venues)('on %s: more than the instrument allows is refused before it is sent', (_name, make) => {
    const w = make()
    w.up()
    const { preflight } = looked(w, asked({ leverage: '900' }))
    expect(preflight.blocked(0)).toContain('RM_LEVERAGE_NOT_TAKEN: BTCUSDT is not traded: leverage 900 was to be set')
    expect(w.exchange.position('main', 'BTCUSDT').leverage).toBe('10')
    w.stop()
  })

  it.each(venues)('F22 on %s: an account in hedge mode is not traded on, or switched where the settings allow it', (_name, make) => {
    const w = make()
    w.up()
    expect(w.command((done) => w.port.setPositionMode('hedge', done)).kind).toBe('accepted')
    const kept = looked(w, asked({}))
    expect(kept.preflight.blocked(0)).toContain('RM_POSITION_MODE: BTCUSDT is not traded: the account is in hedge mode where one-way is wanted')
    kept.preflight.stop()
    const switched = looked(w, asked({ setPositionMode: true }))
    expect(switched.preflight.blocked(0)).toBe('')
    expect(w.ask<string>((done) => w.port.positionMode('BTCUSDT', done))).toBe('one-way')
    w.stop()
  })
})

describe('F22 the preflight of execution', () => {
  const refused = (world: World, reason: string) => world.life.counts.get(`decisions_refused/${reason}`) ?? 0

  it('keeps a symbol from entries until its account is known, names why in its status, and lets it in afterwards', () => {
    const world = new World(3, NO_FAULTS)
    world.venue.leverage = '0'
    world.start()
    world.run(400)
    expect(world.life.status).toMatchObject({ state: 'degraded', note: expect.stringContaining('RM_LEVERAGE_UNKNOWN: AAAUSDT') })
    world.decide(0, 0)
    expect([refused(world, 'preflight'), world.venue.orders.length]).toEqual([1, 0])
    world.venue.leverage = '4'
    world.run(settings.reconcile.auditMs + 100)
    expect(world.life.status).toEqual({ state: 'ready' })
    world.decide(0, 0)
    expect(world.records().find((record) => record.kind === 'order-intended')!.terms!.leverage).toBe('4')
  })

  it('lets the other symbols trade beside one that may not', () => {
    const world = new World(3, NO_FAULTS, asked({ leverageBySymbol: { AAAUSDT: '60' } }))
    world.start()
    world.run(400)
    expect(world.life.status).toMatchObject({ state: 'ready', note: expect.stringContaining('RM_LEVERAGE_NOT_TAKEN: AAAUSDT') })
    world.decide(0, 0)
    world.decide(1, 0)
    expect([refused(world, 'preflight'), world.records().filter((record) => record.kind === 'order-intended').map((record) => record.symbol)]).toEqual([1, ['BBBUSDT']])
  })

  it('an account in hedge mode sends nothing; an answer that does not come is no verdict and is asked for again', () => {
    const world = new World(3, NO_FAULTS)
    world.venue.mode = 'hedge'
    const life = world.start()
    world.run(400)
    world.decide(0, 0)
    expect([refused(world, 'preflight'), world.life.status?.state]).toEqual([1, 'degraded'])
    world.venue.mode = 'one-way'
    life.connection.leverage = (_symbol, done) => world.time.after(1, () => done(new Error('no answer'), null))
    world.run(settings.reconcile.auditMs + 100)
    world.decide(0, 0)
    expect(refused(world, 'preflight')).toBe(2)
    expect(world.life.logs.some((line) => line.startsWith('warn the account could not be looked at'))).toBe(true)
    expect(money(world.venue.leverage).gt(0)).toBe(true)
  })
})
