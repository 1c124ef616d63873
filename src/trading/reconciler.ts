import { errorLine, type Clock, type Timer, type Timers } from '../core/index.ts'
import type { TradingPort, VenuePosition, VenueWallet } from '../venues/index.ts'
import type { Effect, Moment } from './events.ts'
import { reconcile, type Mismatch } from './reconcile.ts'
import type { TradingRecord } from './records.ts'
import type { Rules } from './rules.ts'
import type { TradingState } from './state.ts'

export interface ReconcilerHost {
  readonly moment: () => Moment
  /** Writes, applies, runs the effects. */
  readonly commit: (records: readonly TradingRecord[], effects: readonly Effect[]) => void
  readonly onWallet: (wallet: VenueWallet) => void
  /** A position that is more than whole lots: what is more cannot be closed by an order of ours. */
  readonly onDust: (position: VenuePosition) => void
  /** @param problem '' when the books agree with the venue */
  readonly onDone: (reason: string, problem: string) => void
  /** @param planned what a round would write */
  readonly onInspected: (problem: string, planned: readonly TradingRecord[]) => void
}

/** Asks for snapshots until the books and the venue agree, in rounds of a few tries. One round at a time. */
export class Reconciler {
  readonly #rules: Rules
  readonly #state: TradingState
  readonly #port: TradingPort
  readonly #timers: Timers
  readonly #clock: Clock
  readonly #host: ReconcilerHost
  #round = 0
  #running = false
  #timer: Timer | null = null

  constructor(rules: Rules, state: TradingState, port: TradingPort, timers: Timers, clock: Clock, host: ReconcilerHost) {
    this.#rules = rules
    this.#state = state
    this.#port = port
    this.#timers = timers
    this.#clock = clock
    this.#host = host
  }

  get running(): boolean {
    return this.#running
  }

  /** Starts a round; while one runs it goes on and answers for both. */
  run(reason: string): void {
    if (this.#running) return
    this.#running = true
    this.#round++
    this.#try(this.#round, reason, 1, [], { fills: 0, adopted: 0 })
  }

  /** Asks for one snapshot and tells what a round would write, without writing it. */
  inspect(): void {
    if (this.#running) return
    this.#running = true
    this.#round++
    this.#look(this.#round, 1)
  }

  #look(round: number, attempt: number): void {
    const { reconcile: settings } = this.#rules.settings
    const askedNs = this.#clock.nowNs()
    const movesThen = this.#moves()
    const fillsSinceMs = this.#fillsSinceMs()
    this.#port.snapshot(this.#rules.symbols.map((own) => own.instrument.symbol), fillsSinceMs, (error, snapshot) => {
      if (round !== this.#round) return
      if (snapshot === null && attempt < settings.tries) return void (this.#timer = this.#timers.after(settings.delayMs, () => this.#look(round, attempt + 1)))
      this.#running = false
      if (snapshot === null) return this.#host.onInspected(error === null ? 'no snapshot' : errorLine(error), [])
      this.#host.onWallet(snapshot.wallet)
      this.#host.onInspected('', reconcile(this.#rules, this.#state, { snapshot, askedNs, fillsSinceMs, movesThen, before: null }, this.#host.moment()).records)
    })
  }

  #moves(): Map<string, number> {
    const moves = new Map<string, number>()
    for (const symbol of this.#state.symbols.values()) moves.set(symbol.symbol, symbol.moves)
    return moves
  }

  /** Drops a round: its answers come too late to be true. */
  cancel(): void {
    this.#running = false
    this.#round++
    this.#timer?.cancel()
    this.#timer = null
  }

  #try(round: number, reason: string, attempt: number, before: readonly Mismatch[], sums: { fills: number; adopted: number }): void {
    const { reconcile: settings } = this.#rules.settings
    const askedNs = this.#clock.nowNs()
    const askedMs = this.#clock.wallMs()
    const movesThen = this.#moves()
    const again = (problem: string, mismatches: readonly Mismatch[]): void => {
      if (attempt >= settings.tries) {
        this.#running = false
        this.#host.onDone(reason, problem)
        return
      }
      this.#timer = this.#timers.after(settings.delayMs, () => this.#try(round, reason, attempt + 1, mismatches, sums))
    }
    const symbols = this.#rules.symbols.map((own) => own.instrument.symbol)
    const fillsSinceMs = this.#fillsSinceMs()
    this.#port.snapshot(symbols, fillsSinceMs, (error, snapshot) => {
      if (round !== this.#round) return
      if (snapshot === null) return again(error === null ? 'no snapshot' : errorLine(error), before)
      for (const position of snapshot.positions) if (position.sizeText !== undefined) this.#host.onDust(position)
      const now = this.#host.moment()
      const result = reconcile(this.#rules, this.#state, { snapshot, askedNs, fillsSinceMs, movesThen, before }, now)
      sums.fills += result.fillsBooked
      sums.adopted += result.positionsAdopted
      this.#host.commit(result.records, result.effects)
      this.#host.onWallet(snapshot.wallet)
      if (result.open.length > 0 || result.moved.length > 0) {
        const words = result.open.map((gap) => `${gap.symbol} ${gap.engineLots} lots here, ${gap.venueLots} at the venue`)
        if (result.moved.length > 0) words.push(`${result.moved.join(', ')} moved under the snapshot, or it does not show their last execution`)
        return again(words.join('; '), result.open)
      }
      this.#running = false
      this.#host.commit(
        [
          {
            kind: 'reconciled',
            atMs: now.wallMs,
            atNs: now.ns,
            reason,
            tries: attempt,
            askedMs,
            fillsBooked: sums.fills,
            positionsAdopted: sums.adopted,
            ordersHanging: result.ordersHanging,
            fillsComplete: snapshot.fillsComplete,
            balance: snapshot.wallet.balance,
          },
        ],
        [],
      )
      this.#host.onDone(reason, '')
    })
  }

  /** Everything since the last good reconciliation, and a little more; never what has been forgotten. */
  #fillsSinceMs(): number {
    const { reconciledMs, epochMs, seen } = this.#state
    const since = reconciledMs > 0 ? reconciledMs - this.#rules.settings.reconcile.overlapMs : epochMs
    return Math.max(since, seen.floorMs + 1)
  }
}
