/**
 * The 35 indicators of the vector against those of other libraries, by outputs per second: each side is asked for all it
 * has of ours, once a bar. Before anything is timed, every output that a peer shares is compared with ours, after 3000 bars,
 * when no seed of a recursive average is left in it. A peer that cannot revise the open bar is compared by closed bars. A whole
 * history is `IndicatorColumns` against columns where the peer has them, else against its bars one by one.
 */
import { IndicatorsSync } from '@ixjb94/indicators'
import { fail, limits } from '../../src/core/index.ts'
import { channelRange, featureNames } from '../../src/features/index.ts'
import { INDICATOR_OUTPUTS, IndicatorColumns, IndicatorSet } from '../../src/indicators/index.ts'
import { type BenchCase, defineBench, inProcess, type Side } from '../harness.ts'
import { type Bars, walkBars } from './bars.ts'
import { debutPeer, type IndicatorPeer, signalsPeer, technicalPeer } from './indicator-peers.ts'

const WARM_BARS = 3000
const BARS = 64
/** Candles that are held, and told again after a restart. */
const HISTORY = limits.candlesMax
/** Of the value, or of the price where an output passes through zero. */
const TOLERANCE = 1e-8
const { from } = channelRange('indicator')
const NAMES = featureNames().slice(from, from + INDICATOR_OUTPUTS)
const past = walkBars(WARM_BARS, 1)
const bars = walkBars(BARS, 2)
const out = new Float64Array(2 * INDICATOR_OUTPUTS)

function warmSet(): IndicatorSet {
  const set = new IndicatorSet()
  for (let i = 0; i < WARM_BARS; i++) set.commit(past.high[i]!, past.low[i]!, past.close[i]!, past.volume[i]!)
  return set
}

function agree(peer: string, name: string, ours: number, theirs: number, rounded = 0): void {
  if (!(Math.abs(ours - theirs) <= rounded + TOLERANCE * Math.max(1, Math.abs(ours)))) fail('RM_ASSERT', { what: `${peer} agrees on ${name}`, ours, theirs })
}

/** Runs both through the past and compares what they say of a closed and of a revised bar. */
function warmPeer(peer: IndicatorPeer): IndicatorPeer {
  const set = warmSet()
  const theirs = new Float64Array(64)
  for (let i = 0; i < WARM_BARS; i++) peer.close(past.high[i]!, past.low[i]!, past.close[i]!, past.volume[i]!, theirs)
  for (let i = 0; i < BARS; i++) {
    const bar = [bars.high[i]!, bars.low[i]!, bars.close[i]!, bars.volume[i]!] as const
    set.preview(...bar, out, 0)
    set.commit(...bar)
    for (let place = 0; place < INDICATOR_OUTPUTS; place++) agree('IndicatorSet.commit', NAMES[place]!, out[place]!, set.closed[place]!)
    peer.close(...bar, theirs)
    for (const [place, name] of peer.names.entries()) agree(peer.name, name, out[NAMES.indexOf(name)]!, theirs[place]!, peer.rounds?.[name])
  }
  return peer
}

const oursOpen = (): Side => {
  const set = warmSet()
  return inProcess('IndicatorSet.preview', () => {
    for (let i = 0; i < BARS; i++) set.preview(bars.high[i]!, bars.low[i]!, bars.close[i]!, bars.volume[i]!, out, 0)
  }, { perCall: BARS * INDICATOR_OUTPUTS })
}

const oursClosed = (): Side => {
  const set = warmSet()
  return inProcess('IndicatorSet.commit', () => {
    for (let i = 0; i < BARS; i++) set.commit(bars.high[i]!, bars.low[i]!, bars.close[i]!, bars.volume[i]!)
  }, { perCall: BARS * INDICATOR_OUTPUTS })
}

const theirs = (peer: IndicatorPeer, way: 'close' | 'revise'): Side =>
  inProcess(peer.name, () => {
    for (let i = 0; i < BARS; i++) peer[way]!(bars.high[i]!, bars.low[i]!, bars.close[i]!, bars.volume[i]!, out)
  }, { perCall: BARS * peer.names.length })

function casesOf(peer: IndicatorPeer, goal: number): BenchCase[] {
  warmPeer(peer)
  const shared = `${peer.names.length} shared outputs equal`
  const common = { unit: 'outputs/s', better: 'higher', goal: { ratio: goal } } as const
  const closed: BenchCase = { ...common, name: `bars closed, against ${peer.name}; ${shared}`, ours: oursClosed(), peer: theirs(peer, 'close') }
  return peer.revise === undefined ? [closed] : [{ ...common, name: `open bar revised, against ${peer.name}; ${shared}`, ours: oursOpen(), peer: theirs(peer, 'revise') }, closed]
}

/** What `@ixjb94/indicators` has of ours, over whole columns. */
const peerRecompute = (column: { readonly [K in keyof Bars]: number[] }): Readonly<Record<string, number[]>> => {
  const { high, low, close, volume } = column
  const all = new IndicatorsSync()
  const [lower, middle, upper] = all.bbands(close, 20, 2) as [number[], number[], number[]]
  const [line, signal, histogram] = all.macd(close, 12, 26, 9) as [number[], number[], number[]]
  return {
    sma_10: all.sma(close, 10), sma_20: all.sma(close, 20), sma_50: all.sma(close, 50), ema_10: all.ema(close, 10), ema_20: all.ema(close, 20), ema_50: all.ema(close, 50),
    macd: line, macd_signal: signal, macd_histogram: histogram, rsi_14: all.rsi(close, 14), rsi_28: all.rsi(close, 28), williams_r: all.willr(high, low, close, 14), cci: all.cci(high, low, close, 20),
    momentum_10: all.mom(close, 10), roc: all.roc(close, 10), mfi: all.mfi(high, low, close, volume, 14), bollinger_upper: upper, bollinger_middle: middle, bollinger_lower: lower, atr_14: all.atr(high, low, close, 14),
  }
}

/** Ours over the whole past, after every bar of it was compared with the set that takes bars one by one. */
function warmColumns(): IndicatorColumns {
  const columns = new IndicatorColumns(WARM_BARS)
  columns.compute(past, 0, WARM_BARS)
  const set = new IndicatorSet()
  for (let i = 0; i < WARM_BARS; i++) {
    set.preview(past.high[i]!, past.low[i]!, past.close[i]!, past.volume[i]!, out, 0)
    set.commit(past.high[i]!, past.low[i]!, past.close[i]!, past.volume[i]!)
    for (const [place, name] of NAMES.entries()) if (!(Number.isNaN(out[place]!) && Number.isNaN(columns.outputs[place]![i]!))) agree('IndicatorColumns', name, out[place]!, columns.outputs[place]![i]!)
  }
  return columns
}

const oursAnew = (): Side => {
  const columns = new IndicatorColumns(HISTORY)
  return inProcess('IndicatorColumns', () => columns.compute(past, 0, HISTORY), { perCall: HISTORY * INDICATOR_OUTPUTS })
}

const anew = (peer: string, count: number, side: Side, ratio: number): BenchCase => ({
  name: `all of ${HISTORY} candles anew, against ${peer}; ${count} shared outputs equal`, unit: 'outputs/s', better: 'higher', goal: { ratio }, ours: oursAnew(), peer: side,
})

/** A peer that has no columns takes the same candles one by one, begun anew. */
const anewBarByBar = (make: () => IndicatorPeer, ratio: number): BenchCase => {
  const { name, names } = make()
  return anew(name, names.length, inProcess(name, () => {
    const peer = make()
    for (let i = 0; i < HISTORY; i++) peer.close(past.high[i]!, past.low[i]!, past.close[i]!, past.volume[i]!, out)
  }, { perCall: HISTORY * names.length }), ratio)
}

function anewColumns(): BenchCase {
  const of = (length: number): { readonly [K in keyof Bars]: number[] } => ({ high: [...past.high.subarray(0, length)], low: [...past.low.subarray(0, length)], close: [...past.close.subarray(0, length)], volume: [...past.volume.subarray(0, length)] })
  const columns = warmColumns()
  const shared = peerRecompute(of(WARM_BARS))
  for (const [name, values] of Object.entries(shared)) agree('@ixjb94/indicators', name, columns.outputs[NAMES.indexOf(name)]!.at(-1)!, values.at(-1)! * (name === 'roc' ? 100 : 1))
  const names = Object.keys(shared).length
  const column = of(HISTORY)
  return anew('@ixjb94/indicators 1.2.4', names, inProcess('@ixjb94/indicators', () => void peerRecompute(column), { perCall: HISTORY * names }), 2)
}

const debut = debutPeer()
if (debut === null) console.log('left out: the cases against @debut/indicators, which is not installed (bench/peers/README.md)')
export const bench = defineBench('features-indicators', { rounds: 7 }, ...(debut === null ? [] : casesOf(debut, 3)), ...casesOf(signalsPeer(), 50), ...casesOf(technicalPeer(), 30), anewColumns(), anewBarByBar(signalsPeer, 50), anewBarByBar(technicalPeer, 30))

if (import.meta.main) await bench.run()
