import { DecimalStep, type Random } from '../../src/core/index.ts'
import type { OkxContract } from '../../src/venues/okx/contracts.ts'
import { benchInstrument } from './frames.ts'

const arg = (channel: string): object => ({ channel, instId: 'BTC-USDT-SWAP' })

/** BTC-USDT-SWAP: 0.01 BTC a contract, sizes in hundredths of one. */
export const benchContract: OkxContract = {
  instId: 'BTC-USDT-SWAP', instIdCode: 10459, coins: '0.01', groupId: '4', size: new DecimalStep('0.01'),
  instrument: { ...benchInstrument, tick: new DecimalStep('0.1'), lot: new DecimalStep('0.0001') },
}

/** Updates in the venue's documented form, `levels` a side, a third of them deletes. */
export function okxBookUpdate(random: Random, levels: number, sequence: number): Buffer {
  const { size, instrument: { tick } } = benchContract
  const side = (direction: number): string[][] => Array.from({ length: levels }, (_, i) => {
    const gone = random.chance(1 / 3)
    return [tick.format(639_214 + direction * (i * 3 + random.below(3))), gone ? '0' : size.format(1 + random.below(90_000)), '0', gone ? '0' : String(1 + random.below(40))]
  })
  return Buffer.from(JSON.stringify({
    arg: arg('books'), action: 'update',
    data: [{ asks: side(1), bids: side(-1), ts: String(1786541241106 + sequence), checksum: 0, prevSeqId: 333794734980 + 7 * sequence, seqId: 333794734987 + 7 * sequence }],
  }))
}

/** Trades with the fields of 2026. */
export function okxTrades(random: Random, count: number): Buffer {
  const { size, instrument: { tick } } = benchContract
  return Buffer.from(JSON.stringify({
    arg: arg('trades'),
    data: Array.from({ length: count }, (_, i) => ({
      instId: 'BTC-USDT-SWAP', tradeId: String(2832749645 + i), px: tick.format(639_134 + random.below(50)), sz: size.format(1 + random.below(5000)), side: random.chance(0.5) ? 'buy' : 'sell',
      ts: String(1786540436090 + i), count: String(1 + random.below(9)), source: '0', seqId: 333793118093 + i,
    })),
  }))
}

/** A ticker as it comes up to ten times a second. */
export function okxTicker(random: Random): Buffer {
  return Buffer.from(JSON.stringify({
    arg: arg('tickers'),
    data: [{
      instType: 'SWAP', instId: 'BTC-USDT-SWAP', last: `${63_921 + random.below(9)}`, lastSz: '0.4', askPx: '63921.1', askSz: '1871.75', bidPx: '63921', bidSz: '779.3', open24h: '64297.6', high24h: '64466', low24h: '63162.7',
      sodUtc0: '63566', sodUtc8: '63584.6', volCcy24h: '73998.8786', vol24h: '7399887.86', ts: '1786540471710',
    }],
  }))
}
