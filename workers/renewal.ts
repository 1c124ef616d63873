import { type Instrument, money } from '../src/core/index.ts'
import { ENTRIES_WORDS, ENTRIES_CHANGED, type RegistryMemory } from '../src/market/index.ts'
import type { SymbolHealth } from '../src/runtime/health/index.ts'

/** A process that is younger has just read the instruments: the venue's list may lag behind what it pushes. */
const YOUNG_MS = 10_000

/** A symbol whose grid or sizes the venue has changed, and what is counted on the old one. */
export interface Changed {
  readonly symbol: string
  readonly index: number
  readonly signedLots: number
  readonly openOrders: number
}

/**
 * Symbols for which this process must be started anew: the venue has changed their grid or their sizes, and they trade.
 * Empty while there are none, and while any symbol does not trade: a start would leave that out, with whatever it holds.
 * @param ageMs of this process
 */
export function changedSymbols(registry: RegistryMemory, symbols: readonly SymbolHealth[], ageMs: number): readonly Changed[] {
  if (ageMs < YOUNG_MS) return []
  const changed: Changed[] = []
  for (let index = 0; index < symbols.length; index++) {
    const { symbol, book, market } = symbols[index]!
    if (market?.status === 'suspended' || market?.status === 'closed') return []
    if (book.entries !== ENTRIES_WORDS[ENTRIES_CHANGED] || market?.status !== 'trading') continue
    const position = registry.readPosition(index)
    // What cannot be read is held, as far as anybody knows.
    const { signedLots, openOrders } = position.read() ? position.value : { signedLots: Number.NaN, openOrders: 1 }
    changed.push({ symbol, index, signedLots, openOrders })
  }
  return changed
}

export const isFlat = ({ signedLots, openOrders }: Changed): boolean => signedLots === 0 && openOrders === 0

/**
 * Whether a new process can count on the new grids what is held on the old ones. Orders do not matter: entries are called
 * back before the end of this process, and exits are no larger than what is held.
 */
export function canGoOn(changed: readonly Changed[], old: readonly Instrument[], found: readonly Instrument[]): boolean {
  return changed.every(({ symbol, index, signedLots }) => {
    const now = found.find((one) => one.symbol === symbol)
    return now !== undefined && Number.isFinite(signedLots) && money(old[index]!.lot.text).mul(signedLots).mod(now.lot.text).isZero()
  })
}
