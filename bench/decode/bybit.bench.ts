/**
 * Decoding of the public frames of Bybit V5: the byte scanner, straight to ticks and lots with every check of the
 * feed, against JSON.parse with Number() on the fields (no checks, no grid), and against our strict JSON decoder,
 * which checks as much. Frames are built in the documented form; the set of 64 is decoded once per call.
 */
import { Random } from '../../src/core/index.ts'
import { createBybitRecords, JsonDecoder, PublicDecoder } from '../../src/venues/bybit/decode/index.ts'
import { type BenchCase, defineBench, inProcess } from '../harness.ts'
import { benchInstrument, bookDelta, publicTrades, tickerDelta } from './frames.ts'

const FRAMES = 64
const outA = new Float64Array(1024)
const outB = new Float64Array(1024)

interface BookShape { readonly data: { readonly b: readonly [string, string][]; readonly a: readonly [string, string][] } }
interface TradeShape { readonly data: readonly { readonly T: number; readonly p: string; readonly v: string }[] }
interface TickerShape { readonly data: Readonly<Record<string, string>> }

function plainBook(frame: Buffer): void {
  const { data } = JSON.parse(frame.toString('latin1')) as BookShape
  let n = 0
  for (const [price, size] of data.b) {
    outA[n] = Number(price)
    outB[n++] = Number(size)
  }
  for (const [price, size] of data.a) {
    outA[n] = Number(price)
    outB[n++] = Number(size)
  }
}

function plainTrades(frame: Buffer): void {
  const { data } = JSON.parse(frame.toString('latin1')) as TradeShape
  for (let i = 0; i < data.length; i++) {
    outA[i] = Number(data[i]!.p)
    outB[i] = Number(data[i]!.v)
  }
}

function plainTicker(frame: Buffer): void {
  const { data } = JSON.parse(frame.toString('latin1')) as TickerShape
  let n = 0
  for (const key of ['lastPrice', 'markPrice', 'indexPrice', 'bid1Price', 'ask1Price', 'volume24h', 'turnover24h']) outA[n++] = Number(data[key])
}

const random = new Random(20260726, 'decode bench')
const sets: readonly (readonly [name: string, frame: (i: number) => Buffer, plain: (frame: Buffer) => void, goal: number])[] = [
  ['orderbook.50 delta, 18+18 levels', (i) => bookDelta(random, 18, i), plainBook, 5],
  ['orderbook.50 delta, 4+4 levels', (i) => bookDelta(random, 4, i), plainBook, 5],
  ['publicTrade, 1 trade', () => publicTrades(random, 1), plainTrades, 1.5],
  ['publicTrade, 5 trades', () => publicTrades(random, 5), plainTrades, 1.5],
  ['tickers delta, 14 fields', () => tickerDelta(random), plainTicker, 2],
]

const cases: BenchCase[] = []
for (const [name, make, plain, goal] of sets) {
  const frames = Array.from({ length: FRAMES }, (_, i) => make(i))
  const decoder = new PublicDecoder(benchInstrument, 50)
  const strict = new JsonDecoder(benchInstrument, 50, createBybitRecords())
  const each = (decode: (frame: Buffer) => void) => (): void => {
    for (let i = 0; i < FRAMES; i++) decode(frames[i]!)
  }
  const scanner = inProcess('byte scanner', each((frame) => void decoder.decode(frame)), { perCall: FRAMES })
  const bytes = Math.round(frames.reduce((sum, frame) => sum + frame.length, 0) / FRAMES)
  cases.push(
    { name: `${name}, ${bytes} B`, unit: 'frames/s', better: 'higher', ours: scanner, peer: inProcess('JSON.parse + Number', each(plain), { perCall: FRAMES }), goal: { ratio: goal } },
    { name: `${name}, same checks`, unit: 'frames/s', better: 'higher', ours: scanner, peer: inProcess('strict JSON decoder', each((frame) => void strict.decode(frame)), { perCall: FRAMES }), goal: { ratio: goal } },
  )
}

export const bench = defineBench('bybit-decode', {}, ...cases)

if (import.meta.main) await bench.run()
