/** What the detectors cost: a book message with its trades, and a closed candle, in place or handed to a thread. */
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Piscina } from 'piscina'
import { fail } from '../../src/core/index.ts'
import { DetectorSet, SupportResistance } from '../../src/detection/index.ts'
import { defaultContracts, mixedEpisodes } from '../../src/exchange/index.ts'
import type { RecordedTrade } from '../../src/features/index.ts'
import { OrderBook } from '../../src/market/index.ts'
import type { BookUpdate } from '../../src/venues/index.ts'
import { PlantedMarket } from '../../test/detection/planted-market.ts'
import { detection } from '../../test/detection/settings.ts'
import { walkBars } from '../features/bars.ts'
import { defineBench, type Side } from '../harness.ts'

const SECONDS = 900
const TIMED_FROM = 2000

interface Step {
  readonly update: BookUpdate
  readonly trades: readonly RecordedTrade[]
}

/** A quarter of an hour of a market in which much is planted, kept to be played again. */
function record(): Step[] {
  const steps: { readonly update: BookUpdate; readonly trades: RecordedTrade[] }[] = []
  const keep = (update: BookUpdate): void => {
    const { bidTicks, bidLots, askTicks, askLots, ...rest } = update
    steps.push({ update: { ...rest, bidTicks: bidTicks.slice(), bidLots: bidLots.slice(), askTicks: askTicks.slice(), askLots: askLots.slice() }, trades: [] })
  }
  new PlantedMarket(1, mixedEpisodes(240), { onSnapshot: keep, onDelta: keep, onTrade: (side, priceTicks, lots, venueTimeMs) => void steps.at(-1)?.trades.push({ side, priceTicks, lots, venueTimeMs }), onClosed: () => {} }).run(SECONDS)
  return steps
}

const steps = record()
const watch = { onFailed: (name: string, error: unknown) => fail('RM_ASSERT', { what: `${name} works` }, error), onBack: () => {} }
const times = new Float64Array(steps.length)
const book = OrderBook.create()

/** Plays all of it through new detectors and times each message. */
function play(set: DetectorSet): void {
  for (let i = 0; i < steps.length; i++) {
    const { update, trades } = steps[i]!
    if (book.apply(update) !== 0) fail('RM_ASSERT', { what: 'the recorded message applies', place: i })
    const startMs = performance.now()
    if (update.snapshot) set.onSnapshot(update, book)
    else set.onDelta(update, book)
    for (let t = 0; t < trades.length; t++) set.takeTrade(trades[t]!)
    times[i] = performance.now() - startMs
  }
}

const detectors = (): DetectorSet => new DetectorSet(detection, defaultContracts[0]!, watch)
play(detectors())

const percentile = (share: number): Side => ({
  name: 'DetectorSet',
  measure: () => {
    play(detectors())
    const sorted = times.slice(TIMED_FROM).toSorted()
    return sorted[Math.floor(share * sorted.length)]! * 1000
  },
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/** Few enough for the young generation: a collection in between would hide what it took. */
const COUNTED = 8000

/** As `play`, with nothing around it that could take memory of its own. */
function feed(set: DetectorSet, messages: number): void {
  for (let i = 0; i < messages; i++) {
    const { update, trades } = steps[i]!
    book.apply(update)
    if (update.snapshot) set.onSnapshot(update, book)
    else set.onDelta(update, book)
    for (let t = 0; t < trades.length; t++) set.takeTrade(trades[t]!)
  }
}
// Compiled for good only after a while.
for (let i = 0; i < 6; i++) feed(detectors(), steps.length)

/** Heap that grew over messages, the book's own included. */
function bytesPerUpdate(): number {
  const set = detectors()
  collect()
  const before = process.memoryUsage().heapUsed
  feed(set, COUNTED)
  return Math.max(0, (process.memoryUsage().heapUsed - before) / COUNTED)
}

const { high, low, close, volume } = walkBars(1024, 5)
const ticks = (price: number): number => Math.round(price * 10)
const candle = (levels: SupportResistance, n: number): void => {
  const at = n % 1024
  levels.onClosed(n * 60_000, ticks(close[at]!), ticks(high[at]!), ticks(low[at]!), ticks(close[at]!), Math.round(volume[at]! * 1000))
}
const levels = new SupportResistance(detection.levels)
let candles = 0
while (candles < 4096) candle(levels, candles++)
const middle = (samples: readonly number[]): number => samples.toSorted((a, b) => a - b)[samples.length >> 1]! * 1000

const inPlace: Side = {
  name: 'in place',
  measure: () => middle(Array.from({ length: 2000 }, () => {
    const startMs = performance.now()
    candle(levels, candles++)
    return performance.now() - startMs
  })),
}

const pool = new Piscina({ filename: fileURLToPath(new URL('./levels-thread.ts', import.meta.url)), minThreads: 1, maxThreads: 1 })
const handedOver: Side = {
  name: 'piscina job',
  measure: async () => {
    const samples: number[] = []
    for (let i = 0; i < 2000; i++) {
      const startMs = performance.now()
      await pool.run(candles++)
      samples.push(performance.now() - startMs)
    }
    return middle(samples)
  },
}

export const bench = defineBench(
  'detection-update',
  { rounds: 5 },
  { name: 'all detectors, book message and its trades, 50th percentile', unit: 'us', better: 'lower', ours: percentile(0.5), goal: { atMost: 10 } },
  { name: 'all detectors, book message and its trades, 99th percentile', unit: 'us', better: 'lower', ours: percentile(0.99), goal: null },
  { name: 'heap grown by one message', unit: 'bytes', better: 'lower', mayBeZero: true, ours: { name: 'DetectorSet', measure: bytesPerUpdate }, goal: { atMost: 32 } },
  { name: 'levels of 240 candles when one closes', unit: 'us', better: 'lower', ours: inPlace, peer: handedOver, goal: { ratio: 1 } },
)

if (import.meta.main) {
  await bench.run()
  await pool.destroy()
}
