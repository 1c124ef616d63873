import { BUY, type Lots, type PriceTicks, type Side } from '../../core/index.ts'
import type { Fields } from '../front/json.ts'
import type { Leg, MarketSummary, NewTrailingTrigger, NewTrigger } from '../port.ts'
import { missing, refuse, wrong } from './codes.ts'
import { flagOf, lotsOf, orderPriceOf, sourceOf, textOf, ticksOf } from './fields.ts'
import type { AlgoHalf, AlgoKind } from './ids.ts'
import type { Listing } from './listing.ts'

/** Waiting algo orders that the venue allows per instrument. */
const CONDITIONAL_MAX = 100
const TRIGGER_MAX = 500
const TRAILING_MAX = 50

/** One conditional order of an algo order. */
export interface AlgoPart {
  readonly half: AlgoHalf
  readonly trigger: NewTrigger | NewTrailingTrigger
  /** Null for a market order. */
  readonly priceTicks: PriceTicks | null
}

export interface NewAlgo {
  readonly kind: AlgoKind
  /** 0 for the whole position. */
  readonly lots: Lots
  readonly reduceOnly: boolean
  readonly parts: readonly AlgoPart[]
}

/** Reads what an algo order asks for. @throws Refused for everything that the venue answers with a parameter error. */
export function newAlgoOf(listing: Listing, fields: Fields, side: Side, leg: Leg, closing: boolean, summary: MarketSummary): NewAlgo {
  const ordType = textOf(fields, 'ordType')
  if (ordType === '') refuse(missing('ordType'))
  const fraction = textOf(fields, 'closeFraction')
  const sz = textOf(fields, 'sz')
  const reduceOnly = leg === 'net' ? flagOf(fields, 'reduceOnly') : closing
  if (fraction !== '' && (fraction !== '1' || sz !== '' || !reduceOnly)) refuse(wrong('closeFraction'))
  if (fraction === '' && sz === '') refuse(missing('sz'))
  const common = { lots: fraction === '1' ? 0 : lotsOf(listing, sz, 'sz'), reduceOnly }
  if (ordType === 'conditional') {
    // With both given the stop loss is carried out alone, as the venue documents.
    const half = textOf(fields, 'slTriggerPx') !== '' ? 'sl' : textOf(fields, 'tpTriggerPx') !== '' ? 'tp' : refuse(missing('slTriggerPx'))
    return { ...common, kind: 'c', parts: [halfPart(listing, fields, side, half)] }
  }
  if (ordType === 'oco') return { ...common, kind: 'o', parts: [halfPart(listing, fields, side, 'tp'), halfPart(listing, fields, side, 'sl')] }
  if (ordType === 'trigger') return { ...common, kind: 't', parts: [triggerPart(listing, fields, summary)] }
  if (ordType === 'move_order_stop') return { ...common, kind: 'm', parts: [trailingPart(listing, fields, side)] }
  return refuse(wrong('ordType'))
}

function halfPart(listing: Listing, fields: Fields, side: Side, half: 'tp' | 'sl'): AlgoPart {
  const text = textOf(fields, `${half}TriggerPx`)
  if (text === '') refuse(missing(`${half}TriggerPx`))
  const ticks = ticksOf(listing, text, `${half}TriggerPx`)
  // A sale takes its profit above and stops its loss below.
  const direction = (side === BUY) === (half === 'tp') ? 'fall' : 'rise'
  return { half, trigger: { by: sourceOf(fields, `${half}TriggerPxType`), direction, ticks, activeMax: CONDITIONAL_MAX }, priceTicks: orderPriceOf(listing, fields, `${half}OrdPx`) }
}

function triggerPart(listing: Listing, fields: Fields, summary: MarketSummary): AlgoPart {
  const text = textOf(fields, 'triggerPx')
  if (text === '') refuse(missing('triggerPx'))
  const ticks = ticksOf(listing, text, 'triggerPx')
  const by = sourceOf(fields, 'triggerPxType')
  const price = listing.contract.tick.toNumber(ticks)
  const now = by === 'last' ? listing.contract.tick.toNumber(summary.lastTicks) : by === 'mark' ? summary.markPrice : summary.indexPrice
  if (price === now) refuse(wrong('triggerPx'))
  return { half: '', trigger: { by, direction: price > now ? 'rise' : 'fall', ticks, activeMax: TRIGGER_MAX }, priceTicks: orderPriceOf(listing, fields, 'orderPx') }
}

function trailingPart(listing: Listing, fields: Fields, side: Side): AlgoPart {
  const ratio = textOf(fields, 'callbackRatio')
  const spread = textOf(fields, 'callbackSpread')
  if ((ratio === '') === (spread === '')) refuse(ratio === '' ? missing('callbackRatio') : wrong('callbackSpread'))
  if (ratio !== '' && !(/^0?\.\d{1,4}$|^1(?:\.0{1,4})?$/.test(ratio) && Number(ratio) >= 0.001)) refuse(wrong('callbackRatio'))
  const active = textOf(fields, 'activePx')
  const trail = {
    distanceTicks: spread === '' ? null : ticksOf(listing, spread, 'callbackSpread'),
    ratio: ratio === '' ? null : ratio,
    activeTicks: active === '' ? null : ticksOf(listing, active, 'activePx'),
  }
  return { half: '', trigger: { by: 'last', direction: side === BUY ? 'rise' : 'fall', trail, activeMax: TRAILING_MAX }, priceTicks: null }
}
