import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { BUY, Random, SELL, VirtualTime, type Side } from '../../../src/core/index.ts'
import { defaultContracts, type EpisodeKind, Exchange, generatedMarket, mixedEpisodes, VolatileLedger, type Episode, type EpisodeRates } from '../../../src/exchange/index.ts'
import { type MarketEar, PlantedMarket } from '../../detection/planted-market.ts'
import { order } from './support.ts'

/** A layer, and ten typical levels, of this market: lots. */
const NOTED = 2000
const LARGE = 6000

/** Notes what the market shows: jumps and falls of levels, and trades. */
class Notes implements MarketEar {
  readonly jumps: { readonly side: Side; readonly ticks: number; readonly lots: number; readonly atMs: number }[] = []
  readonly trades: { readonly side: Side; readonly ticks: number; readonly lots: number; readonly atMs: number }[] = []
  readonly hash = createHash('sha256')
  hashed = false

  onSnapshot(): void {}
  onClosed(): void {}

  onDelta(...[update, book]: Parameters<MarketEar['onDelta']>): void {
    if (this.hashed) this.hash.update(JSON.stringify([update.venueTimeMs, [...update.bidTicks.subarray(0, update.bidCount)], [...update.askLots.subarray(0, update.askCount)]]))
    for (let i = 0; i < update.bidCount; i++) this.#jump(BUY, update.bidTicks[i]!, update.bidLots[i]! - book.bidLotsBefore[i]!, update.venueTimeMs)
    for (let i = 0; i < update.askCount; i++) this.#jump(SELL, update.askTicks[i]!, update.askLots[i]! - book.askLotsBefore[i]!, update.venueTimeMs)
  }

  #jump(side: Side, ticks: number, lots: number, atMs: number): void {
    if (Math.abs(lots) >= NOTED) this.jumps.push({ side, ticks, lots, atMs })
  }

  onTrade(side: Side, ticks: number, lots: number, atMs: number): void {
    this.trades.push({ side, ticks, lots, atMs })
  }
}

function play(seed: number, rates: EpisodeRates, hours = 1, hashed = false) {
  const notes = new Notes()
  notes.hashed = hashed
  const market = new PlantedMarket(seed, rates, notes)
  market.run(hours * 3600)
  return { notes, market, hash: notes.hash.digest('hex') }
}

const within = (episode: Episode, one: { readonly ticks: number; readonly atMs: number }): boolean => one.ticks >= episode.lowTicks && one.ticks <= episode.highTicks && one.atMs >= episode.startMs && one.atMs <= episode.endMs

describe('planted episodes', () => {
  it('the same seed plants the same episodes into the same market; another seed others', () => {
    const first = play(1, mixedEpisodes(240), 0.2, true)
    const again = play(1, mixedEpisodes(240), 0.2, true)
    expect(again.market.episodes).toEqual(first.market.episodes)
    expect(again.hash).toBe(first.hash)
    expect(play(2, mixedEpisodes(240), 0.2).market.episodes).not.toEqual(first.market.episodes)
  })

  it('without a rate the market is the one that it always was', () => {
    const bare = play(3, {}, 0.1, true)
    expect(bare.market.episodes).toEqual([])
    expect(play(3, { spoof: 0 }, 0.1, true).hash).toBe(bare.hash)
    // As of the version before there were episodes.
    expect(bare.hash).toBe('ecc3797bfddae9c5639f49823275490a686d0bad5a2fd4a1f959986a3b9276ea')
  })

  it('plants all kinds, one after the other', () => {
    const { market } = play(4, { spoof: 300, layer: 300, traded: 300, resting: 300, requote: 300, refill: 300 }, 0.6)
    expect(new Set(market.episodes.filter((one) => one.whole).map((one) => one.kind))).toEqual(new Set<EpisodeKind>(['spoof', 'layer', 'traded', 'resting', 'requote', 'refill']))
    for (const [i, episode] of market.episodes.entries()) {
      expect(episode.endMs).toBeGreaterThanOrEqual(episode.startMs)
      if (i > 0) expect(episode.startMs).toBeGreaterThanOrEqual(market.episodes[i - 1]!.endMs + 30_000)
    }
  })

  it('a spoof shows large orders and takes them away; next to nothing trades at their prices', () => {
    const { notes, market } = play(5, { spoof: 200 }, 0.4)
    expect(market.episodes.length).toBeGreaterThan(5)
    for (const episode of market.episodes.filter((one) => one.whole)) {
      const large = notes.jumps.filter((one) => one.side === episode.side && within(episode, one) && Math.abs(one.lots) >= LARGE)
      const placed = large.filter((one) => one.lots > 0)
      expect(placed.length).toBeGreaterThanOrEqual(episode.orders - 1)
      // Whoever trades with bids sells.
      const traded = notes.trades.filter((one) => one.side !== episode.side && within(episode, one)).reduce((sum, one) => sum + one.lots, 0)
      expect(traded).toBeLessThan(0.2 * placed.reduce((sum, one) => sum + one.lots, 0))
    }
  })

  it('layers go at one moment', () => {
    const { notes, market } = play(6, { layer: 200 }, 0.4)
    expect(market.episodes.length).toBeGreaterThan(5)
    for (const episode of market.episodes.filter((one) => one.whole)) {
      const gone = notes.jumps.filter((one) => one.side === episode.side && within(episode, one) && one.lots < -NOTED && one.atMs === episode.endMs)
      expect(gone.length).toBeGreaterThanOrEqual(episode.orders - 1)
    }
  })

  it('a large order that is meant is traded', () => {
    const { notes, market } = play(7, { traded: 200 }, 0.4)
    expect(market.episodes.length).toBeGreaterThan(5)
    let placedLots = 0
    let tradedLots = 0
    for (const episode of market.episodes) {
      const placed = notes.jumps.filter((one) => one.side === episode.side && within(episode, one) && one.lots >= LARGE).reduce((sum, one) => sum + one.lots, 0)
      const traded = notes.trades.filter((one) => one.side !== episode.side && within(episode, one)).reduce((sum, one) => sum + one.lots, 0)
      placedLots += placed
      tradedLots += traded
    }
    expect(tradedLots).toBeGreaterThan(0.8 * placedLots)
  })

  it('the exchange stays sound around them: never crossed, and accounts trade with them', () => {
    const time = new VirtualTime(1_700_000_000_000)
    const contract = defaultContracts[0]!
    const exchange = new Exchange({ clock: time, timers: time, markets: [generatedMarket({ contract, seed: 8, startTicks: 600_000, historyMin: 5, episodes: mixedEpisodes(120) })], ledger: new VolatileLedger(), startingBalance: '1000000', defaultLeverage: '10' })
    let crossed = 0
    exchange.listen({ onBookChanged: () => { const { bidTicks, askTicks } = exchange.summary(contract.symbol); if (bidTicks >= askTicks) crossed++ } })
    const random = new Random(1)
    time.every(700, () => {
      const { bidTicks, askTicks } = exchange.summary(contract.symbol)
      const side = random.chance(0.5) ? BUY : SELL
      exchange.place('alice', order({ symbol: contract.symbol, side, priceTicks: side === BUY ? bidTicks - random.below(20) : askTicks + random.below(20), lots: 10 }))
      if (random.chance(0.2)) exchange.cancelAll('alice', contract.symbol)
    })
    exchange.start()
    time.runUntil(1800e9)
    exchange.stop()
    expect(crossed).toBe(0)
    expect(exchange.executions('alice', {}).length).toBeGreaterThan(20)
  })

  it.each([-1, Number.NaN, 1001])('a rate of %d an hour is a coded error', (rate) => {
    expect(() => generatedMarket({ contract: defaultContracts[0]!, seed: 1, startTicks: 600_000, episodes: { spoof: rate } })).toThrow(expect.objectContaining({ code: 'RM_EXCHANGE_SETUP' }))
  })
})
