import { errorLine, type Money, RingmasterError, type SymbolIndex, type Timer } from '../../core/index.ts'
import type { ActorContext } from '../../runtime/index.ts'
import type { CommandOutcome, TradingPort } from '../../venues/index.ts'
import { resolveLeverage } from '../leverage.ts'
import type { Rules } from '../rules.ts'

type Port = Pick<TradingPort, 'positionMode' | 'setPositionMode' | 'setLeverage' | 'leverage'>

interface Cleared {
  /** Why the symbol may not be traded, '' when it may. */
  blocked: string
  leverage: Money | null
  /** Whether the venue has answered at all since the link came up. */
  answered: boolean
}

const WAITING = 'the venue has not been asked yet'

/**
 * What must be known of the account before the first entry on a symbol: one-way mode, and its leverage, set where it is
 * configured and read back. A symbol that does not pass takes no entries, and is looked at again; the others trade.
 */
export class Preflight {
  readonly #rules: Rules
  readonly #port: Port
  readonly #context: Pick<ActorContext, 'timers' | 'log' | 'count'>
  readonly #onSettled: () => void
  readonly #symbols: Cleared[]
  #round = 0
  #again: Timer | null = null

  /** @param onSettled every symbol has an answer, good or bad */
  constructor(rules: Rules, port: Port, context: Pick<ActorContext, 'timers' | 'log' | 'count'>, onSettled: () => void) {
    this.#rules = rules
    this.#port = port
    this.#context = context
    this.#onSettled = onSettled
    this.#symbols = rules.symbols.map(() => ({ blocked: WAITING, leverage: null, answered: false }))
  }

  /** '' when the symbol may be traded. */
  blocked(symbolIndex: SymbolIndex): string {
    return this.#symbols[symbolIndex]!.blocked
  }

  /** null while the symbol is blocked. */
  leverage(symbolIndex: SymbolIndex): Money | null {
    return this.#symbols[symbolIndex]!.leverage
  }

  get settled(): boolean {
    return this.#symbols.every((one) => one.answered)
  }

  /** Symbols that may not be traded, with why. */
  problems(): { readonly symbol: string; readonly why: string }[] {
    return this.#symbols.flatMap(({ blocked }, index) => (blocked === '' ? [] : [{ symbol: this.#rules.symbols[index]!.instrument.symbol, why: blocked }]))
  }

  /** Looks at every symbol that has not passed, one after the other; a round that runs is given up. */
  run(): void {
    this.#again?.cancel()
    const round = ++this.#round
    const next = (index: number): void => {
      if (round !== this.#round) return
      if (index < this.#symbols.length) {
        if (this.#symbols[index]!.blocked === '') return next(index + 1)
        this.#look(index, round, () => next(index + 1))
        return
      }
      if (this.#symbols.some((one) => one.blocked !== '')) {
        const { againMs, auditMs } = this.#rules.settings.reconcile
        this.#again = this.#context.timers.after(this.settled ? auditMs : againMs, () => this.run())
      }
      if (this.settled) this.#onSettled()
    }
    next(0)
  }

  stop(): void {
    this.#round++
    this.#again?.cancel()
    this.#again = null
  }

  #look(index: SymbolIndex, round: number, done: () => void): void {
    const { symbol } = this.#rules.symbols[index]!.instrument
    const step = (error: unknown, onward: () => void): void => {
      if (round !== this.#round) return
      if (error === null) onward()
      else {
        this.#block(index, error)
        done()
      }
    }
    this.#checkMode(symbol, (modeError) => step(modeError, () => {
      this.#checkLeverage(index, symbol, (error, leverage) => step(error, () => {
        this.#pass(index, leverage!)
        done()
      }))
    }))
  }

  #checkMode(symbol: string, done: (error: unknown) => void): void {
    this.#port.positionMode(symbol, (error, mode) => {
      if (error !== null) return done(error)
      if (mode === 'one-way') return done(null)
      const wrong = (reason: string): RingmasterError => new RingmasterError('RM_POSITION_MODE', { symbol, found: mode ?? 'no', wanted: 'one-way', reason })
      if (!this.#rules.settings.preflight.setPositionMode) return done(wrong('the settings do not allow to switch it'))
      this.#port.setPositionMode('one-way', (outcome) => {
        if (!taken(outcome)) return done(wrong(`it did not switch: ${reasonOf(outcome)}`))
        this.#port.positionMode(symbol, (again, after) => done(again ?? (after === 'one-way' ? null : wrong(`it is still in ${String(after)} mode after the switch`))))
      })
    })
  }

  #checkLeverage(index: SymbolIndex, symbol: string, done: (error: unknown, leverage: Money | null) => void): void {
    const { preflight } = this.#rules.settings
    const configured = preflight.leverageBySymbol[symbol] ?? preflight.leverage
    const read = (reason: string): void =>
      this.#port.leverage(symbol, (error, found) => {
        if (error !== null || found === null) return done(error ?? new RingmasterError('RM_ASSERT', { what: 'an answer without an error has a leverage' }), null)
        try {
          const leverage = resolveLeverage(symbol, configured, found)
          // What was set must be what stands there: the venue's own field, not ours, is the proof.
          const standing = configured === null ? leverage : resolveLeverage(symbol, null, found)
          if (!standing.eq(leverage)) return done(new RingmasterError('RM_LEVERAGE_NOT_TAKEN', { symbol, wanted: leverage.toFixed(), found: standing.toFixed(), reason }), null)
          done(null, leverage)
        } catch (problem) {
          done(problem, null)
        }
      })
    if (configured === null) return read('nothing was to be set')
    const { maxLeverage } = this.#rules.symbols[index]!.instrument
    if (Number(configured) > maxLeverage) return done(new RingmasterError('RM_LEVERAGE_NOT_TAKEN', { symbol, wanted: configured, found: `at most ${maxLeverage}`, reason: 'the instrument has no more' }), null)
    this.#port.setLeverage(symbol, configured, (outcome) => read(taken(outcome) ? 'it was accepted' : reasonOf(outcome)))
  }

  #pass(index: SymbolIndex, leverage: Money): void {
    const one = this.#symbols[index]!
    one.blocked = ''
    one.leverage = leverage
    one.answered = true
    this.#context.count('preflight', 'passed')
    this.#context.log('info', 'the account is fit to trade the symbol', { symbol: this.#rules.symbols[index]!.instrument.symbol, positionMode: 'one-way', leverage: leverage.toFixed() })
  }

  #block(index: SymbolIndex, error: unknown): void {
    const one = this.#symbols[index]!
    const why = errorLine(error)
    // No answer is no verdict: asked again soon, and nothing is traded until then.
    one.answered = isVerdict(error)
    one.leverage = null
    this.#context.count('preflight', one.answered ? 'refused' : 'no-answer')
    if (why !== one.blocked) this.#context.log(one.answered ? 'error' : 'warn', one.answered ? 'the symbol is not traded' : 'the account could not be looked at; asked again', { symbol: this.#rules.symbols[index]!.instrument.symbol, why })
    one.blocked = why
  }
}

const VERDICTS: ReadonlySet<string> = new Set([
  'RM_POSITION_MODE', 'RM_LEVERAGE_UNKNOWN', 'RM_LEVERAGE_NOT_TAKEN', 'RM_VENUE_ACCOUNT_MODE',
  // It is not listed any more, does not trade, or not on the grid that this engine knows.
  'RM_VENUE_SYMBOL_UNKNOWN', 'RM_VENUE_SYMBOL_NOT_TRADING', 'RM_VENUE_INSTRUMENT',
])
/** Classes of a refusal that are about what was asked for, not about the moment. */
const ABOUT_THE_SYMBOL: ReadonlySet<unknown> = new Set(['rejected', 'not-found'])

/** Whether the venue has said no, so that nobody else has to wait for this symbol. */
const isVerdict = (error: unknown): boolean =>
  error instanceof RingmasterError && (VERDICTS.has(error.code) || (error.code === 'RM_VENUE_REFUSED' && ABOUT_THE_SYMBOL.has(error.details['class'])))

/** "Already so" is what was wanted. */
const taken = (outcome: CommandOutcome): boolean => outcome.kind === 'accepted' || (outcome.kind === 'refused' && outcome.errorClass === 'unchanged')

const reasonOf = (outcome: CommandOutcome): string => (outcome.kind === 'accepted' ? 'accepted' : outcome.kind === 'refused' ? `${outcome.code} ${outcome.text}` : outcome.reason)
