import { DecimalStep, fail, type Instrument } from '../../core/index.ts'
import { isObject, type Json, show } from '../common/json.ts'
import type { InstrumentState, InstrumentStatus } from '../market-port.ts'

const MINUTE_MS = 60_000
/** The venue's words; one that it does not document takes no orders either, as far as we know. */
const STATUS: Readonly<Record<string, InstrumentStatus>> = { Trading: 'trading', PreLaunch: 'suspended', Delivering: 'closed', Closed: 'closed' }

/** What the venue's status means for orders. */
export const statusOf = (row: Json): InstrumentStatus => STATUS[String(row['status'])] ?? 'suspended'

/** @throws RM_VENUE_INSTRUMENT */
export function readInstrumentState(row: Json, index: number): InstrumentState {
  const instrument = readInstrument(row, index)
  const minutes = row['fundingInterval']
  if (typeof minutes !== 'number' || !(minutes > 0)) fail('RM_VENUE_INSTRUMENT', { symbol: instrument.symbol, field: 'fundingInterval', actual: show(minutes), expected: 'minutes' })
  // Sizes of linear contracts are in coin.
  return { instrument, status: statusOf(row), statusText: text(row, 'status', instrument.symbol), fundingIntervalMs: minutes * MINUTE_MS, contractValue: '1' }
}

/** Whether orders, prices or funding have to be handled differently. Different digits of the same number are no change. */
export function sameState(a: InstrumentState, b: InstrumentState): boolean {
  return a.status === b.status && a.statusText === b.statusText && a.fundingIntervalMs === b.fundingIntervalMs && sameInstrument(a.instrument, b.instrument)
}

export function sameInstrument(a: Instrument, b: Instrument): boolean {
  return sameStep(a.tick, b.tick) && sameStep(a.lot, b.lot) && a.minLots === b.minLots && a.maxLots === b.maxLots && Number(a.minNotional) === Number(b.minNotional) && a.maxLeverage === b.maxLeverage
}

const sameStep = (a: DecimalStep, b: DecimalStep): boolean => a.units === b.units && a.decimals === b.decimals

/** Grid and limits of a linear perpetual. @throws RM_VENUE_INSTRUMENT for a row that it cannot be traded by. */
export function readInstrument(row: Json, index: number): Instrument {
  const symbol = String(row['symbol'])
  if (row['contractType'] !== 'LinearPerpetual') fail('RM_VENUE_INSTRUMENT', { symbol, field: 'contractType', actual: show(row['contractType']), expected: 'LinearPerpetual' })
  const price = part(row, 'priceFilter', symbol)
  const size = part(row, 'lotSizeFilter', symbol)
  const leverage = part(row, 'leverageFilter', symbol)
  const tick = grid(price, 'tickSize', symbol)
  const lot = grid(size, 'qtyStep', symbol)
  const lots = (field: string): number => {
    const value = size[field]
    const count = typeof value === 'string' ? lot.tryParse(value) : Number.NaN
    if (!(count > 0)) fail('RM_VENUE_INSTRUMENT', { symbol, field, actual: show(value), expected: `a positive multiple of ${lot.text}` })
    return count
  }
  const minNotional = text(size, 'minNotionalValue', symbol)
  const maxLeverage = Number(text(leverage, 'maxLeverage', symbol))
  if (!(maxLeverage > 0)) fail('RM_VENUE_INSTRUMENT', { symbol, field: 'maxLeverage', actual: maxLeverage, expected: 'a positive number' })
  return {
    symbol,
    index,
    baseCoin: text(row, 'baseCoin', symbol),
    quoteCoin: text(row, 'quoteCoin', symbol),
    tick,
    lot,
    minLots: lots('minOrderQty'),
    // Market and limit orders have different maxima; the smaller one is legal for both.
    maxLots: Math.min(lots('maxOrderQty'), lots('maxMktOrderQty')),
    minNotional,
    maxLeverage,
  }
}

function part(row: Json, field: string, symbol: string): Json {
  const value = row[field]
  if (!isObject(value)) fail('RM_VENUE_INSTRUMENT', { symbol, field, actual: show(value), expected: 'an object' })
  return value
}

function text(row: Json, field: string, symbol: string): string {
  const value = row[field]
  if (typeof value !== 'string' || value === '') fail('RM_VENUE_INSTRUMENT', { symbol, field, actual: show(value), expected: 'text' })
  return value
}

function grid(row: Json, field: string, symbol: string): DecimalStep {
  try {
    return new DecimalStep(text(row, field, symbol))
  } catch (error) {
    return fail('RM_VENUE_INSTRUMENT', { symbol, field, actual: show(row[field]), expected: 'a positive decimal' }, error)
  }
}
