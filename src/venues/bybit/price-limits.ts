import type { Instrument, WallMs } from '../../core/index.ts'
import { type Json, show } from '../common/json.ts'
import { decimal, inSteps, refuseRow } from '../common/row-fields.ts'
import type { PriceLimits } from '../market-port.ts'

/**
 * The price band, the same by stream and REST. Its ends need not lie on the grid: the highest buy and the lowest sell
 * that are inside count. This venue always applies it.
 * @throws RM_VENUE_ROW
 */
export function readPriceLimits(row: Json, timeMs: WallMs, instrument: Instrument): PriceLimits {
  const { symbol, tick } = instrument
  const what = 'price limit'
  const highestBuyTicks = inSteps(decimal(row, 'buyLmt', what, symbol), tick).floor().toNumber()
  const lowestSellTicks = inSteps(decimal(row, 'sellLmt', what, symbol), tick).ceil().toNumber()
  if (!Number.isSafeInteger(highestBuyTicks) || !(lowestSellTicks >= 1) || highestBuyTicks < lowestSellTicks) {
    refuseRow(what, symbol, 'buyLmt', show(row['buyLmt']), `a price not below sellLmt ${show(row['sellLmt'])}`)
  }
  return { highestBuyTicks, lowestSellTicks, enabled: true, timeMs }
}
