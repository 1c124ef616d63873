import { describe, expect, it } from 'vitest'
import { BUY, SELL, type Side, VirtualTime } from '../../src/core/index.ts'
import { STRATEGY_NAMES } from '../../src/memory/index.ts'
import { AGREED, type DeskSettings, makeStrategy, NO_VOTES, StrategyDesk, strategyDefaults, TOO_FEW } from '../../src/strategies/index.ts'
import { deskSettings, handStrategy, held, names } from './stage.ts'

const MS = 1e6

function make(changes: Partial<DeskSettings> = {}) {
  const time = new VirtualTime(1_700_000_000_000)
  const hands = STRATEGY_NAMES.map((name) => handStrategy(name))
  const troubles: string[] = []
  const desk = new StrategyDesk({ ...deskSettings, ...changes }, hands, time, (strategy, trouble, _text, ms) => void troubles.push(`${strategy.name} ${trouble} ${ms}`))
  const poll = (afterMs = 1): number => {
    time.runUntil(time.nowNs() + afterMs * MS)
    desk.poll(0)
    return desk.tally.outcome
  }
  return { time, hands, desk, troubles, poll }
}

describe('the vote of the strategies', () => {
  it('is a consensus of two, and is acted upon once, then only every repeatMs while it stands', () => {
    const { time, hands, desk, poll } = make()
    hands[0]!.say(BUY, 0.8)
    expect(poll()).toBe(TOO_FEW)
    expect(desk.takeConsensus(time.nowNs())).toBe(false)
    hands[1]!.say(BUY, 0.8)
    expect(poll()).toBe(AGREED)
    expect(desk.takeConsensus(time.nowNs())).toBe(true)
    expect([poll(1), desk.takeConsensus(time.nowNs())]).toEqual([AGREED, false])
    expect([poll(1997), desk.takeConsensus(time.nowNs())]).toEqual([AGREED, false])
    expect([poll(2), desk.takeConsensus(time.nowNs())]).toEqual([AGREED, true])
  })

  it('counts a consensus that ended and came again as a new one', () => {
    const { time, hands, desk, poll } = make()
    hands[0]!.say(SELL, 0.8)
    hands[1]!.say(SELL, 0.8)
    poll()
    expect(desk.takeConsensus(time.nowNs())).toBe(true)
    hands[1]!.silence()
    poll()
    hands[1]!.say(SELL, 0.8)
    poll()
    expect(desk.takeConsensus(time.nowNs())).toBe(true)
  })

  it('takes no consensus for a new one that comes again because something is told anew, until there is another candle', () => {
    const { time, hands, desk, poll } = make({ repeatMs: 0 })
    const candle = (startMs: number): void => desk.onCandle({ startMs, intervalMs: 60_000, open: 1, high: 1, low: 1, close: 1, volume: 1, indicators: new Float64Array() }, time.nowNs())
    const again = (side: Side): boolean => {
      for (const hand of hands) hand.silence()
      poll()
      for (const hand of hands) hand.say(side, 0.8)
      poll()
      return desk.takeConsensus(time.nowNs())
    }
    candle(60_000)
    expect(again(BUY)).toBe(true)
    for (const what of ['candles', 'book'] as const) {
      desk.reset(what, time.nowNs())
      candle(0)
      candle(60_000)
      expect(again(BUY)).toBe(false)
    }
    // The other side is another consensus; and so is the same one of a later candle.
    expect(again(SELL)).toBe(true)
    desk.reset('candles', time.nowNs())
    candle(60_000)
    expect(again(SELL)).toBe(false)
    candle(120_000)
    expect(again(SELL)).toBe(true)
    expect(again(SELL)).toBe(true)
  })

  it('lets the single strategy decide where there is no consensus, and not against another one', () => {
    const { time, hands, desk, poll } = make()
    hands[0]!.say(BUY, 0.8)
    poll()
    expect(desk.takeSingle(time.nowNs())?.strategy.name).toBe('imbalance')
    expect(desk.takeSingle(time.nowNs())).toBeNull()
    hands[0]!.say(BUY, 0.8)
    hands[3]!.say(SELL, 0.7)
    poll()
    expect(desk.takeSingle(time.nowNs())).toBeNull()
    expect(desk.counts).toMatchObject({ asked: 2, agreed: 0, opposed: 1 })
  })

  it('lets nobody decide alone where the settings name nobody', () => {
    const { time, hands, desk, poll } = make({ single: null })
    hands[0]!.say(BUY, 0.8)
    poll()
    expect(desk.takeSingle(time.nowNs())).toBeNull()
  })
})

describe('a strategy that fails', () => {
  it.each([
    ['throws', (one: ReturnType<typeof handStrategy>) => void (one.onAsk = () => { throw new Error('it broke') }), 'threw'],
    ['answers a confidence that is no number', (one: ReturnType<typeof handStrategy>) => one.say(BUY, Number.NaN), 'nonsense'],
    ['answers a confidence above 1', (one: ReturnType<typeof handStrategy>) => one.say(BUY, 1.01), 'nonsense'],
    ['answers a side that is none', (one: ReturnType<typeof handStrategy>) => one.say(2 as never, 0.7), 'nonsense'],
  ])('%s: is left out of the vote, reported, and put back after a back-off that doubles', (_what, spoil, trouble) => {
    const { hands, desk, troubles, poll } = make()
    hands[1]!.say(BUY, 0.8)
    hands[2]!.say(BUY, 0.8)
    spoil(hands[0]!)
    expect(poll()).toBe(AGREED)
    expect(desk.votes[0]).toBeNaN()
    expect(troubles).toEqual([`imbalance ${trouble} 1000`])
    poll(998)
    expect(troubles).toHaveLength(1)
    poll(2)
    expect(troubles).toEqual([`imbalance ${trouble} 1000`, `imbalance ${trouble} 2000`])
    expect(desk.takeCandleWish()).toBe(true)
    hands[0]!.onAsk = null
    hands[0]!.say(BUY, 0.9)
    poll(2001)
    expect(desk.votes[0]).toBe(0.9)
    expect(desk.member('imbalance').failures).toBe(2)
  })

  it('takes longer than its budget: its answer does not count', () => {
    const { time, hands, desk, troubles, poll } = make()
    hands[0]!.say(BUY, 0.8)
    hands[0]!.onAsk = () => time.runUntil(time.nowNs() + 51 * MS)
    expect(poll()).toBe(NO_VOTES)
    expect(desk.votes[0]).toBeNaN()
    expect(troubles).toEqual(['imbalance slow 1000'])
    // It goes on looking meanwhile: nothing has to be told anew when it is back.
    let seen = 0
    Object.assign(hands[0]!, { onCandle: () => seen++ })
    desk.onCandle({} as never, time.nowNs())
    hands[0]!.onAsk = null
    poll(1001)
    expect([desk.votes[0], seen, desk.takeCandleWish()]).toEqual([0.8, 1, false])
  })

  it('throws while it is told of vectors, candles and gaps: the others go on', () => {
    const { hands, desk, troubles, poll } = make()
    const broken = (): never => { throw new Error('it broke') }
    Object.assign(hands[0]!, { observe: broken })
    Object.assign(hands[1]!, { onCandle: broken })
    Object.assign(hands[2]!, { shouldExit: broken, resetCandles: broken })
    hands[3]!.say(SELL, 0.9)
    hands[4]!.say(SELL, 0.9)
    desk.observe({} as never, 0)
    desk.onCandle({} as never, 0)
    expect(desk.exit(held(BUY, 100, 101), 0b100, 0)).toBeNull()
    desk.reset('candles', 0)
    expect(troubles).toEqual(['imbalance threw 1000', 'momentum threw 1000', 'sar_wave threw 1000', 'sar_wave threw 2000'])
    expect(poll()).toBe(AGREED)
  })
})

describe('switches while running', () => {
  it('switched off has no vote and no exit; switched on again it has', () => {
    const { hands, desk, poll } = make()
    hands[0]!.say(BUY, 0.8)
    hands[1]!.say(BUY, 0.8)
    hands[0]!.exit = true
    desk.change({ ...deskSettings, enabled: { ...deskSettings.enabled, imbalance: false } })
    expect(poll()).toBe(TOO_FEW)
    expect(desk.exit(held(BUY, 1, 1), 1, 0)).toBeNull()
    desk.change(deskSettings)
    expect(poll()).toBe(AGREED)
    expect(desk.exit(held(BUY, 1, 1), 1, 0)).toEqual({ strategy: 'imbalance', reason: 'trend-turned' })
  })

  it('of weight 0 a strategy neither decides alone nor closes', () => {
    const { time, hands, desk, poll } = make({ weights: { ...deskSettings.weights, imbalance: 0 } })
    hands[0]!.say(BUY, 0.8)
    hands[0]!.exit = true
    expect(poll()).toBe(NO_VOTES)
    expect(desk.votes[0]).toBe(0.8)
    expect(desk.takeSingle(time.nowNs())).toBeNull()
    expect(desk.exit(held(BUY, 1, 1), 1, 0)).toBeNull()
  })

  it('another weight turns a weighted vote', () => {
    const { hands, desk, poll } = make({ consensus: { ...deskSettings.consensus, strategiesMin: 1, confidenceMin: 0.1 } })
    hands[0]!.say(BUY, 0.6)
    hands[1]!.say(SELL, 0.8)
    poll()
    expect(desk.tally.side).toBe(SELL)
    desk.change({ ...deskSettings, weights: { ...deskSettings.weights, imbalance: 3 } })
    poll()
    expect(desk.tally.side).toBe(BUY)
  })

  it('other parameters are refused whole when one is wrong, and ask for the candles anew when they are taken', () => {
    const time = new VirtualTime(0)
    const desk = new StrategyDesk(deskSettings, STRATEGY_NAMES.map((name) => makeStrategy(name, strategyDefaults, names)), time, () => {})
    const change = (parameters: object): void => desk.change({ ...deskSettings, configs: { ...strategyDefaults, momentum: { ...strategyDefaults.momentum, ...parameters } } })
    const before = desk.configHash
    expect(() => change({ rsiMin: 60, strengthMin: -1 })).toThrow(expect.objectContaining({ code: 'RM_STRATEGY_CONFIG', message: expect.stringContaining('strengthMin is -1') }))
    expect(() => change({ rsiMin: 80 })).toThrow(expect.objectContaining({ message: expect.stringContaining('below rsiMax') }))
    expect(() => change({ colour: 3 })).toThrow(expect.objectContaining({ code: 'RM_STRATEGY_CONFIG' }))
    expect(desk.member('momentum').strategy.config).toEqual(strategyDefaults.momentum)
    expect([desk.takeCandleWish(), desk.configHash]).toEqual([false, before])
    change({ rsiMin: 60 })
    expect(desk.member('momentum').strategy.config).toEqual({ ...strategyDefaults.momentum, rsiMin: 60 })
    expect(desk.takeCandleWish()).toBe(true)
    expect(desk.configHash).not.toBe(before)
  })
})

describe('exits', () => {
  it('are asked of the strategies that voted for the position, of all, or of none', () => {
    for (const [exits, voters, expected] of [['voters', 0b10, null], ['voters', 0b1, 'imbalance'], ['any', 0, 'imbalance'], ['off', 0b1, null]] as const) {
      const { hands, desk } = make({ exits })
      hands[0]!.exit = true
      expect(desk.exit(held(BUY, 1, 1), voters, 0)?.strategy ?? null).toBe(expected)
    }
  })
})
