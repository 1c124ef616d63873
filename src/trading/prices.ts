import type { Clock } from '../core/index.ts'
import type { PriceReader, QuoteSource } from '../market/index.ts'
import type { PriceSource } from './events.ts'

/**
 * The prices of the registry, each with the freshness limit of its own purpose.
 * @param quotes the second source of exit prices, which hears of every answer and fetches what is missing; null for none
 */
export const readerPrices = (reader: PriceReader, clock: Clock, quotes: QuoteSource | null): PriceSource => ({
  orderPrice: (symbolIndex) => reader.priceFor(symbolIndex, 'order', clock),
  exitPrice: (symbolIndex) => {
    const answer = reader.priceFor(symbolIndex, 'exit', clock)
    quotes?.saw(symbolIndex, answer)
    return answer
  },
})
