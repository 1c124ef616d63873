import type { WallMs } from '../../core/index.ts'
import type { Contract, ExchangeOrder, ExchangePort, ExecutionKind, Leg } from '../port.ts'
import { refusals, refuse, wrong } from './codes.ts'
import type { FaultPlan } from '../front/faults.ts'
import { field, type Fields } from '../front/json.ts'
import { closedPnl, transactionLog, type LedgerRow } from './ledger-views.ts'
import type { DisconnectProtection } from './disconnect-protection.ts'
import { contractOf, linearOnly, REFUSE_BAND } from './order-fields.ts'
import { legOf, protectionChangeOf } from './stop-fields.ts'
import { flagOf, textOf } from './texts.ts'
import { page, type Query } from './query.ts'
import { isFinal, type Row, type Rows } from './rows.ts'
import type { ApiKey } from './settings.ts'
import type { FrontLatency } from '../front/latency.ts'

const DAY_MS = 86_400_000
/** Closed orders that `realtime` still shows. */
const RECENT_MAX = 500

export interface RestAccountParts {
  readonly exchange: ExchangePort
  readonly rows: Rows
  readonly faults: FaultPlan
  readonly latency: FrontLatency
  readonly nowMs: () => WallMs
  readonly protection: DisconnectProtection
}

/** Queries and settings of one account. Each takes the signed key and the parameters and gives `result`. */
export class RestAccount {
  readonly #parts: RestAccountParts

  constructor(parts: RestAccountParts) {
    this.#parts = parts
  }

  /** Open orders, or recent closed ones: from memory, so a restart of the venue forgets the closed. */
  realtime(key: ApiKey, query: Query): Row {
    query.linear()
    const { exchange, faults } = this.#parts
    const filter = this.#filter(query)
    if (filter === null) refuse(wrong('symbol, baseCoin, settleCoin or an order id is required'))
    const recent = (order: ExchangeOrder): boolean => order.updatedMs > faults.recentWipedMs
    let orders: readonly ExchangeOrder[]
    if (query.has('orderId') || query.has('orderLinkId')) {
      const order = exchange.findOrder(key.account, query.has('orderId') ? { orderId: query.text('orderId') } : { clientId: query.text('orderLinkId') })
      orders = order !== undefined && filter(order.symbol) && (!isFinal(order) || recent(order)) ? [order] : []
    } else {
      const closed = query.text('openOnly') === '1'
      const all = this.#both(key.account, query, !closed)
      orders = (closed ? all.filter((order) => isFinal(order) && recent(order)).slice(0, RECENT_MAX) : all).filter((order) => filter(order.symbol))
    }
    return this.#orders(orders, query)
  }

  history(key: ApiKey, query: Query): Row {
    query.linear()
    const { latency, nowMs } = this.#parts
    const filter = this.#filter(query) ?? (() => true)
    const now = nowMs()
    const byId = query.has('orderId') || query.has('orderLinkId')
    const { fromMs, toMs } = query.window(now, 7)
    const orders = this.#both(key.account, query, false).filter((order) => {
      if (!isFinal(order) || !filter(order.symbol) || order.updatedMs > now - latency.historyMs) return false
      if (query.has('orderId') ? order.orderId !== query.text('orderId') : query.has('orderLinkId') && order.clientId !== query.text('orderLinkId')) return false
      if (query.has('orderStatus') && order.status !== query.text('orderStatus')) return false
      if (order.filledLots === 0 && order.updatedMs < now - DAY_MS) return false
      return byId || (order.createdMs >= fromMs && order.createdMs <= toMs)
    })
    return this.#orders(orders, query)
  }

  executions(key: ApiKey, query: Query): Row {
    query.linear()
    const { exchange, rows } = this.#parts
    const filter = this.#filter(query) ?? (() => true)
    const { fromMs, toMs } = query.window(this.#parts.nowMs(), 7)
    const kinds: Readonly<Record<string, ExecutionKind>> = { Trade: 'Trade', Funding: 'Funding', BustTrade: 'Liquidation', AdlTrade: 'Adl', Settle: 'Settlement' }
    const kind = query.text('execType')
    const list = kind !== '' && !Object.hasOwn(kinds, kind) ? [] : exchange.executions(key.account, {
      ...(query.has('symbol') ? { symbol: query.text('symbol') } : {}),
      ...(query.has('orderId') ? { orderId: query.text('orderId') } : query.has('orderLinkId') ? { clientId: query.text('orderLinkId') } : {}),
      ...(kind === '' ? {} : { kind: kinds[kind]! }),
      sinceMs: fromMs,
      untilMs: toMs,
    }).filter((execution) => filter(execution.symbol))
    const cut = page(list, query, 50, 100, (one) => one.executionId)
    return { nextPageCursor: cut.nextPageCursor, category: 'linear', list: cut.rows.map((one) => rows.execution(one, 'rest', false)) }
  }

  /** With a symbol also when flat, both legs in hedge mode; otherwise only what is open. */
  positions(key: ApiKey, query: Query): Row {
    // Other categories exist on the venue and are empty here; clients ask for them as a matter of course.
    if (query.text('category') === 'inverse') return { list: [], nextPageCursor: '', category: 'inverse' }
    query.linear()
    const { exchange, rows } = this.#parts
    const filter = this.#filter(query)
    if (filter === null) refuse(wrong('symbol or settleCoin is required'))
    const legs: readonly { readonly symbol: string; readonly leg: Leg }[] = query.has('symbol')
      ? (exchange.positionMode(key.account, query.text('symbol')) === 'hedge' ? (['long', 'short'] as const) : (['net'] as const)).map((leg) => ({ symbol: query.text('symbol'), leg }))
      : exchange.positions(key.account).filter((one) => filter(one.symbol))
    const cut = page(legs, query, 20, 200, (one) => `${one.symbol},${one.leg}`)
    return { list: cut.rows.map((one) => rows.position(key.account, one.symbol, one.leg, 'rest')), nextPageCursor: cut.nextPageCursor, category: 'linear' }
  }

  closedPnl(key: ApiKey, query: Query): Row {
    query.linear()
    return this.#ledger(closedPnl(this.#parts.exchange, this.#parts.rows, key.account), query, 50, 100)
  }

  transactionLog(key: ApiKey, query: Query): Row {
    const category = query.text('category')
    const log = category === '' || category === 'linear' ? transactionLog(this.#parts.exchange, this.#parts.rows, key.account) : []
    const type = query.text('type')
    return this.#ledger(type === '' ? log : log.filter((one) => one.type === type), query, 20, 50)
  }

  wallet(key: ApiKey, query: Query): Row {
    if (query.text('accountType') !== 'UNIFIED') refuse(wrong('accountType only support UNIFIED.'))
    const row = this.#parts.rows.wallet(key.account)
    const coins = query.has('coin') ? query.text('coin').split(',') : null
    const coin = row['coin'] as readonly Row[]
    return { list: [coins === null ? row : { ...row, coin: coin.filter((one) => coins.includes(String(one['coin']))) }] }
  }

  accountInfo(key: ApiKey): Row {
    const { protection } = this.#parts
    return {
      marginMode: 'REGULAR_MARGIN', updatedTime: '0', unifiedMarginStatus: 5, dcpStatus: protection.active(key.account) ? 'ON' : 'OFF', timeWindow: protection.windowSeconds(key.account), smpGroup: 0, isMasterTrader: false, spotHedgingStatus: 'OFF',
    }
  }

  feeRate(query: Query): Row {
    query.linear()
    const { exchange } = this.#parts
    const wanted = query.has('symbol') ? [contractOf(exchange, query.text('symbol'))] : exchange.contracts
    return { category: 'linear', list: wanted.map((one) => ({ symbol: one.symbol, baseCoin: one.baseCoin, takerFeeRate: one.takerFeeRate, makerFeeRate: one.makerFeeRate })) }
  }

  apiKey(key: ApiKey): Row {
    return {
      id: '1', note: 'built-in exchange', apiKey: key.apiKey, readOnly: 0, secret: '',
      permissions: { ContractTrade: ['Order', 'Position'], Spot: [], Wallet: [], Options: [], Derivatives: ['DerivativesTrade'], CopyTrading: [], BlockTrade: [], Exchange: [], NFT: [], Affiliate: [] },
      ips: ['*'], type: 1, deadlineDay: 90, expiredAt: '', createdAt: '', unified: 0, uta: 1, userID: 1, inviterID: 0, vipLevel: 'No VIP', mktMakerLevel: '0', affiliateID: 0, rsaPublicKey: '', isMaster: true, parentUid: '0', kycLevel: 'LEVEL_DEFAULT', kycRegion: '',
    }
  }

  coins(query: Query): Row {
    const coins = [...new Set(this.#parts.exchange.contracts.flatMap((one) => [one.quoteCoin, one.baseCoin]))].filter((coin) => !query.has('coin') || coin === query.text('coin'))
    return { rows: coins.map((coin) => ({ name: coin, coin, remainAmount: '0', chains: [] })) }
  }

  setLeverage(key: ApiKey, fields: Fields): Row {
    linearOnly(fields)
    const contract = contractOf(this.#parts.exchange, textOf(fields, 'symbol'))
    const buy = textOf(fields, 'buyLeverage')
    const sell = textOf(fields, 'sellLeverage')
    if (!/^\d{1,4}(\.\d{1,2})?$/.test(buy) || Number(buy) !== Number(sell)) refuse(wrong('buyLeverage and sellLeverage must be the same number'))
    const answer = this.#parts.exchange.setLeverage(key.account, contract.symbol, buy)
    if (!answer.ok) refuse(refusals[answer.refusal])
    return {}
  }

  /** `mode` 0 one-way, 3 hedge; of one symbol, or of all that settle in a coin. */
  switchMode(key: ApiKey, fields: Fields): Row {
    linearOnly(fields)
    const { exchange } = this.#parts
    const symbol = textOf(fields, 'symbol')
    const coin = textOf(fields, 'coin')
    if (symbol !== '') contractOf(exchange, symbol)
    else if (coin === '') refuse(wrong('symbol or coin is required'))
    else if (!exchange.contracts.some((one) => one.quoteCoin === coin)) refuse(wrong('coin invalid'))
    const mode = field(fields, 'mode')
    if (mode !== 0 && mode !== 3) refuse(wrong('mode invalid'))
    const answer = exchange.setPositionMode(key.account, symbol === '' ? null : symbol, mode === 3 ? 'hedge' : 'one-way')
    if (!answer.ok) refuse(refusals[answer.refusal])
    return {}
  }

  /** Take profit, stop loss and trailing stop of a position. */
  tradingStop(key: ApiKey, fields: Fields): Row {
    linearOnly(fields)
    const { exchange } = this.#parts
    const contract = contractOf(exchange, textOf(fields, 'symbol'))
    const leg = legOf(fields)
    if ((leg === 'net') !== (exchange.positionMode(key.account, contract.symbol) === 'one-way')) refuse(refusals['leg-mismatch'])
    const answer = exchange.setProtection(key.account, contract.symbol, leg, protectionChangeOf(contract, fields))
    if (!answer.ok) refuse(refusals[answer.refusal])
    return {}
  }

  /** Whether prices outside the band are moved (true, the default) or refused. */
  setLimitPriceAction(key: ApiKey, fields: Fields): Row {
    linearOnly(fields)
    if (field(fields, 'modifyEnable') === undefined) refuse(wrong('modifyEnable is required'))
    this.#parts.exchange.keepSetting(key.account, REFUSE_BAND, flagOf(fields, 'modifyEnable') ? '' : 'yes')
    return {}
  }

  setDisconnectProtection(key: ApiKey, fields: Fields): Row {
    this.#parts.protection.set(key.account, fields)
    return {}
  }

  disconnectProtection(key: ApiKey): Row {
    const { protection } = this.#parts
    return { dcpInfos: [{ product: 'DERIVATIVES', dcpStatus: protection.active(key.account) ? 'ON' : 'OFF', timeWindow: String(protection.windowSeconds(key.account)) }] }
  }

  /** Cross margin is all there is. */
  setMarginMode(fields: Fields): Row {
    const mode = textOf(fields, 'setMarginMode')
    if (mode === 'REGULAR_MARGIN') return { reasons: [] }
    if (mode !== 'ISOLATED_MARGIN' && mode !== 'PORTFOLIO_MARGIN') refuse(wrong('setMarginMode invalid'))
    return refuse({ code: 3_400_045, text: 'Set margin mode failed' })
  }

  // Conditional orders that never fired stand in the same lists as the others, newest first.
  #both(account: string, query: Query, open: boolean): readonly ExchangeOrder[] {
    const { exchange } = this.#parts
    const filter = { open, ...(query.has('symbol') ? { symbol: query.text('symbol') } : {}) }
    const which = query.text('orderFilter')
    if (which === 'Order') return exchange.orders(account, filter)
    const waiting = exchange.orders(account, { ...filter, conditional: true })
    if (which === 'StopOrder') return waiting
    const others = exchange.orders(account, filter)
    // Ids of the exchange rise with their number.
    return waiting.length === 0 ? others : [...others, ...waiting].sort((a, b) => (a.orderId < b.orderId ? 1 : -1))
  }

  #orders(orders: readonly ExchangeOrder[], query: Query): Row {
    const cut = page(orders, query, 20, 50, (one) => one.orderId)
    return { list: cut.rows.map((one) => this.#parts.rows.order(one, 'rest')), nextPageCursor: cut.nextPageCursor, category: 'linear' }
  }

  #ledger(rows: readonly LedgerRow[], query: Query, limitDefault: number, limitMax: number): Row {
    const filter = this.#filter(query) ?? (() => true)
    const { fromMs, toMs } = query.window(this.#parts.nowMs(), 7)
    const wanted = rows.filter((one) => filter(one.symbol) && one.timeMs >= fromMs && one.timeMs <= toMs)
    const cut = page(wanted, query, limitDefault, limitMax, (one) => one.id)
    return { nextPageCursor: cut.nextPageCursor, category: 'linear', list: cut.rows.map((one) => one.row) }
  }

  // Which symbols are meant: symbol, then base coin, then settle coin. Null when none is named and no order id is.
  #filter(query: Query): ((symbol: string) => boolean) | null {
    const { exchange } = this.#parts
    const symbol = query.text('symbol')
    if (symbol !== '') {
      contractOf(exchange, symbol)
      return (one) => one === symbol
    }
    const by = (matches: (contract: Contract) => boolean) => (one: string): boolean => {
      const contract = exchange.contract(one)
      return contract !== undefined && matches(contract)
    }
    if (query.has('baseCoin')) return by((contract) => contract.baseCoin === query.text('baseCoin'))
    if (query.has('settleCoin')) return by((contract) => contract.quoteCoin === query.text('settleCoin'))
    return query.has('orderId') || query.has('orderLinkId') ? () => true : null
  }
}
