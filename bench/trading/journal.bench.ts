import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DecimalStep, type Instrument, money } from '../../src/core/index.ts'
import { apply, compileRules, createState, decide, FileJournal, openingRecords, tradingDefaults, type Clearance, type Decided, type Moment, type OrderIntended } from '../../src/trading/index.ts'
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
const rules = compileRules({ ...tradingDefaults, limits: { ...tradingDefaults.limits, ordersPerWindowMax: 1000, orderWindowMs: 1 } }, [instrument])
const CLEARED: Clearance = { blocked: '', funds: { equity: money('1000'), marginAvailable: money('1000') }, leverage: money('10'), band: { highestBuyTicks: 1e9, lowestSellTicks: 1, enabled: true, ageMs: 0 } }
const CALLS = 4000
const WARM_UP = 1000

/** An entry, and the refusal that ends it so that the next one finds the symbol empty. */
class Engine {
  readonly folder = mkdtempSync(join(tmpdir(), 'ringmaster-bench-'))
  readonly journal = new FileJournal(join(this.folder, 'trading.journal'))
  readonly state = createState()
  readonly now: Moment = { ns: 0, wallMs: 1_700_000_000_000, opens: true }
  sequence = 0

  constructor() {
    for (const record of openingRecords(rules, this.state, true, this.now)) apply(this.state, record)
  }

  decide(): Decided {
    const sequence = ++this.sequence
    const ns = sequence * 1e10
    Object.assign(this.now, { ns })
    return decide(
      rules,
      this.state,
      { kind: 'decision', symbolIndex: 0, sequence, tickSequence: sequence, receiveNs: ns, side: 0, confidence: 0.9, by: 1, regime: 'choppy', atrTicks: Number.NaN, clearance: CLEARED, price: { refused: false, bidTicks: 302_471, askTicks: 302_472, receiveNs: ns } },
      this.now,
    )
  }

  end(entry: Decided): void {
    const { clientId } = entry.records[0] as OrderIntended
    for (const record of decide(rules, this.state, { kind: 'place-outcome', clientId, outcome: { kind: 'unsent', reason: 'bench' } }, this.now).records) apply(this.state, record)
  }

  close(): void {
    this.journal.close()
    rmSync(this.folder, { recursive: true })
  }
}

/** Microseconds of one call at a quantile; every call is timed alone, by the monotonic clock. */
function timed(name: string, quantile: number, part: 'append' | 'all'): Side {
  return {
    name,
    measure() {
      const engine = new Engine()
      const samples = new Float64Array(CALLS)
      for (let i = -WARM_UP; i < CALLS; i++) {
        const allNs = process.hrtime.bigint()
        const entry = engine.decide()
        if (!entry.increases) throw new Error(`no entry: ${entry.refusal}`)
        const appendNs = process.hrtime.bigint()
        engine.journal.append(entry.records)
        const appendedNs = process.hrtime.bigint()
        for (const record of entry.records) apply(engine.state, record)
        const doneNs = process.hrtime.bigint()
        if (i >= 0) samples[i] = Number(part === 'append' ? appendedNs - appendNs : doneNs - allNs) / 1000
        engine.end(entry)
      }
      engine.close()
      return samples.sort()[Math.floor(quantile * CALLS)]!
    },
  }
}

export const bench = defineBench(
  'trading-journal',
  { rounds: 9 },
  { name: 'append of an intent, p50, without waiting for the disk', unit: 'us', better: 'lower', ours: timed('FileJournal', 0.5, 'append'), goal: { atMost: 10 } },
  { name: 'append of an intent, p99, without waiting for the disk', unit: 'us', better: 'lower', ours: timed('FileJournal', 0.99, 'append'), goal: { atMost: 250 } },
  { name: 'decide, append and apply an entry, p50', unit: 'us', better: 'lower', ours: timed('whole way', 0.5, 'all'), goal: { atMost: 50 } },
  { name: 'decide, append and apply an entry, p99', unit: 'us', better: 'lower', ours: timed('whole way', 0.99, 'all'), goal: { atMost: 500 } },
)

if (import.meta.main) await bench.run()
