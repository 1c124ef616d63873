import { describe, expect, it } from 'vitest'
import { BUY, money, type Money, SELL, signOf, ZERO } from '../../src/core/index.ts'
import type { Execution } from '../../src/exchange/index.ts'
import { apply, createState, type Position, type TradingState } from '../../src/trading/index.ts'
import { eagerConfig, generated, virtualStart, type VirtualRun } from './virtual-run.ts'

interface Totals {
  readonly realised: Money
  readonly fees: Money
  readonly funding: Money
}

const text = ({ realised, fees, funding }: Totals) => ({ realised: realised.toFixed(), fees: fees.toFixed(), funding: funding.toFixed() })
const sum = (list: readonly Totals[]): Totals => list.reduce((all, one) => ({ realised: all.realised.add(one.realised), fees: all.fees.add(one.fees), funding: all.funding.add(one.funding) }), { realised: ZERO, fees: ZERO, funding: ZERO })

/** What the exchange's own executions of one symbol say of each of its positions, from flat to flat; the last may be open. */
function venuePositions(executions: readonly Execution[]): Totals[] {
  const positions: Totals[] = []
  let lots = 0
  for (const one of executions) {
    const before = lots
    if (one.kind !== 'Funding') lots += signOf(one.side) * one.lots
    if (before === 0 || before * lots < 0) positions.push({ realised: ZERO, fees: ZERO, funding: ZERO })
    const last = positions.at(-1)!
    positions[positions.length - 1] = {
      realised: last.realised.add(one.realisedPnl),
      fees: one.kind === 'Funding' ? last.fees : last.fees.add(one.fee),
      funding: one.kind === 'Funding' ? last.funding.add(one.fee) : last.funding,
    }
  }
  return positions
}

/** Every position that the journal tells of, in order, and the books at its end. */
function foldedPositions({ journal }: VirtualRun): { readonly positions: readonly Position[]; readonly state: TradingState } {
  const state = createState()
  const positions = new Map<number, Position>()
  journal.replay((record) => {
    apply(state, record)
    for (const symbol of state.symbols.values()) if (symbol.position !== null && symbol.position.firstFillMs > 0) positions.set(symbol.position.id, symbol.position)
    const closed = state.closed.at(-1)
    if (closed !== undefined && closed.firstFillMs > 0) positions.set(closed.id, closed)
  })
  return { positions: [...positions.values()], state }
}

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'XRPUSDT']
/** Funding is charged at 08:00: the run starts a little before. */
const ORIGIN_MS = Date.UTC(2024, 6, 24, 7, 55)
const FUNDING_NS = 300e9

describe.each(['bybit', 'okx'] as const)('EX-50: exact money on %s', (venue) => {
  it('profit, fees and funding of every position, and their sums, are those of the exchange to the last digit: over funding, partial closes, a deleveraging, a manual close and a liquidation', () => {
    const eager = eagerConfig(SYMBOLS, venue)
    const config = { ...eager, risk: { ...eager.risk, order_size_usdt: '1500' } }
    const run = virtualStart(config, generated(SYMBOLS, 23), { originMs: ORIGIN_MS })
    const { engine } = run
    const { exchange } = engine
    const held = (symbol: string): number => exchange.position('paper', symbol).signedLots
    const byHand = (symbol: string, side: 0 | 1, lots: number): boolean =>
      exchange.operator.orderByHand('paper', { symbol, side, type: 'market', priceTicks: null, lots, timeInForce: 'IOC', reduceOnly: false, closeOnTrigger: false, leg: 'net' }).ok
    const untilHeld = (symbol: string, lots: number): void => {
      for (let step = 0; step < 200 && Math.abs(held(symbol)) < lots; step++) engine.runUntil(engine.time.nowNs() + 1e9)
      // The engine opens nothing on a symbol where somebody trades by hand: then that one does it again.
      if (Math.abs(held(symbol)) < lots) {
        expect(byHand(symbol, held(symbol) >= 0 ? BUY : SELL, 3 * lots)).toBe(true)
        engine.runUntil(engine.time.nowNs() + 100e6)
      }
      expect(Math.abs(held(symbol)), `${symbol} is held`).toBeGreaterThanOrEqual(lots)
    }
    for (const symbol of SYMBOLS) exchange.operator.setFundingRate(symbol, 0.000123457)
    // So late that the engine, which does not want the position, cannot leave it before.
    engine.runUntil(FUNDING_NS - 2e6)
    // Somebody opens, or adds, by hand: then funding is charged on it, and then it is closed by hand in part.
    expect(byHand('BTCUSDT', held('BTCUSDT') >= 0 ? BUY : SELL, 9)).toBe(true)
    engine.runUntil(FUNDING_NS + 100e6)
    untilHeld('BTCUSDT', 3)
    const part = Math.floor(Math.abs(held('BTCUSDT')) / 3)
    expect(exchange.operator.closeByHand('paper', 'BTCUSDT', 'net', part).ok).toBe(true)
    engine.runUntil(engine.time.nowNs() + 5e9)
    // A deleveraging of a part, away from the market.
    untilHeld('ETHUSDT', 3)
    const eth = held('ETHUSDT')
    const mark = exchange.summary('ETHUSDT').markPrice
    const ticks = Math.round(mark / Number(exchange.contract('ETHUSDT')!.tick.text)) + 7
    expect(exchange.operator.deleverage('ETHUSDT', eth > 0 ? BUY : SELL, Math.floor(Math.abs(eth) / 3), ticks)).toBe(0)
    engine.runUntil(engine.time.nowNs() + 30e9)
    // Everything the account has, liquidated.
    untilHeld('XRPUSDT', 1)
    exchange.operator.liquidate('paper')
    engine.runUntil(engine.time.nowNs() + 60e9)
    engine.stop()

    const { positions, state } = foldedPositions(run)
    const kinds = new Set<string>()
    let partial = 0
    for (const symbol of SYMBOLS) {
      const executions = exchange.executions('paper', { symbol }).toReversed()
      for (const { kind } of executions) kinds.add(kind)
      const theirs = venuePositions(executions)
      const ours = positions.filter((one) => one.symbol === symbol)
      expect(theirs.length, symbol).toBeGreaterThan(2)
      expect(ours.map(text), symbol).toEqual(theirs.map(text))
      const { ledger } = state.symbols.get(symbol)!
      expect(text(ledger), symbol).toEqual(text(sum(theirs)))
      expect(ledger.signedLots).toBe(held(symbol))
      // Sizes before and after each close hang together, partial closes too.
      for (const position of ours) for (const [n, close] of position.closes.entries()) {
        expect(Math.abs(close.afterLots)).toBeLessThan(Math.abs(close.beforeLots))
        if (n > 0) expect(close.beforeLots).toBe(position.closes[n - 1]!.afterLots)
      }
      partial += ours.filter((one) => one.closes.length > 1).length
    }
    expect(partial, 'positions that were closed in parts').toBeGreaterThan(1)
    expect([...kinds].toSorted()).toEqual(['Adl', 'Funding', 'Liquidation', 'Trade'])
    const net = sum([...state.symbols.values()].map((one) => one.ledger))
    expect(money(config.exchange.starting_balance).add(net.realised).sub(net.fees).sub(net.funding).toFixed(), 'the wallet').toBe(exchange.wallet('paper').balance.toFixed())
  }, 240_000)
})
