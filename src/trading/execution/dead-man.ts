import type { Timer } from '../../core/index.ts'
import { DEAD_MAN_STATES } from '../../memory/index.ts'
import type { ActorContext } from '../../runtime/index.ts'
import type { CommandOutcome, TradingPort } from '../../venues/index.ts'
import type { TradingSettings } from '../settings.ts'
import type { ViewSink } from '../views.ts'

export type DeadManState = (typeof DEAD_MAN_STATES)[number]

/** A stop does not wait longer than this for the word that the switch is off. */
const DISARM_MS = 2000
/** Refusals that a later call may not meet. */
const PASSING: ReadonlySet<string> = new Set(['retryable', 'rate-limited', 'clock', 'unknown'])

/**
 * Arms the venue's dead-man switch once the books have agreed with the venue, and again every third of its time, also
 * while the private stream is down: the engine lives. An account that is refused it is told so once, and not asked again.
 */
export class DeadMan {
  readonly #trading: TradingPort
  readonly #settings: TradingSettings['deadMan']
  readonly #views: ViewSink | null
  readonly #context: Pick<ActorContext, 'timers' | 'count' | 'log'>
  #state: DeadManState = 'off'
  #keeper: Timer | null = null
  /** The venue may have it armed: a call left, whatever became of it. */
  #touched = false
  #disarming: 'no' | 'asked' | 'done' = 'no'

  constructor(trading: TradingPort, settings: TradingSettings['deadMan'], views: ViewSink | null, context: Pick<ActorContext, 'timers' | 'count' | 'log'>) {
    this.#trading = trading
    this.#settings = settings
    this.#views = views
    this.#context = context
  }

  get state(): DeadManState {
    return this.#state
  }

  /** To be called when books and venue agree; does nothing but the first time. */
  agreed(): void {
    if (this.#keeper !== null || this.#disarming !== 'no') return
    const { enabled, timeoutMs, whyNot } = this.#settings
    if (!enabled) {
      this.#keeper = { cancel: () => {} }
      return this.#context.log('info', `the venue's dead-man switch is not armed: ${whyNot}`)
    }
    this.#keeper = this.#context.timers.every(Math.floor(timeoutMs / 3), () => this.#arm())
    this.#arm()
  }

  /** Takes it off for a stop in good order. @returns true once that is answered, or has taken too long */
  disarmed(): boolean {
    this.#keeper?.cancel()
    if (!this.#touched) return true
    if (this.#disarming === 'no') {
      this.#disarming = 'asked'
      const patience = this.#context.timers.after(DISARM_MS, () => {
        this.#disarming = 'done'
        this.#context.log('warn', "the venue's dead-man switch may still be armed: no answer to taking it off", { ms: DISARM_MS })
      })
      this.#trading.armDeadMan(0, (outcome) => {
        patience.cancel()
        this.#disarming = 'done'
        this.#enter(outcome.kind === 'accepted' ? 'off' : 'failing', wordsOf(outcome))
      })
    }
    return this.#disarming === 'done'
  }

  stop(): void {
    this.#keeper?.cancel()
  }

  #arm(): void {
    this.#touched = true
    this.#trading.armDeadMan(this.#settings.timeoutMs, (outcome) => {
      if (this.#disarming !== 'no') return
      this.#context.count('dead_man', outcome.kind)
      if (outcome.kind === 'accepted') return this.#enter('armed', '')
      if (outcome.kind !== 'refused' || PASSING.has(outcome.errorClass)) return this.#enter('failing', wordsOf(outcome))
      this.#keeper?.cancel()
      this.#touched = false
      this.#enter('unavailable', wordsOf(outcome))
    })
  }

  #enter(state: DeadManState, why: string): void {
    if (state === this.#state) return
    this.#state = state
    const { log } = this.#context
    if (state === 'armed') log('info', "the venue's dead-man switch is armed", { timeoutMs: this.#settings.timeoutMs })
    if (state === 'unavailable') log('warn', `the venue's dead-man switch is not available for this account: ${why}`)
    if (state === 'failing') log('warn', `the venue's dead-man switch could not be set: ${why}`)
    this.#views?.deadMan(DEAD_MAN_STATES.indexOf(state))
  }
}

const wordsOf = (outcome: CommandOutcome): string => (outcome.kind === 'accepted' ? '' : outcome.kind === 'refused' ? `${outcome.code} ${outcome.text}` : outcome.reason)
