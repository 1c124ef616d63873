/** The venue's names of `TICKER_FIELDS`, in the same order. */
export const TICKER_KEYS = [
  'lastPrice', 'markPrice', 'indexPrice', 'bid1Price', 'ask1Price', 'volume24h',
  'turnover24h', 'highPrice24h', 'lowPrice24h', 'prevPrice24h', 'fundingRate', 'nextFundingTime', 'openInterest',
] as const
