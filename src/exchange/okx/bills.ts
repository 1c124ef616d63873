import { BUY, ZERO, type Money } from '../../core/index.ts'
import { moneyText } from '../front/text.ts'
import type { Execution } from '../port.ts'
import { billIdOf, ordIdOf, tradeIdText } from './ids.ts'
import type { Listing } from './listing.ts'
import type { Row } from './row.ts'
import { cost, executionNameOf, fillTypeOf } from './rows.ts'

interface BillType {
  readonly type: string
  readonly text: string
  readonly subTypes: Readonly<Record<string, string>>
}

const TYPES: readonly BillType[] = [
  { type: '2', text: 'Trade', subTypes: { '1': 'Buy', '2': 'Sell', '3': 'Open long', '4': 'Open short', '5': 'Close long', '6': 'Close short' } },
  { type: '3', text: 'Delivery', subTypes: { '112': 'Delivery long', '113': 'Delivery short' } },
  { type: '5', text: 'Liquidation', subTypes: { '104': 'Liquidation long', '105': 'Liquidation short', '106': 'Liquidation buy', '107': 'Liquidation sell' } },
  { type: '8', text: 'Funding fee', subTypes: { '173': 'Funding fee expense', '174': 'Funding fee income' } },
  { type: '9', text: 'ADL', subTypes: { '125': 'ADL close long', '126': 'ADL close short', '127': 'ADL buy', '128': 'ADL sell' } },
]

/** `account/subtypes`: the kinds of bills that occur here. @param wanted types separated by commas, "" for all. */
export function billTypes(wanted: string): readonly Row[] {
  const types = wanted === '' ? null : wanted.split(',')
  return TYPES.filter((one) => types === null || types.includes(one.type)).map(({ type, text, subTypes }) => ({
    type, typeDesc: text, subTypeDetails: Object.entries(subTypes).map(([subType, subTypeDesc]) => ({ subType, subTypeDesc })),
  }))
}

/** Type and subtype of an execution's bill. */
function kindOf(execution: Execution, change: Money): { readonly type: string; readonly subType: string } {
  const closesLong = execution.side !== BUY
  const legged = execution.leg !== 'net'
  switch (execution.kind) {
    case 'Funding':
      return { type: '8', subType: change.lessThan(ZERO) ? '173' : '174' }
    case 'Liquidation':
      return { type: '5', subType: legged ? (closesLong ? '104' : '105') : closesLong ? '107' : '106' }
    case 'Adl':
      return { type: '9', subType: legged ? (closesLong ? '125' : '126') : closesLong ? '128' : '127' }
    case 'Settlement':
      return { type: '3', subType: closesLong ? '112' : '113' }
    case 'Trade':
      return { type: '2', subType: fillTypeOf(execution) }
  }
}

/** One cash flow. @param after balance behind it. @param change what it added to the balance. */
export function billRow(execution: Execution, listing: Listing, after: Money, change: Money): Row {
  const { clOrdId, tag } = executionNameOf(execution)
  const funding = execution.kind === 'Funding'
  const { subType, type } = kindOf(execution, change)
  return {
    bal: moneyText(after), balChg: moneyText(change), billId: billIdOf(execution.executionId), ccy: listing.contract.quoteCoin, clOrdId, earnAmt: '', earnApr: '', execType: funding ? '' : execution.maker ? 'M' : 'T',
    fee: funding ? '0' : cost(execution.fee), fillFwdPx: '', fillIdxPx: '', fillMarkPx: '', fillMarkVol: '', fillPxUsd: '', fillPxVol: '', fillTime: String(execution.timeMs), from: '', instId: listing.instId,
    instType: 'SWAP', interest: '0', mgnMode: 'cross', notes: '', ordId: execution.orderId === '' ? '' : ordIdOf(execution.orderId), pnl: moneyText(funding ? execution.fee.negated() : execution.realisedPnl), posBal: '0', posBalChg: '0',
    px: funding ? moneyText(execution.price) : listing.price.of(execution.priceTicks), subType, sz: listing.size.of(execution.lots), tag, to: '', tradeId: tradeIdText(execution.executionId), ts: String(execution.timeMs), type,
  }
}
