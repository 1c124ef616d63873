import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/index.ts'
import type { TradingRecord } from '../../src/trading/index.ts'
import { KillTransport } from './kill-transport.ts'
import { eagerConfig, generated, virtualStart } from './virtual-run.ts'

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'XRPUSDT']

function start(venue: 'bybit' | 'okx', change: (config: Config) => Config = (config) => config) {
  let wire!: KillTransport
  const run = virtualStart(change(eagerConfig(SYMBOLS, venue)), generated(SYMBOLS, 5), {
    wrapTransport: (inner) => (wire = new KillTransport(inner, () => run.engine.time.nowNs(), (ms, callback) => void run.engine.time.after(ms, callback))),
  })
  const { engine } = run
  const find = <K extends TradingRecord['kind']>(kind: K): Extract<TradingRecord, { kind: K }>[] => {
    const found: Extract<TradingRecord, { kind: K }>[] = []
    run.journal.replay((record) => {
      if (record.kind === kind) found.push(record as Extract<TradingRecord, { kind: K }>)
    })
    return found
  }
  return {
    ...run,
    wire,
    find,
    say: (message: { readonly type: string; readonly [key: string]: unknown }) => engine.record.host.send('execution', message),
    runFor: (seconds: number) => engine.runUntil(engine.time.nowNs() + seconds * 1e9),
    resting: () => SYMBOLS.flatMap((symbol) => engine.exchange.orders('paper', { symbol, open: true })).filter((order) => !order.reduceOnly),
    held: () => SYMBOLS.reduce((sum, symbol) => sum + Math.abs(engine.exchange.position('paper', symbol).signedLots), 0),
  }
}

/** Entries that rest for long, far from the price. */
const resting = (config: Config): Config => ({
  ...config,
  order_executor: { ...config.order_executor, order_ttl_ms: 600_000, limit_order: { ...config.order_executor.limit_order, default_offset_percent: 0.5, by_regime: {}, by_symbol: {} } },
})

describe.each(['bybit', 'okx'] as const)('kill switch of a whole engine, %s (EX-2, F12)', (venue) => {
  it('by command: no opening frame leaves afterwards, also after restarts of execution; positions are closed; a release lets it trade again', () => {
    const run = start(venue)
    run.runFor(60)
    for (let i = 0; i < 200 && run.held() === 0; i++) run.runFor(1)
    expect(run.held()).toBeGreaterThan(0)
    expect(run.wire.opening.length).toBeGreaterThan(3)
    run.say({ type: 'kill', by: 'api', why: 'test', flatten: true })
    const atNs = run.engine.time.nowNs()
    run.runFor(1)
    run.engine.record.host.restart('execution', 'test')
    run.runFor(20)
    run.engine.record.host.plant('execution', 'throw')
    run.runFor(60)
    expect(run.wire.openedAfter(atNs)).toEqual([])
    expect(run.held()).toBe(0)
    expect(run.resting()).toEqual([])
    expect(run.find('kill-engaged')).toHaveLength(1)
    expect(run.wire.closing.some((one) => one.atNs >= atNs)).toBe(true)

    run.say({ type: 'release', request: 'r', by: 'api', why: 'test is over' })
    run.runFor(60)
    expect(run.find('kill-released')).toEqual([expect.objectContaining({ by: 'api', why: 'test is over', overruled: [] })])
    expect(run.wire.openedAfter(atNs).length).toBeGreaterThan(0)
    run.engine.stop()
  })

  it('EX-1: the daily loss trips by itself, as measured against the exchange\'s own account', () => {
    const run = start(venue, (config) => ({ ...config, risk: { ...config.risk, max_daily_loss_usdt: '0.6' }, kill_switch: { ...config.kill_switch, flatten: true } }))
    run.runFor(10)
    const before = run.engine.exchange.wallet('paper')
    for (let i = 0; i < 900 && run.find('kill-engaged').length === 0; i++) run.runFor(1)
    const [trip] = run.find('kill-engaged')
    expect(trip).toMatchObject({ by: 'trip', code: 'daily-loss', flatten: true })
    run.runFor(60)
    expect(run.wire.openedAfter(trip!.atNs)).toEqual([])
    expect(run.held()).toBe(0)
    expect(run.resting()).toEqual([])
    // Flat now, so the wallet tells what the day has cost: the limit, and what closing cost on top of it.
    const lost = before.equity.sub(run.engine.exchange.wallet('paper').equity)
    expect(lost.toNumber()).toBeGreaterThan(0.5)
    expect(lost.toNumber()).toBeLessThan(3)
    run.say({ type: 'release', request: 'r', by: 'api', why: 'again' })
    run.runFor(5)
    expect(run.find('kill-released')).toEqual([])
    run.engine.stop()
  })

  it('engaged while the account\'s connections are down: entries are called back once they are up', () => {
    const run = start(venue, resting)
    for (let i = 0; i < 200 && run.resting().length === 0; i++) run.runFor(1)
    expect(run.resting().length).toBeGreaterThan(0)
    run.wire.sever()
    run.runFor(1)
    run.say({ type: 'kill', by: 'api', why: 'test' })
    const atNs = run.engine.time.nowNs()
    run.runFor(10)
    expect(run.resting().length).toBeGreaterThan(0)
    run.wire.mend()
    run.runFor(30)
    expect(run.resting()).toEqual([])
    expect(run.wire.openedAfter(atNs)).toEqual([])
    run.engine.stop()
  })

  it('an order that is on the wire at that moment does not stay', () => {
    const run = start(venue, resting)
    const { length } = run.wire.opening
    for (let i = 0; i < 200_000 && run.wire.opening.length === length; i++) run.engine.time.step()
    expect(run.wire.opening.length).toBe(length + 1)
    run.say({ type: 'kill', by: 'api', why: 'test' })
    expect(run.resting()).toEqual([])
    run.runFor(20)
    expect(run.engine.exchange.orders('paper', { symbol: SYMBOLS[0]! }).length + run.engine.exchange.orders('paper', { symbol: SYMBOLS[1]! }).length + run.engine.exchange.orders('paper', { symbol: SYMBOLS[2]! }).length).toBeGreaterThan(0)
    expect(run.resting()).toEqual([])
    expect(run.held()).toBe(0)
    expect(run.wire.opening.length).toBe(length + 1)
    run.engine.stop()
  })
})
