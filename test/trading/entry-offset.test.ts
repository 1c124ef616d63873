import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/index.ts'
import { apply, createState, offsetFor, type RegimeName } from '../../src/trading/index.ts'
import { tradingSettings } from '../../workers/trading-settings.ts'
import { NO_FAULTS } from './support/model-venue.ts'
import { settings, World } from './support/world.ts'
import { completed } from '../../src/trading/journal/completed.ts'

const CONFIG_DIR = join(import.meta.dirname, '../../config')
const load = (...sets: readonly (readonly [string, string])[]) =>
  tradingSettings(loadConfig({ dir: CONFIG_DIR, env: {}, overrides: sets.map(([path, value]) => ({ path, value, from: 'test' })) }).config).entry.offset

describe('EX-5 entry offset', () => {
  // The table of the specification: the default, each regime, and the symbols that have numbers of their own.
  it.each<[string, RegimeName | null, string, string]>([
    ['BTCUSDT', 'trending', '0.1', 'by_regime.trending'],
    ['BTCUSDT', 'choppy', '0.05', 'by_regime.choppy'],
    ['BTCUSDT', 'ranging', '0.08', 'by_regime.ranging'],
    ['XRPUSDT', 'trending', '0.12', 'by_symbol.XRPUSDT.by_regime.trending'],
    ['XRPUSDT', 'choppy', '0.03', 'by_symbol.XRPUSDT.by_regime.choppy'],
    ['XRPUSDT', 'ranging', '0.08', 'by_regime.ranging'],
    ['DOGEUSDT', 'trending', '0.1', 'by_regime.trending'],
    ['DOGEUSDT', 'choppy', '0.04', 'by_symbol.DOGEUSDT.by_regime.choppy'],
    ['DOGEUSDT', 'ranging', '0.08', 'by_regime.ranging'],
    ['BTCUSDT', null, '0.05', 'default_offset_percent'],
  ])('of the delivered configuration: %s in %s is %s %% from %s', (symbol, regime, percent, source) => {
    const found = offsetFor(load(), symbol, regime)
    expect([found.percent.toFixed(), found.source, found.marketOrder]).toEqual([percent, source, false])
  })

  it('enters at market only where the very section that was chosen says so', () => {
    const offsets = load(
      ['order_executor.limit_order.by_regime.trending.use_market_order', 'true'],
      ['order_executor.limit_order.by_symbol.ETH-USDT.limit_offset_percent', '0.2'],
      ['order_executor.limit_order.by_symbol.ETH-USDT.use_market_order', 'true'],
      ['order_executor.limit_order.by_symbol.ETH-USDT.by_regime.choppy.limit_offset_percent', '0.3'],
    )
    const market = (symbol: string) => (['trending', 'choppy', 'ranging', null] as const).map((regime) => offsetFor(offsets, symbol, regime).marketOrder)
    expect(market('BTCUSDT')).toEqual([true, false, false, false])
    expect(market('XRPUSDT')).toEqual([false, false, false, false])
    expect(market('ETHUSDT')).toEqual([true, false, true, true])
  })

  it('is looked up by the regime of the moment, and stored with the order and its books', () => {
    const at = (percent: string) => ({ percent, marketOrder: false })
    let regime: RegimeName = 'ranging'
    const world = new World(3, NO_FAULTS, { ...settings, entry: { ...settings.entry, offset: { defaultPercent: '0.05', byRegime: { ranging: at('0.08'), trending: at('0.3') }, bySymbol: {} } } })
    world.start(true, -1, 'after-append', { conditions: { regime: () => regime, atrTicks: () => Number.NaN } })
    world.run(400)
    world.decide(0, 0)
    regime = 'trending'
    world.decide(1, 0)
    const intents = world.records().filter((record) => record.kind === 'order-intended')
    expect(intents.map(({ terms, priceTicks, type }) => [terms?.regime, terms?.offsetPercent, terms?.offsetSource, type, priceTicks! < 100_000])).toEqual([
      ['ranging', '0.08', 'by_regime.ranging', 'limit', true],
      ['trending', '0.3', 'by_regime.trending', 'limit', true],
    ])
    expect(world.life.actor.state.orders.get(intents[1]!.clientId)!.terms).toEqual(intents[1]!.terms)
    expect(world.life.logs.some((line) => line.includes('"offsetSource":"by_regime.trending"'))).toBe(true)
  })

  it('of an order in a journal of before it was written is null, and the rest of the order folds as before', () => {
    const world = new World(3, NO_FAULTS)
    world.start()
    world.run(400)
    world.decide(0, 0)
    const state = createState()
    for (const record of world.records()) {
      const { terms: _terms, ...old } = record as typeof record & { terms?: unknown }
      apply(state, completed(old as typeof record))
    }
    const [order] = state.orders.live()
    expect([order!.terms, order!.symbol, order!.lots > 0]).toEqual([null, 'AAAUSDT', true])
  })
})
