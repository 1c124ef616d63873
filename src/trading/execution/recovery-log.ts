import type { Clock } from '../../core/index.ts'
import type { HangingFinding, TradingRecord } from '../records.ts'
import { ORDER_STATES } from '../order-machine.ts'
import { POSITION_STATES } from '../position-machine.ts'
import type { TradingState } from '../state.ts'

/** One hanging order as far as it is known: reported, and resolved where `resolved` says so. */
export interface HangingResult extends HangingFinding {
  readonly issue: 'not-open' | 'timeout-in-status' | 'status-mismatch' | 'not-found' | 'still-open'
  readonly resolved: boolean
}

/** What a run of recovery found and did: plain data, for the console, the health server and the command line. */
export interface RecoveryReport {
  /** Counts the reports of one life of execution. */
  readonly number: number
  readonly reason: string
  /** Ids of the requests that this run answers. */
  readonly requests: readonly string[]
  readonly startedMs: number
  readonly endedMs: number
  /** `agreed`: books and venue say the same. `waiting`: nothing was changed, a person has to ask for it. `failed`: see `problem`; tried again. */
  readonly outcome: 'agreed' | 'waiting' | 'failed'
  readonly problem: string
  readonly epoch: number
  /** What the journal restored: live machines by their state. */
  readonly ordersRestored: Readonly<Record<string, number>>
  readonly positionsRestored: Readonly<Record<string, number>>
  readonly fillsBooked: number
  readonly fundingBooked: number
  readonly positionsAdopted: readonly { readonly symbol: string; readonly fromLots: number; readonly toLots: number; readonly why: string }[]
  readonly ordersAdopted: readonly { readonly clientId: string; readonly venueId: string; readonly symbol: string }[]
  readonly hanging: readonly HangingResult[]
  readonly frozen: readonly { readonly symbol: string; readonly code: string; readonly why: string }[]
  readonly balance: string
}

type Open = Pick<RecoveryReport, 'reason' | 'startedMs' | 'ordersRestored' | 'positionsRestored'>

/**
 * Writes the report of every run of recovery from the records that it led to. An answer about a hanging order that comes
 * after the run corrects its report, which is told anew.
 */
export class RecoveryLog {
  readonly #state: TradingState
  readonly #clock: Clock
  readonly #tell: (report: RecoveryReport) => void
  readonly #requests: string[] = []
  #open: Open | null = null
  #records: TradingRecord[] = []
  #number = 0
  #last: RecoveryReport | null = null

  constructor(state: TradingState, clock: Clock, tell: (report: RecoveryReport) => void) {
    this.#state = state
    this.#clock = clock
    this.#tell = tell
  }

  get last(): RecoveryReport | null {
    return this.#last
  }

  /** A run that goes on answers for later requests too. */
  request(id: string): void {
    if (id !== '') this.#requests.push(id)
  }

  begin(reason: string): void {
    if (this.#open !== null) return
    this.#records = []
    this.#open = { reason, startedMs: this.#clock.wallMs(), ordersRestored: liveOrders(this.#state), positionsRestored: heldPositions(this.#state) }
  }

  /** Records that have been applied. */
  note(records: readonly TradingRecord[]): void {
    if (this.#open !== null) for (const record of records) this.#records.push(record)
    else if (this.#last !== null && records.some((record) => record.kind === 'hanging-resolved')) this.#correct(this.#last, records)
  }

  /**
   * Ends the run and tells of it, unless it was an audit that found nothing and that nobody asked for.
   * @param planned what recovery would have written, where it waits for a person
   */
  end(outcome: RecoveryReport['outcome'], problem: string, planned: readonly TradingRecord[] = []): void {
    const open = this.#open
    if (open === null) return
    this.#open = null
    const facts = factsOf(outcome === 'waiting' ? planned : this.#records)
    const requests = this.#requests.splice(0)
    if (open.reason === 'audit' && problem === '' && requests.length === 0 && facts.quiet) return
    this.#last = { ...open, number: ++this.#number, requests, endedMs: this.#clock.wallMs(), outcome, problem, epoch: this.#state.epoch, ...facts.report }
    this.#tell(this.#last)
  }

  /** A link that went down drops its run. What was asked for is answered by the next. */
  drop(): void {
    this.#open = null
  }

  #correct(last: RecoveryReport, records: readonly TradingRecord[]): void {
    const answers = factsOf(records).report.hanging
    const hanging = last.hanging.map((one) => answers.find((answer) => answer.clientId === one.clientId) ?? one)
    if (hanging.every((one, index) => one === last.hanging[index])) return
    this.#last = { ...last, hanging }
    this.#tell(this.#last)
  }
}

function factsOf(records: readonly TradingRecord[]) {
  const hanging = new Map<string, HangingResult>()
  const positionsAdopted: RecoveryReport['positionsAdopted'][number][] = []
  const ordersAdopted: RecoveryReport['ordersAdopted'][number][] = []
  const frozen: RecoveryReport['frozen'][number][] = []
  let fillsBooked = 0
  let fundingBooked = 0
  let balance = ''
  for (const record of records) {
    switch (record.kind) {
      case 'order-hanging':
      case 'hanging-resolved': {
        const { clientId, venueId, symbol, localState, issue, reason, venueStatus, venueData } = record
        hanging.set(clientId, { clientId, venueId, symbol, localState, issue, reason, venueStatus, venueData, resolved: record.kind === 'hanging-resolved' })
        break
      }
      case 'fill-booked':
        // What the stream brings meanwhile is no finding.
        if (record.source !== 'stream') fillsBooked++
        break
      case 'funding-booked':
        fundingBooked++
        break
      case 'position-adopted':
        positionsAdopted.push({ symbol: record.symbol, fromLots: record.fromLots, toLots: record.toLots, why: record.why })
        break
      case 'order-adopted':
        ordersAdopted.push({ clientId: record.clientId, venueId: record.venueId, symbol: record.symbol })
        break
      case 'symbol-frozen':
        frozen.push({ symbol: record.symbol, code: record.code, why: record.why })
        break
      case 'reconciled':
        balance = record.balance
        break
      default:
    }
  }
  const quiet = fillsBooked + positionsAdopted.length + ordersAdopted.length + hanging.size + frozen.length === 0
  return { quiet, report: { fillsBooked, fundingBooked, positionsAdopted, ordersAdopted, hanging: [...hanging.values()], frozen, balance } }
}

function liveOrders(state: TradingState): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const symbol of state.symbols.values()) for (const order of symbol.live) count(counts, ORDER_STATES[order.state]!)
  return counts
}

function heldPositions(state: TradingState): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const symbol of state.symbols.values()) if (symbol.position !== null) count(counts, POSITION_STATES[symbol.position.state]!)
  return counts
}

const count = (counts: Record<string, number>, name: string): void => void (counts[name] = (counts[name] ?? 0) + 1)
