import { BUY, type PriceTicks, type Side } from '../../core/index.ts'
import { field, isFields, type Fields } from '../front/json.ts'
import type { ExchangeOrder, Protection, ProtectionPrice } from '../port.ts'
import { codes, refuse, wrong } from './codes.ts'
import { nameOf, orderPriceOf, sourceOf, textOf, ticksOf } from './fields.ts'
import { clientNameOf, ordIdOf } from './ids.ts'
import type { Listing } from './listing.ts'
import type { Row } from './row.ts'

export interface Attached {
  readonly protection: Protection
  readonly names: { readonly tp: string; readonly sl: string }
}

/**
 * Take profit and stop loss that come with an order, in one element of `attachAlgoOrds` or in two. They wait for what
 * the order opens. @param ticks price of the order, or the last one for a market order. @returns null when nothing came.
 * @throws Refused for a second take profit or stop loss, a limit take profit without a trigger and a trailing one: they are not carried here.
 */
export function attachedOf(listing: Listing, fields: Fields, side: Side, ticks: PriceTicks): Attached | null {
  const given = field(fields, 'attachAlgoOrds')
  if (given === undefined || given === null || given === '') return null
  if (!Array.isArray(given)) refuse(wrong('attachAlgoOrds'))
  let takeProfit: ProtectionPrice | null = null
  let stopLoss: ProtectionPrice | null = null
  const names = { tp: '', sl: '' }
  for (const one of given as readonly unknown[]) {
    if (!isFields(one)) refuse(wrong('attachAlgoOrds'))
    for (const absent of ['sz', 'tpTriggerRatio', 'slTriggerRatio', 'callbackRatio', 'callbackSpread', 'activePx']) if (textOf(one, absent) !== '') refuse(wrong(absent))
    const kind = textOf(one, 'tpOrdKind')
    if (kind !== '' && kind !== 'condition') refuse(wrong('tpOrdKind'))
    const name = nameOf(one, 'attachAlgoClOrdId')
    const tp = halfOf(listing, one, 'tp')
    const sl = halfOf(listing, one, 'sl')
    if ((tp === null && sl === null) || (tp !== null && takeProfit !== null) || (sl !== null && stopLoss !== null)) refuse(wrong('attachAlgoOrds'))
    if (tp !== null) names.tp = name
    if (sl !== null) names.sl = name
    takeProfit ??= tp
    stopLoss ??= sl
  }
  if (takeProfit === null && stopLoss === null) return null
  const above = side === BUY
  if (takeProfit !== null && takeProfit.by === 'last' && (above ? takeProfit.ticks <= ticks : takeProfit.ticks >= ticks)) refuse(above ? codes.longTakeProfit : codes.shortTakeProfit)
  if (stopLoss !== null && stopLoss.by === 'last' && (above ? stopLoss.ticks >= ticks : stopLoss.ticks <= ticks)) refuse(above ? codes.longStopLoss : codes.shortStopLoss)
  return { protection: { mode: 'partial', takeProfit, stopLoss }, names }
}

function halfOf(listing: Listing, fields: Fields, half: 'tp' | 'sl'): ProtectionPrice | null {
  const text = textOf(fields, `${half}TriggerPx`)
  if (text === '') return null
  return { ticks: ticksOf(listing, text, `${half}TriggerPx`), by: sourceOf(fields, `${half}TriggerPxType`), limitTicks: orderPriceOf(listing, fields, `${half}OrdPx`) }
}

/** What came with an order, as its row says it: one element when both halves have the same name, else one each. */
export function attachedRows(order: ExchangeOrder, listing: Listing): readonly Row[] {
  const { protection } = order
  if (protection === null) return []
  const names = clientNameOf(order.clientId).attached ?? { tp: '', sl: '' }
  const id = ordIdOf(order.orderId)
  const text = (half: 'tp' | 'sl', price: ProtectionPrice | null): Row => ({
    [`${half}OrdPx`]: price === null ? '' : price.limitTicks === null ? '-1' : listing.price.of(price.limitTicks),
    [`${half}TriggerPx`]: price === null ? '' : listing.price.of(price.ticks),
    [`${half}TriggerPxType`]: price === null ? '' : price.by,
  })
  const common = { amendPxOnTriggerType: '0', failCode: '', failReason: '', sz: '', tpOrdKind: 'condition' }
  const row = (number: number, name: string, tp: ProtectionPrice | null, sl: ProtectionPrice | null): Row => ({ attachAlgoId: `${id}${number}`, attachAlgoClOrdId: name, ...common, ...text('tp', tp), ...text('sl', sl) })
  if (protection.takeProfit !== null && protection.stopLoss !== null && names.tp !== names.sl) {
    return [row(1, names.tp, protection.takeProfit, null), row(2, names.sl, null, protection.stopLoss)]
  }
  return [row(1, protection.takeProfit === null ? names.sl : names.tp, protection.takeProfit, protection.stopLoss)]
}
