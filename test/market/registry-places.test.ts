import { describe, expect, it } from 'vitest'
import { RegistryMemory } from '../../src/market/index.ts'
import { Cell } from '../../src/memory/index.ts'

const SYMBOLS = 3

describe('places in the registry', () => {
  it('no wish of any symbol lies in a cell, and no two wishes share a word', () => {
    const registry = RegistryMemory.create(SYMBOLS)
    const cells = Array.from({ length: SYMBOLS }, (_, symbol) => [
      registry.currentTick(symbol), registry.marketStats(symbol), registry.bookPicture(symbol), registry.positionView(symbol),
      registry.restQuote(symbol), registry.feedHealth(symbol), registry.indicators(symbol), registry.regime(symbol),
    ]).flat()
    cells.push(registry.accountView())
    const changed = new Set<number>()
    for (let symbol = 0; symbol < SYMBOLS; symbol++)
      for (const wish of [registry.reconnectWish(symbol), registry.refreshWish(symbol)]) {
        const before = new Uint8Array(registry.buffer).slice()
        wish.raise()
        const after = new Uint8Array(registry.buffer)
        const at = after.findIndex((byte, index) => byte !== before[index])
        expect(at).toBeGreaterThan(0)
        for (const cell of cells) expect(at < cell.byteOffset || at >= cell.byteOffset + Cell.bytesFor(cell.payloadBytes), `byte ${at} is in the cell at ${cell.byteOffset}`).toBe(true)
        changed.add(at)
      }
    expect(changed.size).toBe(2 * SYMBOLS)
  })
})
