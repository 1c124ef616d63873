import { BUY, money, sideName, ZERO, type Money, type WallMs } from '../../core/index.ts'
import type { Realised } from '../front/realised.ts'
import { moneyText } from '../front/text.ts'
import type { Execution, ExchangeOrder, ExchangePort, OrderOrigin, Position } from '../port.ts'
import { algoKindOf, type AlgoBook } from './algo-book.ts'
import { attachedRows } from './attached.ts'
import { cancelSources } from './codes.ts'
import { billIdOf, clientNameOf, numberOf, ordIdOf, tradeIdText } from './ids.ts'
import type { Listing, Listings } from './listing.ts'
import type { Row } from './row.ts'
import { orderNameOf } from './order-state.ts'
import type { PositionSums } from './position-sums.ts'

export interface RowsParts {
  readonly exchange: ExchangePort
  readonly listings: Listings
  readonly algos: AlgoBook
  readonly sums: PositionSums
  readonly realised: Realised
  readonly nowMs: () => WallMs
}

// Those that wait for a trigger are algo orders and have rows of their own.
const STATES = { Untriggered: 'live', Triggered: 'live', New: 'live', PartiallyFilled: 'partially_filled', Filled: 'filled', Cancelled: 'canceled', Rejected: 'canceled', Deactivated: 'canceled' } as const
/** What an algo order's order names as its source. */
const SOURCES = { t: '6', c: '7', o: '7', m: '25' } as const
const CATEGORIES: Readonly<Record<OrderOrigin, string>> = { user: 'normal', operator: 'normal', protection: 'normal', liquidation: 'full_liquidation', adl: 'adl' }
const ORDER_TYPES = { GTC: 'limit', IOC: 'ioc', FOK: 'fok', PostOnly: 'post_only' } as const

/** Orders, fills, positions and balances in the words of the wire. Costs are negative here, positive in the exchange. */
export class Rows {
  readonly #parts: RowsParts

  constructor(parts: RowsParts) {
    this.#parts = parts
  }

  /** A change of an order on the stream. @param fill the execution that caused it. @param amended request id of an amendment, else null. */
  orderPush(order: ExchangeOrder, fill: Execution | null, amended: string | null): Row {
    const { exchange, listings } = this.#parts
    const listing = listings.bySymbol(order.symbol)
    const summary = exchange.summary(order.symbol)
    const quote = listing.contract.quoteCoin
    const reference = order.priceTicks ?? summary.lastTicks
    return {
      ...this.#order(order, listing),
      avgPx: order.filledLots === 0 ? '0' : average(order, listing),
      fillPx: fill === null ? '' : listing.price.of(fill.priceTicks),
      fillSz: fill === null ? '0' : listing.size.of(fill.lots),
      fillTime: fill === null ? '' : String(fill.timeMs),
      tradeId: fill === null ? '' : tradeIdText(fill.executionId),
      fillPnl: fill === null ? '0' : moneyText(fill.realisedPnl),
      fillFee: fill === null ? '0' : cost(fill.fee),
      fillFeeCcy: fill === null ? '' : quote,
      execType: fill === null ? '' : fill.maker ? 'M' : 'T',
      fillNotionalUsd: fill === null ? '' : moneyText(fill.value, 8),
      fillMarkPx: fill === null ? '' : listing.price.near(summary.markPrice),
      fillIdxPx: fill === null ? '' : listing.price.near(summary.indexPrice),
      fillMarkVol: '',
      fillPxVol: '',
      fillPxUsd: '',
      fillFwdPx: '',
      notionalUsd: reference > 0 ? moneyText(money(listing.price.of(reference)).times(listing.coins.of(order.lots)), 8) : '',
      amendResult: amended === null ? '' : '0',
      amendSource: amended === null ? '' : '1',
      reqId: amended ?? '',
      lastPx: summary.lastTicks > 0 ? listing.price.of(summary.lastTicks) : '',
      code: '0',
      msg: '',
    }
  }

  /** An order as queries give it; the fill fields are those of its last fill. */
  order(order: ExchangeOrder): Row {
    const listing = this.#parts.listings.bySymbol(order.symbol)
    const last = order.filledLots === 0 ? undefined : this.#parts.exchange.executions(order.account, { orderId: order.orderId, sinceMs: order.createdMs })[0]
    const row = this.#order(order, listing)
    return {
      ...row,
      avgPx: order.filledLots === 0 ? '' : average(order, listing),
      fillPx: last === undefined ? '' : listing.price.of(last.priceTicks),
      fillSz: last === undefined ? '0' : listing.size.of(last.lots),
      fillTime: last === undefined ? '' : String(last.timeMs),
      tradeId: last === undefined ? '' : tradeIdText(last.executionId),
      cancelSourceReason: '',
    }
  }

  #order(order: ExchangeOrder, listing: Listing): Row {
    const { algos, exchange, realised } = this.#parts
    const { clOrdId, tag } = orderNameOf(order)
    const algo = order.trigger === null ? undefined : algos.of(order)
    const conditions = order.trigger === null ? '' : SOURCES[algoKindOf(order, algo?.orders.length ?? 1)]
    const quote = listing.contract.quoteCoin
    return {
      instType: 'SWAP',
      instId: order.symbol === listing.symbol ? listing.instId : order.symbol,
      ccy: '',
      ordId: ordIdOf(order.orderId),
      clOrdId,
      tag,
      px: order.priceTicks === null ? '' : listing.price.of(order.priceTicks),
      pxType: '',
      pxUsd: '',
      pxVol: '',
      sz: listing.size.of(order.lots),
      ordType: order.type === 'market' ? 'market' : ORDER_TYPES[order.timeInForce],
      side: sideName(order.side).toLowerCase(),
      posSide: order.leg,
      tdMode: 'cross',
      tgtCcy: '',
      tradeQuoteCcy: quote,
      accFillSz: listing.size.of(order.filledLots),
      state: STATES[order.status],
      lever: exchange.position(order.account, order.symbol, order.leg).leverage,
      fee: cost(order.fee),
      feeCcy: quote,
      rebate: '0',
      rebateCcy: quote,
      pnl: moneyText(realised.ofOrder(order)),
      source: conditions,
      category: CATEGORIES[order.origin],
      cancelSource: order.cancelReason === null ? '' : cancelSources[order.cancelReason],
      reduceOnly: String(order.reduceOnly),
      quickMgnType: '',
      stpId: '',
      stpMode: 'cancel_maker',
      attachAlgoClOrdId: '',
      attachAlgoOrds: attachedRows(order, listing),
      linkedAlgoOrd: { algoId: '' },
      algoId: algo?.algoId ?? '',
      algoClOrdId: algo?.algoClOrdId ?? '',
      isTpLimit: 'false',
      slOrdPx: '', slTriggerPx: '', slTriggerPxType: '', tpOrdPx: '', tpTriggerPx: '', tpTriggerPxType: '',
      cTime: String(order.createdMs),
      uTime: String(order.updatedMs),
    }
  }

  fill(execution: Execution): Row {
    const listing = this.#parts.listings.bySymbol(execution.symbol)
    const { clOrdId, tag } = executionNameOf(execution)
    return {
      instType: 'SWAP', instId: listing.instId, tradeId: tradeIdText(execution.executionId), ordId: ordIdOf(execution.orderId), clOrdId, tag,
      billId: billIdOf(execution.executionId), subType: fillTypeOf(execution), fillPx: listing.price.of(execution.priceTicks), fillSz: listing.size.of(execution.lots),
      fillPnl: moneyText(execution.realisedPnl), fillIdxPx: '', fillMarkPx: '', fillMarkVol: '', fillPxVol: '', fillPxUsd: '', fillFwdPx: '',
      side: sideName(execution.side).toLowerCase(), posSide: execution.leg, execType: execution.maker ? 'M' : 'T', feeCcy: listing.contract.quoteCoin, fee: cost(execution.fee),
      feeRate: moneyText(money(execution.feeRate).negated()), tradeQuoteCcy: listing.contract.quoteCoin, fillTime: String(execution.timeMs), ts: String(execution.timeMs),
    }
  }

  /** A fill as the `fills` channel says it: early, and without its fee. */
  fillPush(execution: Execution): Row {
    const listing = this.#parts.listings.bySymbol(execution.symbol)
    return {
      instId: listing.instId, fillSz: listing.size.of(execution.lots), fillPx: listing.price.of(execution.priceTicks), side: sideName(execution.side).toLowerCase(), ts: String(execution.timeMs),
      ordId: ordIdOf(execution.orderId), clOrdId: executionNameOf(execution).clOrdId, tradeId: tradeIdText(execution.executionId), execType: execution.maker ? 'M' : 'T', count: '1',
    }
  }

  /** A position that is near its liquidation, as `liquidation-warning` says it. */
  warning(position: Position): Row {
    const { cTime, ccy, instId, lever, markPx, mgnMode, mgnRatio, pTime, pos, posCcy, posId, posSide, uTime } = this.position(position)
    return { cTime, ccy, instId, instType: 'SWAP', lever, markPx, mgnMode, mgnRatio, pTime, pos, posCcy, posId, posSide, uTime }
  }

  position(position: Position): Row {
    const { exchange, listings, sums, nowMs } = this.#parts
    const { account, leg } = position
    const listing = listings.bySymbol(position.symbol)
    const margin = exchange.positionMargin(account, listing.symbol, leg)
    const summary = exchange.summary(listing.symbol)
    const sum = sums.of(position)
    const flat = position.signedLots === 0
    const lots = Math.abs(position.signedLots)
    const mark = listing.price.near(summary.markPrice)
    const last = summary.lastTicks > 0 ? listing.price.of(summary.lastTicks) : ''
    // Result against the last price instead of the mark.
    const uplLast = flat || last === '' ? ZERO : money(last).minus(position.entryPrice).times(listing.coins.of(position.signedLots))
    const cost0 = position.entryPrice.times(listing.coins.of(lots)).div(position.leverage)
    const ratio = (result: Money): string => (flat || cost0.isZero() ? '' : moneyText(result.div(cost0), 10))
    const wallet = exchange.wallet(account)
    const liquidation = flat ? null : exchange.liquidationPrice(account, listing.symbol, leg)
    const liquidatable = wallet.maintenanceMargin.greaterThan(0)
    return {
      instType: 'SWAP',
      instId: listing.instId,
      posId: posIdOf(position, listing),
      mgnMode: 'cross',
      posSide: leg,
      pos: shownSize(position, listing),
      availPos: flat ? '' : listing.size.of(lots),
      avgPx: flat ? '' : moneyText(position.entryPrice, 12),
      nonSettleAvgPx: '',
      upl: flat ? '0' : moneyText(margin.unrealised, 12),
      uplRatio: ratio(margin.unrealised),
      uplLastPx: moneyText(uplLast, 12),
      uplRatioLastPx: ratio(uplLast),
      lever: position.leverage,
      liqPx: flat ? '' : (liquidation === null ? '' : moneyText(liquidation, 12)),
      markPx: mark,
      idxPx: listing.price.near(summary.indexPrice),
      last,
      imr: flat ? '' : moneyText(margin.initial, 10),
      margin: '',
      mmr: flat ? '' : moneyText(margin.maintenance, 10),
      mgnRatio: flat || !liquidatable ? '' : moneyText(wallet.equity.div(wallet.maintenanceMargin), 10),
      notionalUsd: flat ? '' : moneyText(margin.value, 10),
      interest: '', liab: '', liabCcy: '', posCcy: '', optVal: '', pendingCloseOrdLiabVal: '', hedgedPos: '',
      baseBal: '', quoteBal: '', baseBorrowed: '', baseInterest: '', quoteBorrowed: '', quoteInterest: '',
      bizRefId: '', bizRefType: '', spotInUseAmt: '', spotInUseCcy: '', clSpotInUseAmt: '', maxSpotInUseAmt: '', usdPx: '',
      deltaBS: '', deltaPA: '', gammaBS: '', gammaPA: '', thetaBS: '', thetaPA: '', vegaBS: '', vegaPA: '',
      ccy: listing.contract.quoteCoin,
      tradeId: sum.tradeId,
      adl: String(exchange.adlRank(account, listing.symbol, leg)),
      bePx: flat ? '' : breakEven(position.entryPrice, listing, position.signedLots, sum.pnl.plus(sum.fee).plus(sum.funding)),
      realizedPnl: moneyText(sum.pnl.plus(sum.fee).plus(sum.funding), 12),
      pnl: moneyText(sum.pnl, 12),
      fee: moneyText(sum.fee, 12),
      fundingFee: moneyText(sum.funding, 12),
      liqPenalty: '0',
      settledPnl: '',
      closeOrderAlgo: [],
      cTime: String(position.openedMs),
      uTime: String(position.updatedMs),
      pTime: String(nowMs()),
    }
  }

  /** The account in futures mode: totals stand in the details of the quote currency. */
  account(account: string): Row {
    const { exchange, nowMs } = this.#parts
    const wallet = exchange.wallet(account)
    const now = String(nowMs())
    const ccy = exchange.contracts[0]!.quoteCoin
    const text = (value: Money): string => moneyText(value, 12)
    const initial = wallet.positionMargin.plus(wallet.orderMargin)
    const ratio = wallet.maintenanceMargin.greaterThan(0) ? moneyText(wallet.equity.div(wallet.maintenanceMargin), 10) : ''
    const value = exchange.positions(account).reduce((sum, one) => sum.plus(exchange.positionMargin(account, one.symbol, one.leg).value), ZERO)
    const lever = wallet.equity.greaterThan(0) ? moneyText(value.div(wallet.equity), 10) : '0'
    return {
      adjEq: '', availEq: '', borrowFroz: '', delta: '', deltaLever: '', deltaNeutralStatus: '0',
      details: [
        {
          ccy, accAvgPx: '', autoLendStatus: 'off', autoLendMtAmt: '0', availBal: text(wallet.available), availEq: text(wallet.available), borrowFroz: '', cashBal: text(wallet.balance),
          clSpotInUseAmt: '', coinUsdPrice: '1', colBorrAutoConversion: '0', colRes: '0', collateralEnabled: false, collateralRestrict: false, crossLiab: '', disEq: text(wallet.equity),
          eq: text(wallet.equity), eqUsd: text(wallet.equity), fixedBal: '0', frozenBal: text(initial), frpType: '0', imr: text(initial), interest: '', isoEq: '0', isoLiab: '', isoUpl: '0',
          liab: '', maxLoan: '', maxSpotInUse: '', maxSpotInUseAmt: '', mgnRatio: ratio, mmr: text(wallet.maintenanceMargin), notionalLever: lever, openAvgPx: '', ordFrozen: text(wallet.orderMargin),
          rewardBal: '0', smtSyncEq: '0', spotBal: '', spotCopyTradingEq: '0', spotInUseAmt: '', spotIsoBal: '0', spotUpl: '', spotUplRatio: '', stgyEq: '0', totalPnl: '', totalPnlRatio: '',
          twap: '0', uTime: now, upl: text(wallet.unrealisedPnl), uplLiab: '',
        },
      ],
      imr: '', isoEq: '0', mgnRatio: '', mmr: '', notionalUsd: '', notionalUsdForBorrow: '', notionalUsdForFutures: '', notionalUsdForOption: '', notionalUsdForSwap: '',
      ordFroz: '', totalEq: text(wallet.equity), uTime: now, upl: '',
    }
  }

  /** One push of `balance_and_position`. @param fills the trades that caused it. */
  balanceAndPosition(account: string, eventType: string, positions: readonly Position[], fills: readonly Execution[]): Row {
    const { exchange, nowMs } = this.#parts
    const now = String(nowMs())
    return {
      pTime: now,
      eventType,
      balData: [{ ccy: exchange.contracts[0]!.quoteCoin, cashBal: moneyText(exchange.wallet(account).balance, 12), uTime: now }],
      posData: positions.map((position) => {
        const listing = this.#parts.listings.bySymbol(position.symbol)
        const flat = position.signedLots === 0
        return {
          posId: posIdOf(position, listing), tradeId: this.#parts.sums.of(position).tradeId, instId: listing.instId, instType: 'SWAP', mgnMode: 'cross', posSide: position.leg,
          pos: shownSize(position, listing), ccy: listing.contract.quoteCoin, posCcy: '', avgPx: flat ? '' : moneyText(position.entryPrice, 12), nonSettleAvgPx: '', settledPnl: '',
          uTime: String(position.updatedMs),
        }
      }),
      trades: fills.map((fill) => ({ instId: this.#parts.listings.bySymbol(fill.symbol).instId, tradeId: tradeIdText(fill.executionId) })),
    }
  }
}

const posIdOf = (position: Position, listing: Listing): string => numberOf(`${position.account} ${listing.instId}${position.leg === 'net' ? '' : ` ${position.leg}`}`)

/** Signed in net mode; legs are positive always. */
const shownSize = (position: Position, listing: Listing): string => listing.size.of(position.leg === 'net' ? position.signedLots : Math.abs(position.signedLots))

/** Client's name of the order of an execution. */
export const executionNameOf = (execution: Execution): { readonly clOrdId: string; readonly tag: string } => {
  const { algo, clOrdId, tag } = clientNameOf(execution.clientId)
  return { clOrdId: algo === undefined ? clOrdId : '', tag }
}

/** `subType` of a trade: buy and sell in net mode, open and close of a leg otherwise. */
export function fillTypeOf(execution: Execution): string {
  const buys = execution.side === BUY
  if (execution.leg === 'long') return buys ? '3' : '5'
  if (execution.leg === 'short') return buys ? '6' : '4'
  return buys ? '1' : '2'
}

/** A cost of the exchange as this venue writes it: negative when it is paid. */
export const cost = (fee: Money): string => moneyText(fee.negated())

const average = (order: ExchangeOrder, listing: Listing): string => moneyText(order.filledValue.div(listing.coins.of(order.filledLots)), 12)

// Price at which closing at the taker's fee brings what was paid so far.
function breakEven(entry: Money, listing: Listing, signedLots: number, realised: Money): string {
  const signed = money(listing.coins.of(signedLots))
  const rest = signed.minus(signed.abs().times(listing.contract.takerFeeRate))
  return moneyText(entry.times(signed).minus(realised).div(rest), 8)
}
