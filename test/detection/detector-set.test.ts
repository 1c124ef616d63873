import { describe, expect, it } from 'vitest'
import { BUY, SELL, type Side } from '../../src/core/index.ts'
import { type Detector, type DetectorName, DetectorSet, type DetectorWatch, noBlock, ORDERS_MAX } from '../../src/detection/index.ts'
import { defaultContracts } from '../../src/exchange/index.ts'
import { OrderBook } from '../../src/market/index.ts'
import { bookUpdate } from '../features/capture-events.ts'
import { WildMarket } from '../features/wild-market.ts'
import { PlantedMarket } from './planted-market.ts'
import { detection } from './settings.ts'

const contract = defaultContracts[0]!
const ORIGIN_MS = 1_700_000_040_000

class Watch implements DetectorWatch {
  readonly failed: DetectorName[] = []
  readonly back: DetectorName[] = []

  onFailed(name: DetectorName): void {
    this.failed.push(name)
  }

  onBack(name: DetectorName): void {
    this.back.push(name)
  }
}

/** A detector that throws where it is told to. */
function broken(at: keyof Detector, name: DetectorName = 'levels'): Detector {
  const detector: Detector = {
    name, originMs: 0, patterns: null,
    status: { name, active: [], confidence: 0, patterns: [], found: 0, explanation: '' },
    advance: () => {}, onPlaced: () => {}, onEnded: () => {}, onRested: () => {}, onClosed: () => {}, gap: () => {}, reset: () => {},
    against: () => 0, block: noBlock,
  }
  return Object.assign(detector, { [at]: () => { throw new Error('broken') } })
}

/** A book of sixty levels of a hundred lots a side around 600 000 ticks, by hand: a level is 600 USDT. */
class Desk {
  readonly watch = new Watch()
  readonly set: DetectorSet
  readonly book = OrderBook.create()
  timeMs = ORIGIN_MS
  #id = 1

  /** @param learnMs market time before anything happens: the habits of this market are those of a quiet one */
  constructor(extra: readonly Detector[] = [], learnMs = 200_000, learnS = detection.spoofing.learnS) {
    this.set = new DetectorSet({ ...detection, spoofing: { ...detection.spoofing, learnS }, levels: { ...detection.levels, enabled: extra.length === 0 } }, contract, this.watch, extra)
    const levels = (sign: number): [number, number][] => Array.from({ length: 60 }, (_, i) => [600_000 + sign * (i + 1), 100])
    const update = bookUpdate(true, this.timeMs, this.#id, levels(-1), levels(1))
    this.book.apply(update)
    this.set.onSnapshot(update, this.book)
    this.pass(learnMs)
  }

  /** Time passes, and the touch breathes. */
  pass(ms: number): void {
    for (const endMs = this.timeMs + ms; this.timeMs < endMs; ) {
      this.timeMs = Math.min(endMs, this.timeMs + 100)
      this.levels(BUY, [[599_999, 100 + (this.#id % 2)]])
    }
  }

  levels(side: Side, levels: readonly (readonly [number, number])[]): void {
    const update = bookUpdate(false, this.timeMs, ++this.#id, side === BUY ? levels : [], side === SELL ? levels : [])
    expect(this.book.apply(update)).toBe(0)
    this.set.onDelta(update, this.book)
  }

  trade(side: Side, ticks: number, lots: number): void {
    this.set.onTrade(side, ticks, lots, this.timeMs)
  }

  /** A bid of `lots` beside what stands at `ticks`, for so long. @param traded how much of it is traded instead of cancelled */
  show(ticks: number, lots: number, ms: number, traded = 0, tradesFirst = true): void {
    this.levels(BUY, [[ticks, 100 + lots]])
    this.pass(ms)
    if (tradesFirst && traded > 0) this.trade(SELL, ticks, traded)
    this.levels(BUY, [[ticks, 100]])
    if (!tradesFirst && traded > 0) this.trade(SELL, ticks, traded)
  }
}

/** 120 000 USDT. */
const WALL = 2000 * 10

describe('spoofing', () => {
  it('large bids that come and go block buying, with side, confidence and words, and let go after a while', () => {
    const desk = new Desk()
    for (let i = 0; i < 3; i++) {
      desk.show(599_990, WALL, 2000)
      desk.pass(1000)
    }
    const block = desk.set.block(BUY)
    expect(block).toMatchObject({ blocked: true, side: BUY, detector: 'spoofing' })
    expect(block.confidence).toBeGreaterThan(0.7)
    expect(block.confidence).toBeLessThanOrEqual(1)
    expect(block.reason).toBe('spoofing: 3 large orders on the bid side at 599990 ticks, 100 % cancelled within 8.0 s')
    expect(desk.set.block(SELL)).toEqual(noBlock(SELL))
    const status = desk.set.status.find((one) => one.name === 'spoofing')!
    expect(status).toMatchObject({ active: [BUY], found: 1, failure: null })
    expect(status.patterns[0]).toMatchObject({ side: BUY, orders: 3, lowTicks: 599_990, highTicks: 599_990, startMs: ORIGIN_MS + 200_000, endMs: ORIGIN_MS + 208_000, cancelRate: 1 })
    desk.pass(16_000)
    expect(desk.set.block(BUY).blocked).toBe(false)
    expect(desk.set.status.find((one) => one.name === 'spoofing')!.patterns).toHaveLength(1)
  })

  it.each([true, false])('an order that was filled is no spoof, trades told before the book: %s', (tradesFirst) => {
    const desk = new Desk()
    for (let i = 0; i < 5; i++) {
      desk.show(599_990, WALL, 2000, WALL, tradesFirst)
      desk.pass(1000)
    }
    expect(desk.set.block(BUY).blocked).toBe(false)
    expect(desk.set.orders.matcher.tradedLots[BUY]).toBe(5 * WALL)
  })

  it('two of three that were filled are not enough cancels; large orders that stay count against it', () => {
    const desk = new Desk()
    for (const traded of [0, WALL, 0, WALL, 0]) {
      desk.show(599_990, WALL, 1000, traded)
      desk.pass(1000)
    }
    expect(desk.set.block(BUY).blocked).toBe(false)
    const resting = new Desk()
    resting.levels(BUY, [[599_980, 3 * WALL]])
    resting.pass(31_000)
    for (let i = 0; i < 3; i++) {
      resting.show(599_990, WALL, 1000)
      resting.pass(1000)
    }
    expect(resting.set.block(BUY).blocked).toBe(false)
  })

  it('nothing is judged before the habits of the market are known', () => {
    const desk = new Desk([], 100)
    for (let i = 0; i < 5; i++) {
      desk.show(599_990, WALL, 2000)
      desk.pass(1000)
    }
    expect(desk.set.block(BUY).blocked).toBe(false)
  })

  it('what is the habit of a market, or happens on both sides alike, is none; what is larger than the habit is', () => {
    const flicker = (desk: Desk, lots: number, times: number): void => {
      for (let i = 0; i < times; i++) {
        desk.show(599_990, lots, 1000)
        desk.pass(2000)
      }
    }
    const busy = new Desk([], 100)
    flicker(busy, WALL, 120)
    busy.pass(20_000)
    const before = busy.set.status.find((one) => one.name === 'spoofing')!.found
    flicker(busy, WALL, 6)
    expect(busy.set.block(BUY).blocked).toBe(false)
    expect(busy.set.status.find((one) => one.name === 'spoofing')!.found).toBe(before)
    flicker(busy, 8 * WALL, 4)
    expect(busy.set.block(BUY)).toMatchObject({ blocked: true, detector: 'spoofing' })
    const both = new Desk()
    for (let i = 0; i < 4; i++) {
      for (const [side, ticks] of [[BUY, 599_990], [SELL, 600_010]] as const) {
        both.levels(side, [[ticks, 100 + WALL]])
        both.pass(1000)
        both.levels(side, [[ticks, 100]])
        both.pass(1000)
      }
    }
    expect(both.set.block(SELL).blocked).toBe(false)
  })

  it('orders that nobody had time to see, that rest for longer than ten seconds, small ones and far ones are none', () => {
    for (const [ticks, lots, ms] of [[599_990, WALL, 100], [599_990, WALL, 11_000], [599_990, 900, 1000], [599_945, WALL, 1000]] as const) {
      const desk = new Desk()
      for (let i = 0; i < 4; i++) {
        desk.show(ticks, lots, ms)
        desk.pass(500)
      }
      expect(desk.set.block(BUY).blocked).toBe(false)
    }
  })
})

describe('layering', () => {
  const layers = [599_985, 599_988, 599_991, 599_994] as const
  /** 36 000 USDT, six typical levels. */
  const LOTS = 600

  function layer(desk: Desk, side: Side = BUY): void {
    const at = (ticks: number): number => (side === BUY ? ticks : 1_200_000 - ticks)
    for (const ticks of layers) {
      desk.levels(side, [[at(ticks), 100 + LOTS]])
      desk.pass(300)
    }
    desk.pass(3000)
    desk.levels(side, layers.map((ticks) => [at(ticks), 100] as const))
  }

  it.each([BUY, SELL] as const)('similar orders on neighbouring levels that go together block their side %d', (side) => {
    const desk = new Desk()
    layer(desk, side)
    desk.pass(3000)
    expect(desk.set.block(side)).toMatchObject({ blocked: true, detector: 'layering', side })
    expect(desk.set.block(side).reason).toMatch(/^layering: 4 large orders on the (bid|ask) side between \d+ and \d+ ticks, 100 % cancelled within 4\.2 s$/)
    expect(desk.set.block(side === BUY ? SELL : BUY).blocked).toBe(false)
  })

  it('a quote that moves is none: the same sizes come back at once', () => {
    const desk = new Desk()
    layer(desk)
    desk.levels(BUY, layers.map((ticks) => [ticks - 1, 100 + LOTS] as const))
    desk.pass(3000)
    expect(desk.set.block(BUY).blocked).toBe(false)
  })

  it('a market maker who leaves both sides is none', () => {
    const desk = new Desk()
    for (const side of [BUY, SELL] as const) desk.levels(side, layers.map((ticks) => [side === BUY ? ticks : 1_200_000 - ticks, 100 + LOTS] as const))
    desk.pass(3000)
    for (const side of [BUY, SELL] as const) desk.levels(side, layers.map((ticks) => [side === BUY ? ticks : 1_200_000 - ticks, 100] as const))
    desk.pass(3000)
    expect(desk.set.block(BUY).blocked || desk.set.block(SELL).blocked).toBe(false)
  })

  it('orders that were traded, or go one after the other, or are of all sizes, are none', () => {
    const traded = new Desk()
    for (const ticks of layers) traded.levels(BUY, [[ticks, 100 + LOTS]])
    traded.pass(2000)
    for (const ticks of layers) traded.trade(SELL, ticks, LOTS)
    traded.levels(BUY, layers.map((ticks) => [ticks, 100] as const))
    traded.pass(3000)
    expect(traded.set.block(BUY).blocked).toBe(false)
    const apart = new Desk()
    for (const ticks of layers) apart.levels(BUY, [[ticks, 100 + LOTS]])
    for (const ticks of layers) {
      apart.pass(1000)
      apart.levels(BUY, [[ticks, 100]])
    }
    apart.pass(3000)
    expect(apart.set.block(BUY).blocked).toBe(false)
    const uneven = new Desk()
    for (const [i, ticks] of layers.entries()) uneven.levels(BUY, [[ticks, 100 + LOTS * 1.5 ** i]].map(([at, lots]) => [at!, Math.round(lots!)] as const))
    uneven.pass(2000)
    uneven.levels(BUY, layers.map((ticks) => [ticks, 100] as const))
    uneven.pass(3000)
    expect(uneven.set.block(BUY).blocked).toBe(false)
  })
})

describe('set of detectors', () => {
  it.each(['advance', 'onPlaced', 'onEnded', 'onClosed', 'gap'] as const)('one that throws in %s is reported and left out, and the others go on', (at) => {
    const desk = new Desk([broken(at)], 100, 0)
    desk.set.onClosed(ORIGIN_MS, 1, 2, 1, 2, 5)
    for (let i = 0; i < 3; i++) {
      desk.show(599_990, WALL, 1000)
      desk.pass(1000)
    }
    expect(desk.watch.failed).toEqual(['levels'])
    expect(desk.set.failedBits).toBe(4)
    expect(desk.set.status.find((one) => one.name === 'levels')!.failure).toBe('Error: broken')
    expect(desk.set.block(BUY)).toMatchObject({ blocked: true, detector: 'spoofing' })
  })

  it('one that failed begins anew after a minute of market time', () => {
    const detector = broken('onClosed')
    const desk = new Desk([detector], 100)
    desk.set.onClosed(ORIGIN_MS, 1, 2, 1, 2, 5)
    desk.pass(59_000)
    expect(desk.set.failedBits).toBe(4)
    desk.pass(2000)
    expect(desk.watch.back).toEqual(['levels'])
    expect(desk.set.failedBits).toBe(0)
    Object.assign(detector, { reset: () => { throw new Error('worse') } })
    desk.set.onClosed(ORIGIN_MS + 60_000, 1, 2, 1, 2, 5)
    desk.pass(61_000)
    expect(desk.set.status.find((one) => one.name === 'levels')!.failure).toBe('Error: worse')
  })

  it('a defect in what they share takes those out that live on it, and nothing else', () => {
    const desk = new Desk()
    const update = bookUpdate(false, desk.timeMs + 1, 9, [[599_990, 5]], [])
    desk.set.onDelta(update, null as unknown as OrderBook)
    expect(desk.watch.failed).toEqual(['spoofing', 'layering'])
    expect(desk.set.failedBits).toBe(3)
    desk.pass(61_000)
    expect(desk.set.failedBits).toBe(0)
  })

  it('after a gap nothing of what was seen before blocks', () => {
    const desk = new Desk()
    for (let i = 0; i < 3; i++) {
      desk.show(599_990, WALL, 1000)
      desk.pass(1000)
    }
    expect(desk.set.block(BUY).blocked).toBe(true)
    desk.set.gap()
    expect(desk.set.block(BUY).blocked).toBe(false)
  })

  it('says the same of the same events, whoever else listens', () => {
    const play = (extra: readonly Detector[]) => {
      const set = new DetectorSet({ ...detection, spoofing: { ...detection.spoofing, learnS: 0 } }, contract, new Watch(), extra)
      const market = new PlantedMarket(11, { spoof: 600, layer: 600 }, set)
      const said: string[] = []
      for (let second = 0; second < 300; second++) {
        market.run(1)
        said.push(`${set.against(BUY)} ${set.against(SELL)} ${set.detectorAgainst(BUY)} ${set.detectorAgainst(SELL)}`)
      }
      return { said, patterns: set.status.flatMap((one) => one.patterns) }
    }
    const first = play([])
    expect(first.patterns.length).toBeGreaterThan(2)
    expect(play([])).toEqual(first)
    expect(play([broken('onPlaced')]).said).toEqual(first.said)
  })

  it('keeps to its memory in a market that knows no measure', () => {
    const set = new DetectorSet({ ...detection, spoofing: { ...detection.spoofing, minValue: 1, minMultiple: 1 }, layering: { ...detection.layering, minValue: 1, minMultiple: 1 } }, contract, new Watch())
    const market = new WildMarket(5)
    const book = OrderBook.create()
    const snapshot = market.snapshot()
    book.apply(snapshot)
    set.onSnapshot(snapshot, book)
    for (let i = 0; i < 20_000; i++) {
      const update = market.delta()
      expect(book.apply(update)).toBe(0)
      set.onDelta(update, book)
      const { sign, ticks, lots } = market.trade()
      set.onTrade(sign > 0 ? BUY : SELL, ticks, lots, market.timeMs)
    }
    expect(set.failedBits).toBe(0)
    expect(set.orders.followed).toBeLessThanOrEqual(ORDERS_MAX)
    expect(set.orders.matcher.waiting).toBeLessThanOrEqual(4096)
    for (const { patterns } of set.status) {
      expect(patterns.length).toBeLessThanOrEqual(32)
      for (const { confidence, cancelRate, startMs, endMs } of patterns) {
        expect(confidence).toBeGreaterThan(0)
        expect(confidence).toBeLessThanOrEqual(1)
        expect(cancelRate).toBeLessThanOrEqual(1)
        expect(endMs).toBeGreaterThanOrEqual(startMs)
      }
    }
  })

  it.each([{ nearLevels: 4 }, { nearLevels: 101 }, { matchWindowMs: 0 }, { levels: { ...detection.levels, candles: 5 } }, { levels: { ...detection.levels, swing: 200 } }, { levels: { ...detection.levels, epsRanges: 0 } }])('bad settings %j are a coded error', (change) => {
    expect(() => new DetectorSet({ ...detection, ...change }, contract, new Watch())).toThrow(expect.objectContaining({ code: 'RM_DETECTION_CONFIG' }))
  })
})
