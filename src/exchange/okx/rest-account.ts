import { money, ZERO, type Money, type WallMs } from '../../core/index.ts'
import type { Fields } from '../front/json.ts'
import { moneyText } from '../front/text.ts'
import type { ExchangeOrder, ExchangePort, Execution } from '../port.ts'
import { codes, missing, refusals, refuse, wrong } from './codes.ts'
import { billIdOf, clientNameOf, numberOf, ordIdOf, tradeIdText } from './ids.ts'
import type { Listing, Listings } from './listing.ts'
import type { Row } from './market-rows.ts'
import type { OrderDesk } from './order-desk.ts'
import { listingOf, netCross, textOf } from './order-fields.ts'
import { page, type Query } from './query.ts'
import { cost, isFinal, type Rows } from './rows.ts'
import type { OkxKey, OkxLimits } from './settings.ts'

const DAY_MS = 86_400_000

export interface RestAccountParts {
  readonly exchange: ExchangePort
  readonly listings: Listings
  readonly rows: Rows
  readonly desk: OrderDesk
  readonly limits: OkxLimits
  readonly nowMs: () => WallMs
}

/** Queries and settings of one account. Each takes the key and the parameters and gives `data`. */
export class RestAccount {
  readonly #parts: RestAccountParts

  constructor(parts: RestAccountParts) {
    this.#parts = parts
  }

  order(key: OkxKey, query: Query): readonly Row[] {
    const { desk, listings, rows } = this.#parts
    const instId = query.text('instId')
    if (instId === '') refuse(missing('instId'))
    const listing = listings.byInstId(instId) ?? refuse(refusals['unknown-symbol'])
    if (query.text('ordId') === '' && query.text('clOrdId') === '') refuse(missing('ordId'))
    const order = desk.find(key.account, query.text('ordId'), query.text('clOrdId'))
    if (order === undefined || order.symbol !== listing.symbol || this.#forgotten(order)) refuse(codes.noOrder)
    return [rows.order(order)]
  }

  pending(key: OkxKey, query: Query): readonly Row[] {
    const types = query.text('ordType') === '' ? null : query.text('ordType').split(',')
    const wanted = this.#listings(query, false)
    const rows = this.#parts.exchange.orders(key.account, { open: true }).filter((order) => wanted(order.symbol)).map((order) => this.#parts.rows.order(order))
    const state = query.text('state')
    return page(rows.filter((row) => (types === null || types.includes(String(row['ordType']))) && (state === '' || row['state'] === state)), query, (row) => String(row['ordId']))
  }

  /** Completed orders of the last `days`; cancelled ones without a fill for two hours. */
  history(key: OkxKey, query: Query, days: number): readonly Row[] {
    const { exchange, nowMs, rows } = this.#parts
    const wanted = this.#listings(query, true)
    const sinceMs = Math.max(nowMs() - days * DAY_MS, query.integer('begin', 0, 0, Number.MAX_SAFE_INTEGER))
    const untilMs = query.integer('end', Number.MAX_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER)
    const state = query.text('state')
    const orders = exchange.orders(key.account, { open: false }).filter((order) => isFinal(order) && wanted(order.symbol) && !this.#forgotten(order)
      && order.updatedMs >= sinceMs && order.updatedMs <= untilMs && (state === '' || state === (order.status === 'Filled' ? 'filled' : 'canceled')))
    return page(orders, query, (order) => ordIdOf(order.orderId)).map((order) => rows.order(order))
  }

  fills(key: OkxKey, query: Query, days: number, typeRequired: boolean): readonly Row[] {
    const { desk, exchange, nowMs, rows } = this.#parts
    const wanted = this.#listings(query, typeRequired)
    const ordId = query.text('ordId')
    const order = ordId === '' ? undefined : desk.find(key.account, ordId, '')
    if (ordId !== '' && order === undefined) return []
    const sinceMs = Math.max(nowMs() - days * DAY_MS, query.integer('begin', 0, 0, Number.MAX_SAFE_INTEGER))
    const untilMs = query.integer('end', Number.MAX_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER)
    const found = exchange.executions(key.account, { sinceMs, untilMs, ...(order === undefined ? {} : { orderId: order.orderId }) })
      .filter((execution) => execution.kind !== 'Funding' && wanted(execution.symbol))
    return page(found, query, (execution) => billIdOf(execution.executionId)).map((execution) => rows.fill(execution))
  }

  positions(key: OkxKey, query: Query): readonly Row[] {
    const { exchange, listings, rows } = this.#parts
    const named = query.text('instId').split(',').filter((instId) => instId !== '')
    const wanted = this.#listings(query, false, named)
    return exchange.positions(key.account).filter((position) => wanted(position.symbol)).map((position) => rows.position(key.account, listings.bySymbol(position.symbol)))
  }

  balance(key: OkxKey, query: Query): readonly Row[] {
    const wanted = query.text('ccy').split(',').filter((ccy) => ccy !== '')
    const row = this.#parts.rows.account(key.account)
    const details = row['details'] as readonly Row[]
    return [{ ...row, details: details.filter((detail) => wanted.length === 0 || wanted.includes(String(detail['ccy']))) }]
  }

  config(key: OkxKey): readonly Row[] {
    const uid = numberOf(key.account)
    return [{
      acctLv: '2', acctStpMode: 'cancel_maker', autoLoan: false, ctIsoMode: 'automatic', enableSpotBorrow: false, feeType: '0', greeksType: 'PA', ip: '', kycLv: '3', label: key.account, level: 'Lv1',
      levelTmp: '', liquidationGear: '-1', mainUid: uid, mgnIsoMode: 'automatic', opAuth: '0', perm: 'read_only,trade', posMode: 'net_mode', roleType: '0', settleCcy: 'USDT', settleCcyList: ['USDT'],
      spotBorrowAutoRepay: false, spotOffsetType: '', spotRoleType: '0', spotTraderInsts: [], stgyType: '0', traderInsts: [], type: '0', uid,
    }]
  }

  setLeverage(key: OkxKey, fields: Fields): readonly Row[] {
    const { exchange, listings } = this.#parts
    const listing = listingOf(listings, fields)
    netCross(fields, 'mgnMode')
    const lever = textOf(fields, 'lever')
    if (lever === '') refuse(missing('lever'))
    const answer = exchange.setLeverage(key.account, listing.symbol, lever)
    if (!answer.ok && answer.refusal === 'insufficient-margin') refuse({ code: '59108', text: 'Low leverage and insufficient margin, please adjust the leverage', subCode: '' })
    if (!answer.ok && answer.refusal !== 'leverage-unchanged') refuse(refusals[answer.refusal])
    return [{ lever, mgnMode: 'cross', instId: listing.instId, posSide: '' }]
  }

  leverageInfo(key: OkxKey, query: Query): readonly Row[] {
    const { exchange, listings } = this.#parts
    if (query.text('mgnMode') !== 'cross') refuse(query.text('mgnMode') === '' ? missing('mgnMode') : wrong('mgnMode'))
    const instIds = query.text('instId').split(',')
    return instIds.map((instId) => {
      const listing = listings.byInstId(instId) ?? refuse(refusals['unknown-symbol'])
      return { ccy: '', instId, mgnMode: 'cross', posSide: 'net', lever: exchange.position(key.account, listing.symbol).leverage }
    })
  }

  setPositionMode(fields: Fields): readonly Row[] {
    const mode = textOf(fields, 'posMode')
    if (mode === 'long_short_mode') refuse(codes.modeUnsupported)
    if (mode !== 'net_mode') refuse(mode === '' ? missing('posMode') : wrong('posMode'))
    return [{ posMode: mode }]
  }

  /** Rates are negative where they are paid. */
  tradeFee(query: Query): readonly Row[] {
    const { exchange, listings, nowMs } = this.#parts
    const instId = query.text('instId')
    const listing = instId === '' ? listings.all[0]! : (listings.byInstId(instId) ?? refuse(refusals['unknown-symbol']))
    const { makerFeeRate, takerFeeRate } = exchange.contract(listing.symbol)!
    const maker = moneyText(money(makerFeeRate).negated())
    const taker = moneyText(money(takerFeeRate).negated())
    return [{
      category: '1', delivery: '', exercise: '', feeGroup: [{ elpMaker: maker, groupId: '1', maker, taker }], fiat: [], instType: 'SWAP', level: 'Lv1', maker, makerU: maker, makerUSDC: '', ruleType: 'normal',
      taker, takerU: taker, takerUSDC: '', ts: String(nowMs()), uly: '',
    }]
  }

  /** Newest first: every cash flow with the balance after it, found by walking back from the present. */
  bills(key: OkxKey, query: Query, days: number): readonly Row[] {
    const { exchange, nowMs } = this.#parts
    const wanted = this.#listings(query, false)
    const type = query.text('type')
    const sinceMs = nowMs() - days * DAY_MS
    let balance = exchange.wallet(key.account).balance
    const rows: Row[] = []
    for (const execution of exchange.executions(key.account, {})) {
      const change = execution.realisedPnl.minus(execution.fee)
      const row = this.#bill(execution, balance, change)
      balance = balance.minus(change)
      if (execution.timeMs >= sinceMs && wanted(execution.symbol) && (type === '' || row['type'] === type)) rows.push(row)
    }
    return page(rows, query, (row) => String(row['billId']))
  }

  /** The settlement coin: what clients ask for before they list markets. */
  currencies(): readonly Row[] {
    const ccy = this.#parts.exchange.contracts[0]!.quoteCoin
    return [{ ccy, chain: '', name: ccy, canDep: false, canInternal: false, canWd: false, minWd: '', maxWd: '', wdTickSz: '8', minFee: '', maxFee: '', logoLink: '', mainNet: true, needTag: false }]
  }

  #bill(execution: Execution, after: Money, change: Money): Row {
    const listing = this.#parts.listings.bySymbol(execution.symbol)
    const { clOrdId, tag } = clientNameOf(execution.clientId)
    const funding = execution.kind === 'Funding'
    return {
      bal: moneyText(after), balChg: moneyText(change), billId: billIdOf(execution.executionId), ccy: listing.contract.quoteCoin, clOrdId, earnAmt: '', earnApr: '', execType: funding ? '' : execution.maker ? 'M' : 'T',
      fee: funding ? '0' : cost(execution.fee), fillFwdPx: '', fillIdxPx: '', fillMarkPx: '', fillMarkVol: '', fillPxUsd: '', fillPxVol: '', fillTime: String(execution.timeMs), from: '', instId: listing.instId,
      instType: 'SWAP', interest: '0', mgnMode: 'cross', notes: '', ordId: execution.orderId === '' ? '' : ordIdOf(execution.orderId), pnl: moneyText(funding ? execution.fee.negated() : execution.realisedPnl), posBal: '0', posBalChg: '0',
      px: funding ? moneyText(execution.price) : listing.price.of(execution.priceTicks), subType: funding ? (change.lessThan(ZERO) ? '173' : '174') : execution.side === 0 ? '1' : '2', sz: listing.size.of(execution.lots), tag,
      to: '', tradeId: tradeIdText(execution.executionId), ts: String(execution.timeMs), type: funding ? '8' : execution.kind === 'Liquidation' ? '5' : '2',
    }
  }

  #forgotten(order: ExchangeOrder): boolean {
    return isFinal(order) && order.filledLots === 0 && this.#parts.nowMs() - order.updatedMs > this.#parts.limits.cancelledKeptMs
  }

  /** @returns whether a symbol is asked for. @throws Refused for types and instruments that do not exist. */
  #listings(query: Query, typeRequired: boolean, named: readonly string[] = query.text('instId') === '' ? [] : [query.text('instId')]): (symbol: string) => boolean {
    const type = query.text('instType')
    if (type === '' && typeRequired) refuse(missing('instType'))
    if (type !== '' && !['SPOT', 'MARGIN', 'SWAP', 'FUTURES', 'OPTION', 'ANY'].includes(type)) refuse(wrong('instType'))
    if (type !== '' && type !== 'SWAP' && type !== 'ANY') return () => false
    const { listings } = this.#parts
    const chosen = named.map((instId): Listing => listings.byInstId(instId) ?? refuse(refusals['unknown-symbol']))
    const family = query.text('instFamily') === '' ? query.text('uly') : query.text('instFamily')
    return (symbol) => (chosen.length === 0 || chosen.some((listing) => listing.symbol === symbol)) && (family === '' || listings.bySymbol(symbol).family === family)
  }
}
