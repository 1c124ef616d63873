import type { SymbolIndex } from '../../core/index.ts'
import type { ActorContext } from '../../runtime/index.ts'
import { decide } from '../decide/index.ts'
import type { Broken, Decided, Effect, Moment, TradingEvent } from '../events.ts'
import type { Recorder } from '../recorder.ts'
import type { TradingRecord } from '../records.ts'
import type { Rules } from '../rules.ts'
import type { TradingState } from '../state.ts'
import type { Readiness } from './readiness.ts'

export interface PipelineEnds {
  /** Makes an effect happen. */
  readonly run: (effect: Effect) => void
  /** Whether the way to the venue takes new orders now. */
  readonly takesEntries: () => boolean
  /** Hears of records that are in the books. */
  readonly tell: (records: readonly TradingRecord[]) => void
  /** Hears of entries that a limit kept out. */
  readonly refused: (symbolIndex: SymbolIndex, broken: Broken) => void
}

/**
 * The one way of every event: decide (pure), append to the journal, apply to the books, run the effects, tell. What
 * increases exposure never leaves before its intent is written.
 */
export class Pipeline {
  readonly #rules: Rules
  readonly #state: TradingState
  readonly #recorder: Recorder
  readonly #readiness: Readiness
  readonly #context: Pick<ActorContext, 'clock' | 'count' | 'observe'>
  readonly #ends: PipelineEnds
  readonly #now = { ns: 0, wallMs: 0, opens: false }

  constructor(rules: Rules, state: TradingState, recorder: Recorder, readiness: Readiness, context: Pick<ActorContext, 'clock' | 'count' | 'observe'>, ends: PipelineEnds) {
    this.#rules = rules
    this.#state = state
    this.#recorder = recorder
    this.#readiness = readiness
    this.#context = context
    this.#ends = ends
  }

  /** The present. One object for all callers: it holds until the next call. */
  moment(): Moment {
    this.#now.ns = this.#context.clock.nowNs()
    this.#now.wallMs = this.#context.clock.wallMs()
    this.#now.opens = this.#readiness.opens && this.#ends.takesEntries()
    return this.#now
  }

  handle(event: TradingEvent): void {
    this.take(event, this.moment(), 'events_absorbed')
  }

  /** @param refusals counter of events that lead to nothing, by their reason */
  take(event: TradingEvent, now: Moment, refusals: string): void {
    const startNs = now.ns
    const result = decide(this.#rules, this.#state, event, now)
    if (result.increases) this.#context.observe('decide', this.#context.clock.nowNs() - startNs)
    if (result.refusal !== null) this.#context.count(refusals, result.refusal)
    if (result.broken !== undefined && event.kind === 'decision') this.#ends.refused(event.symbolIndex, result.broken)
    this.act(result)
  }

  /** @throws RM_JOURNAL_BACKLOG */
  act({ records, effects, increases }: Decided): void {
    if (records.length > 0) {
      const startNs = this.#context.clock.nowNs()
      const may = this.#recorder.commit(records, increases)
      this.#context.observe('journal_append', this.#context.clock.nowNs() - startNs)
      const reason = !may ? `journal: ${this.#recorder.problem}` : increases ? this.#lateness(effects) : ''
      if (reason !== '') {
        this.#ends.tell(records)
        return this.#withhold(effects, reason)
      }
    }
    for (let i = 0; i < effects.length; i++) this.#ends.run(effects[i]!)
    // The order is on its way before anybody puts it into words.
    if (records.length > 0) this.#ends.tell(records)
  }

  /** Why an entry is too late to leave: a disk may take longer over its intent than its price is good for. '' when it is not. */
  #lateness(effects: readonly Effect[]): string {
    const limitMs = this.#rules.settings.entry.decisionAgeMsMax
    for (const effect of effects) {
      if (effect.kind !== 'place' || effect.request.reduceOnly) continue
      const ageMs = (this.#context.clock.nowNs() - effect.receiveNs) / 1e6
      if (ageMs > limitMs) return `its data was ${Math.round(ageMs)} ms old when the journal had it, at most ${limitMs} are allowed`
    }
    return ''
  }

  /** The journal did not take an intent, not for sure, or not in time: its order stays here, and the books say so where they know of it. */
  #withhold(effects: readonly Effect[], reason: string): void {
    this.#context.count('decisions_refused', 'journal')
    for (const effect of effects) {
      if (effect.kind !== 'place' || !this.#state.orders.has(effect.request.clientId)) continue
      this.handle({ kind: 'place-outcome', clientId: effect.request.clientId, outcome: { kind: 'unsent', reason } })
    }
  }
}
