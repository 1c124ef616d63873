import type { Nanos, SymbolIndex, Timer } from '../../core/index.ts'
import type { ActorContext } from '../../runtime/index.ts'
import type { LinkState, TradingPort, VenueWallet } from '../../venues/index.ts'
import { PositionAudit } from '../position-audit.ts'
import { Reconciler } from '../reconciler.ts'
import type { Rules } from '../rules.ts'
import type { TradingState } from '../state.ts'
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

  constructor(rules: Rules, state: TradingState, trading: TradingPort, pipeline: Pipeline, readiness: Readiness, context: Pick<ActorContext, 'clock' | 'timers' | 'count' | 'log'>, onWallet: (wallet: VenueWallet) => void) {
    this.#readiness = readiness
    this.#context = context
    this.#settings = rules.settings.reconcile
    this.#positions = new PositionAudit(rules.symbols.length, this.#settings.mismatchMs)
    this.#reconciler = new Reconciler(rules, state, trading, context.timers, context.clock, {
      moment: () => pipeline.moment(),
      commit: (records, effects) => pipeline.act({ records, effects, refusal: null, increases: false }),
      onWallet: (wallet) => onWallet(wallet),
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
      return this.#readiness.agreed()
    }
    const { tries, againMs } = this.#settings
    this.#context.count('reconciliations_failed', reason)
    this.#context.log('warn', 'the books and the venue do not agree yet', { reason, tries, problem })
    this.#readiness.disagreed(problem)
    this.#again?.cancel()
    this.#again = this.#context.timers.after(againMs, () => {
      if (this.#readiness.linkUp && this.#readiness.phase === 'running') this.#reconciler.run(reason)
    })
  }
}
