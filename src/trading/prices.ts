import type { Clock } from '../core/index.ts'
import type { PriceReader } from '../market/index.ts'
import type { PriceSource } from './events.ts'

/** The prices of the registry, each with the freshness limit of its own purpose. */
export const readerPrices = (reader: PriceReader, clock: Clock): PriceSource => ({
  orderPrice: (symbolIndex) => reader.priceFor(symbolIndex, 'order', clock),
  exitPrice: (symbolIndex) => reader.priceFor(symbolIndex, 'exit', clock),
})
