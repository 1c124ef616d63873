import { STRATEGY_NAMES } from '../../memory/index.ts'
import type { Signal } from '../contract/index.ts'
import type { FeedDecision } from '../link/index.ts'
import type { LiveSymbol } from './market-view.ts'

const SIGNALS_KEPT = 2000

/** A decision as it was heard, with the grid that it counts in. */
export interface HeardDecision {
  readonly signal: Signal
  readonly decision: FeedDecision
  readonly live: Pick<LiveSymbol, 'symbol' | 'tick' | 'lot'>
}

/** How often a strategy voted for what. */
export interface VoteCounts {
  buy: number
  sell: number
  none: number
  leftOut: number
}

/** Counts over what this gateway has heard. */
export interface DecisionCounts {
  decisions: number
  consensus: number
  single: number
  model: number
  conflicts: number
  blocked: number
  /** Decisions that the model was asked for, and of those the ones whose most likely side it was. */
  modelRuns: number
  modelAgrees: number
  /** Entries, and those of them without an answer of the model. */
  entries: number
  withoutModel: number
}

/** The newest decisions; of those that ask for an order, what they rested on. */
export class DecisionLog {
  readonly #tracesKept: number
  readonly sinceMs: number
  readonly votes: readonly VoteCounts[] = STRATEGY_NAMES.map(() => ({ buy: 0, sell: 0, none: 0, leftOut: 0 }))
  readonly counts: DecisionCounts = { decisions: 0, consensus: 0, single: 0, model: 0, conflicts: 0, blocked: 0, modelRuns: 0, modelAgrees: 0, entries: 0, withoutModel: 0 }
  #signals: Signal[] = []
  readonly #traces = new Map<string, HeardDecision>()
  readonly #lastEntry = new Map<string, Signal>()
  #lost = 0
  /** Of the vectors in the traces, as the engine that runs names them. */
  featureNames: readonly string[] = []

  /** @param tracesKept decisions whose features and prices are kept @param sinceMs wall time of its beginning */
  constructor(tracesKept: number, sinceMs: number) {
    this.#tracesKept = tracesKept
    this.sinceMs = sinceMs
  }

  /** Oldest first. */
  get signals(): readonly Signal[] {
    return this.#signals
  }

  /** Decisions that were overwritten in the ring before anybody read them. */
  get lost(): number {
    return this.#lost
  }

  /** The last decision for an entry of a symbol. */
  lastEntry(symbol: string): Signal | null {
    return this.#lastEntry.get(symbol) ?? null
  }

  /** What a decision of a session rested on, as long as it is kept. */
  trace(epoch: number, symbol: string, sequence: number): HeardDecision | null {
    return this.#traces.get(keyOf(epoch, symbol, sequence)) ?? null
  }

  /** @returns the signal of it */
  hear(decision: FeedDecision, live: LiveSymbol): Signal {
    const { symbol, tick, lot } = live
    const signal: Signal = {
      id: keyOf(decision.epoch, symbol, decision.sequence),
      atMs: decision.atMs,
      symbol,
      kind: decision.kind,
      side: decision.side,
      by: decision.by,
      confidence: decision.confidence,
      reason: decision.reason,
      votes: Object.fromEntries(STRATEGY_NAMES.map((name, i) => [name, orNull(decision.votes[i])])),
      model: decision.model,
      block: decision.block,
      bid: tick.format(Math.max(0, decision.bidTicks)),
      ask: tick.format(Math.max(0, decision.askTicks)),
    }
    this.#signals.push(signal)
    if (this.#signals.length > 2 * SIGNALS_KEPT) this.#signals = this.#signals.slice(-SIGNALS_KEPT)
    if (decision.kind === 'entry') this.#lastEntry.set(symbol, signal)
    if (decision.kind !== 'none') this.#keep(signal.id, { signal, decision, live: { symbol, tick, lot } })
    this.#count(decision)
    return signal
  }

  onLost(lost: number): void {
    this.#lost = lost
  }

  #keep(id: string, heard: HeardDecision): void {
    this.#traces.set(id, heard)
    if (this.#traces.size <= this.#tracesKept) return
    const [oldest] = this.#traces.keys()
    this.#traces.delete(oldest!)
  }

  #count({ kind, by, reason, votes, model, side }: FeedDecision): void {
    const { counts } = this
    counts.decisions++
    if (reason === 'conflict') counts.conflicts++
    if (reason === 'blocked') counts.blocked++
    if (kind === 'entry') {
      counts.entries++
      if (by === 'consensus') counts.consensus++
      else if (by === 'model') counts.model++
      else counts.single++
      if (model === null) counts.withoutModel++
    }
    if (model !== null) {
      counts.modelRuns++
      const likely = model.buy >= model.sell && model.buy >= model.hold ? 'buy' : model.sell >= model.hold ? 'sell' : 'hold'
      if (likely === side) counts.modelAgrees++
    }
    for (const [i, voted] of this.votes.entries()) {
      const vote = votes[i] ?? Number.NaN
      if (Number.isNaN(vote)) voted.leftOut++
      else if (vote > 0) voted.buy++
      else if (vote < 0) voted.sell++
      else voted.none++
    }
  }
}

const keyOf = (epoch: number, symbol: string, sequence: number): string => `${epoch}.${symbol}.${sequence}`
const orNull = (value: number | undefined): number | null => (value === undefined || Number.isNaN(value) ? null : value)
