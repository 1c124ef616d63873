import { BUY, type Instrument } from '../../core/index.ts'
import type { Json } from '../common/json.ts'
import type { OrderChange, OrderRequest } from '../trading-port.ts'
import type { BybitSettings } from './settings.ts'

/*
 * Parameters of order commands, checked before anything leaves: a request off the grid or half filled in is the
 * caller's mistake, and is told as a RangeError that names the order and the value.
 */

const CLIENT_ID = /^[A-Za-z0-9_-]{1,36}$/
/** The venue's words for what a trigger is measured by. */
export const TRIGGER_BY = { last: 'LastPrice', mark: 'MarkPrice', index: 'IndexPrice' } as const
/** Index of a position: one-way, or a leg of an account in hedge mode. */
export const positionIndexOf = (leg: 'long' | 'short' | undefined): 0 | 1 | 2 => (leg === undefined ? 0 : leg === 'long' ? 1 : 2)

/** @throws RangeError */
export function createArgs(request: OrderRequest, instruments: ReadonlyMap<string, Instrument>, settings: BybitSettings): Json {
  const { clientId, trigger, attach } = request
  const instrument = instrumentOf(request.symbol, instruments)
  const { tick } = instrument
  checkClientId(clientId)
  if (!Number.isSafeInteger(request.lots) || request.lots <= 0) throw new RangeError(`size of ${clientId} is ${request.lots} lots`)
  const market = request.type === 'market'
  if (market !== (request.priceTicks === null)) throw new RangeError(`${request.type} order ${clientId} with price ${request.priceTicks}`)
  // The venue takes no exits of an order that is one itself.
  if (attach !== undefined && request.reduceOnly) throw new RangeError(`reduce-only order ${clientId} with attached exits`)
  if (attach !== undefined && attach.takeProfitTicks === undefined && attach.stopLossTicks === undefined) throw new RangeError(`attached exits of ${clientId} name no price`)
  const price = (what: string, ticks: number): string => tick.format(checkTicks(`${what} of ${clientId}`, ticks))
  return {
    category: 'linear',
    symbol: request.symbol,
    side: request.side === BUY ? 'Buy' : 'Sell',
    orderType: market ? 'Market' : 'Limit',
    qty: instrument.lot.format(request.lots),
    ...(request.priceTicks === null ? {} : { price: price('price', request.priceTicks) }),
    // The venue runs every market order as IOC.
    timeInForce: market ? 'IOC' : request.timeInForce,
    positionIdx: positionIndexOf(request.leg),
    orderLinkId: clientId,
    reduceOnly: request.reduceOnly,
    ...(trigger === undefined ? {} : { triggerPrice: price('trigger', trigger.priceTicks), triggerDirection: trigger.direction === 'rise' ? 1 : 2, triggerBy: TRIGGER_BY[trigger.by] }),
    ...(attach === undefined ? {} : {
      tpslMode: 'Full',
      ...(attach.takeProfitTicks === undefined ? {} : { takeProfit: price('take-profit', attach.takeProfitTicks), tpTriggerBy: TRIGGER_BY[settings.protectionBy] }),
      ...(attach.stopLossTicks === undefined ? {} : { stopLoss: price('stop-loss', attach.stopLossTicks), slTriggerBy: TRIGGER_BY[settings.protectionBy] }),
    }),
  }
}

/** @throws RangeError */
export function amendArgs(symbol: string, clientId: string, change: OrderChange, instruments: ReadonlyMap<string, Instrument>): Json {
  const { tick, lot } = instrumentOf(symbol, instruments)
  checkClientId(clientId)
  const { priceTicks, lots } = change
  if (priceTicks === undefined && lots === undefined) throw new RangeError(`amend of ${clientId} changes nothing`)
  if (lots !== undefined && !(Number.isSafeInteger(lots) && lots > 0)) throw new RangeError(`new size of ${clientId} is ${lots} lots`)
  return {
    category: 'linear',
    symbol,
    orderLinkId: clientId,
    ...(priceTicks === undefined ? {} : { price: tick.format(checkTicks(`new price of ${clientId}`, priceTicks)) }),
    ...(lots === undefined ? {} : { qty: lot.format(lots) }),
  }
}

/** @throws RangeError */
export function cancelArgs(symbol: string, clientId: string, instruments: ReadonlyMap<string, Instrument>): Json {
  instrumentOf(symbol, instruments)
  checkClientId(clientId)
  return { category: 'linear', symbol, orderLinkId: clientId }
}

/** @throws RangeError for a symbol that this port was not made for. */
export function instrumentOf(symbol: string, instruments: ReadonlyMap<string, Instrument>): Instrument {
  const instrument = instruments.get(symbol)
  if (instrument === undefined) throw new RangeError(`symbol ${symbol} is not traded here`)
  return instrument
}

/** @throws RangeError */
export function checkTicks(what: string, ticks: number): number {
  if (!Number.isSafeInteger(ticks) || ticks <= 0) throw new RangeError(`${what} is ${ticks} ticks`)
  return ticks
}

function checkClientId(clientId: string): void {
  if (!CLIENT_ID.test(clientId)) throw new RangeError(`client id "${clientId}" is not 1 to 36 of A-Z a-z 0-9 - _`)
}
