import { describe, expect, it } from 'vitest'
import type { InferenceWiring } from '../../actors/inference.ts'
import { BUY, SELL } from '../../src/core/index.ts'
import { REGIME_NAMES, REGIME_SOURCES, RegistryMemory } from '../../src/market/index.ts'
import { BLOCK_KINDS, BY_CONSENSUS, BY_MODEL, DECISION, DECISION_ENTRY, DECISION_EXIT, DECISION_NONE, DECISION_REASONS, STRATEGY_NAMES } from '../../src/memory/index.ts'
import { regimeDefaults } from '../../src/regime/index.ts'
import { type DeskSettings, strategyDefaults } from '../../src/strategies/index.ts'
import { bar, type Bar, deskSettings } from '../strategies/stage.ts'
import { HandModel, Stage, viewsOf } from './inference-stage.ts'

const strategies = (change: Partial<DeskSettings> = {}): DeskSettings => ({ ...deskSettings, ...change, configs: { ...strategyDefaults, imbalance: { ...strategyDefaults.imbalance, cooldownMs: 0, repeatMs: 1 }, ...change.configs } })

/** Sideways for an hour and a half, then up with volume: momentum and SuperTrend turn upwards. */
const RISE: readonly Bar[] = [...Array.from({ length: 90 }, (_, i) => bar(1000 + (i % 2), 1001 - (i % 2), 0.5, 10)), ...[1001.6, 1001.4, 1003, 1002.5, 1004.5, 1004, 1006, 1005.5, 1007.5, 1009.5].map((close, i, all) => bar(i === 0 ? 1000 : all[i - 1]!, close, 0.3, 30))]
const wild = { strategies: strategies({ configs: { ...strategyDefaults, super_trend: { ...strategyDefaults.super_trend, turnCandles: 100 } } }) }

function decided(stage: Stage) {
  const view = DECISION.view(stage.decisionRing.buffer)
  return Array.from({ length: stage.decisionRing.published }, (_, i) => {
    const d = view.at(stage.decisionRing.slotAt(i))
    return {
      kind: d.kind, side: d.side, by: d.by, reason: DECISION_REASONS[d.reason], strategy: STRATEGY_NAMES[d.strategy], block: BLOCK_KINDS[d.block], confidence: d.confidence, modelRun: d.modelRun, modelBuy: d.modelBuy,
      votes: Object.fromEntries(STRATEGY_NAMES.map((name, at) => [name, d.f64[d.votes + at]!])), hash: d.configHash,
    }
  })
}

describe('closed candles between the vectors', () => {
  it('make the regime, the strategies and their consensus; the decision carries every vote', () => {
    const registry = RegistryMemory.create(1)
    const stage = new Stage(null, { ...wild, views: viewsOf(registry, regimeDefaults) })
    const cell = registry.readRegime(0)
    cell.read()
    expect(REGIME_NAMES[cell.value.regime]).toBe('unknown')
    stage.candles(RISE)
    cell.read()
    expect([REGIME_NAMES[cell.value.regime], REGIME_SOURCES[cell.value.source], cell.value.takeProfitPercent]).toEqual(['trending', 'detector', 0.6])
    expect(cell.value.confidence).toBeGreaterThanOrEqual(0.5)
    stage.vector(1, 1)
    expect(decided(stage)).toMatchObject([{ kind: DECISION_ENTRY, side: BUY, by: BY_CONSENSUS, reason: 'consensus', modelRun: 0, votes: { imbalance: 0, sar_wave: 0 } }])
    const [{ votes, confidence }] = decided(stage) as [ReturnType<typeof decided>[number]]
    expect(votes['momentum']).toBeGreaterThan(0)
    expect(votes['super_trend']).toBeGreaterThan(0)
    expect(confidence).toBeCloseTo((votes['momentum']! + votes['super_trend']!) / 2, 12)
  })

  it('show no regime of the past while a history is told, and leave the one that is shown until it has been', () => {
    const registry = RegistryMemory.create(1)
    const stage = new Stage(null, { views: viewsOf(registry, regimeDefaults) })
    const cell = registry.readRegime(0)
    const shown = (): string => (cell.read(), REGIME_NAMES[cell.value.regime]!)
    stage.candles(RISE)
    expect(shown()).toBe('trending')
    const sinceNs = cell.value.sinceNs
    expect(stage.counts.get('regimes trending')).toBe(1)
    stage.candlesAnew()
    expect(shown()).toBe('trending')
    stage.candles(RISE)
    expect(shown()).toBe('trending')
    // The market on the spot was choppy or ranging in between: nobody has seen that.
    expect([...stage.counts.keys()].filter((name) => name.startsWith('regimes'))).toEqual(['regimes trending'])
    expect(cell.value.sinceNs).toBe(sinceNs)
  })

  it('that are known already change nothing; after a hole, and when they begin anew, everything before is forgotten', () => {
    const votesAfter = (play: (stage: Stage) => void): number[] => {
      const stage = new Stage(null, wild)
      play(stage)
      stage.vector(9, 1)
      return Object.values(decided(stage)[0]!.votes)
    }
    const once = votesAfter((stage) => stage.candles(RISE))
    expect(once[1]).toBeGreaterThan(0)
    expect(votesAfter((stage) => (stage.candles(RISE), stage.candles(RISE)))).toEqual(once)
    expect(votesAfter((stage) => (stage.candles(RISE.slice(0, 50)), stage.candlesAnew(), stage.candles(RISE)))).toEqual(once)
    expect(votesAfter((stage) => (stage.candles(RISE.slice(0, 95)), stage.candles(RISE.slice(95), 100)))[1]).toBe(0)
    expect(votesAfter((stage) => (stage.candles(RISE), stage.candlesAnew()))[1]).toBe(0)
  })

  it('are asked for by every new life', () => {
    const registry = RegistryMemory.create(1)
    const before = registry.refreshWish(0).value
    new Stage(null, { views: viewsOf(registry, 'choppy') })
    expect(registry.refreshWish(0).value).toBe(before + 1)
  })
})

describe('who has the word', () => {
  const against = { blocked: (side: number) => (side === BUY ? ({ kind: 'spoofing', confidence: 0.8 } as const) : null) }

  it('a detector before everybody: the side that it blocks is not entered, the other one is', () => {
    const stage = new Stage(null, { blocks: against, strategies: strategies({ recordNoTrade: true }) })
    stage.vector(9, 1)
    stage.vector(1, 9)
    expect(decided(stage)).toMatchObject([
      { kind: DECISION_NONE, side: BUY, reason: 'blocked', block: 'spoofing' },
      { kind: DECISION_ENTRY, side: SELL, reason: 'single', strategy: 'imbalance', block: 'none' },
    ])
    expect(stage.counts.get('decisions_blocked spoofing')).toBe(1)
  })

  it('a detector also before the model', async () => {
    const model = new HandModel()
    const stage = new Stage(model, { blocks: against })
    stage.warmUp()
    stage.vector(1, 1)
    await model.answer({ buy: 0.9, hold: 0.05, sell: 0.05, confidence: 0.9 })
    expect(decided(stage)).toEqual([])
  })

  it('the model before the consensus: where it must agree, a consensus that it does not share is no entry', async () => {
    for (const [buy, expected] of [[0.9, { kind: DECISION_ENTRY, by: BY_CONSENSUS, side: BUY, reason: 'consensus', modelRun: 1, modelBuy: 0.9 }], [0.1, { kind: DECISION_NONE, side: BUY, reason: 'model-against', modelRun: 1, modelBuy: 0.1 }]] as const) {
      const model = new HandModel()
      const stage = new Stage(model, { strategies: strategies({ ...wild.strategies, model: 'validates', recordNoTrade: true, configs: wild.strategies.configs }) })
      stage.candles(RISE)
      stage.warmUp()
      stage.vector(1, 1)
      await model.answer({ buy, hold: 0.05, sell: 0.95 - buy, confidence: 0.9 })
      expect(decided(stage)).toMatchObject([expected])
    }
  })

  it.each<[string, Partial<InferenceWiring['validation']>, number, number, string]>([
    ['raises the confidence when it agrees', {}, 0.9, 1, 'agreed'],
    ['keeps it when agreement is worth nothing', { agreeGain: 0 }, 0.9, 0, 'agreed'],
    ['stops the entry when it disagrees', {}, 0.05, Number.NaN, 'disagreed'],
    ['reduces the confidence when it disagrees, by rule', { disagree: 'reduce', disagreeFactor: 0.99 }, 0.05, -1, 'disagreed'],
    ['stops it when the reduced confidence is no consensus any more', { disagree: 'reduce', disagreeFactor: 0.1 }, 0.05, Number.NaN, 'disagreed'],
  ])('where it must agree, the model %s', async (_what, change, buy, moved, judgement) => {
    const alone = new Stage(null, { strategies: wild.strategies })
    alone.candles(RISE)
    alone.warmUp()
    alone.vector(1, 1)
    const before = decided(alone)[0]!.confidence
    const validation = { agreeGain: 0.5, disagree: 'hold' as const, disagreeFactor: 0.5, ...change }
    const model = new HandModel()
    const stage = new Stage(model, { validation, strategies: strategies({ ...wild.strategies, model: 'validates', configs: wild.strategies.configs }) })
    stage.candles(RISE)
    stage.warmUp()
    stage.vector(1, 1)
    await model.answer({ buy, hold: 0.05, sell: 0.95 - buy, confidence: 0.8 })
    const after = moved === 1 ? before + (1 - before) * 0.5 * 0.8 : moved === -1 ? before * 0.99 : before
    expect(decided(stage)).toEqual(Number.isNaN(moved) ? [] : [expect.objectContaining({ by: BY_CONSENSUS, side: BUY, confidence: expect.closeTo(after, 9) as number, modelRun: 1 })])
    expect([model.judgements, stage.counts.get(`model_validation ${judgement}`)]).toEqual([[judgement], 1])
  })

  it.each(['model_drifted', 'model_resting'] as const)('the strategies go on alone, marked as fallback, while the model is unfit: %s', (why) => {
    const model = new HandModel()
    model.unfit = why
    const stage = new Stage(model, { strategies: strategies({ ...wild.strategies, model: 'validates', configs: wild.strategies.configs }) })
    stage.candles(RISE)
    stage.warmUp()
    stage.vector(1, 1)
    expect(model.windows).toEqual([])
    expect(decided(stage)).toMatchObject([{ by: BY_CONSENSUS, side: BUY, modelRun: 0 }])
    expect([stage.counts.get(`inference_fallback ${why}`), model.judgements]).toEqual([1, ['fallback']])
  })

  it('another model takes over between two vectors: windows of the same form go on, others are filled anew', async () => {
    const model = new HandModel()
    const stage = new Stage(model, { strategies: strategies() })
    stage.warmUp()
    stage.vector(9, 1)
    await model.answer({ buy: 0.9, confidence: 0.9 })
    const { thresholds } = model
    model.current = { version: 'next', windowSteps: 2, featureCount: 2, stepMs: 0, budgetMs: 10, thresholds }
    stage.vector(8, 1)
    expect(model.windows.at(-1)).toEqual([9, 1, 8, 1])
    await model.answer({ buy: 0.9, confidence: 0.9 })
    expect(stage.statuses.at(-1)).toEqual({ state: 'ready', note: 'model next' })
    model.current = { version: 'longer', windowSteps: 3, featureCount: 2, stepMs: 0, budgetMs: 10, thresholds }
    stage.vector(7, 1)
    stage.vector(6, 1)
    expect(model.windows).toHaveLength(2)
    expect(stage.counts.get('inference_fallback window_filling')).toBe(2)
    stage.vector(5, 1)
    expect(model.windows.at(-1)).toEqual([7, 1, 6, 1, 5, 1])
    await model.answer({ buy: 0.9, confidence: 0.9 })
    model.current = null
    stage.vector(4, 1)
    expect([stage.counts.get('inference_fallback no_model'), model.windows.length]).toEqual([1, 3])
    expect(stage.statuses.at(-1)!.note).toContain('no model is active')
  })

  it('where it must agree, the model is not asked while the strategies want nothing', () => {
    const model = new HandModel()
    const stage = new Stage(model, { strategies: strategies({ model: 'validates' }) })
    stage.warmUp()
    stage.vector(1, 1)
    expect(model.windows).toHaveLength(0)
    expect(decided(stage)).toEqual([])
  })

  it('where it decides, the votes stand beside its decision', async () => {
    const model = new HandModel()
    const stage = new Stage(model, { strategies: strategies() })
    stage.warmUp()
    stage.vector(1, 9)
    await model.answer({ buy: 0.9, hold: 0.05, sell: 0.05, confidence: 0.9 })
    expect(decided(stage)).toMatchObject([{ by: BY_MODEL, side: BUY, reason: 'model', votes: { imbalance: -0.9 } }])
    expect([stage.counts.get('model_agreement other'), stage.counts.get('votes too-few')]).toEqual([1, 1])
  })

  it('a consensus before the single strategy, and nobody while votes stand against each other', () => {
    const stage = new Stage(null, { strategies: { ...wild.strategies, consensus: { ...deskSettings.consensus, conflict: 'stand-aside' }, recordNoTrade: true } })
    stage.candles(RISE)
    stage.vector(1, 9)
    expect(decided(stage)).toMatchObject([{ kind: DECISION_NONE, reason: 'conflict', votes: { imbalance: -0.9 } }])
    expect([stage.counts.get('votes conflict'), stage.counts.get('votes_opposed')]).toEqual([1, 1])
  })

  it('words about nothing are at most one a second, hold no decision back, and are not made unless asked for', () => {
    const stage = new Stage(null, { decisionCooldownMs: 100, strategies: strategies({ single: null, recordNoTrade: true }) })
    for (let i = 0; i < 20; i++) stage.vector(9, 1, { afterMs: 60 })
    expect(decided(stage).map(({ kind, reason }) => [kind, reason])).toEqual([[DECISION_NONE, 'too-few-votes'], [DECISION_NONE, 'too-few-votes']])
    const silent = new Stage(null, { strategies: strategies({ single: null }) })
    silent.vector(9, 1)
    expect(decided(silent)).toEqual([])
    expect(silent.counts.get('no_trade too-few-votes')).toBe(1)
  })
})

describe('an opinion of candles is acted upon once, however often they are told', () => {
  const FALL: readonly Bar[] = [1008, 1003, 998, 993, 988, 983, 978, 973, 968, 963].map((close, i, all) => bar(i === 0 ? 1009.5 : all[i - 1]!, close, 0.3, 40))
  const entries = (stage: Stage): string[] => decided(stage).map(({ side, reason, strategy }) => `${side === BUY ? 'buy' : 'sell'} ${reason}${reason === 'single' ? ` ${strategy}` : ''}`)

  it.each([
    ['by the single strategy', { single: 'momentum', consensus: { ...deskSettings.consensus, strategiesMin: 3 } }, 'buy single momentum', 'sell single momentum'],
    ['by a consensus', { single: null, repeatMs: 0 }, 'buy consensus', 'sell consensus'],
  ] as const)('%s: after a history that is told anew, in a new life, after a gap of the book', (_who, change, first, next) => {
    const stage = new Stage(null, { strategies: strategies({ ...change, configs: wild.strategies.configs }) })
    stage.candles(RISE)
    stage.vector(1, 1)
    expect(entries(stage)).toEqual([first])
    stage.candlesAnew()
    stage.candles(RISE)
    for (let i = 0; i < 3; i++) stage.vector(1, 1, { afterMs: 3000 })
    expect(entries(stage)).toEqual([first])
    // A new life knows what the one before it did from the decision ring.
    stage.spawn()
    stage.candles(RISE)
    for (let i = 0; i < 3; i++) stage.vector(1, 1, { afterMs: 3000 })
    expect(entries(stage)).toEqual([first])
    stage.vector(1, 1, { warm: 0 })
    for (let i = 0; i < 3; i++) stage.vector(1, 1, { afterMs: 3000 })
    expect(entries(stage)).toEqual([first])
    // What later candles say is acted upon, as ever.
    for (const [i, one] of FALL.entries()) {
      stage.candles([one], RISE.length + i)
      stage.vector(1, 1)
    }
    expect(entries(stage)).toEqual([first, next])
  })

  it('one that nobody has acted upon is not lost by it', () => {
    const stage = new Stage(null, { strategies: strategies({ single: 'momentum', consensus: { ...deskSettings.consensus, strategiesMin: 3 } }) })
    stage.candles(RISE)
    stage.candlesAnew()
    stage.candles(RISE)
    stage.vector(1, 1)
    expect(entries(stage)).toEqual(['buy single momentum'])
  })
})

describe('exits of strategies', () => {
  function holding(voters: number, side = 1) {
    const registry = RegistryMemory.create(1)
    const stage = new Stage(null, { views: viewsOf(registry, 'choppy'), strategies: strategies() })
    const cell = registry.writePosition(0)
    const position = cell.begin()
    position.state = 2
    position.signedLots = 10 * side
    position.entryPrice = 1000
    position.voters = voters
    cell.end()
    return stage
  }

  it('close what their votes opened, on the side that closes it', () => {
    const stage = holding(0b1)
    stage.vector(1, 9)
    expect(decided(stage)).toMatchObject([{ kind: DECISION_EXIT, side: SELL, reason: 'book-turned', strategy: 'imbalance' }])
    expect(stage.counts.get('decisions exit')).toBe(1)
    const short = holding(0b1, -1)
    short.vector(9, 1)
    expect(decided(short)).toMatchObject([{ kind: DECISION_EXIT, side: BUY, reason: 'book-turned' }])
  })

  it('leave what others opened alone', () => {
    const stage = holding(0b10)
    stage.vector(1, 9)
    expect(decided(stage)).toMatchObject([{ kind: DECISION_ENTRY, side: SELL }])
  })
})
