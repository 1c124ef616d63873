import { type Clock, type Nanos, type Side, type WallMs } from '../../core/index.ts'
import { type DecisionReason, STRATEGY_NAMES, type StrategyName, VOTES_MAX } from '../../memory/index.ts'
import type { ClosedCandle, FeatureVectorView, HeldPosition, Strategy, StrategyConfig } from '../strategy.ts'
import { settingsHash } from './changes.ts'
import { Member, type HearTrouble } from './member.ts'
import type { DeskSettings } from './settings.ts'
import { AGREED, CONFLICT, NO_VOTES, Tally } from './tally.ts'

/** What is counted of the votes of a symbol. */
export interface DeskCounts {
  /** Questions to which somebody had an opinion, those among them with a consensus, and those with votes on both sides. */
  asked: number
  agreed: number
  opposed: number
  /** Conflicts that no rule resolved. */
  unresolved: number
}

/** A strategy wants the position closed. */
export interface ExitWish {
  strategy: StrategyName
  reason: DecisionReason
}

/** The strategies of one symbol and their vote (SG-12 … SG-14). Votes stand in the order of `STRATEGY_NAMES`. */
export class StrategyDesk {
  /** Of the last `poll`: signed confidence, 0 for no opinion, NaN for switched off, left out, or no such strategy. */
  readonly votes = new Float64Array(VOTES_MAX).fill(Number.NaN)
  readonly tally = new Tally()
  readonly counts: DeskCounts = { asked: 0, agreed: 0, opposed: 0, unresolved: 0 }
  readonly members: readonly Member[]
  /** Tells the settings in force from others. */
  configHash: number
  readonly settings: DeskSettings
  readonly #clock: Clock
  readonly #weights = new Float64Array(VOTES_MAX)
  readonly #wish: ExitWish = { strategy: 'imbalance', reason: 'unknown' }
  #consensus: Side | null = null
  #consensusNs: Nanos = Number.NEGATIVE_INFINITY
  #taken = false
  /** Start of the newest candle. */
  #candleMs: WallMs = Number.NEGATIVE_INFINITY
  /** Side of the consensus that was acted upon last, and the newest candle then. */
  #actedSide: Side | null = null
  #actedMs: WallMs = Number.NEGATIVE_INFINITY
  /** What strategies knew was told to them anew since: what they agree on may be that consensus. */
  #anew = false

  /** @param strategies in the order of `STRATEGY_NAMES` */
  constructor(settings: DeskSettings, strategies: readonly Strategy[], clock: Clock, hear: HearTrouble) {
    this.settings = settings
    this.#clock = clock
    this.members = strategies.map((one) => new Member(one, settings.enabled[one.name], settings.weights[one.name], settings, hear))
    this.configHash = settingsHash(settings)
    this.#weigh()
  }

  member(name: StrategyName): Member {
    return this.members[STRATEGY_NAMES.indexOf(name)]!
  }

  observe(vector: FeatureVectorView, nowNs: Nanos): void {
    for (const member of this.members) member.observe(vector, nowNs)
  }

  onCandle(candle: ClosedCandle, nowNs: Nanos): void {
    this.#candleMs = candle.startMs
    if (candle.startMs > this.#actedMs) this.#anew = false
    for (const member of this.members) member.onCandle(candle, nowNs)
  }

  /** Asks everybody and counts. */
  poll(venueMs: WallMs): void {
    const { members, votes, tally, counts } = this
    const clock = this.#clock
    let startNs = clock.nowNs()
    for (let i = 0; i < members.length; i++) {
      const member = members[i]!
      const vote = member.vote(venueMs, startNs)
      const nowNs = clock.nowNs()
      votes[i] = member.inTime(nowNs - startNs, nowNs) ? vote : Number.NaN
      startNs = nowNs
    }
    tally.count(votes, this.#weights, this.settings.consensus)
    if (tally.outcome !== NO_VOTES) {
      counts.asked++
      if (tally.outcome === AGREED) counts.agreed++
      if (tally.opposed) counts.opposed++
      if (tally.outcome === CONFLICT) counts.unresolved++
    }
    const side = tally.outcome === AGREED ? tally.side : null
    if (side === this.#consensus) return
    this.#consensus = side
    this.#taken = this.#anew && side === this.#actedSide
  }

  /** Whether the consensus of the last `poll` may be acted upon: a standing one only every `repeatMs`. Saying yes uses it up. */
  takeConsensus(nowNs: Nanos): boolean {
    const { repeatMs } = this.settings
    if (this.tally.outcome !== AGREED) return false
    if (this.#taken && (repeatMs === 0 || nowNs - this.#consensusNs < repeatMs * 1e6)) return false
    this.#taken = true
    this.#acted(this.tally.side, this.#candleMs, nowNs)
    return true
  }

  /** A life before this one acted upon a consensus: until there is a candle after `candleMs`, the same one is a standing one. */
  recallConsensus(side: Side, candleMs: WallMs, decidedNs: Nanos): void {
    this.#acted(side, candleMs, decidedNs)
    this.#anew = true
  }

  /** The member that may decide alone now, because it has an opinion and nobody another one; its turn is used up. null: nobody. */
  takeSingle(nowNs: Nanos): Member | null {
    const { single } = this.settings
    if (single === null || this.tally.opposed) return null
    const member = this.member(single)
    const vote = this.votes[STRATEGY_NAMES.indexOf(single)]!
    return member.weight > 0 && vote !== 0 && !Number.isNaN(vote) && member.strategy.take(nowNs) ? member : null
  }

  /**
   * The first strategy that wants the position closed, or null.
   * @param voters bit i: strategy i voted for it
   */
  exit(position: HeldPosition, voters: number, nowNs: Nanos): ExitWish | null {
    const { exits } = this.settings
    if (exits === 'off') return null
    for (let i = 0; i < this.members.length; i++) {
      if (exits === 'voters' && (voters & (1 << i)) === 0) continue
      const member = this.members[i]!
      if (!(member.weight > 0)) continue
      const reason = member.shouldExit(position, nowNs)
      if (reason === null) continue
      this.#wish.strategy = member.strategy.name
      this.#wish.reason = reason
      return this.#wish
    }
    return null
  }

  /** True once after strategies came back that need the candles told anew. */
  takeCandleWish(): boolean {
    let wish = false
    for (const member of this.members) {
      wish ||= member.missedCandles
      member.missedCandles = false
    }
    return wish
  }

  /**
   * Takes other settings of the strategies while running: switches, weights, parameters. The candles must be told anew when a parameter
   * changed (`takeCandleWish`).
   * @throws RM_STRATEGY_CONFIG, RM_STRATEGY_FEATURE: the strategy that refuses keeps its parameters, the ones before it have taken theirs
   */
  change(settings: DeskSettings): void {
    for (const member of this.members) {
      const { name } = member.strategy
      member.enabled = settings.enabled[name]
      member.weight = settings.weights[name]
    }
    this.#weigh()
    for (const member of this.members) {
      const { name, config } = member.strategy
      const next: StrategyConfig = settings.configs[name]
      if (Object.entries(next).every(([key, value]) => config[key] === value)) continue
      member.strategy.configure(next)
      member.missedCandles = true
    }
    this.configHash = settingsHash(settings)
  }

  /** @param what had a gap: nothing before it may be joined with what comes after */
  reset(what: 'book' | 'candles', nowNs: Nanos): void {
    for (const member of this.members) member.reset(what, nowNs)
    this.#consensus = null
    this.#anew = true
  }

  #acted(side: Side, candleMs: WallMs, nowNs: Nanos): void {
    this.#actedSide = side
    this.#actedMs = candleMs
    this.#consensusNs = nowNs
  }

  #weigh(): void {
    for (let i = 0; i < this.members.length; i++) this.#weights[i] = this.members[i]!.weight
  }
}
