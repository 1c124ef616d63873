import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BookChain, openCapture, StepFinder, type TextLevel } from '../../src/capture/index.ts'
import { BUY, DecimalStep, SELL } from '../../src/core/index.ts'
import { FEATURE_TABLE, FEATURES, FeaturePipeline, inRange, rangeOf } from '../../src/features/index.ts'
import { bookUpdate } from './capture-events.ts'

const DATA = process.env['RINGMASTER_DATA'] ?? '../shared/data'
const FOLDERS = ['l2_binance_raw', 'ws_bybit_v2_legacy', 'ws_bybit_v5', 'ws_okx_v5', 'ws_other']
const FILES = FOLDERS.flatMap((folder) => (existsSync(join(DATA, folder)) ? readdirSync(join(DATA, folder)).map((name) => join(folder, name)) : []))
const RANGES = FEATURE_TABLE.map(({ range }) => rangeOf(range))
const CANDLE_MS = 60_000
/** Lines of a file that are played. */
const LINES = 4000

/** Feeds a pipeline, and looks at every vector that is whole. */
class Judge {
  readonly pipeline: FeaturePipeline
  readonly out = new Float64Array(FEATURES)
  vectors = 0
  warm = 0
  readonly wrong = new Set<string>()

  constructor(grid: { readonly tick: DecimalStep; readonly lot: DecimalStep }) {
    this.pipeline = new FeaturePipeline(grid, { minClusterValue: 10_000 })
  }

  /** @param before price of the candles of an hour before `timeMs` */
  candles(timeMs: number, before: number, flat: boolean): void {
    const startMs = Math.floor(timeMs / CANDLE_MS) * CANDLE_MS
    for (let i = 60; i > 0; i--) {
      const move = flat ? 0 : Math.max(1, Math.round(before / 2000)) * ((i * 7) % 5)
      this.pipeline.onClosed(startMs - i * CANDLE_MS, before, before + move, before, before + (i % 2) * move, flat ? 0 : (i * 13) % 17, CANDLE_MS)
    }
    this.pipeline.onNoForming()
  }

  look(): void {
    this.vectors++
    const bad = this.pipeline.compute(this.out, 0)
    if (bad >= 0) return
    this.warm++
    for (let i = 0; i < FEATURES; i++) if (!inRange(RANGES[i]!, this.out[i]!)) this.wrong.add(`${FEATURE_TABLE[i]!.name} ${this.out[i]} outside ${FEATURE_TABLE[i]!.range}`)
    // Weighted by sizes, it lies between the best prices.
    const [spread, , mid, micro] = this.out as unknown as [number, number, number, number]
    if (Math.abs(micro - mid) > spread / 2 + 1e-9 * mid) this.wrong.add(`micro_price ${micro} outside the spread ${spread} around ${mid}`)
  }
}

/** The file of the day before, where there is one. */
function daysBefore(file: string): string[] {
  const [, start, day, end] = /^(.*_)(\d{8})(\.raw\.gz)$/.exec(file) ?? []
  return day === undefined ? [] : FILES.filter((one) => one === `${start}${Number(day) - 1}${end}`)
}

/** The one recorded day that begins without a snapshot: nothing of it can be played. */
const WITHOUT_SNAPSHOT = 'l2_binance_raw/binance_spot_btcusdt_20230405.raw.gz'

/** Plays the books of a recording, each with the trades of its symbol. */
async function play(file: string): Promise<{ readonly judges: readonly Judge[]; readonly books: number }> {
  // A second day goes on where the first one ends: without it there is no snapshot.
  const captures = await Promise.all([...daysBefore(file), file].map((one) => openCapture(join(DATA, one))))
  const read = async (sink: Parameters<(typeof captures)[number]['read']>[0]): Promise<void> => {
    for (const [i, capture] of captures.entries()) await capture.read(sink, i === captures.length - 1 ? LINES : undefined)
  }
  const finders = new Map<string, { readonly tick: StepFinder; readonly lot: StepFinder }>()
  const finder = (symbol: string) => {
    const known = finders.get(symbol) ?? { tick: new StepFinder(), lot: new StepFinder() }
    finders.set(symbol, known)
    return known
  }
  await read((event) => {
    if (event.kind === 'book') {
      const { tick, lot } = finder(event.symbol)
      for (const [price, size] of [...event.bids, ...event.asks]) {
        tick.take(price)
        lot.take(size)
      }
    } else if (event.kind === 'trade') {
      finder(event.symbol).tick.take(event.price)
      finder(event.symbol).lot.take(event.size)
    }
  })
  const judges = new Map<string, Judge>()
  const chains = new Map<string, BookChain>()
  let books = 0
  let clock = 0
  await read((event) => {
    if (event.kind !== 'book' && event.kind !== 'trade') return
    const grid = { tick: new DecimalStep(finder(event.symbol).tick.decimalStep), lot: new DecimalStep(finder(event.symbol).lot.decimalStep) }
    const receiveMs = event.receiveS < 0 ? Number.NaN : Math.floor(event.receiveS * 1000 + event.receiveNs / 1e6)
    clock = Math.max(clock, Number.isFinite(event.venueMs) ? event.venueMs : receiveMs)
    if (event.kind === 'trade') {
      for (const [key, judge] of judges) if (key.startsWith(`${event.symbol} `)) judge.pipeline.onTrade(event.side === 'buy' ? BUY : SELL, grid.tick.parse(event.price), grid.lot.parse(event.size), clock)
      return
    }
    const key = `${event.symbol} ${event.stream}`
    let chain = chains.get(key)
    if (chain === undefined) {
      const judge = new Judge(grid)
      judges.set(key, judge)
      const levels = (rows: readonly TextLevel[]): [number, number][] => rows.map(([price, size]) => [grid.tick.parse(price), grid.lot.parse(size)])
      chain = new BookChain({
        apply: (one) => {
          books++
          const [bids, asks] = [levels(one.bids), levels(one.asks)]
          if (one.snapshot && bids.length > 0) judge.candles(clock, bids[0]![0], false)
          if (!judge.pipeline.onBook(bookUpdate(one.snapshot, clock, one.lastId, bids, asks))) return
          judge.look()
        },
        gap: () => judge.pipeline.onGap(),
      })
      chains.set(key, chain)
    }
    chain.take(event)
  })
  return { judges: [...judges.values()], books }
}

describe.skipIf(FILES.length === 0)('features over recorded depth (needs recorded data: RINGMASTER_DATA)', () => {
  it.each(FILES)('%s: every whole vector is finite and keeps the ranges of the table', async (file) => {
    const { judges, books } = await play(file)
    for (const { wrong } of judges) expect([...wrong]).toEqual([])
    if (file === WITHOUT_SNAPSHOT) expect(books).toBe(0)
    else if (file.startsWith('l2_binance_raw')) {
      expect(books).toBeGreaterThan(300)
      expect(judges.some(({ vectors }) => vectors > 300)).toBe(true)
    }
  }, 20_000)

  it('are whole for thousands of records of a busy market', async () => {
    const { judges } = await play('l2_binance_raw/binance_cm_btcusd_perp_20240808.raw.gz')
    expect(judges.reduce((sum, { warm }) => sum + warm, 0)).toBeGreaterThan(1000)
  }, 20_000)
})

/** What markets do at their worst; prices in ticks around 30 000, a step is a message and what is traded before it. */
const extreme = fc.record({
  /** Levels of each side: none at all, too few, or a whole book. */
  bids: fc.constantFrom(0, 1, 4, 9, 10, 12, 12, 12, 12),
  asks: fc.constantFrom(0, 1, 4, 9, 10, 12, 12, 12, 12),
  /** Jump of the mid, up to a tenth of the price. */
  jump: fc.constantFrom(0, 0, 0, 0, 1, -1, 3, -3, 3000, -2500),
  gapTicks: fc.constantFrom(1, 1, 1, 2, 500),
  lots: fc.constantFrom(1, 1, 7, 1_000_000_000),
  trades: fc.array(fc.record({ buy: fc.boolean(), away: fc.constantFrom(0, 1, 5, 2000), lots: fc.constantFrom(1, 3, 1_000_000_000) }), { maxLength: 4 }),
  stepMs: fc.constantFrom(0, 1, 100, 100, 900, 70_000, 3_600_000),
  fault: fc.constantFrom('none', 'none', 'none', 'none', 'none', 'none', 'none', 'gap', 'candles', 'flat candles'),
})

describe('features over the worst of markets', () => {
  it('are finite and in range whenever they are whole: thin, one-sided and empty books, jumps, no volume, flat prices, restarts (property)', () => {
    let warm = 0
    fc.assert(
      fc.property(fc.array(extreme, { minLength: 120, maxLength: 160 }), fc.boolean(), (steps, calm) => {
        const judge = new Judge({ tick: new DecimalStep('0.1'), lot: new DecimalStep('0.001') })
        let mid = 30_000
        let timeMs = 1_700_000_000_000
        let synced = false
        let held = [new Map<number, number>(), new Map<number, number>()] as const
        judge.candles(timeMs, mid, false)
        for (const [i, step] of steps.entries()) {
          // Half of the runs are mostly a sound market, so that many of their vectors are whole.
          const mild = calm && i % 40 !== 39
          timeMs += mild ? 250 : step.stepMs
          mid = Math.max(3000, Math.min(300_000, mid + (mild ? Math.sign(step.jump) : step.jump)))
          if (!mild && step.fault === 'gap') {
            judge.pipeline.onGap()
            synced = false
          }
          if (!mild && step.fault.endsWith('candles')) {
            judge.pipeline.resetCandles()
            judge.candles(timeMs, mid, step.fault === 'flat candles')
          }
          for (const { buy, away, lots } of step.trades) judge.pipeline.onTrade(buy ? BUY : SELL, Math.max(1, mid + (buy ? away : -away)), lots, timeMs)
          const side = (count: number, sign: 1 | -1): Map<number, number> => new Map(Array.from({ length: count }, (_, at) => [mid + sign * (step.gapTicks + at), step.lots + (i % (at + 2))] as const))
          const wanted = [side(mild ? 12 : step.bids, -1), side(mild ? 12 : step.asks, 1)] as const
          const changes = wanted.map((levels, at) => [...[...held[at]!.keys()].filter((price) => !levels.has(price)).map((price) => [price, 0] as const), ...levels])
          judge.pipeline.onBook(synced ? bookUpdate(false, timeMs, i, changes[0]!, changes[1]!) : bookUpdate(true, timeMs, i, [...wanted[0]], [...wanted[1]]))
          synced = true
          held = wanted
          const close = step.trades.length > 0 ? mid : mid + 1
          judge.pipeline.onForming(mid, Math.max(mid, close), Math.min(mid, close), close, step.trades.length)
          judge.look()
        }
        expect([...judge.wrong]).toEqual([])
        warm += judge.warm
      }),
      { numRuns: 60, seed: 12 },
    )
    expect(warm).toBeGreaterThan(500)
  }, 20_000)

  it('read every range of the table', () => {
    expect([rangeOf('−100 … 0'), rangeOf('> −1'), rangeOf('≥ 0'), rangeOf('unbounded')]).toEqual([
      { least: -100, most: 0, above: false }, { least: -1, most: Number.POSITIVE_INFINITY, above: true }, { least: 0, most: Number.POSITIVE_INFINITY, above: false }, { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY, above: false },
    ])
    expect(() => rangeOf('small')).toThrow('RM_ASSERT')
    expect([inRange(rangeOf('> 0'), 0), inRange(rangeOf('≥ 0'), 0), inRange(rangeOf('unbounded'), Number.NaN), inRange(rangeOf('0 … 1'), 1.1)]).toEqual([false, true, false, false])
  })
})
