import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits, money, type Money, ZERO } from '../../src/core/index.ts'
import { apply, compileRules, createState, MICROS, MICROS_MAX, openingRecords, toMicros, type TradingRecord, type TradingState, unitMicrosOf, unitOf, valueMicros, valueOf } from '../../src/trading/index.ts'
import { instruments, settings, SYMBOLS } from './support/world.ts'

const rules = compileRules(settings, instruments)
const stamp = { atMs: 1_700_000_000_000, atNs: 1 }

function fresh(): TradingState {
  const state = createState()
  for (const record of openingRecords(rules, state, true, { ns: 1, wallMs: stamp.atMs, opens: true })) apply(state, record)
  return state
}

/** Exposure as a sum over everything, in decimals: what the book must equal. */
function summed(state: TradingState): { long: Money; short: Money; positions: number } {
  let long = ZERO
  let short = ZERO
  let positions = 0
  for (const symbol of state.symbols.values()) {
    const held = symbol.ledger.costTickLots.mul(symbol.unit)
    if (symbol.ledger.signedLots > 0) long = long.add(held)
    if (symbol.ledger.signedLots < 0) short = short.add(held)
    for (const order of symbol.live) {
      if (order.reduceOnly || order.lots <= order.filledLots) continue
      const value = valueOf(order.lots - order.filledLots, order.referenceTicks, symbol.unit)
      if (order.side === 0) long = long.add(value)
      else short = short.add(value)
    }
    if (symbol.position !== null || symbol.ledger.signedLots !== 0) positions++
  }
  return { long, short, positions }
}

type Step = { kind: 'entry' | 'exit' | 'fill' | 'cancel' | 'refuse' | 'foreign' | 'adopt'; symbol: number; side: 0 | 1; lots: number; ticks: number }
const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('entry', 'entry', 'exit', 'fill', 'fill', 'fill', 'cancel', 'refuse', 'foreign', 'adopt'),
    symbol: fc.integer({ min: 0, max: 1 }),
    side: fc.constantFrom(0, 1),
    lots: fc.integer({ min: 1, max: 500 }),
    ticks: fc.integer({ min: 1, max: 1_000_000 }),
  }),
  { maxLength: 60 },
)

/** The record of a step on the books as they are, or null where it has nothing to act on. */
function recordOf(state: TradingState, step: Step, n: number): TradingRecord | null {
  const symbol = SYMBOLS[step.symbol]!
  const live = state.symbols.get(symbol)!.live
  const order = live[n % Math.max(1, live.length)]
  const fill = (clientId: string, side: 0 | 1, lots: number): TradingRecord => ({
    kind: 'fill-booked', ...stamp, executionId: `e${n}`, clientId, venueId: 'v', symbol, side, priceTicks: step.ticks, priceText: null, lots, fee: '0', feeCoin: null, realised: null, maker: true, type: 'trade', timeMs: stamp.atMs + n, beforeLots: 0, afterLots: 0, note: '', source: 'stream',
  })
  switch (step.kind) {
    case 'entry':
    case 'exit':
      return {
        kind: 'order-intended', ...stamp, clientId: `c${n}`, symbol, purpose: step.kind, positionId: 1, side: step.side, type: 'limit', priceTicks: step.ticks, referenceTicks: step.ticks, lots: step.lots, timeInForce: 'GTC',
        reduceOnly: step.kind === 'exit', ttlMs: 0, why: '', trace: '', decisionSequence: n, plan: rules.plan, terms: null, reason: null,
      }
    case 'fill':
      return order === undefined ? null : fill(order.clientId, order.side, Math.max(1, Math.min(step.lots, order.lots - order.filledLots)))
    case 'cancel':
      return order === undefined ? null : { kind: 'order-seen', ...stamp, clientId: order.clientId, venueId: 'v', status: 'cancelled', lots: order.lots, filledLots: order.filledLots, reason: '', source: 'stream', updatedMs: stamp.atMs }
    case 'refuse':
      return order === undefined ? null : { kind: 'order-refused', ...stamp, clientId: order.clientId, code: '1', text: 'no' }
    case 'foreign':
      return fill('', step.side, step.lots)
    case 'adopt':
      return { kind: 'position-adopted', ...stamp, symbol, fromLots: 0, toLots: step.side === 0 ? step.lots : -step.lots, entryTicks: String(step.ticks), why: 'test' }
  }
}

describe('exposure, kept as sums of whole millionths', () => {
  it('equals the decimal sum over all symbols after every record, up to what is finer than a millionth, and then lies above it', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const state = fresh()
        let n = 0
        for (const step of list) {
          const record = recordOf(state, step, ++n)
          if (record === null) continue
          apply(state, record)
          const expected = summed(state)
          // At most one amount a symbol is no whole number of millionths: the cost that a partial close left.
          for (const side of ['long', 'short'] as const) {
            const exact = expected[side].mul(MICROS)
            expect(exact.lte(state.exposure[side]) && money(state.exposure[side]).sub(exact).lt(SYMBOLS.length)).toBe(true)
            if (exact.isInteger() && [...state.symbols.values()].every((symbol) => symbol.ledger.costTickLots.isInteger())) expect(exact.toNumber()).toBe(state.exposure[side])
          }
          expect(state.exposure.positions).toBe(expected.positions)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('values orders exactly where a tick·lot is a whole number of millionths, and rounds up where it is not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 10_000_000 }), fc.constantFrom(['0.10', '0.001'], ['0.0001', '0.1'], ['0.00001', '1'], ['0.000000001', '1000'], ['0.0000001', '3']), (lots, ticks, [tick, lot]) => {
        const unit = unitOf(tick!, lot!)
        const exact = valueOf(lots, ticks, unit).mul(MICROS)
        expect(valueMicros(lots, ticks, unit, unitMicrosOf(unit))).toBe(Math.min(MICROS_MAX, exact.ceil().toNumber()))
      }),
    )
  })

  it('never wraps: what is more than can be told apart is as much as can be', () => {
    const unit = unitOf('1', '1')
    expect(valueMicros(2 ** 40, 2 ** 40, unit, unitMicrosOf(unit))).toBe(MICROS_MAX)
    expect(toMicros(money('1e30'))).toBe(MICROS_MAX)
    expect(MICROS_MAX * 2 * limits.symbolsMax).toBeLessThanOrEqual(2 ** 53)
  })
})
