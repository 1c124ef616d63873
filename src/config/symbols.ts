const SYMBOL = /^([A-Z0-9]{1,20})[-/_]?(USDT)$/

/**
 * A trading pair in any of its usual spellings ("BTC-USDT", "btc/usdt", "BTCUSDT") as the engine names it.
 * @returns null when the text is no USDT pair.
 */
export function normaliseSymbol(text: string): string | null {
  const match = SYMBOL.exec(text.trim().toUpperCase())
  return match === null ? null : `${match[1]}${match[2]}`
}

/** Regimes of the market that exit parameters and entry offsets are given for. */
export const REGIMES = ['trending', 'ranging', 'choppy'] as const
export type Regime = (typeof REGIMES)[number]
