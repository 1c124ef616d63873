import { BUY, type Side } from '../../src/core/index.ts'
import { featureNames } from '../../src/features/index.ts'
import { CandleTape, type ClosedCandle, type DeskSettings, type HeldPosition, type Strategy, strategyDefaults } from '../../src/strategies/index.ts'

export const MINUTE_MS = 60_000
export const START_MS = 1_700_000_040_000 - (1_700_000_040_000 % MINUTE_MS)

export type Bar = readonly [open: number, high: number, low: number, close: number, volume: number]

/** Candles with their indicators, one a minute. */
export class CandleTrain {
  readonly tape = new CandleTape(MINUTE_MS)
  #next: number

  constructor(startMs = START_MS) {
    this.#next = startMs
  }

  /** End of the newest candle. */
  get nowMs(): number {
    return this.#next
  }

  push([open, high, low, close, volume]: Bar): ClosedCandle {
    this.tape.push(this.#next, open, high, low, close, volume)
    this.#next += MINUTE_MS
    return this.tape.candle
  }
}

/** A bar from one close to the next, with shadows of `range` beyond both. */
export const bar = (open: number, close: number, range: number, volume = 10): Bar => [open, Math.max(open, close) + range, Math.min(open, close) - range, close, volume]

export const held = (side: Side, entryPrice: number, price: number, bestPrice = Math.max(entryPrice, price)): HeldPosition => ({ side, entryPrice, price, bestPrice: side === BUY ? bestPrice : Math.min(entryPrice, price) })

export const deskSettings: DeskSettings = {
  consensus: { mode: 'weighted', strategiesMin: 2, confidenceMin: 0.6, conflict: 'resolve' },
  single: 'imbalance',
  model: 'decides',
  exits: 'voters',
  repeatMs: 2000,
  budgetMs: 50,
  backoffMs: 1000,
  backoffMsMax: 60_000,
  recordNoTrade: false,
  enabled: { imbalance: true, momentum: true, sar_wave: true, super_trend: true, volume_profile: true },
  weights: { imbalance: 1, momentum: 1, sar_wave: 1, super_trend: 1, volume_profile: 1 },
  configs: strategyDefaults,
}

export const names = featureNames()

/** A strategy under the hand of the test. */
export function handStrategy(name: Strategy['name']): Strategy & { say: (side: Side, confidence: number) => void; silence: () => void; onAsk: (() => void) | null; exit: boolean } {
  let said: { side: Side; confidence: number } | null = null
  let fresh = false
  const self = {
    name,
    numberNames: [],
    config: strategyDefaults[name],
    onAsk: null as (() => void) | null,
    exit: false,
    say: (side: Side, confidence: number) => {
      said = { side, confidence }
      fresh = true
    },
    silence: () => void (said = null),
    observe: () => {},
    onCandle: () => {},
    analyze: (_ms: number, out: { side: Side; confidence: number }) => {
      self.onAsk?.()
      if (said === null) return false
      out.side = said.side
      out.confidence = said.confidence
      return true
    },
    take: () => {
      const was = fresh
      fresh = false
      return was
    },
    shouldExit: () => (self.exit ? ('trend-turned' as const) : null),
    configure: () => {},
    recall: () => {},
    reset: () => {},
    resetCandles: () => {},
    status: () => ({ warm: true, note: '' }),
  }
  return self
}
