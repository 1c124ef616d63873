import { type Clock, type Side, type WallMs } from '../../core/index.ts'
import { STRATEGY_NAMES, type StrategyName } from '../../memory/index.ts'
import { RegimeDetector, type RegimeSettings, type SeenRegime } from '../../regime/index.ts'
import { CANDLE_NEXT, CandleTape } from '../candle-tape.ts'
import { StrategyDesk } from '../consensus/index.ts'
import type { DeskSettings } from '../consensus/index.ts'
import { ADX, ATR_14 } from '../indicator-places.ts'
import { emptySignal, type Strategy } from '../strategy.ts'
import { makeStrategy } from '../table.ts'
import { PaperTrader, type ReplayCandle, type ReplayExits, type ReplayTrade } from './paper-trader.ts'

/** Strategies that closed candles are enough for; the imbalance needs a book. */
export const CANDLE_STRATEGIES: readonly StrategyName[] = STRATEGY_NAMES.filter((name) => name !== 'imbalance')

export interface ReplaySettings {
  readonly desk: DeskSettings
  readonly regime: SeenRegime | RegimeSettings
  readonly exits: Readonly<Record<SeenRegime, ReplayExits>>
  /** At each end. */
  readonly feePercent: number
  readonly intervalMs: number
  /** Names of a vector's values. */
  readonly features: readonly string[]
}

/** A payment of funding; the rate is a fraction of the value. */
export interface FundingPayment {
  readonly atMs: WallMs
  readonly rate: number
}

/** A signal as it was given at the close of a candle. */
export interface ReplaySignal {
  readonly closeMs: WallMs
  readonly side: Side
  readonly confidence: number
  readonly regime: SeenRegime
}

export interface ReplayResult {
  readonly trades: readonly ReplayTrade[]
  readonly signals: readonly ReplaySignal[]
}

export interface ReplayOutcome {
  readonly by: Readonly<Record<string, ReplayResult>>
  /** Candles at which somebody had an opinion, and those with a consensus and with votes on both sides. */
  readonly asked: number
  readonly agreed: number
  readonly opposed: number
  /** Candles in each regime. */
  readonly regimes: Readonly<Record<SeenRegime, number>>
}

interface Alone {
  readonly strategy: Strategy
  readonly trader: PaperTrader
  readonly signals: ReplaySignal[]
}

/**
 * Plays candles to every strategy of candles, each trading alone, and to their consensus. Everything that is decided at a close rests on candles up
 * to that close.
 * @param candles oldest first; after a hole everything begins anew
 * @param funding oldest first
 */
export function replayStrategies(settings: ReplaySettings, candles: Iterable<ReplayCandle>, funding: readonly FundingPayment[]): ReplayOutcome {
  const { desk: deskSettings, intervalMs, features, feePercent, exits } = settings
  let nowMs = 0
  const clock: Clock = { nowNs: () => nowMs * 1e6, wallMs: () => nowMs }
  const fresh = (name: StrategyName): Strategy => makeStrategy(name, deskSettings.configs, features)
  const consensus = new StrategyDesk({ ...deskSettings, enabled: { ...deskSettings.enabled, imbalance: false } }, STRATEGY_NAMES.map(fresh), clock, () => {})
  const together = { trader: new PaperTrader(feePercent), signals: [] as ReplaySignal[] }
  const alone: readonly Alone[] = CANDLE_STRATEGIES.map((name) => ({ strategy: fresh(name), trader: new PaperTrader(feePercent), signals: [] }))
  const traders = [...alone.map(({ trader }) => trader), together.trader]
  const detector = typeof settings.regime === 'string' ? null : new RegimeDetector(settings.regime)
  const regimes = { trending: 0, ranging: 0, choppy: 0 }
  const tape = new CandleTape(intervalMs)
  const signal = emptySignal()
  let paid = 0
  let lastClose = 0
  for (const one of candles) {
    for (; paid < funding.length && funding[paid]!.atMs <= one.startMs; paid++) for (const trader of traders) trader.payFunding(funding[paid]!.rate)
    if (nowMs !== 0 && one.startMs !== nowMs) for (const trader of traders) trader.end(lastClose, nowMs)
    for (const trader of traders) trader.candle(one, intervalMs)
    const taken = tape.push(one.startMs, one.open, one.high, one.low, one.close, one.volume)
    nowMs = one.startMs + intervalMs
    lastClose = one.close
    if (taken !== CANDLE_NEXT) {
      consensus.reset('candles', nowMs * 1e6)
      for (const { strategy } of alone) strategy.resetCandles()
      detector?.reset()
    }
    const { candle } = tape
    consensus.onCandle(candle, nowMs * 1e6)
    for (const { strategy } of alone) strategy.onCandle(candle)
    detector?.onCandle(candle.high, candle.low, candle.close, candle.indicators[ADX]!, candle.indicators[ATR_14]!)
    const regime = detector === null ? (settings.regime as SeenRegime) : detector.regime
    if (regime === null) continue
    regimes[regime]++
    for (const { strategy, trader, signals } of alone) {
      if (trader.open && strategy.shouldExit(trader.held) !== null) trader.leave()
      if (!strategy.analyze(nowMs, signal) || signal.confidence < deskSettings.consensus.confidenceMin || !strategy.take(nowMs * 1e6)) continue
      signals.push({ closeMs: nowMs, side: signal.side, confidence: signal.confidence, regime })
      trader.wish(signal.side, exits[regime], 0)
    }
    const { trader } = together
    consensus.poll(nowMs)
    if (trader.open && consensus.exit(trader.held, trader.voters, nowMs * 1e6) !== null) trader.leave()
    if (!consensus.takeConsensus(nowMs * 1e6)) continue
    const { side, confidence } = consensus.tally
    together.signals.push({ closeMs: nowMs, side, confidence, regime })
    trader.wish(side, exits[regime], votersOf(consensus.votes, side))
  }
  for (const trader of traders) trader.end(lastClose, nowMs)
  const by: Record<string, ReplayResult> = {}
  for (const { strategy, trader, signals } of alone) by[strategy.name] = { trades: trader.trades, signals }
  by['consensus'] = { trades: together.trader.trades, signals: together.signals }
  const { asked, agreed, opposed } = consensus.counts
  return { by, asked, agreed, opposed, regimes }
}

function votersOf(votes: Float64Array, side: Side): number {
  let bits = 0
  for (let i = 0; i < votes.length; i++) if (side === 0 ? votes[i]! > 0 : votes[i]! < 0) bits |= 1 << i
  return bits
}
