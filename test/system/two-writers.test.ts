import { describe, expect, it } from 'vitest'
import { BUY } from '../../src/core/index.ts'
import { apply, clientId, createState, type TradingRecord } from '../../src/trading/index.ts'
import { eagerConfig, generated, virtualStart, type VirtualRun } from './virtual-run.ts'

const SYMBOLS = ['BTCUSDT', 'ETHUSDT']
const AUDIT_NS = 60e9
const resting = { type: 'limit', timeInForce: 'GTC', reduceOnly: false, closeOnTrigger: false, leg: 'net' } as const

/** The client id that a second engine with the same settings, on another machine, would make. */
const twinId = (venue: 'bybit' | 'okx', epoch: number, sequence: number): string =>
  clientId({ account: venue === 'bybit' ? 'main' : 'mokx', epoch, intent: { kind: 'decision', symbolIndex: 0, sequence }, attempt: 0 })

function recordsOf({ journal }: VirtualRun): TradingRecord[] {
  const records: TradingRecord[] = []
  journal.replay((record) => void records.push(record))
  return records
}

/** A price far below the market, on the tick. */
function farTicks({ engine }: VirtualRun, symbol: string): number {
  return Math.floor((engine.exchange.summary(symbol).markPrice * 0.97) / Number(engine.exchange.contract(symbol)!.tick.text))
}

describe.each(['bybit', 'okx'] as const)('F21: a second writer on the account, %s', (venue) => {
  it.each([
    ['an order with a foreign client id', (run: VirtualRun) => run.engine.exchange.place('paper', { ...resting, symbol: 'BTCUSDT', clientId: 'theirs1', side: BUY, priceTicks: farTicks(run, 'BTCUSDT'), lots: 1 })],
    ['a trade by hand', (run: VirtualRun) => run.engine.exchange.operator.orderByHand('paper', { ...resting, type: 'market', timeInForce: 'IOC', symbol: 'BTCUSDT', side: BUY, priceTicks: null, lots: 2 })],
    ['an order of a twin engine, with an id that could be ours, in an epoch of ours', (run: VirtualRun) => run.engine.exchange.place('paper', { ...resting, symbol: 'BTCUSDT', clientId: twinId(venue, 1, 9_999_999), side: BUY, priceTicks: farTicks(run, 'BTCUSDT'), lots: 1 })],
    ['a trade of a twin engine in another epoch', (run: VirtualRun) => run.engine.exchange.place('paper', { ...resting, type: 'market', timeInForce: 'IOC', symbol: 'BTCUSDT', clientId: twinId(venue, 7, 1), side: BUY, priceTicks: null, lots: 2 })],
  ])('%s is found within one audit and stops entries on its symbol, and on no other', (_what, act) => {
    const run = virtualStart(eagerConfig(SYMBOLS, venue), generated(SYMBOLS, 5))
    const { engine } = run
    engine.runUntil(20e9)
    expect(recordsOf(run).some((record) => record.kind === 'symbol-frozen')).toBe(false)
    expect(act(run).ok).toBe(true)
    const then = recordsOf(run).length
    engine.runUntil(engine.time.nowNs() + AUDIT_NS)
    const news = recordsOf(run).slice(then)
    const frozen = news.find((record) => record.kind === 'symbol-frozen')
    expect(frozen).toMatchObject({ symbol: 'BTCUSDT', code: 'foreign' })
    const after = news.slice(news.indexOf(frozen!))
    const entries = after.filter((record) => record.kind === 'order-intended' && record.purpose === 'entry')
    expect(entries.some((record) => 'symbol' in record && record.symbol === 'BTCUSDT')).toBe(false)
    expect(entries.some((record) => 'symbol' in record && record.symbol === 'ETHUSDT')).toBe(true)
    engine.stop()
    // What it traded is in the books all the same.
    const state = createState()
    for (const record of recordsOf(run)) apply(state, record)
    expect(state.symbols.get('BTCUSDT')!.ledger.signedLots).toBe(engine.exchange.position('paper', 'BTCUSDT').signedLots)
  }, 60_000)
})
