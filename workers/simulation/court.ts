import type { Config } from '../../src/config/index.ts'
import { BUY, type Nanos, SELL, type VirtualTime, type WallMs } from '../../src/core/index.ts'
import type { Exchange, ExchangeOrder, Execution } from '../../src/exchange/index.ts'
import { type Intent, parseClientId, type StopSummary, type TradingRecord } from '../../src/trading/index.ts'
import type { HttpOutcome, HttpRequest } from '../../src/venues/index.ts'
import { PAPER_ACCOUNT } from '../exchange-messages.ts'
import type { EngineProcess } from './engine-process.ts'
import { LogView } from './log-view.ts'
import type { Command } from './out-frame.ts'
import type { Row, Violation } from './violation.ts'

/** Violations that are kept of one run: the first ones tell the story. */
const KEPT = 20

/** A judge of some rows. Everything that it hears comes in the order in which it happened. */
export interface Oracle {
  /** A command leaves the engine; the log is as it was before it left. */
  onCommand?(command: Command, process: EngineProcess): void
  /** A record is on the disk and in the view of the log. */
  onRecord?(record: TradingRecord, process: EngineProcess): void
  /** A power cut took the last records: what was heard of them never was. */
  onLogCut?(): void
  onOrder?(order: ExchangeOrder, isNew: boolean): void
  onExecution?(execution: Execution): void
  onProcess?(process: EngineProcess): void
  /** A frame reaches the engine. */
  onFrame?(url: string, frame: Uint8Array, process: EngineProcess): void
  onOpened?(url: string, process: EngineProcess): void
  onClosed?(url: string, process: EngineProcess): void
  onAsked?(request: HttpRequest, process: EngineProcess): void
  /** The answer to a request reaches the engine. */
  onAnswered?(request: HttpRequest, outcome: HttpOutcome, process: EngineProcess): void
  /** A process stopped in good order. */
  onStopped?(process: EngineProcess, summary: StopSummary): void
  /** Nothing is wrong any more and the engine had its time: all must agree. */
  atRest?(): void
}

/** An order of ours as the venue knows it; client ids without what a protocol hangs on them. */
export interface VenueOrderTruth {
  readonly clientId: string
  readonly orderId: string
  readonly symbol: string
  /** What its id says that it is for. */
  readonly kind: Intent['kind']
  readonly side: number
  readonly createdNs: Nanos
  open: boolean
  filledLots: number
  lots: number
}

interface PositionTruth {
  lots: number
  changedNs: Nanos
  /** Part of it that orders of ours did not make. */
  strangeLots: number
  strangeNs: Nanos
  /** Every size it had, and since when. */
  readonly past: { readonly atNs: Nanos; readonly lots: number }[]
}

/** What happened, from those who know: the exchange, the wire and the bytes of the journal. Oracles ask here. */
export class Court {
  readonly time: VirtualTime
  /** Wall time at virtual time zero. */
  readonly originMs: WallMs
  readonly exchange: Exchange
  readonly symbols: readonly string[]
  readonly log = new LogView()
  readonly violations: Violation[] = []
  /** By client id; an order the venue took twice stands in `takenTwice`. */
  readonly orders = new Map<string, VenueOrderTruth>()
  readonly takenTwice: VenueOrderTruth[] = []
  readonly positions = new Map<string, PositionTruth>()
  readonly executions: Execution[] = []
  /** How often a row had something to judge. */
  readonly judgements = new Map<Row, number>()
  config: Config
  /** Since when nothing is wrong any more, or -1. */
  healedNs: Nanos = -1
  #violated = 0
  readonly #oracles: Oracle[] = []
  readonly #seen = new Set<string>()

  constructor(time: VirtualTime, exchange: Exchange, symbols: readonly string[], config: Config) {
    this.time = time
    this.originMs = time.wallMs()
    this.exchange = exchange
    this.symbols = symbols
    this.config = config
    for (const symbol of symbols) this.positions.set(symbol, { lots: 0, changedNs: -1, strangeLots: 0, strangeNs: -1, past: [{ atNs: 0, lots: 0 }] })
    exchange.listen({ onOrder: (order) => this.#order(order), onExecution: (execution) => this.#execution(execution) })
  }

  /** All violations, also those that are not kept. */
  get violated(): number {
    return this.#violated
  }

  seat(...oracles: readonly Oracle[]): void {
    this.#oracles.push(...oracles)
  }

  report(row: Row, what: string, ids: readonly string[] = []): void {
    this.#violated++
    // The same row about the same ids is one violation, however often it shows.
    const key = `${row} ${ids.join(' ')} ${ids.length === 0 ? what : ''}`
    if (this.#seen.has(key) || this.violations.length >= KEPT) return
    this.#seen.add(key)
    this.violations.push({ row, atNs: this.time.nowNs(), what, ids })
  }

  /** A row has something to judge: an occasion on which it could break. */
  judge(row: Row): void {
    this.judgements.set(row, (this.judgements.get(row) ?? 0) + 1)
  }

  /** Symbols that the venue still lists: of the others nobody looks after the books. */
  get listed(): readonly string[] {
    return this.symbols.filter((symbol) => this.exchange.contract(symbol)!.status !== 'Closed')
  }

  position(symbol: string): PositionTruth {
    return this.positions.get(symbol)!
  }

  /** Orders of ours that the venue has open. */
  openOrders(symbol?: string): readonly VenueOrderTruth[] {
    return [...this.orders.values(), ...this.takenTwice].filter((order) => order.open && (symbol === undefined || order.symbol === symbol))
  }

  /** Whether the venue had so many lots of a symbol at some moment since then. */
  hadSince(symbol: string, lots: number, sinceNs: Nanos): boolean {
    const { past } = this.position(symbol)
    for (let i = past.length - 1; i >= 0; i--) {
      if (past[i]!.lots === lots) return true
      if (past[i]!.atNs <= sinceNs) return false
    }
    return false
  }

  /** Stop-losses that wait at the venue, whoever made them. */
  stops(symbol: string): readonly ExchangeOrder[] {
    return this.exchange.orders(PAPER_ACCOUNT, { conditional: true, open: true }).filter((order) => order.symbol === symbol)
  }

  /** Best bid and ask of the exchange. */
  top(symbol: string): readonly [bidTicks: number, askTicks: number] {
    const ticks = new Float64Array(1)
    const lots = new Float64Array(1)
    const bid = this.exchange.levels(symbol, BUY, 1, ticks, lots) > 0 ? ticks[0]! : Number.NaN
    const ask = this.exchange.levels(symbol, SELL, 1, ticks, lots) > 0 ? ticks[0]! : Number.NaN
    return [bid, ask]
  }

  onCommand(command: Command, process: EngineProcess): void {
    for (const oracle of this.#oracles) oracle.onCommand?.(command, process)
  }

  onRecords(records: readonly TradingRecord[], process: EngineProcess): void {
    for (const record of records) {
      this.log.add(record)
      for (const oracle of this.#oracles) oracle.onRecord?.(record, process)
    }
  }

  /** Reads the log anew: a power cut took some of it. */
  reread(records: readonly TradingRecord[]): void {
    this.log.reset()
    for (const record of records) this.log.add(record)
    for (const oracle of this.#oracles) oracle.onLogCut?.()
  }

  onProcess(process: EngineProcess): void {
    for (const oracle of this.#oracles) oracle.onProcess?.(process)
  }

  onFrame(url: string, frame: Uint8Array, process: EngineProcess): void {
    for (const oracle of this.#oracles) oracle.onFrame?.(url, frame, process)
  }

  onOpened(url: string, process: EngineProcess): void {
    for (const oracle of this.#oracles) oracle.onOpened?.(url, process)
  }

  onClosed(url: string, process: EngineProcess): void {
    for (const oracle of this.#oracles) oracle.onClosed?.(url, process)
  }

  onAsked(request: HttpRequest, process: EngineProcess): void {
    for (const oracle of this.#oracles) oracle.onAsked?.(request, process)
  }

  onAnswered(request: HttpRequest, outcome: HttpOutcome, process: EngineProcess): void {
    for (const oracle of this.#oracles) oracle.onAnswered?.(request, outcome, process)
  }

  onStopped(process: EngineProcess, summary: StopSummary): void {
    for (const oracle of this.#oracles) oracle.onStopped?.(process, summary)
  }

  atRest(): void {
    for (const oracle of this.#oracles) oracle.atRest?.()
  }

  #order(order: ExchangeOrder): void {
    if (order.account !== PAPER_ACCOUNT) return
    const clientId = plainId(order.clientId)
    const parts = parseClientId(clientId)
    if (parts === null) return
    let known = this.orders.get(clientId)
    if (known !== undefined && known.orderId !== order.orderId) known = this.takenTwice.find((one) => one.orderId === order.orderId) ?? this.#again(order, clientId, parts.intent.kind)
    const isNew = known === undefined
    if (known === undefined) {
      known = { clientId, orderId: order.orderId, symbol: order.symbol, kind: parts.intent.kind, side: order.side, createdNs: this.time.nowNs(), open: true, filledLots: 0, lots: order.lots }
      this.orders.set(clientId, known)
    }
    known.open = order.status === 'New' || order.status === 'PartiallyFilled' || order.status === 'Untriggered' || order.status === 'Triggered'
    known.filledLots = order.filledLots
    known.lots = order.lots
    for (const oracle of this.#oracles) oracle.onOrder?.(order, isNew)
  }

  #again(order: ExchangeOrder, clientId: string, kind: Intent['kind']): VenueOrderTruth {
    const twice: VenueOrderTruth = { clientId, orderId: order.orderId, symbol: order.symbol, kind, side: order.side, createdNs: this.time.nowNs(), open: true, filledLots: 0, lots: order.lots }
    this.takenTwice.push(twice)
    return twice
  }

  #execution(execution: Execution): void {
    if (execution.account !== PAPER_ACCOUNT) return
    this.executions.push(execution)
    if (execution.kind !== 'Funding') {
      const truth = this.position(execution.symbol)
      const signed = execution.side === BUY ? execution.lots : -execution.lots
      truth.lots += signed
      truth.changedNs = this.time.nowNs()
      truth.past.push({ atNs: truth.changedNs, lots: truth.lots })
      if (parseClientId(plainId(execution.clientId)) === null) {
        truth.strangeLots += signed
        truth.strangeNs = this.time.nowNs()
      }
      if (truth.lots === 0) truth.strangeLots = 0
    }
    for (const oracle of this.#oracles) oracle.onExecution?.(execution)
  }
}

/** A client id without what the OKX front hangs on it to tell later orders of one name apart. */
export function plainId(clientId: string): string {
  const at = clientId.indexOf('~')
  return at < 0 ? clientId : clientId.slice(0, at)
}
