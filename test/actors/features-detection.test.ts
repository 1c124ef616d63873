import { describe, expect, it } from 'vitest'
import { BUY, SELL, type Side } from '../../src/core/index.ts'
import { DETECTORS, DetectionStage, DetectorSet } from '../../src/detection/index.ts'
import { type OrderBook, RegistryMemory } from '../../src/market/index.ts'
import type { BookUpdate } from '../../src/venues/index.ts'
import { PlantedMarket } from '../detection/planted-market.ts'
import { detection as defaults } from '../detection/settings.ts'
import { bookUpdate } from '../features/capture-events.ts'
import { btcusdt, handContext } from '../market/hand-context.ts'
import { bench, pair } from './features-bench.ts'

/** Judges at once: these markets are minutes long. */
const detection = { ...defaults, spoofing: { ...defaults.spoofing, learnS: 0 } }
const SPOOFING = DETECTORS.indexOf('spoofing') + 1

type Pair = ReturnType<typeof pair>

/** Plays a planted market through ingest, ring and features actor, and beside it through detectors of its own. */
function play(seconds: number, restartAtS = -1) {
  const first = pair({ detection })
  let p: Pair | ReturnType<typeof bench> = first
  const { say, registry, ticks, vectors } = first
  const own = new DetectorSet(detection, btcusdt, { onFailed: (name) => { throw new Error(`${name} failed`) }, onBack: () => {} })
  const trade = (side: Side, priceTicks: number, lots: number, timeMs: number): void => {
    say.onTrades({ count: 1, priceTicks: Float64Array.of(priceTicks), lots: Float64Array.of(lots), timeMs: Float64Array.of(timeMs), sides: Uint8Array.of(side), ids: ['x'] }, 0)
    own.onTrade(side, priceTicks, lots, timeMs)
  }
  const book = (update: BookUpdate, whole: OrderBook): void => {
    say.onBook(update, 0)
    if (update.snapshot) own.onSnapshot(update, whole)
    else own.onDelta(update, whole)
    p.pump()
    p.read()
  }
  const market = new PlantedMarket(2, { spoof: 1000 }, { onSnapshot: book, onDelta: book, onTrade: trade, onClosed: () => {} }, 12)
  const cell = registry.readDetection(0)
  const said: string[] = []
  const expected: string[] = []
  for (let second = 0; second < seconds; second++) {
    market.run(1)
    if (second === restartAtS) {
      p = bench({ ticks, vectors, registry, detection })
      // Ingest looks for wishes now and then.
      first.context.time.runUntil(first.context.time.nowNs() + 200e6)
    }
    cell.read()
    const { blocked, buyConfidence, sellConfidence, buyDetector, sellDetector } = cell.value
    said.push(`${blocked} ${buyConfidence} ${sellConfidence} ${buyDetector} ${sellDetector}`)
    expected.push(`${(own.against(BUY) > 0 ? 1 : 0) | (own.against(SELL) > 0 ? 2 : 0)} ${own.against(BUY)} ${own.against(SELL)} ${own.detectorAgainst(BUY) + 1} ${own.detectorAgainst(SELL) + 1}`)
  }
  return { p, registry, said, expected }
}

describe('detectors in the features actor', () => {
  it('say in shared memory, at every second, what detectors say that saw the market directly', () => {
    const { said, expected, registry, p } = play(200)
    expect(said).toEqual(expected)
    expect(new Set(said).size).toBeGreaterThan(5)
    const cell = registry.readDetection(0)
    expect(cell.read()).toBe(true)
    expect(cell.value).toMatchObject({ running: 7, missing: 0 })
    expect(cell.value.patterns).toBeGreaterThan(1)
    expect(p.context.logs.filter((one) => one.message.startsWith('manipulation against')).length).toBeGreaterThan(1)
    const blocks = [...p.context.counts].filter(([name]) => name.startsWith('manipulation_blocks')).reduce((sum, [, count]) => sum + count, 0)
    expect(blocks).toBe(p.context.logs.filter((one) => one.message.startsWith('manipulation against')).length)
  })

  it('a new life reads the ticks of the one before again, and does not take forgotten trades for cancels', () => {
    const { said, expected } = play(240, 100)
    // What is further back than the ring reaches is not known: a minute later all is as if nothing had happened.
    expect(said.slice(0, 100)).toEqual(expected.slice(0, 100))
    expect(said.slice(180)).toEqual(expected.slice(180))
    expect(new Set(said.slice(180)).size).toBeGreaterThan(1)
    const blocked = (one: string): boolean => !one.startsWith('0 ')
    for (let i = 100; i < 180; i++) if (!blocked(expected[i]!)) expect(blocked(said[i]!)).toBe(false)
  })

  it('after a gap nothing is blocked', () => {
    const { p, registry } = play(5)
    const cell = registry.readDetection(0)
    ;(p as Pair).say.onFeed('down', 'test')
    p.pump()
    expect(cell.read()).toBe(true)
    expect(cell.value).toMatchObject({ blocked: 0, buyDetector: 0, sellDetector: 0, supportTicks: -1, resistanceTicks: -1 })
  })

  it('one that fails is counted, logged and marked as missing, and the others go on', () => {
    const context = handContext('features')
    const registry = RegistryMemory.create(1)
    const stage = new DetectionStage(context, btcusdt, { settings: detection, cell: registry.writeDetection(0) })
    stage.set.onDelta(bookUpdate(false, 1, 1, [[5, 5]], []), null as unknown as OrderBook)
    stage.show(100, 1, 7)
    const cell = registry.readDetection(0)
    expect(cell.read()).toBe(true)
    expect(cell.value).toMatchObject({ running: 7, missing: 3, updatedNs: 7 })
    expect([...context.counts]).toEqual([['detector_failed spoofing', 1], ['detector_failed layering', 1]])
    expect(context.logs[0]).toMatchObject({ level: 'error', message: 'a detector failed: trading goes on without that protection', data: { detector: 'spoofing' } })
  })

  it('offers the nearest levels around the mid', () => {
    const registry = RegistryMemory.create(1)
    const stage = new DetectionStage(handContext('features'), btcusdt, { settings: { ...detection, levels: { ...detection.levels, swing: 1 } }, cell: registry.writeDetection(0) })
    for (const [i, price] of [1000, 1100, 1000, 1100, 1000, 1100, 1000, 1050].entries()) stage.set.onClosed(i * 60_000, price, price + 1, price - 1, price, 10)
    stage.show(1050, 1, 7)
    const cell = registry.readDetection(0)
    expect(cell.read()).toBe(true)
    expect(cell.value).toMatchObject({ supportTicks: 999, resistanceTicks: 1101 })
    expect(cell.value.supportStrength).toBeGreaterThan(0)
    expect(SPOOFING).toBe(1)
  })
})
