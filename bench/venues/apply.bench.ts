/**
 * One book message from its bytes to the new top of the book: our adapter (decoder, continuity) and order book against
 * what ccxt.pro and tardis-dev do with the same bytes. Before anything is timed all of them take the whole chain, and must
 * agree on the best prices after every message and on 25 levels a side at the end.
 */
import { BUY, DecimalStep, fail, Random, SELL } from '../../src/core/index.ts'
import { type BenchCase, defineBench, inProcess, type Side } from '../harness.ts'
import { bookChain } from './chain.ts'
import { ccxtPro, type Contestant, type Course, ours, tardis } from './contestants.ts'
import { bybitFrames, instrument, okxFrames } from './frames.ts'
import { recordedBybit, recordedOkx } from './recorded.ts'

const DELTAS = 1023
const MID_TICKS = 639_586
/** Frames of one timed call. Of a generated chain one call in 32 has the snapshot in it; a recorded one is taken whole. */
const PER_CALL = 32
const SHORT_CHAIN = 128
const LEVELS_COMPARED = 25

interface Run extends Course {
  readonly name: string
  readonly frames: readonly Buffer[]
}

const BTC = instrument('BTCUSDT')
const CONTRACTS = new DecimalStep('0.1')

function generated(venue: Course['venue'], depth: number, perSide: number): Run {
  const chain = bookChain(new Random(20261124, `${venue} ${depth} ${perSide}`), depth, perSide, DELTAS, MID_TICKS)
  const frames = venue === 'bybit' ? bybitFrames(BTC, depth, chain) : okxFrames(BTC, CONTRACTS, chain)
  return {
    venue, depth, frames, instrument: BTC, sizes: venue === 'bybit' ? BTC.lot : CONTRACTS, contractValue: '0.01',
    name: `${venue === 'bybit' ? 'Bybit' : 'OKX'}, depth ${depth}, deltas of ${perSide}+${perSide} levels, ${meanBytes(frames)} B`,
  }
}

function recorded(): Run[] {
  const runs: Run[] = []
  const [bybit, okx] = [recordedBybit(), recordedOkx()]
  const xrp = instrument('XRPUSDT', 0, '0.0001', '1')
  if (bybit !== null) runs.push({ venue: 'bybit', depth: 1000, frames: bybit, instrument: xrp, sizes: xrp.lot, contractValue: '1', name: `Bybit, recorded XRPUSDT with its snapshot, depth 500, ${meanBytes(bybit)} B` })
  const btc = instrument('BTCUSDT', 0, '0.1', '0.00000001')
  if (okx !== null) runs.push({ venue: 'okx', depth: 400, frames: okx, instrument: btc, sizes: btc.lot, contractValue: '1', name: `OKX, recorded BTC-USDT with its snapshot, depth 400, ${meanBytes(okx)} B` })
  return runs
}

/** Of the deltas. */
const meanBytes = (frames: readonly Buffer[]): number => Math.round(frames.slice(1).reduce((sum, frame) => sum + frame.length, 0) / (frames.length - 1))

/** @throws unless the books are the same after every message. */
function agree(name: string, frames: readonly Buffer[], contestants: readonly Contestant[]): void {
  for (const [i, frame] of frames.entries()) {
    const tops = contestants.map((one) => {
      one.take(frame)
      return JSON.stringify([one.top(BUY, 1), one.top(SELL, 1)])
    })
    if (tops.some((top) => top !== tops[0])) fail('RM_ASSERT', { what: `best prices agree after frame ${i} of ${name}: ${contestants.map((one, at) => `${one.name} ${tops[at]}`).join(', ')}` })
  }
  const books = contestants.map((one) => JSON.stringify([one.top(BUY, LEVELS_COMPARED), one.top(SELL, LEVELS_COMPARED)]))
  if (books.some((book) => book !== books[0])) fail('RM_ASSERT', { what: `${LEVELS_COMPARED} levels a side agree at the end of ${name}: ${books.join(' ')}` })
}

function side({ name, take }: Contestant, frames: readonly Buffer[]): Side {
  const perCall = frames.length <= SHORT_CHAIN ? frames.length : PER_CALL
  let next = 0
  let sum = 0
  return inProcess(name, () => {
    for (let i = 0; i < perCall; i++) {
      sum += take(frames[next]!)
      next = next + 1 === frames.length ? 0 : next + 1
    }
    if (Number.isNaN(sum)) fail('RM_ASSERT', { what: `${name} has a best bid and a best ask` })
  }, { perCall, timeMs: 150 })
}

const GOAL = { ratio: 5 }
const runs = [...[50, 200].flatMap((depth) => [generated('bybit', depth, 4), generated('bybit', depth, 18)]), generated('okx', 400, 4), generated('okx', 400, 18), ...recorded()]
const cases: BenchCase[] = []
for (const run of runs) {
  const [us, ...peers] = [await ours(run), ccxtPro(run), tardis(run)]
  agree(run.name, run.frames, [us!, ...peers])
  const mine = side(us!, run.frames)
  for (const peer of peers) cases.push({ name: `${run.name}, against ${peer.name}`, unit: 'messages/s', better: 'higher', ours: mine, peer: side(peer, run.frames), goal: GOAL })
}

export const bench = defineBench('venues-apply', { rounds: 5 }, ...cases)

if (import.meta.main) await bench.run()
