/** A row of instruments-info as the venue sends it; lot 0.001, tick 0.10. */
export const INSTRUMENT_ROW = (symbol: string, change: Record<string, unknown> = {}): Record<string, unknown> => ({
  symbol, contractType: 'LinearPerpetual', status: 'Trading', baseCoin: symbol.slice(0, 3), quoteCoin: 'USDT', leverageFilter: { minLeverage: '1', maxLeverage: '100.00', leverageStep: '0.01' },
  priceFilter: { minPrice: '0.10', maxPrice: '1999999.80', tickSize: '0.10' }, lotSizeFilter: { maxOrderQty: '1190.000', minOrderQty: '0.001', qtyStep: '0.001', maxMktOrderQty: '500.000', minNotionalValue: '5' }, fundingInterval: 480, ...change,
})
