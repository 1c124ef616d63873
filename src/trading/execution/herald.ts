import type { SymbolIndex } from '../../core/index.ts'
import type { ActorContext } from '../../runtime/index.ts'
import type { VenueWallet } from '../../venues/index.ts'
import { describeRecord } from '../journal/describe.ts'
import { BookGrids, symbolOf } from '../journal/grids.ts'
import type { TradingRecord } from '../records.ts'
import type { Rules } from '../rules.ts'
import type { TradingState } from '../state.ts'
import { traceOf, type TraceIds } from '../trace.ts'
import type { ViewSink } from '../views.ts'

/** Records that a person should hear of. */
const ALARMING: ReadonlySet<string> = new Set(['order-unknown', 'order-absent', 'order-adopted', 'order-hanging', 'hanging-resolved', 'transition-refused', 'position-adopted', 'plan-damaged', 'symbol-frozen', 'protection-failed', 'protection-alarm', 'limits-changed'])

/** A fill that the venue made against the account (liquidation, deleveraging) as well. */
const isAlarming = (record: TradingRecord): boolean => ALARMING.has(record.kind) || (record.kind === 'fill-booked' && record.note === 'venue')

/** Tells everyone else what is in the books: the log in words, the metrics in counts, the registry's cells. */
export class Herald {
  readonly #rules: Rules
  readonly #state: TradingState
  readonly #grids: BookGrids
  readonly #views: ViewSink | null
  readonly #context: Pick<ActorContext, 'clock' | 'count' | 'log'>

  constructor(rules: Rules, state: TradingState, views: ViewSink | null, context: Pick<ActorContext, 'clock' | 'count' | 'log'>) {
    this.#rules = rules
    this.#state = state
    this.#grids = new BookGrids(state)
    this.#views = views
    this.#context = context
  }

  /** Records that have been applied. */
  tell(records: readonly TradingRecord[]): void {
    for (const record of records) {
      this.#context.count('records', record.kind)
      const words = describeRecord(record, this.#grids)
      const ids = traceOf(record, this.#state)
      if (isAlarming(record)) this.#context.log('warn', words, this.#detailOf(record, ids))
      else this.#context.log('info', words, { ...record, ...ids })
      const symbol = symbolOf(record, this.#state)
      const index = symbol === undefined ? undefined : this.#rules.indexOf.get(symbol)
      if (index !== undefined) this.showPosition(index)
    }
  }

  /** Alarms are one line; of hanging orders there can be more to say. */
  #detailOf(record: TradingRecord, ids: TraceIds): Readonly<Record<string, unknown>> {
    if (!this.#rules.settings.reconcile.hangingDetail || (record.kind !== 'order-hanging' && record.kind !== 'hanging-resolved')) return { ...ids }
    return { ...ids, ...record, history: this.#state.orders.get(record.clientId)?.history ?? [] }
  }

  showPosition(symbolIndex: SymbolIndex): void {
    const symbol = this.#state.symbols.get(this.#rules.symbols[symbolIndex]!.instrument.symbol)
    if (symbol !== undefined) this.#views?.position(symbolIndex, symbol, this.#context.clock.nowNs())
  }

  showAccount(wallet: VenueWallet): void {
    this.#views?.account(wallet, this.#context.clock.nowNs())
  }
}
