import type { SymbolIndex } from '../../core/index.ts'
import type { RefusalHealth, RiskHealth } from '../../runtime/health/index.ts'
import type { ActorContext } from '../../runtime/index.ts'
import type { Broken } from '../events.ts'
import { microsText } from '../exposure.ts'
import { LIMIT_NAMES } from '../limit-names.ts'
import type { Rules } from '../rules.ts'
import type { TradingState } from '../state.ts'

/** The same limit on the same symbol is told of again after this. */
const TELL_AGAIN_MS = 60_000

/** Keeps the last refusal of each symbol with its numbers, and says it in the log: once, and then once a minute. */
export class Refusals {
  readonly #rules: Rules
  readonly #context: Pick<ActorContext, 'clock' | 'log'>
  /** By symbol index; one a symbol, so that it stays small. */
  readonly #last: (RefusalHealth | null)[]
  /** When a limit was last told of on a symbol; at most one of each. */
  readonly #toldMs = new Map<string, number>()

  constructor(rules: Rules, context: Pick<ActorContext, 'clock' | 'log'>) {
    this.#rules = rules
    this.#context = context
    this.#last = rules.symbols.map(() => null)
  }

  keep(symbolIndex: SymbolIndex, { refusal, found, allowed }: Broken): void {
    const { symbol } = this.#rules.symbols[symbolIndex]!.instrument
    const atMs = this.#context.clock.wallMs()
    const nowMs = this.#context.clock.nowNs() / 1e6
    const before = this.#last[symbolIndex]!
    const same = before !== null && before.limit === refusal
    this.#last[symbolIndex] = { symbol, limit: refusal, found, allowed, atMs, times: same ? before.times + 1 : 1 }
    const key = `${symbol} ${refusal}`
    if (nowMs - (this.#toldMs.get(key) ?? Number.NEGATIVE_INFINITY) < TELL_AGAIN_MS) return
    this.#toldMs.set(key, nowMs)
    this.#context.log('warn', `an entry is refused: ${refusal}`, { symbol, found, allowed, times: this.#last[symbolIndex]!.times })
  }

  /** @param blocked of the preflight @param dust of the books */
  view(state: TradingState, blocked: RiskHealth['blocked'], dust: readonly string[]): RiskHealth {
    const { exposure } = state
    const { texts } = state.limits.over(this.#rules.limits)
    return {
      limits: LIMIT_NAMES.map((name) => ({ name, value: texts[name], configured: this.#rules.limits.texts[name] })),
      exposure: { long: microsText(exposure.long), short: microsText(exposure.short), total: microsText(exposure.total), positions: exposure.positions },
      refusals: this.#last.filter((one) => one !== null),
      blocked,
      dust,
    }
  }
}
