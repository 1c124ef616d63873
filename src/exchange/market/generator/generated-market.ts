import { BUY, fail, opposite, Random, SELL, type Lots, type Nanos, type PriceTicks, type Side, type Timer } from '../../../core/index.ts'
import type { Contract } from '../../port.ts'
import { rules } from '../../rules.ts'
import type { MarketFlow, MarketSource } from '../source.ts'
import { EfficientPrice } from './efficient-price.ts'
import { type Episode, EPISODE_KINDS, type EpisodeRates, Episodes, PlantedFlow } from './episodes/index.ts'
import type { FlowProcess, GeneratorView } from './flow-process.ts'
import { Ladder } from './ladder.ts'
import { makePast } from './past.ts'
import { PlantedEdge } from './planted-edge.ts'
import { defaultRegimes, RegimeChain, type Regime, type RegimeTraits } from './regimes.ts'

export interface GeneratedMarketOptions {
  readonly contract: Contract
  readonly seed: number
  /** Price of the first start; later ones go on from the last price in the ledger. */
  readonly startTicks: PriceTicks
  /** Mean market messages per second; 30 unless told. */
  readonly rate?: number
  /** Levels a side; 100 unless told. */
  readonly levels?: number
  /** Typical value of a level near the touch, quote currency; 20 000 unless told. */
  readonly levelNotional?: number
  /** Smallest typical value of an aggressive order, quote currency; 300 unless told. */
  readonly tradeNotional?: number
  /** One-minute candles made up at the start; 1440 unless told. */
  readonly historyMin?: number
  readonly regimes?: Partial<Readonly<Record<Regime, RegimeTraits>>>
  readonly processes?: readonly FlowProcess[]
  /** Episodes of manipulation, and of what looks like it, that are planted an hour; none unless told. */
  readonly episodes?: EpisodeRates
  /** Events an hour after which the price can be foretold, see `PlantedEdge`; none unless told. */
  readonly edgesPerHour?: number
}

/** Share of steps that are aggressive orders before clustering. */
const TAKE_SHARE = 0.22
/** Hawkes clustering: mean children of an aggressive order, and how fast its excitement fades, per second. */
const BRANCHING = 0.5
const DECAY = 2
/** Tail of order sizes: the exponent of the power law found in trade sizes. */
const SIZE_EXPONENT = 1.5
const SIZE_MAX_FACTOR = 2000
/** Ticks that an aggressive order may walk through the book. */
const WALK_TICKS = 25
/** How far the efficient price may leave the quotes before they move, ticks. */
const HYSTERESIS_TICKS = 0.4
const PAST_TRADES_PER_MINUTE = 400
/** Mean of the forty best levels, in typical values of a level near the touch. */
const TYPICAL_LEVEL = 2

/** Default starting prices of the default contracts, in their ticks. */
export const defaultStartTicks: Readonly<Record<string, PriceTicks>> = { BTCUSDT: 600_000, ETHUSDT: 260_000, XRPUSDT: 6_000 }

/** A market source that makes up its market. @throws RM_EXCHANGE_SETUP for numbers that make no market. */
export const generatedMarket = (options: GeneratedMarketOptions): GeneratedMarket => new GeneratedMarket(options)

/**
 * A seeded market: an unseen efficient price walks through Markov-switching regimes, quotes follow it with hysteresis, aggressive
 * orders arrive in self-exciting bursts with power-law sizes and signs that persist, passive orders come and go near the touch.
 *
 * The sequence of events depends on the seed and on the account orders it meets, never on the clock; the clock only says when.
 */
export class GeneratedMarket implements MarketSource {
  readonly contract: Contract
  readonly #options: GeneratedMarketOptions
  readonly #rate: number
  #flow: MarketFlow | null = null
  #timer: Timer | null = null
  #random = new Random(0)
  #processRandom = new Random(0)
  #price!: EfficientPrice
  #ladder!: Ladder
  #episodes: Episodes | null = null
  #edge: PlantedEdge | null = null
  #tradeLots: Lots = 1
  #openInterest = 0
  #excitement = 0
  #lastSide: Side = BUY
  #spread = 1
  #seconds = 0
  #originNs: Nanos = 0
  readonly #view: { seconds: number; regime: Regime; bidTicks: PriceTicks; askTicks: PriceTicks } = { seconds: 0, regime: 'ranging', bidTicks: 0, askTicks: 0 }

  constructor(options: GeneratedMarketOptions) {
    const problem =
      !Number.isInteger(options.seed) ? `seed ${options.seed}`
      : !Number.isSafeInteger(options.startTicks) || options.startTicks < 1000 ? `start at ${options.startTicks} ticks, at least 1000 needed`
      : !((options.rate ?? 30) > 0 && (options.rate ?? 30) <= 10_000) ? `rate of ${options.rate} messages per second`
      : !((options.levels ?? 100) >= 5 && (options.levels ?? 100) <= 200) ? `${options.levels} levels, 5 to 200 possible`
      : !((options.levelNotional ?? 1) > 0 && (options.tradeNotional ?? 1) > 0) ? 'notional that is not positive'
      : !((options.historyMin ?? 0) >= 0 && (options.historyMin ?? 0) < rules.candlesKept) ? `${options.historyMin} minutes of history`
      : EPISODE_KINDS.some((kind) => !((options.episodes?.[kind] ?? 0) >= 0 && (options.episodes?.[kind] ?? 0) <= 1000)) ? 'episodes that are not 0 to 1000 an hour'
      : !((options.edgesPerHour ?? 0) >= 0 && (options.edgesPerHour ?? 0) <= 300) ? `${options.edgesPerHour} edges an hour, 0 to 300 possible`
      : null
    if (problem !== null) fail('RM_EXCHANGE_SETUP', { what: `generated market of ${options.contract.symbol}: ${problem}` })
    this.contract = options.contract
    this.#options = options
    this.#rate = options.rate ?? 30
  }

  start(bare: MarketFlow): void {
    const { contract, seed, startTicks, levels, levelNotional, tradeNotional, historyMin, regimes, episodes, edgesPerHour } = this.#options
    const planted = EPISODE_KINDS.some((kind) => (episodes?.[kind] ?? 0) > 0) ? new PlantedFlow(bare) : null
    const flow = planted ?? bare
    this.#flow = flow
    const label = `${contract.symbol}:${flow.start}`
    this.#random = new Random(seed, label)
    this.#processRandom = new Random(seed, `${label}:processes`)
    const ticks = flow.resumeTicks ?? startTicks
    const price = contract.tick.toNumber(ticks)
    const lotsOf = (notional: number): Lots => Math.max(1, Math.round(notional / price / contract.lot.value))
    this.#tradeLots = lotsOf(tradeNotional ?? 300)
    const chain = new RegimeChain({ ...defaultRegimes, ...regimes }, this.#random)
    this.#price = new EfficientPrice(ticks, chain, this.#random)
    makePast(flow, contract, new Random(seed, `${label}:past`), ticks, historyMin ?? 1440, this.#tradeLots * PAST_TRADES_PER_MINUTE)
    const levelLots = lotsOf(levelNotional ?? 20_000)
    this.#ladder = new Ladder(flow, this.#random, levels ?? 100, levelLots, ticks)
    this.#episodes = planted === null ? null : new Episodes(planted, episodes!, TYPICAL_LEVEL * levelLots)
    this.#edge = (edgesPerHour ?? 0) > 0 ? new PlantedEdge(edgesPerHour!, new Random(seed, `${label}:edge`)) : null
    this.#openInterest = lotsOf(50_000_000)
    flow.openInterest(this.#openInterest)
    flow.commit()
    this.#originNs = flow.clock.nowNs()
    this.#schedule(flow)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#flow = null
  }

  /** The regime now: ground truth for tests of detectors. */
  get regime(): Regime {
    return this.#price.regimes.regime
  }

  /** Planted episodes that are over, oldest first: ground truth for tests of detectors. */
  get episodes(): readonly Episode[] {
    return this.#episodes?.done ?? []
  }

  #schedule(flow: MarketFlow): void {
    const perSecond = this.#rate * (1 - BRANCHING * TAKE_SHARE) + this.#excitement
    const waitS = this.#random.exponential(1 / perSecond)
    this.#seconds += waitS
    this.#excitement *= Math.exp(-DECAY * waitS)
    this.#timer = flow.timers.after(Math.max(0, (this.#originNs + this.#seconds * 1e9 - flow.clock.nowNs()) / 1e6), () => this.#wake(waitS))
  }

  #wake(waitS: number): void {
    const flow = this.#flow
    if (flow === null) return
    const lateNs = flow.clock.nowNs() - (this.#originNs + this.#seconds * 1e9)
    if (lateNs > rules.catchUpMs * 1e6) this.#originNs += lateNs
    this.#step(flow, waitS)
    flow.commit()
    this.#schedule(flow)
  }

  #step(flow: MarketFlow, waitS: number): void {
    const random = this.#random
    this.#price.pass(waitS)
    const edge = this.#edge?.step(waitS, this.#price.ticks) ?? null
    if (edge !== null && edge.push !== 0) this.#price.shift(edge.push)
    const excited = this.#excitement / (this.#rate + this.#excitement)
    if (random.chance(TAKE_SHARE * (1 - excited) + excited)) this.#aggress(flow)
    else for (let i = 1 + random.below(3); i > 0; i--) this.#ladder.renew()
    this.#follow(flow, edge?.spreadTicks ?? null)
    this.#ladder.lean(edge?.lean ?? null)
    this.#episodes?.step(this.#look(), flow, this.#processRandom)
    for (const planted of this.#options.processes ?? []) planted.step(this.#look(), flow, this.#processRandom)
  }

  /** An aggressive order: clustered in time, persistent in sign, heavy-tailed in size; it moves the efficient price a little. */
  #aggress(flow: MarketFlow): void {
    const random = this.#random
    const { regimes } = this.#price
    const { persistence, bias } = regimes.traits
    const trend: Side = regimes.direction > 0 ? BUY : SELL
    const side: Side = random.chance(persistence) ? this.#lastSide : random.chance(0.5 + bias) ? trend : opposite(trend)
    const factor = Math.min(SIZE_MAX_FACTOR, (1 - random.next()) ** (-1 / SIZE_EXPONENT))
    const lots = Math.max(1, Math.round(this.#tradeLots * factor))
    const best = flow.best(opposite(side))
    const limit = side === BUY ? Math.min(best, this.#ladder.ask + WALK_TICKS) + WALK_TICKS : Math.max(1, Math.max(best, this.#ladder.bid - WALK_TICKS) - WALK_TICKS)
    flow.take(side, limit, lots)
    this.#lastSide = side
    this.#excitement += BRANCHING * DECAY
    this.#price.push((side === BUY ? 1 : -1) * 2e-7 * this.#price.ticks * Math.sqrt(factor))
    this.#openInterest = Math.max(0, this.#openInterest + (random.chance(0.5) ? lots : -lots))
    flow.openInterest(this.#openInterest)
  }

  /** The quotes follow when the efficient price has left them; a part of the size in the way is taken, the rest withdraws. */
  #follow(flow: MarketFlow, spreadTicks: number | null): void {
    const random = this.#random
    const { ticks } = this.#price
    if (random.chance(0.05)) this.#spread = 1 + Math.min(4, Math.floor(random.exponential(this.#price.regimes.traits.extraSpread)))
    if (spreadTicks !== null) this.#spread = spreadTicks
    const ladder = this.#ladder
    const up = ticks > ladder.ask + HYSTERESIS_TICKS
    const down = ticks < ladder.bid - HYSTERESIS_TICKS
    if (!up && !down && ladder.ask - ladder.bid === this.#spread) return
    const bid = Math.max(1, Math.floor(ticks - (this.#spread - 1) / 2))
    const ask = bid + this.#spread
    if (up && random.chance(0.35)) flow.take(BUY, Math.min(ask - 1, ladder.ask + WALK_TICKS), Math.max(1, Math.round(this.#tradeLots * 3 * random.next())))
    if (down && random.chance(0.35)) flow.take(SELL, Math.max(1, bid + 1, ladder.bid - WALK_TICKS), Math.max(1, Math.round(this.#tradeLots * 3 * random.next())))
    ladder.quote(bid, ask)
  }

  #look(): GeneratorView {
    const view = this.#view
    view.seconds = this.#seconds
    view.regime = this.regime
    view.bidTicks = this.#ladder.bid
    view.askTicks = this.#ladder.ask
    return view
  }
}
