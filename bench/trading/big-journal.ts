import { DecimalStep, type Instrument, money } from '../../src/core/index.ts'
import { apply, type Clearance, compileRules, createState, decide, FileJournal, type Moment, openingRecords, type OrderIntended, tradingDefaults, type TradingEvent, type TradingRecord } from '../../src/trading/index.ts'

const instrument: Instrument = { symbol: 'BTCUSDT', index: 0, baseCoin: 'BTC', quoteCoin: 'USDT', tick: new DecimalStep('0.10'), lot: new DecimalStep('0.001'), minLots: 1, maxLots: 100_000, minNotional: '5', maxLeverage: 100 }
const rules = compileRules({ ...tradingDefaults, limits: { ...tradingDefaults.limits, ordersPerWindowMax: 1000, orderWindowMs: 1 } }, [instrument])
const clearance: Clearance = { blocked: '', funds: { equity: money('1000'), marginAvailable: money('1000') }, leverage: money('10'), band: { highestBuyTicks: 1e9, lowestSellTicks: 1, enabled: true, ageMs: 0 } }
const ROUND_NS = 10e9

/** Writes a journal of at least so many records as trading makes them: entries filled in two parts, closed at their take profit. */
export function writeBigJournal(path: string, records: number): void {
  const journal = new FileJournal(path)
  const state = createState()
  const now: Moment = { ns: 0, wallMs: 1_700_000_000_000, opens: true }
  let executions = 0
  const take = (batch: readonly TradingRecord[]): void => {
    if (batch.length > 0) journal.append(batch)
    for (const record of batch) apply(state, record)
  }
  const run = (event: TradingEvent): readonly TradingRecord[] => {
    const { records: batch, refusal } = decide(rules, state, event, now)
    if (refusal !== null) throw new Error(`${event.kind}: ${refusal}`)
    take(batch)
    return batch
  }
  const fill = (intent: OrderIntended, lots: number): void =>
    void run({ kind: 'venue-fill', fill: { executionId: `x${++executions}`, clientId: intent.clientId, venueId: `v${intent.clientId}`, symbol: instrument.symbol, side: intent.side, priceTicks: 302_471, lots, fee: '0.0123', maker: false, kind: 'trade', timeMs: now.wallMs } })
  const intentOf = (batch: readonly TradingRecord[]): OrderIntended => batch.find((record) => record.kind === 'order-intended')!

  take(openingRecords(rules, state, true, now))
  for (let sequence = 1; journal.length < records; sequence++) {
    Object.assign(now, { ns: sequence * ROUND_NS, wallMs: 1_700_000_000_000 + (sequence * ROUND_NS) / 1e6 })
    const price = { refused: false as const, bidTicks: 302_471, askTicks: 302_472, receiveNs: now.ns }
    const entry = intentOf(run({ kind: 'decision', symbolIndex: 0, sequence, tickSequence: sequence, receiveNs: now.ns, side: 0, confidence: 0.9, by: 1, regime: 'choppy', atrTicks: Number.NaN, clearance, price }))
    run({ kind: 'place-outcome', clientId: entry.clientId, outcome: { kind: 'accepted', venueId: `v${entry.clientId}` } })
    fill(entry, 1)
    fill(entry, entry.lots - 1)
    const exit = intentOf(run({ kind: 'price', symbolIndex: 0, price: { ...price, bidTicks: 310_000, askTicks: 310_001 } }))
    run({ kind: 'place-outcome', clientId: exit.clientId, outcome: { kind: 'accepted', venueId: `v${exit.clientId}` } })
    fill(exit, exit.lots)
  }
  journal.flush()
  journal.close()
}
