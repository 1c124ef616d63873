import { DecimalStep, type Instrument, type Random } from '../../src/core/index.ts'
import type { ChainLevel, ChainMessage } from './chain.ts'

export const FIRST_UPDATE_ID = 177_400_507
const FIRST_SEQUENCE = 66_544_703_342
const START_MS = 1_787_940_967_466
export const instrument = (symbol: string, index = 0, tick = '0.1', lot = '0.001'): Instrument => ({
  symbol, index, baseCoin: symbol.replace(/USDT$/, ''), quoteCoin: 'USDT', tick: new DecimalStep(tick), lot: new DecimalStep(lot),
  minLots: 1, maxLots: 500_000, minNotional: '5', maxLeverage: 100,
})

/** Frames of `orderbook.<depth>` in the documented form, numbered without a gap; the venue writes two decimals where the tick has one. */
export function bybitFrames({ symbol, tick, lot }: Instrument, depth: number, chain: readonly ChainMessage[]): Buffer[] {
  const side = (levels: readonly ChainLevel[]): string[][] => levels.map(([ticks, lots]) => [`${tick.format(ticks)}0`, lots === 0 ? '0' : lot.format(lots)])
  return chain.map(({ snapshot, bids, asks }, i) => bytes({
    topic: `orderbook.${depth}.${symbol}`, type: snapshot ? 'snapshot' : 'delta', ts: START_MS + 20 * i,
    data: { s: symbol, b: side(bids), a: side(asks), u: FIRST_UPDATE_ID + i, seq: FIRST_SEQUENCE + 7 * i }, cts: START_MS + 20 * i - 2,
  }))
}

/**
 * Frames of `books` in the documented form, chained by `prevSeqId`; the checksum has been 0 since 2026-06.
 * @param contracts step of the sizes, which are contracts
 */
export function okxFrames({ baseCoin, quoteCoin, tick }: Instrument, contracts: DecimalStep, chain: readonly ChainMessage[]): Buffer[] {
  const side = (levels: readonly ChainLevel[]): string[][] => levels.map(([ticks, lots]) => [tick.format(ticks), contracts.format(lots), '0', lots === 0 ? '0' : `${1 + (lots % 40)}`])
  return chain.map(({ snapshot, bids, asks }, i) => bytes({
    arg: { channel: 'books', instId: `${baseCoin}-${quoteCoin}-SWAP` }, action: snapshot ? 'snapshot' : 'update',
    data: [{ asks: side(asks), bids: side(bids), ts: `${START_MS + 100 * i}`, checksum: 0, seqId: FIRST_UPDATE_ID + 3 * i, prevSeqId: snapshot ? -1 : FIRST_UPDATE_ID + 3 * (i - 1) }],
  }))
}

/** One trade of `publicTrade` near a price, with the fields of 2026. */
export function tradeFrame({ symbol, tick, lot }: Instrument, random: Random, nearTicks: number, i: number): Buffer {
  const timeMs = START_MS + 20 * i
  return bytes({
    topic: `publicTrade.${symbol}`, type: 'snapshot', ts: timeMs,
    data: [{
      T: timeMs - 2, s: symbol, S: random.chance(0.5) ? 'Buy' : 'Sell', v: lot.format(1 + random.below(5000)), p: `${tick.format(nearTicks + random.below(50))}0`,
      L: 'PlusTick', i: `20f43950-d8dd-5b31-9112-${String(i).padStart(12, '0')}`, BT: false, RPI: false, seq: FIRST_SEQUENCE + 7 * i,
    }],
  })
}

const bytes = (frame: unknown): Buffer => Buffer.from(JSON.stringify(frame))
