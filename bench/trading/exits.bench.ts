import { DecimalStep, type Instrument, money } from '../../src/core/index.ts'
import { apply, compileRules, createState, decide, openingRecords, tradingDefaults, type Clearance, type ExitParameters, type Moment, type OrderIntended, type PriceEvent, type TradingEvent, type TradingState } from '../../src/trading/index.ts'
import { defineBench, type Side } from '../harness.ts'

const instrument: Instrument = {
  symbol: 'BTCUSDT',
  index: 0,
  baseCoin: 'BTC',
  quoteCoin: 'USDT',
  tick: new DecimalStep('0.10'),
  lot: new DecimalStep('0.001'),
  minLots: 1,
  maxLots: 100_000,
  minNotional: '5',
  maxLeverage: 100,
}
const choppy: ExitParameters = {
  source: 'bench',
  takeProfitPercent: '50',
  stopLossPercent: '1',
  takeProfitAtr: null,
  stopLossAtr: null,
  holdMsMax: 3_600_000,
  trailing: { source: 'bench', activationPercent: '0.2', activationAtr: null, distancePercent: '0.5', distanceAtr: null },
}
const rules = compileRules({ ...tradingDefaults, exit: { ...tradingDefaults.exit, byRegime: { ...tradingDefaults.exit.byRegime, choppy } } }, [instrument])
const PRICES = 4096
const CALLS = 400_000

/** What the venue has said of the account, as far as an entry needs it. */
const CLEARED: Clearance = { blocked: '', funds: { equity: money('1000'), marginAvailable: money('1000') }, leverage: money('10'), band: { highestBuyTicks: 1e9, lowestSellTicks: 1, enabled: true, ageMs: 0 } }

/** A long at 299 849 whose stop trails. */
class Book {
  readonly state: TradingState = createState()
  readonly now: Moment = { ns: 0, wallMs: 1_700_000_000_000, opens: true }
  readonly event = { kind: 'price' as const, symbolIndex: 0, price: { refused: false as const, bidTicks: 0, askTicks: 0, receiveNs: 0 } } satisfies PriceEvent

  constructor() {
    for (const record of openingRecords(rules, this.state, true, this.now)) apply(this.state, record)
    const [intent] = this.take({ kind: 'decision', symbolIndex: 0, sequence: 1, tickSequence: 1, receiveNs: 0, side: 0, confidence: 0.9, by: 1, regime: 'choppy', atrTicks: Number.NaN, clearance: CLEARED, price: { refused: false, bidTicks: 299_999, askTicks: 300_000, receiveNs: 0 } }) as [OrderIntended]
    this.take({ kind: 'venue-fill', fill: { executionId: 'x', clientId: intent.clientId, venueId: 'v', symbol: intent.symbol, side: 0, priceTicks: intent.priceTicks!, lots: intent.lots, fee: '0', maker: true, kind: 'trade', timeMs: 1 } as Extract<TradingEvent, { kind: 'venue-fill' }>['fill'] })
  }

  take(event: TradingEvent) {
    const { records } = decide(rules, this.state, event, this.now)
    for (const record of records) apply(this.state, record)
    return records
  }

  /** @returns records that the price has led to */
  price(bidTicks: number): number {
    this.event.price.bidTicks = bidTicks
    this.event.price.askTicks = bidTicks + 1
    return this.take(this.event).length
  }
}

/** Prices that wander between stop and activation, as most do: every rule is looked at and none is met. */
const quiet: Side = {
  name: 'decide on a price',
  measure() {
    const book = new Book()
    book.price(300_600)
    const prices = Float64Array.from({ length: PRICES }, (_, i) => 300_300 + 290 * Math.sin(i / 40)).map(Math.round)
    const startNs = process.hrtime.bigint()
    let records = 0
    for (let i = 0; i < CALLS; i++) records += book.price(prices[i % PRICES]!)
    const tookNs = Number(process.hrtime.bigint() - startNs)
    if (records !== 0) throw new Error(`${records} records where none was due`)
    return tookNs / 1000 / CALLS
  },
}

/** Every price moves the stop by a step: decided, made a record and applied, without the journal. */
const moving: Side = {
  name: 'decide and apply',
  measure() {
    const book = new Book()
    const stepTicks = book.state.symbols.get('BTCUSDT')!.position!.trailStepTicks
    const moves = 2000
    const startNs = process.hrtime.bigint()
    for (let i = 0; i < moves; i++) if (book.price(300_600 + i * stepTicks) !== 1) throw new Error(`the stop did not move at ${i}`)
    return Number(process.hrtime.bigint() - startNs) / 1000 / moves
  },
}

export const bench = defineBench(
  'trading-exits',
  { rounds: 9 },
  { name: 'all exit rules on one price of an open position', unit: 'us', better: 'lower', ours: quiet, goal: { atMost: 1 } },
  { name: 'a price that moves the trailing stop', unit: 'us', better: 'lower', ours: moving, goal: { atMost: 10 } },
)

if (import.meta.main) await bench.run()
