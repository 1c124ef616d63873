import { money, sideName } from '../../core/index.ts'
import { moneyText } from '../front/text.ts'
import type { ExchangeOrder, ExchangePort } from '../port.ts'
import { halfOf, type Algo } from './algo-book.ts'
import { ALGO_KINDS, ordIdOf } from './ids.ts'
import type { Listing, Listings } from './listing.ts'
import type { Row } from './row.ts'

/** Market orders are written as the price −1. */
const AT_MARKET = '-1'

/** Algo orders in the words of the wire, for the queries and the `orders-algo` channel. */
export class AlgoRows {
  readonly #exchange: ExchangePort
  readonly #listings: Listings

  constructor(exchange: ExchangePort, listings: Listings) {
    this.#exchange = exchange
    this.#listings = listings
  }

  row(algo: Algo): Row {
    const first = algo.orders[0]!
    const listing = this.#listings.bySymbol(first.symbol)
    const { trail } = first.trigger!
    const tp = algo.orders.find((order) => halfOf(order) === 'tp')
    const sl = algo.orders.find((order) => halfOf(order) === 'sl')
    const last = this.#exchange.summary(first.symbol).lastTicks
    const { fired } = algo
    const whole = first.trigger!.wholePosition
    const plain = algo.kind === 't'
    return {
      activePx: trail === null || trail.activeTicks === null ? '' : listing.price.of(trail.activeTicks),
      actualPx: fired === null || fired.filledLots === 0 ? '' : moneyText(fired.filledValue.div(listing.coins.of(fired.filledLots)), 12),
      actualSide: fired === null ? '' : halfOf(fired),
      actualSz: fired === null ? '0' : listing.size.of(fired.lots),
      algoClOrdId: algo.algoClOrdId,
      algoId: algo.algoId,
      amendPxOnTriggerType: '0',
      attachAlgoOrds: [],
      cTime: String(first.createdMs),
      callbackRatio: trail?.ratio ?? '',
      callbackSpread: trail === null || trail.distanceTicks === null ? '' : listing.price.of(trail.distanceTicks),
      ccy: '',
      chaseType: '',
      chaseVal: '',
      clOrdId: '',
      closeFraction: whole ? '1' : '',
      failCode: algo.state === 'order_failed' ? '51008' : '0',
      instId: listing.instId,
      instType: 'SWAP',
      isTradeBorrowMode: '',
      last: last > 0 ? listing.price.of(last) : '',
      lever: this.#exchange.position(first.account, first.symbol, first.leg).leverage,
      linkedOrd: { ordId: '' },
      maxChaseType: '',
      maxChaseVal: '',
      moveTriggerPx: algo.kind === 'm' && first.trigger!.ticks !== null ? listing.price.of(first.trigger!.ticks) : '',
      ordId: fired === null ? '' : ordIdOf(fired.orderId),
      ordIdList: fired === null ? [] : [ordIdOf(fired.orderId)],
      ordPx: plain ? priceOf(first, listing) : '',
      ordType: ALGO_KINDS[algo.kind],
      posSide: first.leg,
      pxLimit: '',
      pxSpread: '',
      pxVar: '',
      quickMgnType: '',
      reduceOnly: String(first.reduceOnly),
      side: sideName(first.side).toLowerCase(),
      slOrdPx: sl === undefined ? '' : priceOf(sl, listing),
      slTriggerPx: sl === undefined ? '' : triggerOf(sl, listing),
      slTriggerPxType: sl?.trigger?.by ?? '',
      state: algo.state,
      sz: whole ? '' : listing.size.of(first.lots),
      szLimit: '',
      tag: algo.tag,
      tdMode: 'cross',
      tgtCcy: '',
      timeInterval: '',
      tpOrdPx: tp === undefined ? '' : priceOf(tp, listing),
      tpTriggerPx: tp === undefined ? '' : triggerOf(tp, listing),
      tpTriggerPxType: tp?.trigger?.by ?? '',
      tradeQuoteCcy: listing.contract.quoteCoin,
      triggerPx: plain ? triggerOf(first, listing) : '',
      triggerPxType: plain ? first.trigger!.by : '',
      triggerTime: fired === null ? '' : String(fired.trigger!.triggeredMs),
      uTime: String(algo.updatedMs),
    }
  }

  /** As the channel says it. @param reqId id of an amendment request, null for any other change. */
  push(algo: Algo, reqId: string | null): Row {
    const first = algo.orders[0]!
    const listing = this.#listings.bySymbol(first.symbol)
    const reference = first.priceTicks ?? first.trigger!.ticks
    const notional = reference === null ? '' : moneyText(money(listing.price.of(reference)).times(listing.coins.of(first.lots)), 8)
    return { ...this.row(algo), amendResult: reqId === null ? '' : '0', notionalUsd: notional, reqId: reqId ?? '' }
  }
}

const priceOf = (order: ExchangeOrder, listing: Listing): string => (order.type === 'market' || order.priceTicks === null ? AT_MARKET : listing.price.of(order.priceTicks))
const triggerOf = (order: ExchangeOrder, listing: Listing): string => (order.trigger === null || order.trigger.ticks === null ? '' : listing.price.of(order.trigger.ticks))
