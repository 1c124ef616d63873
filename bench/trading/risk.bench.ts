import { BUY, DecimalStep, type Instrument, type Money, money, ZERO } from '../../src/core/index.ts'
import { apply, compileRules, createState, limitBroken, openingRecords, tradingDefaults, type TradingState, valueMicros, valueOf } from '../../src/trading/index.ts'
import { defineBench, inProcess } from '../harness.ts'

const SYMBOLS = 100
const CALLS = 1000
const PEER_CALLS = 4

const instruments: readonly Instrument[] = Array.from({ length: SYMBOLS }, (_, index) => ({
  symbol: `C${index}USDT`, index, baseCoin: `C${index}`, quoteCoin: 'USDT', tick: new DecimalStep('0.10'), lot: new DecimalStep('0.001'), minLots: 1, maxLots: 100_000, minNotional: '5', maxLeverage: 100,
}))
const rules = compileRules({ ...tradingDefaults, limits: { ...tradingDefaults.limits, openPositionsMax: 128, ordersPerWindowMax: 100, exposureMax: '1000000', symbolExposureMax: '1000000', directionExposureMax: '1000000' } }, instruments)
const now = { ns: 1e12, wallMs: 1_700_000_000_000, opens: true }

/** A position on every symbol but the first, and an entry that still rests on every second. */
function books(): TradingState {
  const state = createState()
  for (const record of openingRecords(rules, state, true, now)) apply(state, record)
  for (const { symbol, index } of instruments) {
    if (index === 0) continue
    const stamp = { atMs: now.wallMs, atNs: now.ns }
    if (index % 2 === 0)
      apply(state, {
        kind: 'order-intended', ...stamp, clientId: `c${index}`, symbol, purpose: 'entry', positionId: index, side: BUY, type: 'limit', priceTicks: 302_000 + index, referenceTicks: 302_000 + index, lots: 3, timeInForce: 'GTC',
        reduceOnly: false, ttlMs: 0, why: '', trace: '', decisionSequence: 1, plan: rules.plan, terms: null, reason: null,
      })
    apply(state, { kind: 'position-adopted', ...stamp, symbol, fromLots: 0, toLots: 2, entryTicks: `${302_471 + index}`, why: 'bench' })
  }
  return state
}

const state = books()
const symbol = state.symbols.get('C0USDT')!
const own = rules.symbols[0]!

function check(): void {
  for (let i = 0; i < CALLS; i++) {
    const lots = 1 + (i & 7)
    const value = valueMicros(lots, 302_471, own.unit, own.unitMicros)
    if (limitBroken(rules, state.limits.over(rules.limits), own, state, symbol, BUY, lots, value, now) !== null) throw new Error('a limit is broken')
  }
}

/** What the check would cost if nobody kept the sums: exact decimals over all symbols and orders. */
function summed(): void {
  for (let i = 0; i < PEER_CALLS; i++) {
    let total: Money = ZERO
    for (const one of state.symbols.values()) {
      total = total.add(one.ledger.costTickLots.mul(one.unit))
      for (const order of one.live) if (!order.reduceOnly) total = total.add(valueOf(order.lots - order.filledLots, order.referenceTicks, one.unit))
    }
    if (total.add(valueOf(1 + (i & 7), 302_471, own.unit)).gt(money(rules.settings.limits.exposureMax))) throw new Error('a limit is broken')
  }
}

export const bench = defineBench('trading-risk', { rounds: 9 }, {
  name: 'all limits of an entry, 100 symbols with positions',
  unit: 'checks/s',
  better: 'higher',
  ours: inProcess('sums kept in whole millionths', check, { perCall: CALLS }),
  peer: inProcess('decimals summed at each check', summed, { perCall: PEER_CALLS }),
  goal: { atLeast: 1_000_000 },
})

if (import.meta.main) await bench.run()
