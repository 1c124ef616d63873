import type { Nanos, SymbolIndex, Timer } from '../../core/index.ts'
import type { ActorContext } from '../../runtime/index.ts'
import type { LinkState, TradingPort, VenueWallet } from '../../venues/index.ts'
import { PositionAudit } from '../position-audit.ts'
import { Reconciler } from '../reconciler.ts'
import type { TradingRecord } from '../records.ts'
import type { Rules } from '../rules.ts'
import type { TradingState } from '../state.ts'
import type { Pipeline } from './pipeline.ts'
import type { Readiness } from './readiness.ts'
import { RecoveryLog, type RecoveryReport } from './recovery-log.ts'

/** Who hears of what agreeing brings to light. */
export interface AgreementEnds {
  readonly onWallet: (wallet: VenueWallet) => void
  readonly onRecovery: (report: RecoveryReport) => void
}

/**
 * Keeps the books in agreement with the venue: reconciles after every link up, on every audit and when asked to,
 * again after a round that failed, and listens to position pushes in between. Where recovery is not to go by itself, the
 * first round of an epoch waits for a person: until then it is only looked at what there would be to do.
 */
export class Agreement {
  /** Last size told of each symbol that is no whole number of lots. */
  readonly #dust = new Map<string, string>()
  readonly #readiness: Readiness
  readonly #context: Pick<ActorContext, 'timers' | 'count' | 'log'>
  readonly #settings: Rules['settings']['reconcile']
  readonly #reconciler: Reconciler
  readonly #positions: PositionAudit
  readonly #state: TradingState
  readonly #pipeline: Pipeline
  readonly #recovery: RecoveryLog
  /** A person asked for recovery in this life. */
  #asked = false
  #again: Timer | null = null
  /** Rounds in a row that failed over this link. */
  #failures = 0

  constructor(rules: Rules, state: TradingState, trading: TradingPort, pipeline: Pipeline, readiness: Readiness, context: Pick<ActorContext, 'clock' | 'timers' | 'count' | 'log'>, ends: AgreementEnds) {
    this.#state = state
    this.#pipeline = pipeline
    this.#recovery = new RecoveryLog(state, context.clock, ends.onRecovery)
    this.#readiness = readiness
    this.#context = context
    this.#settings = rules.settings.reconcile
    this.#positions = new PositionAudit(rules.symbols.length, this.#settings.mismatchMs)
    this.#reconciler = new Reconciler(rules, state, trading, context.timers, context.clock, {
      moment: () => pipeline.moment(),
      commit: (records, effects) => pipeline.act({ records, effects, refusal: null, increases: false }),
      onWallet: (wallet) => ends.onWallet(wallet),
      onDust: ({ symbol, signedLots, sizeText }) => {
        context.count('position_dust', symbol)
        if (this.#dust.get(symbol) === sizeText) return
        this.#dust.set(symbol, sizeText!)
        context.log('warn', 'the venue holds more than whole lots of a symbol, as after a change of the lot: the rest has to be closed by hand', { symbol, signedLots, size: sizeText })
      },
      onDone: (reason, problem) => this.#onReconciled(reason, problem),
      onInspected: (problem, planned) => this.#onInspected(problem, planned),
    })
  }

  /** The report of the last run of recovery that had something to say; null before there is one. */
  get lastRecovery(): RecoveryReport | null {
    return this.#recovery.last
  }

  /** Records that have been applied. */
  note(records: readonly TradingRecord[]): void {
    this.#recovery.note(records)
  }

  /** Starts a round; while one runs it answers for both. */
  reconcile(reason: string): void {
    if (this.#waits) return
    this.#recovery.begin(reason)
    this.#reconciler.run(reason)
  }

  /** A person asks for recovery: what waited for that goes on, restored symbols are free again. @param request id that the report will carry, or '' */
  recover(reason: string, request: string): void {
    this.#recovery.request(request)
    // A look that is under way is not the run that was asked for.
    if (this.#waits) {
      this.#reconciler.cancel()
      this.#recovery.drop()
    }
    this.#asked = true
    for (const { symbol, frozen } of this.#state.symbols.values()) if (frozen?.code === 'restored') this.#pipeline.handle({ kind: 'release', symbol, why: reason })
    if (this.#readiness.linkUp && this.#readiness.phase === 'running') return this.reconcile(reason)
    this.#recovery.begin(reason)
    const { phase } = this.#readiness
    this.#recovery.end('failed', phase === 'running' ? 'the private stream is down: it runs when that is back' : `execution is ${phase}`)
  }

  audit(): void {
    if (this.#readiness.linkUp && this.#readiness.phase === 'running') this.reconcile('audit')
  }

  /** True until a person has asked for recovery, where it does not go by itself and this epoch has not agreed with the venue yet. */
  get #waits(): boolean {
    const agreed = this.#state.reconciledMs > 0 && this.#state.reconciledMs >= this.#state.epochMs
    return !this.#settings.auto && !this.#asked && !agreed
  }

  /** Both directions of a change end a round: what it asked for may be from before. */
  onLink(link: LinkState, reason: string): void {
    if (this.#readiness.phase === 'stopped') return
    this.#reconciler.cancel()
    this.#recovery.drop()
    this.#positions.forget()
    this.#failures = 0
    this.#readiness.linkChanged(link === 'up', reason)
    if (!this.#readiness.linkUp) return
    if (!this.#waits) return this.reconcile(this.#readiness.everReconciled ? 'link up again' : 'start')
    this.#recovery.begin('start')
    this.#readiness.disagreed(WAITS)
    this.#reconciler.inspect()
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
      this.#readiness.agreed()
      return this.#recovery.end('agreed', '')
    }
    this.#recovery.end('failed', problem)
    const { tries, delayMs, againMs } = this.#settings
    this.#context.count('reconciliations_failed', reason)
    this.#context.log('warn', 'the books and the venue do not agree yet', { reason, tries, problem })
    this.#readiness.disagreed(problem)
    this.#again?.cancel()
    // Nothing is traded until they do: a venue that is back, as one whose breakers still cool down, is asked again soon, one that is not ever more rarely.
    const waitMs = Math.min(againMs, delayMs * 2 ** Math.min(this.#failures++, 30))
    this.#again = this.#context.timers.after(waitMs, () => {
      if (this.#readiness.linkUp && this.#readiness.phase === 'running') this.reconcile(reason)
    })
  }

  #onInspected(problem: string, planned: readonly TradingRecord[]): void {
    this.#context.log('warn', `recovery waits for a person: ${WAITS}`, { problem, planned: planned.length })
    this.#recovery.end('waiting', problem, planned)
  }
}

const WAITS = 'recovery.auto is off; ask for it with "ringmaster recover"'
