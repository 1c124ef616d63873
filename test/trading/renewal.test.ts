import { describe, expect, it } from 'vitest'
import { DecimalStep, type Instrument } from '../../src/core/index.ts'
import { RegistryMemory } from '../../src/market/index.ts'
import { canGoOn, changedSymbols, isFlat } from '../../workers/renewal.ts'
import { symbolHealth } from '../health/fixture.ts'
import { instruments } from './support/world.ts'

const OLD_MS = 60_000
const changed = (symbol: string, status = 'trading') => {
  const health = symbolHealth(symbol)
  return { ...health, book: { ...health.book, entries: 'instrument-changed' }, market: { ...health.market!, status } }
}

function registry(position: Partial<{ signedLots: number; openOrders: number }> = {}): RegistryMemory {
  const memory = RegistryMemory.create(2)
  const cell = memory.writePosition(0)
  const at = cell.begin()
  at.signedLots = position.signedLots ?? 0
  at.openOrders = position.openOrders ?? 0
  cell.end()
  return memory
}

const names = (...args: Parameters<typeof changedSymbols>): string[] => changedSymbols(...args).map(({ symbol }) => symbol)
const onLot = (symbol: string, lot: string): Instrument => ({ ...instruments[0]!, symbol, lot: new DecimalStep(lot) })

describe('F24 an engine process that must start anew on another grid', () => {
  it('does so for a changed symbol, and for no other reason', () => {
    expect(names(registry(), [changed('A'), symbolHealth('B')], OLD_MS)).toEqual(['A'])
    expect(names(registry(), [symbolHealth('A'), symbolHealth('B')], OLD_MS)).toEqual([])
    expect(names(registry(), [{ ...changed('A'), market: null }, symbolHealth('B')], OLD_MS)).toEqual([])
  })

  it.each([[{ signedLots: 1 }], [{ signedLots: -1 }], [{ openOrders: 1 }]])('knows what is held or ordered on the old grid (%o)', (position) => {
    const [first] = changedSymbols(registry(position), [changed('A'), symbolHealth('B')], OLD_MS)
    expect(first).toMatchObject(position)
    expect(isFlat(first!)).toBe(false)
    expect(isFlat(changedSymbols(registry(), [changed('A'), symbolHealth('B')], OLD_MS)[0]!)).toBe(true)
  })

  it('waits while a symbol does not trade, which a start would leave out, and while the process has only just started', () => {
    expect(names(registry(), [changed('A', 'suspended'), symbolHealth('B')], OLD_MS)).toEqual([])
    expect(names(registry(), [changed('A'), { ...symbolHealth('B'), market: { ...symbolHealth('B').market!, status: 'closed' } }], OLD_MS)).toEqual([])
    expect(names(registry(), [changed('A'), symbolHealth('B')], 9999)).toEqual([])
  })

  it('goes on with what is held where the new lot can count it, and not where it cannot, or where nothing is known', () => {
    const held = (signedLots: number) => [{ symbol: 'A', index: 0, signedLots, openOrders: 0 }]
    const old = [onLot('A', '0.001')]
    expect(canGoOn(held(-7), old, [onLot('A', '0.0005')])).toBe(true)
    expect(canGoOn(held(20), old, [onLot('A', '0.01')])).toBe(true)
    expect(canGoOn(held(25), old, [onLot('A', '0.01')])).toBe(false)
    expect(canGoOn(held(20), old, [onLot('B', '0.01')])).toBe(false)
    expect(canGoOn(held(Number.NaN), old, [onLot('A', '0.01')])).toBe(false)
  })
})
