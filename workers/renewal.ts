import { ENTRIES_WORDS, ENTRIES_CHANGED, type RegistryMemory } from '../src/market/index.ts'
import type { SymbolHealth } from '../src/runtime/health/index.ts'

/** A process that is younger has just read the instruments: the venue's list may lag behind what it pushes. */
const YOUNG_MS = 10_000

/**
 * Symbols for which this process must be started anew: the venue has changed their grid or their sizes, they trade, and
 * nothing of theirs is counted in the old grid any more. Empty while there are none, while one of them is
 * not flat, or while any symbol does not trade: a start would leave that out, with whatever it holds.
 * @param ageMs of this process
 */
export function dueForRenewal(registry: RegistryMemory, symbols: readonly SymbolHealth[], ageMs: number): readonly string[] {
  if (ageMs < YOUNG_MS) return []
  const due: string[] = []
  for (let index = 0; index < symbols.length; index++) {
    const { symbol, book, market } = symbols[index]!
    if (market?.status === 'suspended' || market?.status === 'closed') return []
    if (book.entries !== ENTRIES_WORDS[ENTRIES_CHANGED] || market?.status !== 'trading') continue
    const position = registry.readPosition(index)
    if (!position.read() || position.value.signedLots !== 0 || position.value.openOrders !== 0) return []
    due.push(symbol)
  }
  return due
}
