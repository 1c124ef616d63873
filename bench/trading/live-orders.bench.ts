/** The same entry, answer and end, while other orders live: ten, and ten thousand of them over a hundred symbols. */
import { DecimalStep, type Instrument, money } from '../../src/core/index.ts'
import { apply, type Clearance, compileRules, createState, decide, type Moment, openingRecords, type OrderIntended, tradingDefaults, type TradingRecord } from '../../src/trading/index.ts'
import { defineBench, inProcess, type Side } from '../harness.ts'

const SYMBOLS = 101
const instruments: readonly Instrument[] = Array.from({ length: SYMBOLS }, (_, index) => ({ symbol: `C${index}USDT`, index, baseCoin: `C${index}`, quoteCoin: 'USDT', tick: new DecimalStep('0.10'), lot: new DecimalStep('0.001'), minLots: 1, maxLots: 100_000, minNotional: '5', maxLeverage: 100 }))
const rules = compileRules({ ...tradingDefaults, limits: { ...tradingDefaults.limits, openPositionsMax: 128, exposureMax: '30000000', directionExposureMax: '30000000', symbolExposureMax: '30000000', ordersPerWindowMax: 1000, orderWindowMs: 1 } }, instruments)
const clearance: Clearance = { blocked: '', funds: { equity: money('1000000'), marginAvailable: money('1000000') }, leverage: money('10'), band: { highestBuyTicks: 1e9, lowestSellTicks: 1, enabled: true, ageMs: 0 } }

/** An order of the last symbol from its decision to its refusal, beside `live` orders of the other symbols. */
function beside(live: number): Side {
  const state = createState()
  const now: Moment = { ns: 0, wallMs: 1_700_000_000_000, opens: true }
  const take = (records: readonly TradingRecord[]): void => {
    for (const record of records) apply(state, record)
  }
  take(openingRecords(rules, state, true, now))
  for (let n = 0; n < live; n++) {
    const stamp = { atMs: now.wallMs, atNs: now.ns }
    take([
      { kind: 'order-intended', ...stamp, clientId: `live${n}`, symbol: instruments[n % (SYMBOLS - 1)]!.symbol, purpose: 'entry', positionId: n + 1, side: 0, type: 'limit', priceTicks: 1000, referenceTicks: 1000, lots: 1, timeInForce: 'GTC', reduceOnly: false, ttlMs: 0, why: 'bench', trace: '', decisionSequence: 0, plan: rules.plan, reason: null, terms: null },
      { kind: 'order-accepted', ...stamp, clientId: `live${n}`, venueId: `v${n}` },
    ])
  }
  let sequence = 0
  return inProcess(`${live} orders live`, () => {
    sequence++
    const ns = sequence * 1e10
    Object.assign(now, { ns, wallMs: 1_700_000_000_000 + ns / 1e6 })
    const { records, refusal } = decide(rules, state, { kind: 'decision', symbolIndex: SYMBOLS - 1, sequence, tickSequence: sequence, receiveNs: ns, side: 0, confidence: 0.9, by: 1, regime: 'choppy', atrTicks: Number.NaN, clearance, price: { refused: false, bidTicks: 302_471, askTicks: 302_472, receiveNs: ns } }, now)
    if (refusal !== null) throw new Error(`no entry: ${refusal}`)
    take(records)
    const { clientId } = records[0] as OrderIntended
    take(decide(rules, state, { kind: 'place-outcome', clientId, outcome: { kind: 'unsent', reason: 'bench' } }, now).records)
  })
}

export const bench = defineBench('trading-live-orders', { rounds: 5 }, { name: 'an entry from decision to end, beside 10 000 live orders, against the same beside 10', unit: 'orders/s', better: 'higher', ours: beside(10_000), peer: beside(10), goal: { ratio: 0.9 } })

if (import.meta.main) await bench.run()
