import { BUY, SELL, type Side } from '../../core/index.ts'
import { type Json, show } from '../common/json.ts'
import { refuseRow } from '../common/row-fields.ts'

/** @throws RM_VENUE_ROW */
export function sideOf(row: Json, what: string, symbol: string): Side {
  const side = row['side']
  if (side !== 'buy' && side !== 'sell') refuseRow(what, symbol, 'side', show(side), 'buy or sell')
  return side === 'buy' ? BUY : SELL
}
