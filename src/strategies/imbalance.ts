import { BUY, fail, SELL, type Nanos, type Side, type WallMs } from '../core/index.ts'
import type { DecisionReason } from '../memory/index.ts'
import { type Bounds, configured } from './bounds.ts'
import type { ClosedCandle, FeatureVectorView, HeldPosition, Signal, Strategy, StrategyConfig, StrategyStatus } from './strategy.ts'

export type ImbalanceConfig = {
  /** IMBALANCE_BUY_THRESHOLD: share of the bid side at or above which to buy, above 0.5 and at most 1. */
  readonly buyThreshold: number
  /** IMBALANCE_SELL_THRESHOLD: share of the bid side at or below which to sell, below 0.5 and at least 0. */
  readonly sellThreshold: number
  /** Levels of each side that are summed: those that the features offer. */
  readonly depthLevels: number
  /** How far the share must fall back inside a threshold before that side counts as left. */
  readonly hysteresis: number
  /** Shortest time between two votes, ms. */
  readonly cooldownMs: number
  /** Time after which a share that stays beyond its threshold votes again, ms; 0: once per visit. */
  readonly repeatMs: number
  /** Whether a larger cluster on the other side of the book speaks against a vote. */
  readonly clusterConfirmation: boolean
}

export const imbalanceDefaults: ImbalanceConfig = {
  buyThreshold: 0.75,
  sellThreshold: 0.25,
  depthLevels: 5,
  hysteresis: 0.05,
  cooldownMs: 250,
  repeatMs: 2000,
  clusterConfirmation: false,
}

export const imbalanceBounds: Bounds<ImbalanceConfig> = {
  buyThreshold: { min: 0.501, max: 1 },
  sellThreshold: { min: 0, max: 0.499 },
  depthLevels: { min: 5, max: 10, whole: true },
  hysteresis: { min: 0, max: 0.5 },
  cooldownMs: { min: 0, max: Number.MAX_VALUE },
  repeatMs: { min: 0, max: Number.MAX_VALUE },
  clusterConfirmation: null,
}

const NONE = -1

/**
 * Order-book imbalance, the base strategy: a book that is heavy on one side tends to move away from it (Cartea,
 * Jaimungal & Penalva 2015, §12). With B and A the depth of the top levels of each side, and share = B / (B + A):
 * buy at share ≥ buyThreshold, sell at share ≤ sellThreshold.
 *
 * confidence = the heavy side's share, max(B, A) / (B + A): 0.5 for an even book, the threshold itself at the threshold,
 * 1 for an empty other side.
 *
 * A visit to a side begins at its threshold and ends `hysteresis` inside it; it votes once, and again only every
 * `repeatMs`. Two votes are never closer than `cooldownMs`. With `clusterConfirmation` there is no vote while the largest cluster of the other
 * side is larger than that of the heavy one: size that has to be traded through before price moves.
 *
 * Out when the book has reached the threshold of the other side.
 */
export class ImbalanceStrategy implements Strategy {
  readonly name = 'imbalance'
  readonly numberNames = ['share', 'bid_depth', 'ask_depth', 'bid_cluster', 'ask_cluster']
  #config: ImbalanceConfig
  readonly #names: readonly string[]
  #bid: number
  #ask: number
  /** Places of the largest cluster of each side; −1 while they are not looked at. */
  #bidCluster = -1
  #askCluster = -1
  /** The five numbers of a signal, of the vector seen last. */
  readonly #seen = new Float64Array(5)
  #zone: Side | typeof NONE = NONE
  #share = Number.NaN
  #voted = false
  #lastVoteNs: Nanos = Number.NEGATIVE_INFINITY

  /**
   * @param names of the features in use, in their order in a vector
   * @throws RM_STRATEGY_CONFIG, RM_STRATEGY_FEATURE
   */
  constructor(config: ImbalanceConfig, names: readonly string[]) {
    this.#names = names
    this.#config = checked(config, {})
    this.#bid = this.#ask = -1
    this.#place(this.#config)
  }

  get config(): ImbalanceConfig {
    return this.#config
  }

  /** The visit starts anew, the cool-down stands. */
  configure(changes: StrategyConfig): void {
    const config = checked(this.#config, changes)
    this.#place(config)
    this.#config = config
    this.reset()
  }

  /** Bid share of the last vector, 0 to 1; NaN when there was no depth. */
  get share(): number {
    return this.#share
  }

  /** Looks at one vector, every vector: keeps the visit up to date without voting. */
  observe(vector: FeatureVectorView): void {
    const bid = vector.f64[vector.values + this.#bid]!
    const ask = vector.f64[vector.values + this.#ask]!
    const total = bid + ask
    if (!(bid >= 0) || !(ask >= 0) || !(total > 0) || total === Number.POSITIVE_INFINITY) return this.reset()
    const share = bid / total
    this.#share = share
    const seen = this.#seen
    seen[0] = share
    seen[1] = bid
    seen[2] = ask
    seen[3] = this.#bidCluster < 0 ? Number.NaN : vector.f64[vector.values + this.#bidCluster]!
    seen[4] = this.#askCluster < 0 ? Number.NaN : vector.f64[vector.values + this.#askCluster]!
    const { buyThreshold, sellThreshold, hysteresis } = this.#config
    if (share >= buyThreshold) this.#visit(BUY)
    else if (share <= sellThreshold) this.#visit(SELL)
    else if (this.#zone === BUY && share < buyThreshold - hysteresis) this.#visit(NONE)
    else if (this.#zone === SELL && share > sellThreshold + hysteresis) this.#visit(NONE)
  }

  /** Candles say nothing to it. */
  onCandle(_candle: ClosedCandle): void {}

  analyze(_venueMs: WallMs, out: Signal): boolean {
    const { buyThreshold, sellThreshold, clusterConfirmation } = this.#config
    const share = this.#share
    const beyond = (this.#zone === BUY && share >= buyThreshold) || (this.#zone === SELL && share <= sellThreshold)
    if (!beyond || (clusterConfirmation && this.#contradicted())) return false
    out.side = this.#zone as Side
    out.confidence = Math.max(share, 1 - share)
    out.reason = this.#zone === BUY ? 'the bid side is heavy' : 'the ask side is heavy'
    out.numbers.set(this.#seen)
    return true
  }

  take(nowNs: Nanos): boolean {
    const { cooldownMs, repeatMs } = this.#config
    const sinceMs = (nowNs - this.#lastVoteNs) / 1e6
    if (sinceMs < cooldownMs || (this.#voted && (repeatMs === 0 || sinceMs < repeatMs))) return false
    this.#voted = true
    this.#lastVoteNs = nowNs
    return true
  }

  /** Asks for a vote on the vector seen last. @returns false for none */
  vote(nowNs: Nanos, out: Signal): boolean {
    return this.analyze(0, out) && this.take(nowNs)
  }

  /** `observe` and `vote` in one. */
  evaluate(vector: FeatureVectorView, nowNs: Nanos, out: Signal): boolean {
    this.observe(vector)
    return this.vote(nowNs, out)
  }

  shouldExit({ side }: HeldPosition): DecisionReason | null {
    const { buyThreshold, sellThreshold } = this.#config
    return (side === BUY ? this.#share <= sellThreshold : this.#share >= buyThreshold) ? 'book-turned' : null
  }

  status(): StrategyStatus {
    return { warm: !Number.isNaN(this.#share), note: `share of the bid side ${this.#share.toFixed(3)}` }
  }

  /** Forgets the visit: the book had a gap. The cool-down stands. */
  reset(): void {
    this.#share = Number.NaN
    this.#visit(NONE)
  }

  /** Candles are nothing to it. */
  resetCandles(): void {}

  /** Its opinions come of the book, and are not told anew. */
  recall(_candleMs: WallMs): void {}

  #contradicted(): boolean {
    const bid = this.#seen[3]!
    const ask = this.#seen[4]!
    return this.#zone === BUY ? ask > bid : bid > ask
  }

  #visit(zone: Side | typeof NONE): void {
    if (zone === this.#zone) return
    this.#zone = zone
    this.#voted = false
  }

  /** Finds all places before it takes any. */
  #place({ depthLevels, clusterConfirmation }: ImbalanceConfig): void {
    const names = this.#names
    const bid = indexOf(names, `depth_bid_${depthLevels}`)
    const ask = indexOf(names, `depth_ask_${depthLevels}`)
    const bidCluster = clusterConfirmation ? indexOf(names, 'largest_bid_cluster_volume') : -1
    this.#askCluster = clusterConfirmation ? indexOf(names, 'largest_ask_cluster_volume') : -1
    this.#bidCluster = bidCluster
    this.#bid = bid
    this.#ask = ask
  }
}

function indexOf(names: readonly string[], feature: string): number {
  const index = names.indexOf(feature)
  if (index < 0) fail('RM_STRATEGY_FEATURE', { strategy: 'imbalance', feature, count: names.length })
  return index
}

/** @throws RM_STRATEGY_CONFIG */
function checked(config: ImbalanceConfig, changes: StrategyConfig): ImbalanceConfig {
  const next = configured('imbalance', imbalanceBounds, config, changes)
  const refuse = (setting: string, value: unknown, allowed: string): never => fail('RM_STRATEGY_CONFIG', { strategy: 'imbalance', setting, value, allowed })
  if (next.depthLevels !== 5 && next.depthLevels !== 10) refuse('depthLevels', next.depthLevels, '5 or 10')
  const room = Math.min(next.buyThreshold - 0.5, 0.5 - next.sellThreshold)
  if (!(next.hysteresis <= room)) refuse('hysteresis', next.hysteresis, `0 to ${room}, so that an even book belongs to no side`)
  return next
}
