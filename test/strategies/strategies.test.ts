import { describe, expect, it } from 'vitest'
import { BUY, Random, SELL } from '../../src/core/index.ts'
import { type ClosedCandle, emptySignal, makeStrategy, MomentumStrategy, momentumDefaults, SarWaveStrategy, sarWaveDefaults, type Strategy, strategyDefaults, SuperTrendStrategy, superTrendDefaults, VolumeProfileStrategy, volumeProfileDefaults } from '../../src/strategies/index.ts'
import { bar, type Bar, CandleTrain, held, names } from './stage.ts'

interface Said {
  readonly at: number
  readonly side: 'buy' | 'sell'
  readonly confidence: number
  readonly numbers: Record<string, number>
}

/** What a strategy says at the close of each bar. */
function play(strategy: Strategy, bars: readonly Bar[], train = new CandleTrain(), each: (at: number, candle: ClosedCandle) => void = () => {}): Said[] {
  const signal = emptySignal()
  const said: Said[] = []
  for (const [at, one] of bars.entries()) {
    const candle = train.push(one)
    strategy.onCandle(candle)
    // Just closed: what an older candle left does not count here.
    if (strategy.analyze(candle.startMs + 2 * candle.intervalMs - 1, signal) && strategy.take(0)) said.push({ at, side: signal.side === BUY ? 'buy' : 'sell', confidence: signal.confidence, numbers: Object.fromEntries(strategy.numberNames.map((name, i) => [name, signal.numbers[i]!])) })
    each(at, candle)
  }
  return said
}

/** The market upside down: what is a rise becomes a fall of the same size around 1000. */
const mirrored = ([open, high, low, close, volume]: Bar): Bar => [2000 - open, 2000 - low, 2000 - high, 2000 - close, volume]

/** A quiet market around 1000. */
const calm = (count: number): Bar[] => Array.from({ length: count }, (_, i) => bar(1000 + (i % 2), 1001 - (i % 2), 0.5))
/** Closes one after the other, with volume. */
const closes = (from: number, to: readonly number[], volume: number, range = 0.3): Bar[] => to.map((close, i) => bar(i === 0 ? from : to[i - 1]!, close, range, volume))

describe('momentum', () => {
  const rise = [...calm(60), ...closes(1001, [1002, 1001.5, 1003.5, 1003, 1005, 1004.5, 1006.5, 1006, 1008, 1010], 30)]

  it('buys a rise beyond chance with volume, and sells the mirrored fall alike', () => {
    const [said] = play(new MomentumStrategy(momentumDefaults), rise)
    expect(said).toMatchObject({ side: 'buy' })
    expect(said!.numbers['strength']).toBeGreaterThanOrEqual(1)
    expect(said!.numbers['rsi']).toBeGreaterThan(55)
    expect(said!.confidence).toBeGreaterThan(0.5)
    const [fall] = play(new MomentumStrategy(momentumDefaults), rise.map(mirrored))
    expect(fall).toMatchObject({ side: 'sell' })
    // Percents of a lower price are larger ones: not on the very same candle.
    expect(Math.abs(fall!.at - said!.at)).toBeLessThanOrEqual(1)
  })

  it('says nothing of the same rise without volume, nor when it is called overbought', () => {
    expect(play(new MomentumStrategy(momentumDefaults), rise.map(([o, h, l, c]) => [o, h, l, c, 10]))).toEqual([])
    expect(play(new MomentumStrategy({ ...momentumDefaults, rsiMax: 56 }), rise)).toEqual([])
  })

  it('wants out of a long when the movement has turned, and stays in a short', () => {
    const strategy = new MomentumStrategy(momentumDefaults)
    const train = new CandleTrain()
    play(strategy, rise, train)
    expect(strategy.shouldExit(held(BUY, 1000, 1010))).toBeNull()
    play(strategy, closes(1010, [1006, 1002, 998, 994, 990, 986], 30), train)
    expect(strategy.shouldExit(held(BUY, 1000, 986))).toBe('momentum-lost')
    expect(strategy.shouldExit(held(SELL, 1000, 986))).toBeNull()
  })
})

describe('SAR wave', () => {
  /** Up in waves, each followed by a way back of about half of it. */
  const waves: Bar[] = []
  for (let wave = 0, from = 1000; wave < 14; wave++, from += 6) waves.push(...closes(from, [from + 3, from + 6, from + 9, from + 12, from + 10.5, from + 9, from + 7.5, from + 6.2], 20))

  it('buys the way back of an upward wave, between 38.2 and 61.8 percent of it, above the parabolic stop', () => {
    const said = play(new SarWaveStrategy({ ...sarWaveDefaults, swingReach: 2, adxMin: 15 }), waves)
    expect(said.length).toBeGreaterThan(0)
    for (const { side, numbers, confidence } of said) {
      expect(side).toBe('buy')
      expect(numbers['adx']).toBeGreaterThan(15)
      expect(numbers['retracement']).toBeGreaterThanOrEqual(0.382)
      expect(numbers['retracement']).toBeLessThanOrEqual(0.618)
      expect(numbers['wave_high']).toBeGreaterThan(numbers['wave_low']!)
      expect(confidence).toBeGreaterThanOrEqual(0.5)
    }
    const fall = play(new SarWaveStrategy({ ...sarWaveDefaults, swingReach: 2, adxMin: 15 }), waves.map(mirrored))
    expect(fall.map(({ at, side }) => [at, side])).toEqual(said.map(({ at }) => [at, 'sell']))
  })

  it('says nothing without a trend: ADX 25 is wanted', () => {
    expect(play(new SarWaveStrategy({ ...sarWaveDefaults, swingReach: 2, adxMin: 99 }), waves)).toEqual([])
  })

  it('wants out when the parabolic stop has turned', () => {
    const strategy = new SarWaveStrategy(sarWaveDefaults)
    const train = new CandleTrain()
    play(strategy, [...calm(20), ...closes(1001, [1004, 1008, 1012, 1016], 20)], train)
    expect(strategy.shouldExit(held(BUY, 1000, 1016))).toBeNull()
    expect(strategy.shouldExit(held(SELL, 1000, 1016))).toBe('trend-turned')
    play(strategy, closes(1016, [1008, 1000, 990], 20), train)
    expect(strategy.shouldExit(held(BUY, 1000, 990))).toBe('trend-turned')
  })
})

describe('SuperTrend', () => {
  const down = closes(1001, Array.from({ length: 20 }, (_, i) => 1000 - i * 2), 20)
  const turn = [...calm(40), ...down, ...closes(962, [970, 980, 990, 1000, 1008], 40)]

  it('buys a turn upwards with movement and volume, once; sells the mirrored one', () => {
    const said = play(new SuperTrendStrategy({ ...superTrendDefaults, turnCandles: 5 }), turn)
    expect(said.map(({ side }) => side)).toEqual(['buy'])
    expect(said[0]!.numbers['line']).toBeLessThan(1008)
    expect(said[0]!.numbers['roc']).toBeGreaterThanOrEqual(0.05)
    const fall = play(new SuperTrendStrategy({ ...superTrendDefaults, turnCandles: 5 }), turn.map(mirrored))
    expect(fall.map(({ at, side }) => [at, side])).toEqual(said.map(({ at }) => [at, 'sell']))
  })

  it('says nothing of a turn without volume', () => {
    expect(play(new SuperTrendStrategy({ ...superTrendDefaults, turnCandles: 5, volumeRatioMin: 15 }), turn)).toEqual([])
  })

  it('wants out beyond the line, too far from the entry, too far from the best price, and when the trend has turned', () => {
    const strategy = new SuperTrendStrategy(superTrendDefaults)
    play(strategy, [...calm(40), ...closes(1001, Array.from({ length: 20 }, (_, i) => 1002 + i * 2), 20)])
    const range = 2.6
    expect(strategy.shouldExit(held(BUY, 1035, 1039, 1040))).toBeNull()
    expect(strategy.shouldExit(held(BUY, 1039 + 3 * range, 1039, 1039))).toBe('trailing-stop-crossed')
    expect(strategy.shouldExit(held(BUY, 1035, 1039, 1039 + 4 * range))).toBe('trailing-stop-crossed')
    expect(strategy.shouldExit(held(BUY, 1030, 1025, 1031))).toBe('trailing-stop-crossed')
    expect(strategy.shouldExit(held(SELL, 1040, 1039))).toBe('trend-turned')
  })
})

describe('volume profile', () => {
  // The market below jumps from close to close: its range is as wide as the value area.
  const near = { ...volumeProfileDefaults, targetRangesMin: 0.5 }
  const random = new Random(3)
  /** Most of the volume between 990 and 1010, by a seed. */
  const market: Bar[] = Array.from({ length: 130 }, () => {
    const middle = 1000 + (random.next() + random.next() + random.next() - 1.5) * 10
    return [middle, middle + 2, middle - 2, middle + random.next() - 0.5, 10]
  })
  const refused = [...market, ...closes(1000, [984], 10, 0.5), ...closes(984, [996], 10, 0.5)]

  it('buys when price comes back into the value area from below, with the upper edge as target; sells mirrored', () => {
    const strategy = new VolumeProfileStrategy(near)
    const said = play(strategy, refused).filter(({ at }) => at === refused.length - 1)
    expect(said).toMatchObject([{ side: 'buy' }])
    const { numbers } = said[0]!
    expect(numbers['value_low']).toBeLessThanOrEqual(996)
    expect(numbers['target']).toBe(numbers['value_high'])
    expect(numbers['point_of_control']).toBeGreaterThan(numbers['value_low']!)
    expect(numbers['refused_bin']).toBeLessThanOrEqual(0.5)
    const fall = play(new VolumeProfileStrategy(near), refused.map(mirrored)).filter(({ at }) => at === refused.length - 1)
    expect(fall).toMatchObject([{ side: 'sell' }])
  })

  it('wants out at the target, and after a close on the wrong side of the value area', () => {
    const strategy = new VolumeProfileStrategy(near)
    const train = new CandleTrain()
    play(strategy, refused, train)
    expect(strategy.shouldExit(held(BUY, 996, 1001))).toBeNull()
    expect(strategy.shouldExit(held(BUY, 996, 1020))).toBe('target-reached')
    play(strategy, closes(996, [980], 10, 0.5), train)
    expect(strategy.shouldExit(held(BUY, 996, 981))).toBe('left-value-area')
    expect(strategy.shouldExit(held(SELL, 996, 995))).toBeNull()
  })

  it('has no opinion before its window is full, and none in a market without volume', () => {
    const strategy = new VolumeProfileStrategy(near)
    expect(play(strategy, market.slice(0, 100))).toEqual([])
    expect(strategy.status().warm).toBe(false)
    expect(play(new VolumeProfileStrategy(near), refused.map(([o, h, l, c]) => [o, h, l, c, 0]))).toEqual([])
  })
})

describe('every strategy of candles', () => {
  const random = new Random(11)
  let price = 1000
  const walk: Bar[] = Array.from({ length: 1500 }, (_, i) => {
    const open = price
    price *= 1 + (random.next() - 0.5) * 0.006 + 0.001 * Math.sin(i / 40)
    return bar(open, price, random.next() * 2, 5 + random.next() * 40 * (1 + Math.abs(price - open)))
  })
  const made = ['momentum', 'sar_wave', 'super_trend', 'volume_profile'] as const

  it.each(made)('%s: says the same of a market whether or not it knows what comes after', (name) => {
    const whole = play(makeStrategy(name, strategyDefaults, names), walk)
    expect(whole.length).toBeGreaterThan(2)
    for (const length of [200, 517, 900, 1499]) expect(play(makeStrategy(name, strategyDefaults, names), walk.slice(0, length))).toEqual(whole.filter(({ at }) => at < length))
  })

  it.each(made)('%s: has a confidence from 0 to 1 and finite numbers behind it', (name) => {
    for (const { confidence, numbers } of play(makeStrategy(name, strategyDefaults, names), walk)) {
      expect(confidence).toBeGreaterThanOrEqual(0)
      expect(confidence).toBeLessThanOrEqual(1)
      for (const value of Object.values(numbers)) expect(Number.isFinite(value)).toBe(true)
    }
  })

  it.each(made)('%s: is as new after its candles began anew', (name) => {
    const strategy = makeStrategy(name, strategyDefaults, names)
    const train = new CandleTrain()
    const first = play(strategy, walk, train)
    strategy.resetCandles()
    // The same candles told anew have been acted upon.
    expect(play(strategy, walk)).toEqual([])
    strategy.resetCandles()
    expect(play(strategy, walk, new CandleTrain(train.nowMs))).toEqual(first)
  })

  it.each(made)('%s: an opinion ends with the candles that it stands for', (name) => {
    const strategy = makeStrategy(name, strategyDefaults, names)
    const train = new CandleTrain()
    const signal = emptySignal()
    let stood = 0
    for (const one of walk) {
      const candle = train.push(one)
      strategy.onCandle(candle)
      if (strategy.analyze(train.nowMs, signal)) stood++
      expect(strategy.analyze(candle.startMs + 2 * candle.intervalMs, signal)).toBe(false)
    }
    expect(stood).toBeGreaterThan(0)
  })
})
