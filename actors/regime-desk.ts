import type { Nanos, WallMs } from '../src/core/index.ts'
import { type CellWriter, type RegimeParameters, showDetectedRegime, showFixedRegime } from '../src/market/index.ts'
import type { REGIME } from '../src/memory/index.ts'
import { RegimeDetector, type RegimeSettings, type SeenRegime } from '../src/regime/index.ts'
import type { ActorContext } from '../src/runtime/index.ts'
import { ADX, ATR_14, type ClosedCandle } from '../src/strategies/index.ts'

/** How late the newest closed candle may be told. */
const LATE_MS = 30_000

export interface RegimeWiring {
  readonly cell: CellWriter<typeof REGIME.fields>
  /** What follows from each regime: complete, or the engine does not start. */
  readonly parameters: Readonly<Record<SeenRegime, RegimeParameters>>
  /** The regime that the settings fix, or how it is detected. */
  readonly rule: SeenRegime | RegimeSettings
}

/** Shows the regime of a symbol: the fixed one from the start, a detected one from the first candle on that says it. */
export class RegimeDesk {
  readonly #wiring: RegimeWiring
  readonly #context: ActorContext
  readonly #detector: RegimeDetector | null
  #sinceNs: Nanos = 0
  #shown: SeenRegime | null = null

  /** @throws RM_REGIME_CONFIG */
  constructor(wiring: RegimeWiring, context: ActorContext) {
    this.#wiring = wiring
    this.#context = context
    this.#detector = typeof wiring.rule === 'string' ? null : new RegimeDetector(wiring.rule)
  }

  start(): void {
    const { cell, parameters, rule } = this.#wiring
    if (typeof rule === 'string') showFixedRegime(cell, parameters[rule], this.#context.clock.nowNs())
  }

  /** @param venueMs time of the market when it was told: a regime of the past is not shown */
  onCandle({ startMs, intervalMs, high, low, close, indicators }: ClosedCandle, venueMs: WallMs): void {
    const detector = this.#detector
    if (detector === null) return
    detector.onCandle(high, low, close, indicators[ADX]!, indicators[ATR_14]!)
    const { regime, confidence } = detector
    const isHistory = venueMs >= startMs + 2 * intervalMs + LATE_MS
    if (regime === null || isHistory) return
    const nowNs = this.#context.clock.nowNs()
    if (regime !== this.#shown) {
      this.#shown = regime
      this.#sinceNs = nowNs
      this.#context.count('regimes', regime)
    }
    showDetectedRegime(this.#wiring.cell, this.#wiring.parameters[regime], confidence, this.#sinceNs, nowNs)
  }

  /** Candles begin anew: what is shown stands until they have said what is now. */
  reset(): void {
    this.#detector?.reset()
  }
}
