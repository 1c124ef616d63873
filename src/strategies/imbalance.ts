import { BUY, fail, SELL, type Nanos, type Side } from '../core/index.ts'
import type { FEATURE_VECTOR } from '../memory/index.ts'
import type { Vote } from './vote.ts'

export type FeatureVectorView = ReturnType<typeof FEATURE_VECTOR.view>

export interface ImbalanceConfig {
  /** IMBALANCE_BUY_THRESHOLD: share of the bid side at or above which to buy, above 0.5 and at most 1. */
  readonly buyThreshold: number
  /** IMBALANCE_SELL_THRESHOLD: share of the bid side at or below which to sell, below 0.5 and at least 0. */
  readonly sellThreshold: number
  /** Levels of each side that are summed: those that the features offer. */
  readonly depthLevels: 5 | 10
  /** How far the share must fall back inside a threshold before that side counts as left. */
  readonly hysteresis: number
  /** Shortest time between two votes, ms. */
  readonly cooldownMs: number
  /** Time after which a share that stays beyond its threshold votes again, ms; 0: once per visit. */
  readonly repeatMs: number
}

export const imbalanceDefaults: ImbalanceConfig = {
  buyThreshold: 0.75,
  sellThreshold: 0.25,
  depthLevels: 5,
  hysteresis: 0.05,
  cooldownMs: 250,
  repeatMs: 2000,
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
 * `repeatMs`. Two votes are never closer than `cooldownMs`.
 */
export class ImbalanceStrategy {
  #config: ImbalanceConfig
  readonly #names: readonly string[]
  #bid: number
  #ask: number
  #zone: Side | typeof NONE = NONE
  #share = Number.NaN
  #voted = false
  #lastVoteNs: Nanos = Number.NEGATIVE_INFINITY

  /**
   * @param names of the features in use, in their order in a vector
   * @throws RM_STRATEGY_CONFIG, RM_STRATEGY_FEATURE
   */
  constructor(config: ImbalanceConfig, names: readonly string[]) {
    checkConfig(config)
    this.#config = config
    this.#names = names
    this.#bid = indexOf(names, `depth_bid_${config.depthLevels}`)
    this.#ask = indexOf(names, `depth_ask_${config.depthLevels}`)
  }

  get config(): ImbalanceConfig {
    return this.#config
  }

  /** Takes another config while running; the visit starts anew, the cool-down stands. @throws as the constructor, and then nothing changed */
  configure(config: ImbalanceConfig): void {
    checkConfig(config)
    const bid = indexOf(this.#names, `depth_bid_${config.depthLevels}`)
    const ask = indexOf(this.#names, `depth_ask_${config.depthLevels}`)
    this.#config = config
    this.#bid = bid
    this.#ask = ask
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
    const { buyThreshold, sellThreshold, hysteresis } = this.#config
    if (share >= buyThreshold) this.#visit(BUY)
    else if (share <= sellThreshold) this.#visit(SELL)
    else if (this.#zone === BUY && share < buyThreshold - hysteresis) this.#visit(NONE)
    else if (this.#zone === SELL && share > sellThreshold + hysteresis) this.#visit(NONE)
  }

  /** Asks for a vote on the vector seen last. @returns false for none; `out` is then untouched. */
  vote(nowNs: Nanos, out: Vote): boolean {
    const { buyThreshold, sellThreshold, cooldownMs, repeatMs } = this.#config
    const share = this.#share
    const beyond = (this.#zone === BUY && share >= buyThreshold) || (this.#zone === SELL && share <= sellThreshold)
    if (!beyond) return false
    const sinceMs = (nowNs - this.#lastVoteNs) / 1e6
    if (sinceMs < cooldownMs || (this.#voted && (repeatMs === 0 || sinceMs < repeatMs))) return false
    this.#voted = true
    this.#lastVoteNs = nowNs
    out.side = this.#zone as Side
    out.confidence = Math.max(share, 1 - share)
    return true
  }

  /** `observe` and `vote` in one. */
  evaluate(vector: FeatureVectorView, nowNs: Nanos, out: Vote): boolean {
    this.observe(vector)
    return this.vote(nowNs, out)
  }

  /** Forgets the visit: the book had a gap. The cool-down stands. */
  reset(): void {
    this.#share = Number.NaN
    this.#visit(NONE)
  }

  #visit(zone: Side | typeof NONE): void {
    if (zone === this.#zone) return
    this.#zone = zone
    this.#voted = false
  }
}

function indexOf(names: readonly string[], feature: string): number {
  const index = names.indexOf(feature)
  if (index < 0) fail('RM_STRATEGY_FEATURE', { strategy: 'imbalance', feature, count: names.length })
  return index
}

function checkConfig(config: ImbalanceConfig): void {
  const { buyThreshold, sellThreshold, depthLevels, hysteresis, cooldownMs, repeatMs } = config
  const refuse = (setting: string, value: unknown, allowed: string): never => fail('RM_STRATEGY_CONFIG', { strategy: 'imbalance', setting, value, allowed })
  if (!(buyThreshold > 0.5 && buyThreshold <= 1)) refuse('buyThreshold', buyThreshold, 'above 0.5, at most 1')
  if (!(sellThreshold >= 0 && sellThreshold < 0.5)) refuse('sellThreshold', sellThreshold, 'at least 0, below 0.5')
  if (depthLevels !== 5 && depthLevels !== 10) refuse('depthLevels', depthLevels, '5 or 10')
  const room = Math.min(buyThreshold - 0.5, 0.5 - sellThreshold)
  if (!(hysteresis >= 0 && hysteresis <= room)) refuse('hysteresis', hysteresis, `0 to ${room}, so that an even book belongs to no side`)
  if (!(cooldownMs >= 0 && Number.isFinite(cooldownMs))) refuse('cooldownMs', cooldownMs, 'at least 0')
  if (!(repeatMs >= 0 && Number.isFinite(repeatMs))) refuse('repeatMs', repeatMs, 'at least 0')
}
