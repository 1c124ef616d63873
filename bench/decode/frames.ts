import { DecimalStep, type Instrument, type Random } from '../../src/core/index.ts'

export const benchInstrument: Instrument = {
  symbol: 'BTCUSDT', index: 0, baseCoin: 'BTC', quoteCoin: 'USDT', tick: new DecimalStep('0.10'), lot: new DecimalStep('0.001'),
  minLots: 1, maxLots: 500_000, minNotional: '5', maxLeverage: 100,
}

/** Deltas in the venue's documented form, `levels` a side, a third of them deletes. */
export function bookDelta(random: Random, levels: number, updateId: number): Buffer {
  const { tick, lot } = benchInstrument
  const side = (direction: number): string[][] => Array.from({ length: levels }, (_, i) => [
    // The venue writes two decimals where the tick needs one.
    `${tick.format(302_470 + direction * (i * 3 + random.below(3)))}0`,
    random.chance(1 / 3) ? '0' : lot.format(1 + random.below(30_000)),
  ])
  return Buffer.from(JSON.stringify({
    topic: 'orderbook.50.BTCUSDT', type: 'delta', ts: 1687940967466 + updateId,
    data: { s: 'BTCUSDT', b: side(-1), a: side(1), u: 177400507 + updateId, seq: 66544703342 + 7 * updateId }, cts: 1687940967464 + updateId,
  }))
}

/** Trade frames with the fields of 2026 (`BT`, `RPI`, `seq`). */
export function publicTrades(random: Random, count: number): Buffer {
  const { tick, lot } = benchInstrument
  return Buffer.from(JSON.stringify({
    topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 1672304486868,
    data: Array.from({ length: count }, (_, i) => ({
      T: 1672304486860 + i, s: 'BTCUSDT', S: random.chance(0.5) ? 'Buy' : 'Sell', v: lot.format(1 + random.below(5000)),
      p: `${tick.format(165_000 + random.below(50))}0`, L: 'PlusTick', i: `20f43950-d8dd-5b31-9112-a178eb60${1000 + i}`, BT: false, RPI: false, seq: 1783284617 + i,
    })),
  }))
}

/** A ticker delta as it comes ten times a second. */
export function tickerDelta(random: Random): Buffer {
  return Buffer.from(JSON.stringify({
    topic: 'tickers.BTCUSDT', type: 'delta',
    data: {
      symbol: 'BTCUSDT', tickDirection: 'ZeroMinusTick', price24hPcnt: '-0.00506', lastPrice: `${63_958 + random.below(9)}.60`, markPrice: '63958.60', indexPrice: '63986.67',
      openInterest: '57798.137', openInterestValue: '3696687925.13', turnover24h: '3947254153.7179', volume24h: '61874.6390', bid1Price: '63958.60', bid1Size: '6.907', ask1Price: '63958.70', ask1Size: '2.750',
    },
    cs: 760580211302, ts: 1786540397684,
  }))
}
