import type { Ticker } from '../../market-port.ts'

/** Fields of the venue's ticker and where they go, in the venue's order. */
export const TICKER_KEYS = [
  ['last', 'lastPrice'], ['askPx', 'askPrice'], ['bidPx', 'bidPrice'], ['open24h', 'open24h'],
  ['high24h', 'high24h'], ['low24h', 'low24h'], ['volCcy24h', 'volume24h'],
] as const satisfies readonly (readonly [string, keyof Ticker])[]
