/**
 * Decoding of the public frames of OKX V5: the byte scanner, straight to ticks and lots with every check of the feed,
 * against JSON.parse with Number() on the fields (no checks, no grid), and against our strict JSON decoder, which checks
 * as much. Frames are built in the documented form; the set of 64 is decoded once per call.
 */
import { Random } from '../../src/core/index.ts'
import { createOkxRecords, JsonDecoder, PublicDecoder } from '../../src/venues/okx/decode/index.ts'
import { type BenchCase, defineBench, inProcess } from '../harness.ts'
import { benchContract, okxBookUpdate, okxTicker, okxTrades } from './okx-frames.ts'

const FRAMES = 64
const outA = new Float64Array(1024)
const outB = new Float64Array(1024)

interface BookShape { readonly data: readonly [{ readonly bids: readonly [string, string][]; readonly asks: readonly [string, string][] }] }
interface TradeShape { readonly data: readonly { readonly ts: string; readonly px: string; readonly sz: string }[] }
interface TickerShape { readonly data: readonly [Readonly<Record<string, string>>] }

function plainBook(frame: Buffer): void {
  const { data: [row] } = JSON.parse(frame.toString('latin1')) as BookShape
  let n = 0
  for (const side of [row.bids, row.asks]) {
    for (const [price, size] of side) {
      outA[n] = Number(price)
      outB[n++] = Number(size)
    }
  }
}

function plainTrades(frame: Buffer): void {
  const { data } = JSON.parse(frame.toString('latin1')) as TradeShape
  for (let i = 0; i < data.length; i++) {
    outA[i] = Number(data[i]!.px)
    outB[i] = Number(data[i]!.sz)
  }
}

function plainTicker(frame: Buffer): void {
  const { data: [row] } = JSON.parse(frame.toString('latin1')) as TickerShape
  let n = 0
  for (const key of ['last', 'askPx', 'bidPx', 'open24h', 'high24h', 'low24h', 'volCcy24h']) outA[n++] = Number(row[key])
}

const random = new Random(20260726, 'okx decode bench')
const sets: readonly (readonly [name: string, frame: (i: number) => Buffer, plain: (frame: Buffer) => void, goal: number])[] = [
  ['books update, 18+18 levels', (i) => okxBookUpdate(random, 18, i), plainBook, 5],
  ['books update, 4+4 levels', (i) => okxBookUpdate(random, 4, i), plainBook, 5],
  ['trades, 1 trade', () => okxTrades(random, 1), plainTrades, 1.5],
  ['trades, 5 trades', () => okxTrades(random, 5), plainTrades, 1.5],
  ['tickers, 16 fields', () => okxTicker(random), plainTicker, 2],
]

const cases: BenchCase[] = []
for (const [name, make, plain, goal] of sets) {
  const frames = Array.from({ length: FRAMES }, (_, i) => make(i))
  const decoder = new PublicDecoder(benchContract, 'books')
  const strict = new JsonDecoder(benchContract, 'books', createOkxRecords())
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

export const bench = defineBench('okx-decode', {}, ...cases)

if (import.meta.main) await bench.run()
