import type { Nanos, SymbolIndex, Timer } from '../../core/index.ts'
import type { ActorContext } from '../../runtime/index.ts'
import type { LinkState, TradingPort } from '../../venues/index.ts'
import { PositionAudit } from '../position-audit.ts'
import { Reconciler } from '../reconciler.ts'
import type { Rules } from '../rules.ts'
import type { TradingState } from '../state.ts'
import type { Herald } from './herald.ts'
import type { Pipeline } from './pipeline.ts'
import type { Readiness } from './readiness.ts'

/**
 * Keeps the books in agreement with the venue: reconciles after every link up, on every audit and when asked to,
 * again after a round that failed, and listens to position pushes in between.
 */
export class Agreement {
  readonly #readiness: Readiness
  readonly #context: Pick<ActorContext, 'timers' | 'count' | 'log'>
  readonly #settings: Rules['settings']['reconcile']
  readonly #reconciler: Reconciler
  readonly #positions: PositionAudit
  #again: Timer | null = null
  /** Rounds in a row that failed over this link. */
  #failures = 0

  constructor(rules: Rules, state: TradingState, trading: TradingPort, pipeline: Pipeline, readiness: Readiness, herald: Herald, context: Pick<ActorContext, 'clock' | 'timers' | 'count' | 'log'>) {
    this.#readiness = readiness
    this.#context = context
    this.#settings = rules.settings.reconcile
    this.#positions = new PositionAudit(rules.symbols.length, this.#settings.mismatchMs)
    this.#reconciler = new Reconciler(rules, state, trading, context.timers, context.clock, {
      moment: () => pipeline.moment(),
      commit: (records, effects) => pipeline.act({ records, effects, refusal: null, increases: false }),
      onWallet: (wallet) => herald.showAccount(wallet),
      onDone: (reason, problem) => this.#onReconciled(reason, problem),
    })
  }

  /** Starts a round; while one runs it answers for both. */
  reconcile(reason: string): void {
    this.#reconciler.run(reason)
  }

  audit(): void {
    if (this.#readiness.linkUp && this.#readiness.phase === 'running') this.#reconciler.run('audit')
  }

  /** Both directions of a change end a round: what it asked for may be from before. */
  onLink(link: LinkState, reason: string): void {
    if (this.#readiness.phase === 'stopped') return
    this.#reconciler.cancel()
    this.#positions.forget()
    this.#failures = 0
    this.#readiness.linkChanged(link === 'up', reason)
    if (this.#readiness.linkUp) this.#reconciler.run(this.#readiness.everReconciled ? 'link up again' : 'start')
  }

  /** Positions are never taken from pushes: they only tell when the books may be wrong. */
  hearPosition(symbolIndex: SymbolIndex, signedLots: number): void {
    this.#positions.hear(symbolIndex, signedLots)
  }

  /** @returns the venue's lots when pushes have told others than `signedLots` for too long; NaN otherwise */
  positionMismatch(symbolIndex: SymbolIndex, signedLots: number, nowNs: Nanos): number {
    return this.#positions.check(symbolIndex, signedLots, nowNs)
  }

  stop(): void {
    this.#again?.cancel()
    this.#reconciler.cancel()
  }

  #onReconciled(reason: string, problem: string): void {
    if (this.#readiness.phase === 'stopped') return
    if (problem === '') {
      this.#positions.forget()
      this.#failures = 0
      return this.#readiness.agreed()
    }
    const { tries, delayMs, againMs } = this.#settings
    this.#context.count('reconciliations_failed', reason)
    this.#context.log('warn', 'the books and the venue do not agree yet', { reason, tries, problem })
    this.#readiness.disagreed(problem)
    this.#again?.cancel()
    // Nothing is traded until they do: a venue that is back, as one whose breakers still cool down, is asked again soon, one that is not ever more rarely.
    const waitMs = Math.min(againMs, delayMs * 2 ** Math.min(this.#failures++, 30))
    this.#again = this.#context.timers.after(waitMs, () => {
      if (this.#readiness.linkUp && this.#readiness.phase === 'running') this.#reconciler.run(reason)
    })
  }
}
