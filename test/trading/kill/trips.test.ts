import { describe, expect, it } from 'vitest'
import { money } from '../../../src/core/index.ts'
import { apply, createState, type ExitPlan, tradingDefaults, type TradingRecord, type TradingState } from '../../../src/trading/index.ts'
import { createKillFacts, type KillFacts } from '../../../src/trading/kill/facts.ts'
import { killDefaults, type KillSettings } from '../../../src/trading/kill/settings.ts'
import { standingTrips } from '../../../src/trading/kill/trips.ts'
import { instruments, SYMBOLS } from '../support/world.ts'
import { checkTradingSettings } from '../../../src/trading/index.ts'

const A = SYMBOLS[0]!
const PLAN: ExitPlan = { takeProfitPercent: '1', stopLossPercent: '1', holdMsMax: 1000, source: 'test', regime: 'choppy', atrTicks: null, takeProfit: null, stopLoss: null, trailing: null }
let stamp = 0
const at = () => ({ atMs: 1_700_000_000_000 + ++stamp, atNs: stamp * 1e6 })

/** Books with an epoch, and an open position unless it is to be flat. */
function books(held = true): TradingState {
  stamp = 0
  const state = createState()
  apply(state, { kind: 'epoch-started', ...at(), epoch: 1, account: 'test', plan: PLAN, planBySymbol: {} })
  instruments.forEach((one, index) => apply(state, { kind: 'instrument-seen', ...at(), symbol: one.symbol, symbolIndex: index, tick: one.tick.text, lot: one.lot.text }))
  if (held) fill(state, 'e1', 0, 10, 100_000)
  return state
}

function fill(state: TradingState, executionId: string, side: 0 | 1, lots: number, priceTicks: number, fee = '0'): void {
  const before = state.symbols.get(A)!.ledger.signedLots
  apply(state, { kind: 'fill-booked', ...at(), executionId, clientId: 'x', venueId: 'v', symbol: A, side, priceTicks, priceText: null, lots, fee, feeCoin: null, realised: null, maker: true, type: 'trade', timeMs: stamp, beforeLots: before, afterLots: before + (side === 0 ? lots : -lots), note: 'unlisted', source: 'stream' })
}

const codes = (state: TradingState, facts: Partial<KillFacts> = {}, settings: Partial<KillSettings> = {}, result: string | null = '0', nowNs = stamp * 1e6) =>
  standingTrips({ settings: { ...killDefaults, ...settings }, state, trail: state.kill.trail, result: result === null ? null : money(result), facts: { ...createKillFacts(), walletAgeMs: 0, ...facts }, nowNs }).map((trip) => trip.code)

const equity = (state: TradingState, amount: string, realised = '0'): void => apply(state, { kind: 'equity-seen', ...at(), day: 1, equity: amount, realised, unrealised: '0', unexplained: '0' })

describe('trips of the kill switch (EX-2, F12)', () => {
  it('daily loss: trips at the bound, which is the smaller of amount and percentage, and not before', () => {
    const state = books()
    equity(state, '100000')
    expect(codes(state, {}, {}, '-999.99999999')).toEqual([])
    expect(codes(state, {}, {}, '-1000')).toEqual(['daily-loss'])
    const small = books()
    equity(small, '1000')
    expect(codes(small, {}, {}, '-29.999')).toEqual([])
    expect(codes(small, {}, {}, '-30')).toEqual(['daily-loss'])
    expect(codes(small, {}, {}, null)).toEqual([])
  })

  it('drawdown: trips at its percentage below the peak', () => {
    const state = books()
    equity(state, '1000')
    equity(state, '2000', '1000')
    const loose = { dailyLossMax: '100000', dailyLossPercentMax: '100' }
    expect(codes(state, {}, loose, '801')).toEqual([])
    expect(codes(state, {}, loose, '800')).toEqual(['drawdown'])
  })

  it('F19: refused orders over all symbols: trips when as many as allowed lie within the window', () => {
    const state = books(false)
    for (let i = 0; i < 20; i++) apply(state, { kind: 'order-refused', ...at(), clientId: `c${i}`, code: '1', text: '' })
    expect(codes(state)).toEqual(['reject-storm'])
    expect(codes(state, {}, { rejectsMax: 21 })).toEqual([])
    const first = state.kill.refusals[0]!.ns
    expect(codes(state, {}, {}, '0', first + 60e9)).toEqual(['reject-storm'])
    expect(codes(state, {}, {}, '0', first + 60e9 + 1)).toEqual([])
  })

  it('F19: carries refusals over a restart by the wall clock', () => {
    const state = books(false)
    for (let i = 0; i < 20; i++) apply(state, { kind: 'order-refused', ...at(), clientId: `c${i}`, code: '1', text: '' })
    const lastMs = state.kill.refusals.at(-1)!.ms
    apply(state, { kind: 'epoch-started', atMs: lastMs + 30_000, atNs: 5e9, epoch: 2, account: 'test', plan: PLAN, planBySymbol: {} })
    expect(codes(state, {}, {}, '0', 5e9 + 1)).toEqual(['reject-storm'])
    expect(codes(state, {}, {}, '0', 5e9 + 31e9)).toEqual([])
  })

  it('F14: lost sight trips after its time, with something exposed only', () => {
    expect(codes(books(), { staleMs: 29_999 })).toEqual([])
    expect(codes(books(), { staleMs: 30_000 })).toEqual(['stale-data'])
    expect(codes(books(false), { staleMs: 30_000 })).toEqual([])
  })

  it('F12: missing inputs trip: a price, the wallet', () => {
    expect(codes(books(), { priceMissingMs: 59_999 })).toEqual([])
    expect(codes(books(), { priceMissingMs: 60_000 })).toEqual(['inputs-missing'])
    expect(codes(books(), { walletAgeMs: 299_999 })).toEqual([])
    expect(codes(books(), { walletAgeMs: 300_000 })).toEqual(['inputs-missing'])
    expect(codes(books(), { walletAgeMs: Number.POSITIVE_INFINITY })).toEqual(['inputs-missing'])
    expect(codes(books(false), { walletAgeMs: Number.POSITIVE_INFINITY, priceMissingMs: 1e9 })).toEqual([])
  })

  it('F18: a clock that jumps, or is not known for too long', () => {
    expect(codes(books(false), { clockJumpMs: 4999 })).toEqual([])
    expect(codes(books(false), { clockJumpMs: 5000 })).toEqual(['clock'])
    expect(codes(books(), { clockUnknownMs: 59_999 })).toEqual([])
    expect(codes(books(), { clockUnknownMs: 60_000 })).toEqual(['clock'])
    expect(codes(books(false), { clockUnknownMs: 60_000 })).toEqual([])
  })

  it('F25: a journal that cannot be written for too long', () => {
    expect(codes(books(false), { journalMs: 9999 })).toEqual([])
    expect(codes(books(false), { journalMs: 10_000 })).toEqual(['journal'])
  })

  it('F21 F23: symbols that strangers or nothing explains, until they are released', () => {
    const freeze = (symbol: string, code: 'foreign' | 'unexplained' | 'mismatch'): TradingRecord => ({ kind: 'symbol-frozen', ...at(), symbol, code, why: 'test' })
    const state = books()
    apply(state, freeze(A, 'unexplained'))
    expect(codes(state)).toEqual([])
    expect(codes(state, {}, { frozenSymbolsMax: 1 })).toEqual(['unexplained'])
    expect(codes(state, {}, { foreignTrips: true })).toEqual([])
    apply(state, freeze(SYMBOLS[1]!, 'mismatch'))
    expect(codes(state)).toEqual([])
    apply(state, freeze(SYMBOLS[1]!, 'foreign'))
    expect(codes(state)).toEqual(['unexplained'])
    expect(codes(state, {}, { frozenSymbolsMax: 0 })).toEqual([])
    expect(codes(state, {}, { frozenSymbolsMax: 0, foreignTrips: true })).toEqual(['unexplained'])
    apply(state, { kind: 'symbol-released', ...at(), symbol: A, why: 'test' })
    expect(codes(state)).toEqual([])
  })

  it('losing positions in a row, where that is set; a winner or a release begins the count anew', () => {
    const state = books()
    fill(state, 'e2', 1, 10, 99_000)
    fill(state, 'e3', 0, 10, 100_000)
    fill(state, 'e4', 1, 10, 99_000)
    expect(codes(state)).toEqual([])
    expect(codes(state, {}, { losingTradesMax: 2 })).toEqual(['losing-streak'])
    expect(codes(state, {}, { losingTradesMax: 3 })).toEqual([])
    fill(state, 'e5', 0, 10, 100_000)
    // Won by less than its fee: a loss.
    fill(state, 'e6', 1, 10, 100_001, '1')
    expect(codes(state, {}, { losingTradesMax: 3 })).toEqual(['losing-streak'])
    apply(state, { kind: 'kill-released', ...at(), id: 'x', by: 'cli', why: 'test', overruled: [], result: null })
    expect(codes(state, {}, { losingTradesMax: 3 })).toEqual([])
    fill(state, 'e7', 0, 10, 100_000)
    fill(state, 'e8', 1, 10, 100_100)
    expect(codes(state, {}, { losingTradesMax: 1 })).toEqual([])
  })

  it('names every bound that is broken, the gravest first', () => {
    const state = books()
    equity(state, '1000')
    expect(codes(state, { staleMs: 1e9, journalMs: 1e9 }, {}, '-900')).toEqual(['daily-loss', 'drawdown', 'journal', 'stale-data'])
  })

  it.each<[keyof KillSettings, unknown]>([
    ['dailyLossMax', '0'], ['dailyLossMax', '-5'], ['dailyLossMax', 'NaN'], ['dailyLossPercentMax', '101'], ['drawdownPercentMax', '0'],
    ['rejectsMax', 0], ['rejectsMax', 1001], ['staleMs', 1.5], ['staleShare', 0], ['staleShare', 1.1], ['staleShare', Number.NaN], ['dayStartHour', 24], ['dayStartHour', -1], ['losingTradesMax', -1], ['lookMs', Number.POSITIVE_INFINITY],
  ])('refuses a bound that protects nothing: %s = %s', (field, value) => {
    expect(() => checkTradingSettings({ ...tradingDefaults, kill: { ...killDefaults, [field]: value } })).toThrow(`RM_TRADING_SETTINGS: trading settings: kill.${field} is`)
  })
})
