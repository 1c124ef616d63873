/** The venue's names of `TICKER_FIELDS`, in the same order, and behind them that of the funding interval. */
export const TICKER_KEYS = [
  'lastPrice', 'markPrice', 'indexPrice', 'bid1Price', 'ask1Price', 'volume24h',
  'turnover24h', 'highPrice24h', 'lowPrice24h', 'prevPrice24h', 'fundingRate', 'nextFundingTime', 'openInterest',
  'fundingIntervalHour',
] as const
