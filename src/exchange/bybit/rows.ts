import { money, sideName, ZERO, type Money } from '../../core/index.ts'
import type { Contract, Execution, ExchangeOrder, ExchangePort, Leg, PublicTrade } from '../port.ts'
import { endings } from './codes.ts'
import { LEG_INDEX } from './stop-fields.ts'
import { createTypeOf, stopTypeOf, stopRow } from './stop-rows.ts'
import type { Realised } from '../front/realised.ts'
import { moneyText, StepText } from '../front/text.ts'

const FINAL: ReadonlySet<string> = new Set(['Filled', 'Cancelled', 'Rejected', 'Deactivated'])
export const isFinal = (order: ExchangeOrder): boolean => FINAL.has(order.status)

const EXECUTION_TYPES = { Trade: 'Trade', Funding: 'Funding', Liquidation: 'BustTrade', Adl: 'AdlTrade', Settlement: 'Settle' } as const

export type Row = Record<string, unknown>

/** Orders, executions, positions and wallets in the words of the wire. Stream and REST rows differ in a few names. */
export class Rows {
  readonly #exchange: ExchangePort
  readonly #realised: Realised
  readonly #texts = new Map<string, { readonly price: StepText; readonly size: StepText }>()

  constructor(exchange: ExchangePort, realised: Realised) {
    this.#exchange = exchange
    this.#realised = realised
  }

  texts(contract: Contract): { readonly price: StepText; readonly size: StepText } {
    let texts = this.#texts.get(contract.symbol)
    if (texts === undefined) {
      texts = { price: new StepText(contract.tick), size: new StepText(contract.lot) }
      this.#texts.set(contract.symbol, texts)
    }
    return texts
  }

  order(order: ExchangeOrder, wire: 'stream' | 'rest'): Row {
    const contract = this.#exchange.contract(order.symbol)!
    const { price, size } = this.texts(contract)
    const final = isFinal(order)
    const leaves = final ? 0 : order.lots - order.filledLots
    const ending = order.cancelReason === null ? { cancelType: 'UNKNOWN', rejectReason: 'EC_NoError' } : endings[order.cancelReason]
    const priceText = order.priceTicks === null ? '' : price.of(order.priceTicks)
    const leavesValue = order.priceTicks === null ? ZERO : money(priceText).times(size.of(leaves))
    const row: Row = {
      symbol: order.symbol,
      orderId: order.orderId,
      orderLinkId: order.clientId,
      blockTradeId: '',
      side: sideName(order.side),
      orderType: order.type === 'limit' ? 'Limit' : 'Market',
      price: priceText,
      qty: size.of(order.lots),
      timeInForce: order.type === 'market' ? 'IOC' : order.timeInForce,
      orderStatus: order.status,
      ...ending,
      positionIdx: LEG_INDEX[order.leg],
      isLeverage: '',
      avgPrice: order.filledLots === 0 ? '' : moneyText(order.filledValue.div(size.of(order.filledLots)), 10),
      leavesQty: size.of(leaves),
      leavesValue: moneyText(leavesValue),
      cumExecQty: size.of(order.filledLots),
      cumExecValue: moneyText(order.filledValue),
      cumExecFee: moneyText(order.fee),
      cumFeeDetail: order.fee.isZero() ? {} : { [contract.quoteCoin]: moneyText(order.fee) },
      orderIv: '',
      ...stopRow(order, price),
      reduceOnly: order.reduceOnly,
      closeOnTrigger: order.closeOnTrigger,
      createType: createTypeOf(order),
      placeType: '',
      smpType: 'None',
      smpGroup: 0,
      smpOrderId: '',
      createdTime: String(order.createdMs),
      updatedTime: String(order.updatedMs),
      rpiTakerAccess: false,
      rpiMatchedQty: '0',
    }
    if (wire === 'rest') return { ...row, extraFees: '', slippageToleranceType: 'UNKNOWN', slippageTolerance: '' }
    return { category: 'linear', ...row, feeCurrency: contract.quoteCoin, closedPnl: moneyText(this.#realised.ofOrder(order)) }
  }

  /** @param live the mark price is the present one: only for rows that go out as they happen. */
  execution(execution: Execution, wire: 'stream' | 'rest', live: boolean): Row {
    const contract = this.#exchange.contract(execution.symbol)!
    const { price, size } = this.texts(contract)
    const order = execution.kind === 'Funding' ? undefined : this.#exchange.findOrder(execution.account, { orderId: execution.orderId })
    const row: Row = {
      symbol: execution.symbol,
      execId: execution.executionId,
      orderId: execution.orderId,
      orderLinkId: execution.clientId,
      side: sideName(execution.side),
      orderType: execution.kind === 'Funding' ? 'UNKNOWN' : order === undefined || order.type === 'market' ? 'Market' : 'Limit',
      stopOrderType: (order === undefined ? '' : stopTypeOf(order)) || 'UNKNOWN',
      orderPrice: order === undefined || order.priceTicks === null ? '0' : price.of(order.priceTicks),
      orderQty: order === undefined ? '0' : size.of(order.lots),
      leavesQty: size.of(execution.leavesLots),
      execType: EXECUTION_TYPES[execution.kind],
      execPrice: execution.kind === 'Trade' ? price.of(execution.priceTicks) : moneyText(execution.price),
      execQty: size.of(execution.lots),
      execValue: moneyText(execution.value),
      execFee: moneyText(execution.fee),
      feeRate: execution.feeRate,
      feeCurrency: contract.quoteCoin,
      isMaker: execution.maker,
      execTime: String(execution.timeMs),
      closedSize: size.of(execution.closedLots),
      createType: order === undefined ? '' : createTypeOf(order),
      markPrice: live ? price.near(this.#exchange.summary(execution.symbol).markPrice) : '',
      indexPrice: '',
      underlyingPrice: '',
      tradeIv: '',
      markIv: '',
      blockTradeId: '',
      isLeverage: '0',
      seq: execution.sequence,
    }
    if (wire === 'rest') return { ...row, extraFees: '', execPnl: moneyText(execution.realisedPnl) }
    return { category: 'linear', ...row, marketUnit: '', execPnl: moneyText(execution.realisedPnl), extraFees: [] }
  }

  /** `execution.fast`: trades only, no fee, and makers are not told their own order id. */
  fastExecution(execution: Execution): Row {
    const { price, size } = this.texts(this.#exchange.contract(execution.symbol)!)
    return {
      category: 'linear',
      symbol: execution.symbol,
      execId: execution.executionId,
      execPrice: price.of(execution.priceTicks),
      execQty: size.of(execution.lots),
      orderId: execution.orderId,
      isMaker: execution.maker,
      orderLinkId: execution.maker ? '' : execution.clientId,
      side: sideName(execution.side),
      execTime: String(execution.timeMs),
      seq: execution.sequence,
    }
  }

  position(account: string, symbol: string, leg: Leg, wire: 'stream' | 'rest'): Row {
    const contract = this.#exchange.contract(symbol)!
    const { price, size } = this.texts(contract)
    const position = this.#exchange.position(account, symbol, leg)
    const margin = this.#exchange.positionMargin(account, symbol, leg)
    const liquidation = this.#exchange.liquidationPrice(account, symbol, leg)
    const trail = position.trailing?.trail ?? null
    const lots = Math.abs(position.signedLots)
    const flat = lots === 0
    const current = this.#realised.ofPosition(position)
    const entry = flat ? '0' : moneyText(position.entryPrice, 10)
    const row: Row = {
      positionIdx: LEG_INDEX[leg],
      tradeMode: 0,
      riskId: 1,
      riskLimitValue: '',
      symbol,
      side: flat ? (leg === 'long' ? 'Buy' : leg === 'short' ? 'Sell' : '') : position.signedLots > 0 ? 'Buy' : 'Sell',
      size: flat ? '0' : size.of(lots),
      leverage: position.leverage,
      breakEvenPrice: flat ? '' : breakEven(position.entryPrice, money(size.of(lots)), position.signedLots > 0 ? 1 : -1, current, contract),
      positionValue: moneyText(margin.value, 10),
      positionBalance: '0',
      markPrice: price.near(this.#exchange.summary(symbol).markPrice),
      positionIM: moneyText(margin.initial, 10),
      positionMM: moneyText(margin.maintenance, 10),
      positionIMByMp: moneyText(margin.initial, 10),
      positionMMByMp: moneyText(margin.maintenance, 10),
      takeProfit: position.takeProfit === null ? '' : price.of(position.takeProfit.ticks),
      stopLoss: position.stopLoss === null ? '' : price.of(position.stopLoss.ticks),
      trailingStop: trail === null || trail.distanceTicks === null ? '0' : price.of(trail.distanceTicks),
      unrealisedPnl: moneyText(margin.unrealised, 10),
      curRealisedPnl: moneyText(current, 10),
      cumRealisedPnl: moneyText(position.realisedPnl, 10),
      sessionAvgPrice: '',
      createdTime: String(position.openedMs),
      updatedTime: String(position.updatedMs),
      tpslMode: 'Full',
      liqPrice: liquidation === null ? '' : price.near(liquidation.toNumber()),
      bustPrice: '',
      positionStatus: 'Normal',
      adlRankIndicator: this.#exchange.adlRank(account, symbol, leg),
      autoAddMargin: 0,
      leverageSysUpdatedTime: '',
      mmrSysUpdatedTime: '',
      seq: position.sequence,
      isReduceOnly: false,
    }
    return wire === 'rest' ? { ...row, avgPrice: entry, openTime: String(position.openedMs) } : { ...row, entryPrice: entry, category: 'linear' }
  }

  wallet(account: string): Row {
    const wallet = this.#exchange.wallet(account)
    const coin = this.#exchange.contracts[0]?.quoteCoin ?? 'USDT'
    const margin = wallet.positionMargin.plus(wallet.orderMargin)
    const rate = (part: Money): string => (wallet.equity.greaterThan(0) ? moneyText(part.div(wallet.equity), 6) : '')
    return {
      accountType: 'UNIFIED',
      accountLTV: '0',
      accountIMRate: rate(margin),
      accountIMRateByMp: rate(margin),
      accountMMRate: rate(wallet.maintenanceMargin),
      accountMMRateByMp: rate(wallet.maintenanceMargin),
      totalEquity: moneyText(wallet.equity, 8),
      totalWalletBalance: moneyText(wallet.balance, 8),
      totalMarginBalance: moneyText(wallet.equity, 8),
      totalAvailableBalance: moneyText(wallet.available, 8),
      totalPerpUPL: moneyText(wallet.unrealisedPnl, 8),
      totalInitialMargin: moneyText(margin, 8),
      totalInitialMarginByMp: moneyText(margin, 8),
      totalMaintenanceMargin: moneyText(wallet.maintenanceMargin, 8),
      totalMaintenanceMarginByMp: moneyText(wallet.maintenanceMargin, 8),
      coin: [
        {
          coin,
          equity: moneyText(wallet.equity),
          usdValue: moneyText(wallet.equity, 8),
          walletBalance: moneyText(wallet.balance),
          availableToWithdraw: moneyText(wallet.available, 8),
          availableToBorrow: '',
          borrowAmount: '0',
          accruedInterest: '0',
          totalOrderIM: moneyText(wallet.orderMargin, 8),
          totalPositionIM: moneyText(wallet.positionMargin, 8),
          totalPositionMM: moneyText(wallet.maintenanceMargin, 8),
          unrealisedPnl: moneyText(wallet.unrealisedPnl),
          cumRealisedPnl: moneyText(wallet.realisedPnl),
          bonus: '0',
          collateralSwitch: true,
          marginCollateral: true,
          locked: '0',
          spotHedgingQty: '0',
          spotBorrow: '0',
        },
      ],
    }
  }

  publicTrade(trade: PublicTrade): Row {
    const { price, size } = this.texts(this.#exchange.contract(trade.symbol)!)
    return {
      execId: trade.tradeId,
      symbol: trade.symbol,
      price: price.of(trade.priceTicks),
      size: size.of(trade.lots),
      side: sideName(trade.side),
      time: String(trade.timeMs),
      isBlockTrade: false,
      isRPITrade: false,
      seq: String(trade.sequence),
    }
  }
}

const BREAK_EVEN_FEE = money('0.00055')

// (entry·qty − realised) / (qty − |qty|·max(taker fee, 0.00055)), qty signed.
function breakEven(entry: Money, size: Money, sign: 1 | -1, realised: Money, contract: Contract): string {
  const fee = money(contract.takerFeeRate)
  const signed = size.times(sign)
  const rest = signed.minus(size.times(fee.greaterThan(BREAK_EVEN_FEE) ? fee : BREAK_EVEN_FEE))
  return rest.isZero() ? '' : moneyText(entry.times(signed).minus(realised).div(rest), 8)
}
