/** What a venue's name of an instrument is, as far as the name tells. */
export interface NamedInstrument {
  /** Symbol that an engine trades it under: base coin and USDT. */
  readonly pair: string
  readonly base: string
  /** Which instrument stands for the pair when a file has several: smaller first. */
  readonly rank: 0 | 1 | 2 | 3
}

const RANK = { linear: 0, spot: 1, inverse: 2, dated: 3 } as const

const SHAPES: readonly (readonly [RegExp, (match: RegExpExecArray) => NamedInstrument['rank']])[] = [
  // OKX: BTC-USDT, BTC-USDT-SWAP, UNI-USD-SWAP, BTC-USD-220527
  [/^([A-Z0-9]+)-(USDT|USDC|USD)(?:-(SWAP|\d{6}))?$/, ([, , quote, kind]) => (kind === undefined ? RANK.spot : kind !== 'SWAP' ? RANK.dated : quote === 'USD' ? RANK.inverse : RANK.linear)],
  // Kraken Futures: PF_XBTUSD, PI_XBTUSD, FI_XBTUSD_210924
  [/^P[FI]_([A-Z0-9]+)USD$/, ([text]) => (text.startsWith('PF') ? RANK.linear : RANK.inverse)],
  [/^F[FI]_([A-Z0-9]+)USD_\d{6}$/, () => RANK.dated],
  // Binance COIN-M: BTCUSD_PERP, BTCUSD_240927
  [/^([A-Z0-9]+)USD_PERP$/, () => RANK.inverse],
  [/^([A-Z0-9]+)USD_\d{6}$/, () => RANK.dated],
  [/^([A-Z0-9]+)USD[TC]$/, () => RANK.linear],
  [/^([A-Z0-9]+)PERP$/, () => RANK.linear],
  [/^([A-Z0-9]+)USD$/, () => RANK.inverse],
]

/** The pair that an instrument is of, or null when its price is in no dollar (BitMEX XRPU21) or its name says nothing. */
export function namedInstrument(symbol: string): NamedInstrument | null {
  const upper = symbol.toUpperCase()
  for (const [shape, rank] of SHAPES) {
    const match = shape.exec(upper)
    if (match === null) continue
    const base = match[1] === 'XBT' ? 'BTC' : match[1]!
    return { pair: `${base}USDT`, base, rank: rank(match) }
  }
  return null
}
