import type { SymbolIndex } from '../../src/core/index.ts'
import { ENTRIES_OPEN, type RegistryMemory } from '../../src/market/index.ts'

/** Says of a symbol's data what its ingest actor says of a good book: entries may be made. */
export function openEntries(registry: RegistryMemory, symbol: SymbolIndex, entries = ENTRIES_OPEN): void {
  const writer = registry.writeFeedHealth(symbol)
  const health = writer.begin()
  health.entries = entries
  health.integrity = 1
  health.updatedNs = 1
  writer.end()
}
