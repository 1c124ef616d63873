import { describe, expect, it } from 'vitest'
import { RegistryMemory, showFixedRegime } from '../../src/market/index.ts'
import { registryConditions } from '../../src/trading/index.ts'
import { instruments } from './support/world.ts'

const ATR_AT = 3

/** A registry, a clock to set by hand, and a way to show the range of a symbol in quote currency. */
function stage() {
  const registry = RegistryMemory.create(instruments.length)
  let ms = 0
  const conditions = registryConditions(registry, instruments, { nowNs: () => ms * 1e6, wallMs: () => ms }, ATR_AT, 3000)
  const show = (index: number, range: number, count: number): void => {
    const cell = registry.writeIndicators(index).begin()
    cell.updatedNs = ms * 1e6
    cell.count = count
    cell.f64[cell.values + ATR_AT] = range
    registry.writeIndicators(index).end()
  }
  return { registry, conditions, show, at: (now: number) => void (ms = now) }
}

describe('market conditions for execution', () => {
  it('says nothing where nobody has: no regime, no range', () => {
    const { conditions } = stage()
    expect(conditions.regime(0)).toBeNull()
    expect(conditions.atrTicks(0)).toBeNaN()
    expect(conditions.regime(99)).toBeNull()
    expect(conditions.atrTicks(99)).toBeNaN()
  })

  it('tells the regime of the symbol that was asked for', () => {
    const { registry, conditions } = stage()
    showFixedRegime(registry.writeRegime(1), { regime: 'trending', takeProfitPercent: 1, stopLossPercent: 1, entryOffsetPercent: 1 }, 0)
    expect(conditions.regime(1)).toBe('trending')
    expect(conditions.regime(0)).toBeNull()
  })

  it('counts the range in ticks, and not at all when it is too old, no number or not computed', () => {
    const { conditions, show, at } = stage()
    const tick = Number(instruments[0]!.tick.text)
    show(0, 25 * tick, ATR_AT + 1)
    expect(conditions.atrTicks(0)).toBeCloseTo(25, 9)
    at(3000)
    expect(conditions.atrTicks(0)).toBeCloseTo(25, 9)
    at(3001)
    expect(conditions.atrTicks(0)).toBeNaN()
    show(0, Number.POSITIVE_INFINITY, ATR_AT + 1)
    expect(conditions.atrTicks(0)).toBeNaN()
    show(0, 0, ATR_AT + 1)
    expect(conditions.atrTicks(0)).toBeNaN()
    show(0, 25 * tick, ATR_AT)
    expect(conditions.atrTicks(0)).toBeNaN()
  })
})
