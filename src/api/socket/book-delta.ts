import type { BookData } from '../contract/index.ts'

type Level = [string, string]

/** What leads from one picture of a book to the next: levels that are new or changed, and with size "0" those that are gone. */
export function bookDelta(before: BookData, now: BookData): BookData {
  return { valid: now.valid, updateId: now.updateId, venueTimeMs: now.venueTimeMs, bids: changes(before.bids, now.bids), asks: changes(before.asks, now.asks) }
}

function changes(before: readonly Level[], now: readonly Level[]): Level[] {
  const old = new Map(before)
  const out: Level[] = []
  for (const [price, size] of now) {
    if (old.get(price) !== size) out.push([price, size])
    old.delete(price)
  }
  for (const price of old.keys()) out.push([price, '0'])
  return out
}
