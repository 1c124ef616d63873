import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUY, SELL } from '../../src/core/index.ts'
import { apply, createState, NOTHING, type OrderIntended, type StopMoved, type TradingSettings } from '../../src/trading/index.ts'
import { Desk } from './support/desk.ts'
import { exitSets } from './support/world.ts'

/** Follows from 0.4 % on, 0.3 % behind; entries of these tests are at 99 950 or 100 050 ticks. */
const trailing = { source: 'exit.by_regime.trailing', activationPercent: '0.4', activationAtr: null, distancePercent: '0.3', distanceAtr: null }
const exit = (change: Partial<TradingSettings['exit']> = {}) => ({ byRegime: exitSets({ takeProfitPercent: '50', stopLossPercent: '1', holdMsMax: 3_600_000, trailing }), trailingStepPercent: '0.05', ...change })

describe('trailing stop (EX-14)', () => {
  it('stays until the activation, then follows in steps, never back, and closes by its own name', () => {
    const desk = new Desk(exit())
    const { id } = desk.enter(BUY)
    const entry = 99_950
    expect(desk.position).toMatchObject({ stopLossTicks: 98_950, trailFromTicks: 100_350, trailBehindTicks: 300, trailStepTicks: 50, trailedTicks: 0 })
    expect(desk.price(100_349).records).toEqual([])
    expect(desk.price(100_350).records).toEqual([expect.objectContaining({ kind: 'stop-moved', positionId: id, fromTicks: 98_950, toTicks: 100_050, priceTicks: 100_350 })])
    for (const bid of [100_351, 100_399, entry + 200, 100_398]) expect(desk.price(bid).records).toEqual([])
    expect(desk.price(100_400).records).toEqual([expect.objectContaining({ toTicks: 100_100 })])
    expect(desk.price(100_101).records).toEqual([])
    const order = desk.price(100_100).records.at(-1) as OrderIntended
    expect([order.purpose, order.reason, order.why, order.side]).toEqual(['exit', 'trailing-stop', 'trailing-stop', SELL])
    expect(desk.position.exitReason).toBe('trailing-stop')
  })

  it('of a short follows the ask down', () => {
    const desk = new Desk(exit())
    desk.enter(SELL)
    expect(desk.position).toMatchObject({ stopLossTicks: 101_051, trailFromTicks: 99_649 })
    expect(desk.price(99_640, 99_650).records).toEqual([])
    expect(desk.price(99_640, 99_649).records).toEqual([expect.objectContaining({ fromTicks: 101_051, toTicks: 99_950, priceTicks: 99_649 })])
    expect((desk.price(99_940, 99_950).records.at(-1) as OrderIntended).reason).toBe('trailing-stop')
  })

  it('is not there without a section for it, and the stop of the plan keeps its name', () => {
    const desk = new Desk(exit({ byRegime: exitSets({ takeProfitPercent: '50', stopLossPercent: '1', holdMsMax: 3_600_000 }) }))
    desk.enter(BUY)
    expect(desk.price(130_000)).toBe(NOTHING)
    expect(desk.position.stopLossTicks).toBe(98_950)
    expect((desk.price(98_950).records.at(-1) as OrderIntended).reason).toBe('stop-loss')
  })

  it('keeps what it has gained when the entry goes on filling at another price, while the stop of the plan goes along', () => {
    const desk = new Desk(exit())
    const intent = desk.decision(BUY).records[0] as OrderIntended
    desk.fill(BUY, 2, 99_950, intent.clientId)
    desk.price(100_350)
    expect(desk.position.stopLossTicks).toBe(100_050)
    desk.fill(BUY, 2, 99_900, intent.clientId)
    expect([desk.position.stopLossTicks, desk.position.trailedTicks, desk.position.trailFromTicks]).toEqual([100_050, 100_050, 100_325])
  })

  it('a record that would take the stop back, or means another position, changes nothing', () => {
    const desk = new Desk(exit())
    const { id } = desk.enter(BUY)
    desk.price(100_350)
    const move: StopMoved = { kind: 'stop-moved', atMs: 0, atNs: 0, symbol: desk.symbol.symbol, positionId: id, fromTicks: 100_050, toTicks: 99_000, priceTicks: 100_350 }
    for (const record of [move, { ...move, positionId: id + 1, toTicks: 100_200 }]) {
      apply(desk.state, record)
      expect(desk.position.stopLossTicks).toBe(100_050)
    }
  })

  const paths = fc.record({
    long: fc.boolean(),
    activation: fc.integer({ min: 1, max: 500 }),
    distance: fc.integer({ min: 1, max: 900 }),
    step: fc.integer({ min: 1, max: 200 }),
    moves: fc.array(fc.integer({ min: -160, max: 200 }), { minLength: 1, maxLength: 120, size: 'max' }),
  })

  it('over any path of prices never moves against the position, lags less than a step behind, closes at the first price through it, and is the same in a replay of the journal', () => {
    let moved = 0
    let closed = 0
    fc.assert(
      fc.property(paths, ({ long, activation, distance, step, moves }) => {
        const percent = (thousandths: number): string => (thousandths / 1000).toFixed(3)
        const own = { ...trailing, activationPercent: percent(activation), distancePercent: percent(distance) }
        const desk = new Desk(exit({ byRegime: exitSets({ takeProfitPercent: '50', stopLossPercent: '1', holdMsMax: 3_600_000, trailing: own }), trailingStepPercent: percent(step) }))
        desk.enter(long ? BUY : SELL)
        const sign = long ? 1 : -1
        const entry = desk.symbol.ledger.entryTicks.toNumber()
        const { trailBehindTicks: behind, trailStepTicks: stepTicks } = desk.position
        // Profit in ticks: the same for both sides.
        let best = Number.NEGATIVE_INFINITY
        let profit = 0
        for (const move of moves) {
          profit += move
          const price = entry + sign * profit
          const stopBefore = sign * (desk.position.stopLossTicks - entry)
          const { records } = desk.price(long ? price : price - 1, long ? price + 1 : price)
          const exits = records.filter((record) => record.kind === 'order-intended')
          expect(exits.length, `profit ${profit}, stop ${stopBefore}`).toBe(profit <= stopBefore ? 1 : 0)
          const stop = sign * (desk.position.stopLossTicks - entry)
          expect(stop).toBeGreaterThanOrEqual(stopBefore)
          if (exits.length > 0) {
            closed++
            break
          }
          if (profit * 100_000 >= activation * entry) best = Math.max(best, profit)
          if (best > Number.NEGATIVE_INFINITY) expect(stop).toBeGreaterThan(best - behind - stepTicks)
          // Where it is, some price has brought it, or the plan.
          expect(stop === Math.round(stop) && stop <= Math.max(best - behind, stopBefore)).toBe(true)
          expect(stop === stopBefore || stop - stopBefore >= stepTicks).toBe(true)
          if (stop !== stopBefore) moved++
        }
        const folded = createState()
        desk.journal.replay((record) => apply(folded, record))
        const replayed = folded.symbols.get(desk.symbol.symbol)!.position!
        const { stopLossTicks, takeProfitTicks, trailedTicks, state, exitReason } = desk.position
        expect(replayed).toMatchObject({ stopLossTicks, takeProfitTicks, trailedTicks, state, exitReason })
      }),
      { numRuns: 300 },
    )
    expect([moved > 300, closed > 60]).toEqual([true, true])
  })
})

describe('a strategy that wants out (EX-13)', () => {
  it('closes the position by its name and its words', () => {
    const desk = new Desk(exit())
    desk.enter(BUY)
    desk.pass(5)
    const order = desk.signal().records.at(-1) as OrderIntended
    expect(order).toMatchObject({ purpose: 'exit', side: SELL, reduceOnly: true, reason: 'exit-signal', why: 'exit-signal: sar-wave: the wave has ended' })
    expect(desk.position.exitReason).toBe('exit-signal')
    expect(desk.signal().refusal).toBe('nothing-to-close')
  })

  it.each([
    ['of an unknown symbol', { symbolIndex: 7 }, 'unknown-symbol'],
    ['without a sound name', { strategy: '' }, 'bad-decision'],
    ['without a sound name', { strategy: 'Not Ours' }, 'bad-decision'],
    ['that is too old', { receiveNs: -2e9 }, 'stale-decision'],
    ['from before the position', { receiveNs: -1 }, 'stale-decision'],
    ['of no time', { receiveNs: Number.NaN }, 'stale-decision'],
    ['without a price', { price: { refused: true, reason: 'stale' } }, 'no-price'],
  ] as const)('%s is refused and leaves no record', (_what, change, refusal) => {
    const desk = new Desk(exit())
    desk.enter(BUY)
    const before = desk.journal.length
    expect(desk.signal(change).refusal).toBe(refusal)
    expect(desk.journal.length).toBe(before)
  })

  it('has nothing to close on an empty symbol', () => {
    const desk = new Desk(exit())
    expect(desk.signal().refusal).toBe('nothing-to-close')
    desk.decision(BUY)
    expect(desk.signal().refusal).toBe('nothing-to-close')
  })
})
