import type { Contract, Leg, NewTrigger, PriceSource, Protection, ProtectionChange, ProtectionPrice, StopKind } from '../port.ts'
import { field, type Fields } from '../front/json.ts'
import { refuse, wrong } from './codes.ts'
import { stepsOf, textOf } from './texts.ts'

const SOURCES: Readonly<Record<string, PriceSource>> = { LastPrice: 'last', MarkPrice: 'mark', IndexPrice: 'index' }
export const SOURCE_NAMES: Readonly<Record<PriceSource, string>> = { last: 'LastPrice', mark: 'MarkPrice', index: 'IndexPrice' }
export const STOP_NAMES: Readonly<Record<StopKind, string>> = {
  stop: 'Stop', 'take-profit': 'TakeProfit', 'stop-loss': 'StopLoss', 'partial-take-profit': 'PartialTakeProfit', 'partial-stop-loss': 'PartialStopLoss', 'trailing-stop': 'TrailingStop',
}
const LEGS = ['net', 'long', 'short'] as const
export const LEG_INDEX: Readonly<Record<Leg, number>> = { net: 0, long: 1, short: 2 }

/** `positionIdx`: 0 one-way, 1 and 2 the legs of hedge mode. @throws Refused. */
export function legOf(fields: Fields): Leg {
  const index = field(fields, 'positionIdx') ?? 0
  return (typeof index === 'number' ? LEGS[index] : undefined) ?? refuse(wrong('positionIdx invalid'))
}

/** The conditional side of a new order; null for an ordinary one. @throws Refused. */
export function triggerOf(contract: Contract, fields: Fields): NewTrigger | null {
  const price = textOf(fields, 'triggerPrice')
  if (isNone(price)) return null
  const direction = field(fields, 'triggerDirection')
  if (direction !== 1 && direction !== 2) refuse(wrong('TriggerDirection invalid'))
  return { by: sourceOf(fields, 'triggerBy'), direction: direction === 1 ? 'rise' : 'fall', ticks: stepsOf(contract.tick, price, 'triggerPrice') }
}

/** Take profit and stop loss that come with an order; null for none. @throws Refused. */
export function protectionOf(contract: Contract, fields: Fields): Protection | null {
  const mode = modeOf(fields)
  const takeProfit = priceOf(contract, fields, 'takeProfit', mode)
  const stopLoss = priceOf(contract, fields, 'stopLoss', mode)
  return takeProfit == null && stopLoss == null ? null : { mode, takeProfit: takeProfit ?? null, stopLoss: stopLoss ?? null }
}

/** The change that trading-stop asks for. @throws Refused. */
export function protectionChangeOf(contract: Contract, fields: Fields): ProtectionChange {
  const mode = modeOf(fields)
  const takeProfit = priceOf(contract, fields, 'takeProfit', mode)
  const stopLoss = priceOf(contract, fields, 'stopLoss', mode)
  const trailing = trailingOf(contract, fields)
  return {
    mode,
    ...(takeProfit === undefined ? {} : { takeProfit }),
    ...(stopLoss === undefined ? {} : { stopLoss }),
    ...(trailing === undefined ? {} : { trailing }),
    ...(mode === 'partial' && (takeProfit != null || stopLoss != null) ? { lots: sizeOf(contract, fields, takeProfit != null, stopLoss != null) } : {}),
  }
}

function trailingOf(contract: Contract, fields: Fields): ProtectionChange['trailing'] {
  const distance = textOf(fields, 'trailingStop')
  if (distance === '') return undefined
  if (isNone(distance)) return null
  const active = textOf(fields, 'activePrice')
  return { by: 'last', trail: { distanceTicks: stepsOf(contract.tick, distance, 'trailingStop'), ratio: null, activeTicks: isNone(active) ? null : stepsOf(contract.tick, active, 'activePrice') } }
}

function sizeOf(contract: Contract, fields: Fields, takes: boolean, stops: boolean): number {
  const tp = textOf(fields, 'tpSize')
  const sl = textOf(fields, 'slSize')
  if (takes && stops && tp !== sl) refuse(wrong('tpSize and slSize must be the same'))
  return stepsOf(contract.lot, takes ? tp : sl, takes ? 'tpSize' : 'slSize')
}

function modeOf(fields: Fields): 'full' | 'partial' {
  const text = textOf(fields, 'tpslMode')
  if (text !== '' && text !== 'Full' && text !== 'Partial') refuse(wrong('tpslMode invalid'))
  return text === 'Partial' ? 'partial' : 'full'
}

// Absent: undefined; "0": null, which removes.
function priceOf(contract: Contract, fields: Fields, name: 'takeProfit' | 'stopLoss', mode: 'full' | 'partial'): ProtectionPrice | null | undefined {
  const text = textOf(fields, name)
  if (text === '') return undefined
  if (isNone(text)) return null
  const short = name === 'takeProfit' ? 'tp' : 'sl'
  const type = textOf(fields, `${short}OrderType`)
  if (type !== '' && type !== 'Market' && type !== 'Limit') refuse(wrong(`${short}OrderType invalid`))
  const limit = textOf(fields, `${short}LimitPrice`)
  if (type === 'Limit' && mode === 'full') refuse(wrong(`${short}OrderType must be Market in Full mode`))
  if (type === 'Limit' && isNone(limit)) refuse(wrong(`${short}LimitPrice is required`))
  return { ticks: stepsOf(contract.tick, text, name), by: sourceOf(fields, `${short}TriggerBy`), limitTicks: type === 'Limit' ? stepsOf(contract.tick, limit, `${short}LimitPrice`) : null }
}

function sourceOf(fields: Fields, name: string): PriceSource {
  const text = textOf(fields, name)
  if (text === '') return 'last'
  return (Object.hasOwn(SOURCES, text) ? SOURCES[text] : undefined) ?? refuse(wrong(`${name} invalid`))
}

/** Whether a price is absent or the zero that stands for none. */
export const isNone = (text: string): boolean => text === '' || Number(text) === 0
