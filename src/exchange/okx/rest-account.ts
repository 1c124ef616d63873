import { money, type WallMs } from '../../core/index.ts'
import type { Fields } from '../front/json.ts'
import { moneyText } from '../front/text.ts'
import type { ExchangeOrder, ExchangePort, Execution, Leg } from '../port.ts'
import { codes, missing, refusals, refuse, wrong } from './codes.ts'
import { crossMargin } from './order-fields.ts'
import { listingOf, textOf } from './fields.ts'
import { billRow } from './bills.ts'
import { billIdOf, numberOf, ordIdOf } from './ids.ts'
import type { Listing, Listings } from './listing.ts'
import type { Row } from './row.ts'
import type { OrderDesk } from './order-desk.ts'
import { pastPositions } from './position-history.ts'
import { page, type Query } from './query.ts'
import { isFinal } from './order-state.ts'
import type { Rows } from './rows.ts'
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
    const { exchange, rows } = this.#parts
    const named = query.text('instId').split(',').filter((instId) => instId !== '')
    const wanted = this.#listings(query, false, named)
    return exchange.positions(key.account).filter((position) => wanted(position.symbol)).map((position) => rows.position(position))
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
      acctLv: '2', acctStpMode: 'cancel_maker', autoLoan: false, ctIsoMode: 'automatic', enableSpotBorrow: false, feeType: '0', greeksType: 'PA', ip: '', kycLv: '3', label: key.account, level: key.vip === undefined || key.vip === 0 ? 'Lv1' : `VIP${key.vip}`,
      levelTmp: '', liquidationGear: '-1', mainUid: uid, mgnIsoMode: 'automatic', opAuth: '0', perm: 'read_only,trade', posMode: this.#hedged(key) ? 'long_short_mode' : 'net_mode', roleType: '0', settleCcy: 'USDT', settleCcyList: ['USDT'],
      spotBorrowAutoRepay: false, spotOffsetType: '', spotRoleType: '0', spotTraderInsts: [], stgyType: '0', traderInsts: [], type: '0', uid,
    }]
  }

  /** Closed and reduced positions, newest first; paged by their last change. */
  positionsHistory(key: OkxKey, query: Query): readonly Row[] {
    const { exchange, listings, nowMs } = this.#parts
    const wanted = this.#listings(query, false)
    const type = query.text('type')
    const posId = query.text('posId')
    const legs = new Map<string, Execution[]>()
    for (const execution of exchange.executions(key.account, { sinceMs: nowMs() - 90 * DAY_MS })) {
      if (!wanted(execution.symbol)) continue
      const name = `${execution.symbol} ${execution.leg}`
      const list = legs.get(name)
      if (list === undefined) legs.set(name, [execution])
      else list.push(execution)
    }
    const rows = [...legs.values()].flatMap((list) => {
      const { leg, symbol } = list[0]!
      return pastPositions(list.reverse(), listings.bySymbol(symbol), exchange.position(key.account, symbol, leg).leverage)
    })
    rows.sort((a, b) => Number(b['uTime']) - Number(a['uTime']))
    return page(rows.filter((row) => (type === '' || row['type'] === type) && (posId === '' || row['posId'] === posId)), query, (row) => String(row['uTime']))
  }

  /** Orders per two seconds of the account; the fill ratio counts for high fee tiers only. */
  rateLimit(): readonly Row[] {
    const { limits, nowMs } = this.#parts
    const limit = String(limits.rates['account-orders'].count)
    return [{ accRateLimit: limit, fillRatio: '', mainFillRatio: '', nextAccRateLimit: limit, ts: String(nowMs()) }]
  }

  setLeverage(key: OkxKey, fields: Fields): readonly Row[] {
    const { exchange, listings } = this.#parts
    const listing = listingOf(listings, fields)
    crossMargin(fields, 'mgnMode')
    const lever = textOf(fields, 'lever')
    if (lever === '') refuse(missing('lever'))
    const answer = exchange.setLeverage(key.account, listing.symbol, lever)
    if (!answer.ok && answer.refusal === 'insufficient-margin') refuse(codes.lowLeverage)
    if (!answer.ok && answer.refusal !== 'leverage-unchanged') refuse(refusals[answer.refusal])
    return [{ lever, mgnMode: 'cross', instId: listing.instId, posSide: '' }]
  }

  leverageInfo(key: OkxKey, query: Query): readonly Row[] {
    const { exchange, listings } = this.#parts
    if (query.text('mgnMode') !== 'cross') refuse(query.text('mgnMode') === '' ? missing('mgnMode') : wrong('mgnMode'))
    const instIds = query.text('instId').split(',')
    const legs: readonly Leg[] = this.#hedged(key) ? ['long', 'short'] : ['net']
    return instIds.flatMap((instId) => {
      const listing = listings.byInstId(instId) ?? refuse(refusals['unknown-symbol'])
      return legs.map((leg) => ({ ccy: '', instId, mgnMode: 'cross', posSide: leg, lever: exchange.position(key.account, listing.symbol, leg).leverage }))
    })
  }

  /** Of the whole account; needs to have neither positions nor orders. */
  setPositionMode(key: OkxKey, fields: Fields): readonly Row[] {
    const posMode = textOf(fields, 'posMode')
    if (posMode !== 'long_short_mode' && posMode !== 'net_mode') refuse(posMode === '' ? missing('posMode') : wrong('posMode'))
    const answer = this.#parts.exchange.setPositionMode(key.account, null, posMode === 'net_mode' ? 'one-way' : 'hedge')
    if (!answer.ok && answer.refusal !== 'mode-unchanged') refuse(refusals[answer.refusal])
    return [{ posMode }]
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
    const { exchange, listings, nowMs } = this.#parts
    const wanted = this.#listings(query, false)
    const type = query.text('type')
    const sinceMs = nowMs() - days * DAY_MS
    let balance = exchange.wallet(key.account).balance
    const rows: Row[] = []
    for (const execution of exchange.executions(key.account, {})) {
      const change = execution.realisedPnl.minus(execution.fee)
      const row = billRow(execution, listings.bySymbol(execution.symbol), balance, change)
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

  #hedged(key: OkxKey): boolean {
    const { exchange } = this.#parts
    return exchange.positionMode(key.account, exchange.contracts[0]!.symbol) === 'hedge'
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
