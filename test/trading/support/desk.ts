import type { Side } from '../../../src/core/index.ts'
import {
  apply,
  compileRules,
  createState,
  decide,
  MemoryJournal,
  openingRecords,
  symbolState,
  type Decided,
  type DecisionEvent,
  type ExitSignalEvent,
  type OrderIntended,
  type Position,
  type Rules,
  type SymbolState,
  type TradingEvent,
  type TradingRecord,
  type TradingSettings,
  type TradingState,
} from '../../../src/trading/index.ts'
import { instruments, settings } from './world.ts'
import { CLEARED } from './world.ts'

type Quote = DecisionEvent['price']

/** Books, rules and a journal without an actor or a venue: one event after another, as the pipeline takes them. */
export class Desk {
  readonly rules: Rules
  readonly journal: MemoryJournal
  readonly state: TradingState = createState()
  readonly now = { ns: 0, wallMs: 1_700_000_000_000, opens: true }
  #sequence = 0
  #fills = 0

  /** @param content journal to go on with */
  constructor(exit: Partial<TradingSettings['exit']> = {}, content?: Uint8Array) {
    this.rules = compileRules({ ...settings, exit: { ...settings.exit, ...exit } }, instruments)
    this.journal = new MemoryJournal(content)
    this.journal.replay((record) => apply(this.state, record))
    this.commit(openingRecords(this.rules, this.state, true, this.now))
  }

  commit(records: readonly TradingRecord[]): void {
    this.journal.append(records)
    for (const record of records) apply(this.state, record)
  }

  take(event: TradingEvent): Decided {
    const decided = decide(this.rules, this.state, event, this.now)
    this.commit(decided.records)
    return decided
  }

  pass(ms: number): void {
    this.now.ns += ms * 1e6
    this.now.wallMs += ms
  }

  quote(bidTicks: number, askTicks: number): Quote {
    return { refused: false, bidTicks, askTicks, receiveNs: this.now.ns }
  }

  decision(side: Side, change: Partial<DecisionEvent> = {}): Decided {
    const sequence = ++this.#sequence
    return this.take({ kind: 'decision', symbolIndex: 0, sequence, tickSequence: sequence, receiveNs: this.now.ns, side, confidence: 0.9, by: 1, regime: 'choppy', atrTicks: Number.NaN, clearance: CLEARED, price: this.quote(99_999, 100_001), ...change })
  }

  /** Enters at the limit of the decision, and is filled there whole. */
  enter(side: Side, change: Partial<DecisionEvent> = {}): Position {
    const intent = this.decision(side, change).records[0] as OrderIntended
    this.fill(intent.side, intent.lots, intent.priceTicks!, intent.clientId)
    return this.position
  }

  fill(side: Side, lots: number, priceTicks: number, clientId = ''): void {
    this.take({ kind: 'venue-fill', fill: { executionId: `x${++this.#fills}`, clientId, venueId: `v${clientId}`, symbol: this.symbol.symbol, side, priceTicks, lots, fee: '0', maker: true, kind: 'trade', timeMs: this.now.wallMs } as Extract<TradingEvent, { kind: 'venue-fill' }>['fill'] })
  }

  price(bidTicks: number, askTicks = bidTicks + 1): Decided {
    return this.take({ kind: 'price', symbolIndex: 0, price: this.quote(bidTicks, askTicks) })
  }

  signal(change: Partial<ExitSignalEvent> = {}): Decided {
    return this.take({ kind: 'exit-signal', symbolIndex: 0, strategy: 'sar-wave', why: 'the wave has ended', receiveNs: this.now.ns, price: this.quote(99_999, 100_001), ...change })
  }

  get symbol(): SymbolState {
    return symbolState(this.state, instruments[0]!.symbol)
  }

  get position(): Position {
    const { position } = this.symbol
    if (position === null) throw new Error('nothing is held')
    return position
  }

  records(): TradingRecord[] {
    const records: TradingRecord[] = []
    this.journal.replay((record) => void records.push(record))
    return records
  }
}
