import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { gzipSync } from 'node:zlib'
import { BUY, money, Random, SELL } from '../../src/core/index.ts'
import { regimeDefaults } from '../../src/regime/index.ts'
import { type FundingPayment, PaperTrader, type ReplayCandle, type ReplayExits, type ReplaySettings, replayStrategies } from '../../src/strategies/replay/index.ts'
import { readCandles, readFunding } from '../../workers/candle-files.ts'
import { deskSettings, MINUTE_MS, names, START_MS } from './stage.ts'

const exits: ReplayExits = { takeProfitPercent: 2, stopLossPercent: 1, holdMsMax: 10 * MINUTE_MS, trailing: null }
const candle = (at: number, open: number, high: number, low: number, close: number): ReplayCandle => ({ startMs: at * MINUTE_MS, open, high, low, close, volume: 1 })

/** A trader that was told to buy before candle 0. */
function bought(change: Partial<ReplayExits> = {}, fee = 0.1): PaperTrader {
  const trader = new PaperTrader(fee)
  trader.wish(BUY, { ...exits, ...change }, 0)
  return trader
}

describe('a trade on candles', () => {
  it('is entered at the next open and pays both fees; the second is of the value at the exit', () => {
    const trader = bought()
    trader.candle(candle(0, 100, 101, 99.5, 100.5), MINUTE_MS)
    trader.candle(candle(1, 101, 103, 101, 102.5), MINUTE_MS)
    expect(trader.trades).toHaveLength(1)
    const [{ entryPrice, exitPrice, why, grossPercent, feesPercent, netPercent }] = trader.trades as [(typeof trader.trades)[number]]
    expect([entryPrice, exitPrice, why]).toEqual([100, 102, 'target'])
    expect([grossPercent, feesPercent, netPercent].map(String)).toEqual(['2', '0.202', '1.798'])
  })

  it('takes the stop before the target when a candle has both, and the open when that is beyond', () => {
    const both = bought()
    both.candle(candle(0, 100, 103, 98, 100), MINUTE_MS)
    expect(both.trades[0]).toMatchObject({ why: 'stop', exitPrice: 99 })
    const gap = bought()
    gap.candle(candle(0, 100, 100, 100, 100), MINUTE_MS)
    gap.candle(candle(1, 95, 96, 94, 95), MINUTE_MS)
    expect(gap.trades[0]).toMatchObject({ why: 'stop', exitPrice: 95 })
  })

  it('ends after its time, at a wish of its strategy, and at an opposite wish, each at a price that was still to come', () => {
    const late = bought({ holdMsMax: MINUTE_MS })
    late.candle(candle(0, 100, 100.2, 99.8, 100.1), MINUTE_MS)
    expect(late.trades[0]).toMatchObject({ why: 'time', exitPrice: 100.1 })
    const wished = bought()
    wished.candle(candle(0, 100, 100.2, 99.8, 100.1), MINUTE_MS)
    wished.leave()
    wished.candle(candle(1, 100.3, 105, 100.2, 104), MINUTE_MS)
    expect(wished.trades[0]).toMatchObject({ why: 'strategy', exitPrice: 100.3 })
    const turned = bought()
    turned.candle(candle(0, 100, 100.2, 99.8, 100.1), MINUTE_MS)
    turned.wish(SELL, exits, 0)
    turned.candle(candle(1, 100.3, 100.4, 100.2, 100.3), MINUTE_MS)
    expect(turned.trades[0]).toMatchObject({ why: 'opposite' })
    expect(turned.open).toBe(false)
  })

  it('has a stop that follows closes, and only forwards', () => {
    const trader = bought({ takeProfitPercent: 50, trailing: { activationPercent: 1, distancePercent: 0.5 } })
    trader.candle(candle(0, 100, 103, 100, 102), MINUTE_MS)
    trader.candle(candle(1, 102, 102, 101.6, 101.6), MINUTE_MS)
    trader.candle(candle(2, 101.6, 101.7, 101.4, 101.5), MINUTE_MS)
    expect(trader.trades[0]).toMatchObject({ why: 'stop', exitPrice: 101.5 })
  })

  it('pays funding as a long and receives it as a short, while it is open only', () => {
    const long = bought()
    long.payFunding(0.001)
    long.candle(candle(0, 100, 100, 100, 100), MINUTE_MS)
    long.payFunding(0.0001)
    long.end(100, MINUTE_MS)
    expect(String(long.trades[0]!.fundingPercent)).toBe('0.01')
    const short = new PaperTrader(0)
    short.wish(SELL, exits, 0)
    short.candle(candle(0, 100, 100, 100, 100), MINUTE_MS)
    short.payFunding(0.0001)
    short.end(99, MINUTE_MS)
    expect([short.trades[0]!.fundingPercent, short.trades[0]!.netPercent].map(String)).toEqual(['-0.01', '1.01'])
  })
})

const random = new Random(17)
let price = 1000
const market: readonly ReplayCandle[] = Array.from({ length: 3000 }, (_, i) => {
  const open = price
  price *= 1 + (random.next() - 0.5) * 0.004 + 0.0008 * Math.sin(i / 50)
  const reach = random.next() * 1.5
  return { startMs: START_MS + i * MINUTE_MS, open, high: Math.max(open, price) + reach, low: Math.min(open, price) - reach, close: price, volume: 5 + random.next() * 60 * (1 + Math.abs(price - open)) }
})
const settings: ReplaySettings = {
  desk: deskSettings, regime: regimeDefaults, feePercent: 0.055, intervalMs: MINUTE_MS, features: names,
  exits: { trending: { ...exits, takeProfitPercent: 0.6, stopLossPercent: 0.3 }, ranging: { ...exits, takeProfitPercent: 0.4, stopLossPercent: 0.3 }, choppy: { ...exits, takeProfitPercent: 0.3, stopLossPercent: 0.3 } },
}
const funding: readonly FundingPayment[] = [{ atMs: START_MS + 500 * MINUTE_MS, rate: 0.0001 }]

describe('a replay', () => {
  const whole = replayStrategies(settings, market, funding)

  it('trades every strategy of candles and the consensus', () => {
    expect(Object.keys(whole.by)).toEqual(['momentum', 'sar_wave', 'super_trend', 'volume_profile', 'consensus'])
    for (const [name, { trades, signals }] of Object.entries(whole.by)) {
      expect(signals.length, name).toBeGreaterThan(3)
      expect(trades.length, name).toBeGreaterThan(3)
    }
    expect(whole.agreed).toBeLessThanOrEqual(whole.asked)
    expect(whole.regimes.trending + whole.regimes.ranging + whole.regimes.choppy).toBeLessThan(market.length)
  })

  it.each([400, 1111, 2222, 2999])('has no look ahead: with the future cut off after %i candles every signal and every trade until then is the same', (length) => {
    const cut = replayStrategies(settings, market.slice(0, length), funding)
    const untilMs = START_MS + length * MINUTE_MS
    for (const [name, { signals, trades }] of Object.entries(cut.by)) {
      expect(signals, name).toEqual(whole.by[name]!.signals.filter(({ closeMs }) => closeMs <= untilMs))
      const ended = (all: typeof trades) => all.filter(({ closedMs, why }) => closedMs < untilMs && why !== 'end')
      expect(ended(trades), name).toEqual(ended(whole.by[name]!.trades))
    }
  })

  it('loses what it pays when nothing moves in its favour: net is gross less fees less funding, to the last digit', () => {
    for (const { trades } of Object.values(whole.by))
      for (const { grossPercent, feesPercent, fundingPercent, netPercent } of trades) expect(netPercent.eq(money(grossPercent).sub(feesPercent).sub(fundingPercent))).toBe(true)
  })

  it('begins anew after a hole', () => {
    const hole = [...market.slice(0, 500), ...market.slice(501)]
    const after = replayStrategies(settings, hole, [])
    const alone = replayStrategies(settings, market.slice(501), [])
    const later = (outcome: typeof after) => outcome.by['momentum']!.signals.filter(({ closeMs }) => closeMs > START_MS + 501 * MINUTE_MS).map(({ closeMs, side }) => [closeMs, side])
    expect(later(after)).toEqual(later(alone))
  })
})

describe('files of candles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'candles-'))
  const file = (text: string, name = 'XUSDT_1m.csv'): string => {
    const path = join(folder, name)
    writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text)
    return path
  }
  const HEADER = 'ts_ms,open,high,low,close,volume\n'

  it('are read plain and packed, with the funding of the instrument that stands beside', () => {
    const rows = `${HEADER}60000,1,2,0.5,1.5,10\n120000,1.5,2,1,1,0\n`
    file('ts_ms,funding_rate\n90000,0.0001\n', 'YUSDT_funding.csv.gz')
    const path = file(rows, 'YUSDT_1m.csv.gz')
    expect(readCandles(path)).toEqual({ intervalMs: 60_000, candles: [{ startMs: 60_000, open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 }, { startMs: 120_000, open: 1.5, high: 2, low: 1, close: 1, volume: 0 }] })
    expect(readFunding(path)).toEqual([{ atMs: 90_000, rate: 0.0001 }])
    expect(readFunding(file(rows))).toEqual([])
  })

  it.each([
    ['another header', 'time,open\n1,2\n', 'begins with'],
    ['a word for a number', `${HEADER}60000,1,2,x,1,1\n`, 'line 2 is no row'],
    ['a high below the close', `${HEADER}60000,1,1,1,2,1\n120000,1,1,1,1,1\n`, 'line 2 is no candle'],
    ['a candle that is not later', `${HEADER}60000,1,1,1,1,1\n60000,1,1,1,1,1\n`, 'line 3 is not later'],
    ['one candle', `${HEADER}60000,1,1,1,1,1\n`, 'less than two'],
  ])('with %s are refused', (_what, text, problem) => {
    expect(() => readCandles(file(text))).toThrow(expect.objectContaining({ code: 'RM_CANDLE_FILE', message: expect.stringContaining(problem) }))
  })

  it('that are not there are refused', () => {
    expect(() => readCandles(join(folder, 'none.csv'))).toThrow(expect.objectContaining({ code: 'RM_CANDLE_FILE' }))
  })
})
