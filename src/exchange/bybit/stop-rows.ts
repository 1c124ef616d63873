import type { ExchangeOrder } from '../port.ts'
import type { StepText } from '../front/text.ts'
import { SOURCE_NAMES, STOP_NAMES } from './stop-fields.ts'

/** `stopOrderType`; '' for an order that never was conditional. */
export const stopTypeOf = (order: ExchangeOrder): string => (order.trigger === null ? '' : STOP_NAMES[order.trigger.kind])

/** Who or what made the order. */
export function createTypeOf(order: ExchangeOrder): string {
  switch (order.origin) {
    case 'liquidation':
      return 'CreateByLiq'
    case 'adl':
      return 'CreateByAdl_PassThrough'
    case 'operator':
      return order.reduceOnly ? 'CreateByClosing' : 'CreateByUser'
    case 'protection':
      return `CreateBy${stopTypeOf(order)}`
    case 'user':
      return 'CreateByUser'
  }
}

/** The conditional side of an order row, and the protection that the order brings. */
export function stopRow(order: ExchangeOrder, price: StepText): Record<string, unknown> {
  const { trigger, protection } = order
  const of = (ticks: number | null | undefined): string => (ticks === null || ticks === undefined ? '' : price.of(ticks))
  return {
    parentOrderLinkId: trigger === null ? '' : trigger.parentClientId,
    stopOrderType: stopTypeOf(order),
    triggerPrice: of(trigger?.ticks),
    triggerDirection: trigger === null ? 0 : trigger.direction === 'rise' ? 1 : 2,
    triggerBy: trigger === null ? '' : SOURCE_NAMES[trigger.by],
    takeProfit: of(protection?.takeProfit?.ticks),
    stopLoss: of(protection?.stopLoss?.ticks),
    tpTriggerBy: protection?.takeProfit ? SOURCE_NAMES[protection.takeProfit.by] : '',
    slTriggerBy: protection?.stopLoss ? SOURCE_NAMES[protection.stopLoss.by] : '',
    tpLimitPrice: of(protection?.takeProfit?.limitTicks),
    slLimitPrice: of(protection?.stopLoss?.limitTicks),
    tpslMode: protection === null ? (order.origin === 'protection' ? (trigger!.wholePosition ? 'Full' : 'Partial') : '') : protection.mode === 'full' ? 'Full' : 'Partial',
    lastPriceOnCreated: of(trigger?.createdAtTicks),
  }
}
