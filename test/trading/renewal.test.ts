import { describe, expect, it } from 'vitest'
import { RegistryMemory } from '../../src/market/index.ts'
import { dueForRenewal } from '../../workers/renewal.ts'
import { symbolHealth } from '../health/fixture.ts'

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

describe('F24 an engine process that must start anew on another grid', () => {
  it('does so for a changed symbol that is flat, and for no other reason', () => {
    expect(dueForRenewal(registry(), [changed('A'), symbolHealth('B')], OLD_MS)).toEqual(['A'])
    expect(dueForRenewal(registry(), [symbolHealth('A'), symbolHealth('B')], OLD_MS)).toEqual([])
    expect(dueForRenewal(registry(), [{ ...changed('A'), market: null }, symbolHealth('B')], OLD_MS)).toEqual([])
  })

  it.each([[{ signedLots: 1 }], [{ signedLots: -1 }], [{ openOrders: 1 }]])('waits while the symbol holds or orders something (%o), whatever the others do', (position) => {
    expect(dueForRenewal(registry(position), [changed('A'), changed('B')], OLD_MS)).toEqual([])
  })

  it('waits while the symbol does not trade, which no start would get past, and while the process has only just started', () => {
    expect(dueForRenewal(registry(), [changed('A', 'suspended'), symbolHealth('B')], OLD_MS)).toEqual([])
    expect(dueForRenewal(registry(), [changed('A'), { ...symbolHealth('B'), market: { ...symbolHealth('B').market!, status: 'closed' } }], OLD_MS)).toEqual([])
    expect(dueForRenewal(registry(), [changed('A'), symbolHealth('B')], 9999)).toEqual([])
  })
})
