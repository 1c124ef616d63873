import { money, sideName, ZERO, type Money, type WallMs } from '../../core/index.ts'
import type { Realised } from '../front/realised.ts'
import { moneyText } from '../front/text.ts'
import type { Execution, ExchangeOrder, ExchangePort } from '../port.ts'
import { CANCEL_ALL_AFTER, cancelSources } from './codes.ts'
import { billIdOf, clientNameOf, numberOf, ordIdOf, tradeIdText } from './ids.ts'
import type { Listing, Listings } from './listing.ts'
import type { Row } from './market-rows.ts'
import type { OrderNotes } from './order-notes.ts'
import type { PositionSums } from './position-sums.ts'

export interface RowsParts {
  readonly exchange: ExchangePort
  readonly listings: Listings
  readonly notes: OrderNotes
  readonly sums: PositionSums
  readonly realised: Realised
  readonly nowMs: () => WallMs
}

export const isFinal = (order: ExchangeOrder): boolean => order.status === 'Filled' || order.status === 'Cancelled' || order.status === 'Rejected'

const STATES = { New: 'live', PartiallyFilled: 'partially_filled', Filled: 'filled', Cancelled: 'canceled', Rejected: 'canceled', Untriggered: 'live', Triggered: 'live', Deactivated: 'canceled' } as const
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
    const { notes, exchange, realised } = this.#parts
    const { clOrdId, tag } = clientNameOf(order.clientId)
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
      posSide: 'net',
      tdMode: 'cross',
      tgtCcy: '',
      tradeQuoteCcy: quote,
      accFillSz: listing.size.of(order.filledLots),
      state: STATES[order.status],
      lever: exchange.position(order.account, order.symbol).leverage,
      fee: cost(order.fee),
      feeCcy: quote,
      rebate: '0',
      rebateCcy: quote,
      pnl: moneyText(realised.ofOrder(order)),
      source: '',
      category: notes.wasLiquidation(order.orderId) ? 'full_liquidation' : 'normal',
      cancelSource: order.cancelReason === null ? '' : notes.byDeadMan(order.orderId) ? CANCEL_ALL_AFTER : cancelSources[order.cancelReason],
      reduceOnly: String(order.reduceOnly),
      quickMgnType: '',
      stpId: '',
      stpMode: 'cancel_maker',
      attachAlgoClOrdId: '',
      attachAlgoOrds: [],
      linkedAlgoOrd: { algoId: '' },
      algoId: '',
      algoClOrdId: '',
      isTpLimit: 'false',
      slOrdPx: '', slTriggerPx: '', slTriggerPxType: '', tpOrdPx: '', tpTriggerPx: '', tpTriggerPxType: '',
      cTime: String(order.createdMs),
      uTime: String(order.updatedMs),
    }
  }

  fill(execution: Execution): Row {
    const listing = this.#parts.listings.bySymbol(execution.symbol)
    const { clOrdId, tag } = clientNameOf(execution.clientId)
    return {
      instType: 'SWAP', instId: listing.instId, tradeId: tradeIdText(execution.executionId), ordId: ordIdOf(execution.orderId), clOrdId, tag,
      billId: billIdOf(execution.executionId), subType: execution.side === 0 ? '1' : '2', fillPx: listing.price.of(execution.priceTicks), fillSz: listing.size.of(execution.lots),
      fillPnl: moneyText(execution.realisedPnl), fillIdxPx: '', fillMarkPx: '', fillMarkVol: '', fillPxVol: '', fillPxUsd: '', fillFwdPx: '',
      side: sideName(execution.side).toLowerCase(), posSide: 'net', execType: execution.maker ? 'M' : 'T', feeCcy: listing.contract.quoteCoin, fee: cost(execution.fee),
      feeRate: moneyText(money(execution.feeRate).negated()), tradeQuoteCcy: listing.contract.quoteCoin, fillTime: String(execution.timeMs), ts: String(execution.timeMs),
    }
  }

  position(account: string, listing: Listing): Row {
    const { exchange, sums, nowMs } = this.#parts
    const position = exchange.position(account, listing.symbol)
    const margin = exchange.positionMargin(account, listing.symbol)
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
    const liquidatable = wallet.maintenanceMargin.greaterThan(0)
    return {
      instType: 'SWAP',
      instId: listing.instId,
      posId: numberOf(`${account} ${listing.instId}`),
      mgnMode: 'cross',
      posSide: 'net',
      pos: listing.size.of(position.signedLots),
      availPos: flat ? '' : listing.size.of(lots),
      avgPx: flat ? '' : moneyText(position.entryPrice, 12),
      nonSettleAvgPx: '',
      upl: flat ? '0' : moneyText(margin.unrealised, 12),
      uplRatio: ratio(margin.unrealised),
      uplLastPx: moneyText(uplLast, 12),
      uplRatioLastPx: ratio(uplLast),
      lever: position.leverage,
      liqPx: '',
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
      adl: '0',
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
    const value = exchange.positions(account).reduce((sum, one) => sum.plus(exchange.positionMargin(account, one.symbol).value), ZERO)
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
  balanceAndPosition(account: string, eventType: string, listings: readonly Listing[], fills: readonly Execution[]): Row {
    const { exchange, nowMs } = this.#parts
    const now = String(nowMs())
    return {
      pTime: now,
      eventType,
      balData: [{ ccy: exchange.contracts[0]!.quoteCoin, cashBal: moneyText(exchange.wallet(account).balance, 12), uTime: now }],
      posData: listings.map((listing) => {
        const position = exchange.position(account, listing.symbol)
        const flat = position.signedLots === 0
        return {
          posId: numberOf(`${account} ${listing.instId}`), tradeId: this.#parts.sums.of(position).tradeId, instId: listing.instId, instType: 'SWAP', mgnMode: 'cross', posSide: 'net',
          pos: listing.size.of(position.signedLots), ccy: listing.contract.quoteCoin, posCcy: '', avgPx: flat ? '' : moneyText(position.entryPrice, 12), nonSettleAvgPx: '', settledPnl: '',
          uTime: String(position.updatedMs),
        }
      }),
      trades: fills.map((fill) => ({ instId: this.#parts.listings.bySymbol(fill.symbol).instId, tradeId: tradeIdText(fill.executionId) })),
    }
  }
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
