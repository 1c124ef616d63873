import { describe, expect, it } from 'vitest'
import { BUY, type Instrument, limits, SELL } from '../../src/core/index.ts'
import { compileRules, createState, describeRecord, entryPlan, exitReason, MemoryJournal, openingRecords, tradingDefaults, type ExitPlan, type OrderIntended, type TradingRecord } from '../../src/trading/index.ts'
import { Desk } from './support/desk.ts'
import { exitSets, instruments, settings, SYMBOLS } from './support/world.ts'

const plan = (change: Parameters<typeof exitSets>[0], atrTicks: number, exit: Partial<typeof tradingDefaults.exit> = {}, by = 1) =>
  entryPlan({ ...tradingDefaults.exit, rangeFactorMin: '0.5', ...exit }, exitSets(change) as never, 'ranging', atrTicks, 100_000, by)

describe('distances of an exit plan (EX-13)', () => {
  it.each([
    ['percent', null, 500, '2', 'percent'],
    ['percent, said to be so, while the range is not known', '3', Number.NaN, '2', 'percent-without-atr'],
    ['percent where the range is nonsense', '3', Number.POSITIVE_INFINITY, '2', 'percent-without-atr'],
    ['percent where the range is nothing', '3', 0, '2', 'percent-without-atr'],
    ['the range', '3', 500, '1.5', 'atr'],
    ['the least that a range may give', '3', 100, '1', 'atr-least'],
    ['the most that a range may give', '3', 2000, '4', 'atr-most'],
  ])('are %s', (_what, multiplier, atrTicks, percent, by) => {
    const made = plan({ takeProfitPercent: '2', takeProfitAtr: multiplier, stopLossPercent: '2', stopLossAtr: multiplier }, atrTicks)
    expect([made.takeProfitPercent, made.stopLossPercent]).toEqual([percent, percent])
    expect([made.takeProfit, made.stopLoss]).toEqual([{ percent: '2', atrMultiplier: multiplier, by }, { percent: '2', atrMultiplier: multiplier, by }])
    expect(made.atrTicks).toBe(atrTicks > 0 && Number.isFinite(atrTicks) ? atrTicks : null)
  })

  it('leave a take profit that is worth entry fee, exit fee and the least profit, and say so where that made it', () => {
    const near = { takeProfitPercent: '0.1', stopLossPercent: '0.3' }
    expect(plan(near, Number.NaN)).toMatchObject({ takeProfitPercent: '0.11', takeProfit: { percent: '0.1', by: 'fees' }, stopLossPercent: '0.3', stopLoss: { by: 'percent' } })
    expect(plan(near, Number.NaN, { takerFeePercent: '0.06', profitPercentMin: '0.05' }).takeProfitPercent).toBe('0.17')
    expect(plan(near, Number.NaN, { takerFeePercent: '0.05' })).toMatchObject({ takeProfitPercent: '0.1', takeProfit: { by: 'percent' } })
  })

  it('trail as the maker of the decision wants, whole, else as the regime does, else not at all', () => {
    const ofRegime = { source: 'exit.by_regime.ranging.trailing', activationPercent: '1', activationAtr: '2', distancePercent: '0.5', distanceAtr: null }
    const ofModel = { source: 'exit.trailing_by_strategy.model', activationPercent: '3', activationAtr: null, distancePercent: '2', distanceAtr: null }
    const trailing = (by: number, exit = {}) => plan({ trailing: ofRegime }, 600, exit, by).trailing
    expect(trailing(2, { trailingByMaker: { model: ofModel } })).toEqual({
      activationPercent: '1.2', distancePercent: '0.5', stepPercent: '0.02', source: 'exit.by_regime.ranging.trailing',
      activation: { percent: '1', atrMultiplier: '2', by: 'atr' }, distance: { percent: '0.5', atrMultiplier: null, by: 'percent' },
    })
    expect(trailing(1, { trailingByMaker: { model: ofModel } })).toMatchObject({ activationPercent: '3', distancePercent: '2', source: 'exit.trailing_by_strategy.model' })
    expect(trailing(9)?.source).toBe('exit.by_regime.ranging.trailing')
    expect(plan({}, 600).trailing).toBeNull()
  })
})

describe('the plan of a position (EX-17)', () => {
  const byRegime = {
    ranging: exitSets({ takeProfitPercent: '1', stopLossPercent: '2' }).ranging!,
    trending: exitSets({ takeProfitPercent: '8.8', stopLossPercent: '2.5' }).trending!,
    choppy: exitSets({ takeProfitPercent: '3', stopLossPercent: '0.5', holdMsMax: 2000 }).choppy!,
  }

  it('stays that of its entry when the regime goes from ranging to trending while it is open', () => {
    const desk = new Desk({ byRegime, onOppositeDecision: false })
    const held = desk.enter(BUY, { regime: 'ranging' })
    const { plan: atEntry, takeProfitTicks, stopLossTicks } = held
    expect(atEntry).toMatchObject({ regime: 'ranging', takeProfitPercent: '1', stopLossPercent: '2', source: 'exit.by_regime.ranging' })
    for (const regime of ['trending', 'choppy', null] as const) {
      desk.decision(BUY, { regime })
      desk.decision(SELL, { regime })
      desk.price(99_990)
      expect([desk.position.plan, desk.position.takeProfitTicks, desk.position.stopLossTicks]).toEqual([atEntry, takeProfitTicks, stopLossTicks])
    }
    // A restart with other settings changes nothing for it either.
    const again = new Desk({ byRegime: exitSets({ takeProfitPercent: '7', stopLossPercent: '7' }) }, desk.journal.bytes())
    expect([again.position.plan, again.position.takeProfitTicks, again.position.stopLossTicks]).toEqual([atEntry, takeProfitTicks, stopLossTicks])
    expect(again.take({ kind: 'sweep' }).records).toEqual([])
    const exit = again.price(takeProfitTicks).records[0] as OrderIntended
    expect([exit.purpose, exit.reason]).toEqual(['exit', 'take-profit'])
    expect(again.position.exitReason).toBe('take-profit')
  })

  it('an entry in a regime that nobody knows is refused, in each known one it goes by that one', () => {
    const desk = new Desk({ byRegime })
    expect(desk.decision(BUY, { regime: null }).refusal).toBe('no-regime')
    expect(desk.symbol.position).toBeNull()
    for (const regime of ['trending', 'ranging', 'choppy'] as const)
      expect((new Desk({ byRegime }).decision(BUY, { regime }).records[0] as OrderIntended).plan).toMatchObject({ regime, takeProfitPercent: byRegime[regime].takeProfitPercent, source: `exit.by_regime.${regime}` })
  })

  it('a position by a stranger is reported once, and gets the tightest of its symbol: never the sets of the moment', () => {
    const desk = new Desk({ byRegime, onOppositeDecision: false })
    desk.fill(SELL, 7, 100_000)
    expect(desk.position.plan).toMatchObject({ takeProfitPercent: '1', stopLossPercent: '0.5', holdMsMax: 2000, regime: null, trailing: null })
    expect(desk.position.stopLossTicks).toBe(100_500)
    desk.decision(BUY, { regime: 'trending' })
    const [told] = desk.take({ kind: 'sweep' }).records
    expect(told).toMatchObject({ kind: 'plan-damaged', positionId: desk.position.id, problem: 'it did not come by an entry of this engine' })
    expect(desk.position.plan.source).toBe('conservative: the tightest of exit.by_regime.trending, exit.by_regime.ranging, exit.by_regime.choppy, the plan that it had')
    expect(desk.take({ kind: 'sweep' }).records).toEqual([])
    expect(new Desk({ byRegime }, desk.journal.bytes()).take({ kind: 'sweep' }).records).toEqual([])
    expect((desk.price(100_499, 100_500).records[0] as OrderIntended).reason).toBe('stop-loss')
  })

  /** The journal of a position as an older version, or a damaged hand, would have left it. */
  function journalWith(change: (intent: OrderIntended) => unknown): Uint8Array {
    const desk = new Desk({ byRegime })
    desk.enter(BUY, { regime: 'trending' })
    const journal = new MemoryJournal()
    journal.append(desk.records().map((record) => (record.kind === 'order-intended' ? (change(record) as TradingRecord) : record)))
    return journal.bytes()
  }

  it('a journal of the version before still folds, and its open position is reported and protected no looser than it was', () => {
    const old = (stopLossPercent: string) =>
      journalWith(({ reason: _reason, ...intent }) => ({ ...intent, plan: { takeProfitPercent: '8.8', stopLossPercent, holdMsMax: 3000, source: 'symbol_profiles.A.trending' } }))
    for (const [before, after] of [['2.5', '0.5'], ['0.3', '0.3']] as const) {
      const desk = new Desk({ byRegime }, old(before))
      const { position } = desk
      expect([position.plan.stopLossPercent, position.damage, position.plan.trailing]).toEqual([before, 'no regime is stored with it (symbol_profiles.A.trending)', null])
      const stopBefore = position.stopLossTicks
      expect(desk.take({ kind: 'sweep' }).records).toEqual([expect.objectContaining({ kind: 'plan-damaged', problem: position.damage })])
      expect(position.plan).toMatchObject({ stopLossPercent: after, takeProfitPercent: '1', holdMsMax: 2000 })
      expect(position.stopLossTicks).toBeGreaterThanOrEqual(stopBefore)
      expect(exitReason(desk.symbol, position, position.stopLossTicks, position.stopLossTicks + 1, desk.now.ns)).toBe('stop-loss')
    }
  })

  it.each([
    ['no plan', (_own: ExitPlan) => null, 'there is no plan'],
    ['no number', (own: ExitPlan) => ({ ...own, stopLossPercent: 'NaN' }), 'its numbers cannot be used: take profit 8.8 %, stop loss NaN %, 3000 ms'],
    ['no time', (own: ExitPlan) => ({ ...own, holdMsMax: -1 }), 'its numbers cannot be used: take profit 8.8 %, stop loss 2.5 %, -1 ms'],
    ['a regime that is none', (own: ExitPlan) => ({ ...own, regime: 'stormy' }), 'its regime is stormy'],
    ['no origin', (own: ExitPlan) => ({ ...own, stopLoss: null }), 'it does not say what its distances are made of'],
  ])('with %s is reported as damaged and protected conservatively', (_what, damage, problem) => {
    const desk = new Desk({ byRegime }, journalWith((intent) => ({ ...intent, plan: damage(intent.plan!) })))
    expect(desk.position.damage).toBe(problem)
    expect(desk.position.stopLossTicks).toBeGreaterThan(0)
    desk.take({ kind: 'sweep' })
    expect([desk.position.plan.stopLossPercent, desk.position.plan.regime, desk.position.damageTold]).toEqual(['0.5', null, true])
  })

  it('fits into the record that opens an epoch, for as many symbols as there may be, with the longest names', () => {
    const many = Array.from({ length: limits.symbolsMax }, (_, index): Instrument => ({ ...instruments[0]!, symbol: `${'X'.repeat(16)}${String(index).padStart(4, '0')}USDT`, index }))
    const bySymbol = Object.fromEntries(many.map(({ symbol }) => [symbol, exitSets({ takeProfitPercent: '12.345678', stopLossPercent: '12.345678' }, `symbol_profiles.${symbol}`)]))
    const rules = compileRules({ ...settings, exit: { ...settings.exit, bySymbol } }, many)
    const journal = new MemoryJournal()
    const records = openingRecords(rules, createState(), true, { ns: 0, wallMs: 0, opens: false })
    journal.append(records)
    expect([journal.length, records[0]]).toEqual([1 + limits.symbolsMax, expect.objectContaining({ planBySymbol: expect.objectContaining({ [many.at(-1)!.symbol]: rules.symbols.at(-1)!.conservative }) })])
  })

  it('in words says what its distances are, what made them and where they come from', () => {
    const trailing = { source: 'exit.by_regime.ranging.trailing', activationPercent: '1', activationAtr: null, distancePercent: '0.5', distanceAtr: '2' }
    const made = plan({ takeProfitPercent: '2', takeProfitAtr: '3', stopLossPercent: '1', trailing }, 500)
    const stamp = { atMs: 0, atNs: 0, symbol: SYMBOLS[0]!, positionId: 4 }
    expect(describeRecord({ kind: 'plan-damaged', ...stamp, problem: 'there is no plan', plan: made })).toBe(
      `plan-damaged       ${SYMBOLS[0]} position 4: there is no plan; exits from here on +1.5 % (atr) -1 % 3 s, trailing 1 % (atr) from 1 % by exit.by_regime.ranging.trailing in ranging: exit.by_regime.ranging`,
    )
    expect(describeRecord({ kind: 'stop-moved', ...stamp, fromTicks: 99_000, toTicks: 99_500, priceTicks: 100_000 })).toBe(`stop-moved         ${SYMBOLS[0]} position 4: 99000 ticks -> 99500 ticks, after 100000 ticks`)
  })
})
