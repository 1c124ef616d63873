/** Fixed rules and bounds of the built-in exchange in one place. */
export const rules = {
  /** Active orders of one account on one symbol. */
  activeOrdersMax: 500,
  /** Waiting conditional orders of one account on one symbol, unless the front says otherwise. */
  conditionalMax: 10,
  /** Waiting partial take-profit and stop-loss orders of one account on one symbol. */
  partialStopsMax: 20,
  /** Final orders that stay findable per account; older ones only keep their client id refused. */
  finalOrdersKept: 100_000,
  /** Executions that stay listed per account. */
  executionsKept: 100_000,
  /** Public trades that stay listed per symbol. */
  tradesKept: 1024,
  /** One-minute candles per symbol: 200 candles of an hour, and then some. */
  candlesKept: 12_288,
  fundingKept: 1000,
  /** A limit order may not be this much worse than the mark (fraction), as the venues' price bands. */
  priceBand: 0.05,
  /** A passive limit order may not be further from the mark than this factor. */
  farPriceFactor: 10,
  /** What the insurance fund starts with, quote currency. */
  insuranceStart: '1000000',
  /** A taken-over position that the book did not take for this long is closed by deleveraging, ms. */
  adlAfterMs: 10_000,
  /** A market order is an IOC order with a limit this far from the mark (fraction). */
  marketCap: 0.05,
  /** Period of mark, funding, candle and liquidation work, ms. */
  tickMs: 1000,
  /** How often the last price goes to the ledger, ms. */
  priceNoteMs: 30_000,
  /** A source that fell this far behind its clock goes on from here instead of catching up, ms. */
  catchUpMs: 5000,
  /** Highest price in ticks: bounds the page directory of a book to 8 MB. */
  priceTicksMax: 0x7fff_ffff,
  /** Digits after the point to which the realised result of a partial close is rounded. */
  realisedDecimals: 8,
} as const
