import { crc32 } from 'node:zlib'

/** Price and size as the venue wrote them: the text counts, not the number. */
export type RawLevel = readonly [price: string, size: string]

const DEPTH = 25

/**
 * The checksum that the venue sent with `books` until June 2026 (a constant 0 since then): CRC-32 as a signed 32-bit
 * integer over the best 25 levels of the merged book, bid and ask in turn; where one side is shorter the rest of the
 * other follows. For old recordings and simulators of that time (reference: OKX V5, order book channel, checksum).
 * @param bids best first; @param asks best first
 */
export function legacyChecksum(bids: readonly RawLevel[], asks: readonly RawLevel[]): number {
  const parts: string[] = []
  for (let i = 0; i < DEPTH; i++) {
    const bid = bids[i]
    const ask = asks[i]
    if (bid !== undefined) parts.push(bid[0], bid[1])
    if (ask !== undefined) parts.push(ask[0], ask[1])
  }
  return crc32(parts.join(':')) | 0
}
