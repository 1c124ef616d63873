import { type Instrument, money } from '../core/index.ts'
import type { OrderRequest } from '../venues/index.ts'
import { parseClientId } from './client-id.ts'
import { valueOf } from './sizing.ts'
import { unitOf } from './state.ts'

/** What the books count the symbol in. */
interface Counted {
  readonly tick: string
  readonly lot: string
}

/**
 * The last look at an order before it leaves (F24): whole ticks and lots of the instrument as it is now, within its sizes
 * and its smallest value, and what is meant to close can only close. An exit may be smaller than the smallest order:
 * what is left of a position must never be unable to leave.
 * @param counted the grid that the books have, which must be that of the instrument
 * @returns what is wrong with it, '' when nothing is
 */
export function checkOutbound(request: OrderRequest, instrument: Instrument | undefined, counted: Counted | undefined): string {
  const { symbol, side, type, priceTicks, lots, reduceOnly } = request
  if (instrument === undefined) return `there is no instrument ${symbol}`
  if (counted === undefined || counted.tick !== instrument.tick.text || counted.lot !== instrument.lot.text)
    return `the books count in tick ${counted?.tick ?? 'none'} lot ${counted?.lot ?? 'none'}, the instrument in tick ${instrument.tick.text} lot ${instrument.lot.text}`
  if (side !== 0 && side !== 1) return `side ${String(side)} is neither buy nor sell`
  if (!Number.isSafeInteger(lots) || lots <= 0) return `${lots} lots is no whole number above 0`
  if (lots > instrument.maxLots) return `${lots} lots are more than the ${instrument.maxLots} of the largest order`
  if (type === 'market' ? priceTicks !== null : !isPrice(priceTicks)) return `a ${type} order at ${String(priceTicks)} ticks`
  if (request.trigger !== undefined && !isPrice(request.trigger.priceTicks)) return `a trigger at ${request.trigger.priceTicks} ticks`
  const closes = parseClientId(request.clientId)?.intent.kind === 'exit'
  if (closes && !reduceOnly) return 'an exit that is not reduce-only'
  if (reduceOnly) return ''
  if (lots < instrument.minLots) return `${lots} lots are fewer than the ${instrument.minLots} of the smallest order`
  if (priceTicks !== null) {
    const value = valueOf(lots, priceTicks, unitOf(instrument.tick.text, instrument.lot.text))
    if (value.lt(money(instrument.minNotional))) return `its value ${value.toFixed()} is below the smallest of ${instrument.minNotional}`
  }
  return ''
}

const isPrice = (ticks: unknown): boolean => Number.isSafeInteger(ticks) && (ticks as number) > 0
