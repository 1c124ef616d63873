import { BUY, type DecimalStep } from '../../core/index.ts'
import type { OrderChange, OrderRequest } from '../trading-port.ts'
import type { Json } from '../common/json.ts'
import { AT_MARKET } from './algo-rows.ts'
import type { OkxContract } from './contracts.ts'
import type { OkxSettings } from './settings.ts'

/*
 * Requests of the port in the venue's words. What cannot be said there throws a RangeError before anything leaves.
 */

/** Marks what can open a position: the venue's dead-man switch is set for orders of this mark. */
export const ENTRY_TAG = 'rmentry'
const CLIENT_ID = /^[A-Za-z0-9]{1,32}$/
const ORDER_TYPES = { GTC: 'limit', IOC: 'ioc', FOK: 'fok', PostOnly: 'post_only' } as const

/** An order that goes to the book at once. */
export function orderArgs(request: OrderRequest, contract: OkxContract, settings: Pick<OkxSettings, 'protectionBy'>): Json {
  const { clientId, priceTicks, timeInForce } = request
  const common = commonArgs(request, contract)
  return {
    ...common,
    clOrdId: clientId,
    ...(request.reduceOnly ? {} : { tag: ENTRY_TAG }),
    ordType: request.type === 'market' ? 'market' : ORDER_TYPES[timeInForce],
    ...(priceTicks === null ? {} : { px: contract.instrument.tick.format(priceTicks) }),
    ...attachedArgs(request, contract.instrument.tick, settings.protectionBy),
  }
}

/** An order that waits at the venue for its trigger price, in the id space of the algo orders. */
export function triggerArgs(request: OrderRequest, contract: OkxContract, settings: Pick<OkxSettings, 'protectionBy'>): Json {
  const { clientId, priceTicks, timeInForce, trigger } = request
  if (trigger === undefined) throw new RangeError(`order ${clientId} has no trigger`)
  if (request.type === 'limit' && timeInForce !== 'GTC') throw new RangeError(`trigger order ${clientId} is ${timeInForce}: the venue triggers market orders and GTC limits only`)
  const { tick } = contract.instrument
  return {
    instId: contract.instId,
    ...commonArgs(request, contract),
    algoClOrdId: clientId,
    ordType: 'trigger',
    triggerPx: price(trigger.priceTicks, tick, `trigger of ${clientId}`),
    triggerPxType: trigger.by,
    orderPx: priceTicks === null ? AT_MARKET : tick.format(priceTicks),
    ...attachedArgs(request, tick, settings.protectionBy),
  }
}

/** What changes of an order; `newSz` is the total, as in the port. */
export function changeArgs(change: OrderChange, { instrument, size }: OkxContract, clientId: string): { readonly newPx?: string; readonly newSz?: string } {
  const { priceTicks, lots } = change
  if (priceTicks === undefined && lots === undefined) throw new RangeError(`nothing of ${clientId} is to change`)
  return {
    ...(priceTicks === undefined ? {} : { newPx: price(priceTicks, instrument.tick, `new price of ${clientId}`) }),
    ...(lots === undefined ? {} : { newSz: sizeOf(lots, size, clientId) }),
  }
}

function commonArgs(request: OrderRequest, { size }: OkxContract): Json {
  const { clientId, side, lots, priceTicks, leg, reduceOnly } = request
  if (!CLIENT_ID.test(clientId)) throw new RangeError(`client id "${clientId}" is not 1 to 32 of A-Z a-z 0-9`)
  const market = request.type === 'market'
  if (market !== (priceTicks === null)) throw new RangeError(`${request.type} order ${clientId} with price ${priceTicks}`)
  if (priceTicks !== null && !(Number.isSafeInteger(priceTicks) && priceTicks > 0)) throw new RangeError(`price of ${clientId} is ${priceTicks} ticks`)
  const opens = leg === (side === BUY ? 'long' : 'short')
  if (leg !== undefined && reduceOnly && opens) throw new RangeError(`${clientId} is reduce-only and would open the ${leg} leg`)
  return {
    tdMode: 'cross',
    side: side === BUY ? 'buy' : 'sell',
    // In so many words: an account in hedge mode must refuse `net` rather than open a leg.
    posSide: leg ?? 'net',
    // Whole lots of base coin are whole steps of contracts.
    sz: sizeOf(lots, size, clientId),
    // With legs the side says it; the venue takes the flag in one-way mode only.
    ...(leg === undefined ? { reduceOnly } : {}),
  }
}

function attachedArgs({ attach, clientId }: OrderRequest, tick: DecimalStep, by: OkxSettings['protectionBy']): Json {
  if (attach === undefined) return {}
  const { takeProfitTicks, stopLossTicks } = attach
  if (takeProfitTicks === undefined && stopLossTicks === undefined) return {}
  if (attach.clientId !== undefined && !CLIENT_ID.test(attach.clientId)) throw new RangeError(`client id "${attach.clientId}" of the exits of ${clientId} is not 1 to 32 of A-Z a-z 0-9`)
  return {
    attachAlgoOrds: [{
      ...(attach.clientId === undefined ? {} : { attachAlgoClOrdId: attach.clientId }),
      ...(takeProfitTicks === undefined ? {} : { tpTriggerPx: price(takeProfitTicks, tick, `take-profit of ${clientId}`), tpTriggerPxType: by, tpOrdPx: AT_MARKET }),
      ...(stopLossTicks === undefined ? {} : { slTriggerPx: price(stopLossTicks, tick, `stop-loss of ${clientId}`), slTriggerPxType: by, slOrdPx: AT_MARKET }),
    }],
  }
}

function price(ticks: number, tick: DecimalStep, what: string): string {
  if (!(Number.isSafeInteger(ticks) && ticks > 0)) throw new RangeError(`${what} is ${ticks} ticks`)
  return tick.format(ticks)
}

function sizeOf(lots: number, size: DecimalStep, clientId: string): string {
  if (!Number.isSafeInteger(lots) || lots <= 0) throw new RangeError(`size of ${clientId} is ${lots} lots`)
  return size.format(lots)
}
