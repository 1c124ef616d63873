import type { WallMs } from '../../core/index.ts'
import type { Contract, ExchangeOrder, ExchangePort } from '../port.ts'
import { refusals, refuse, wrong } from './codes.ts'
import type { FaultPlan } from '../front/faults.ts'
import { field, type Fields } from '../front/json.ts'
import { closedPnl, transactionLog, type LedgerRow } from './ledger-views.ts'
import { contractOf, linearOnly, textOf } from './order-fields.ts'
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
      const all = exchange.orders(key.account, query.has('symbol') ? { symbol: query.text('symbol'), open: !closed } : { open: !closed })
      orders = (closed ? all.filter((order) => isFinal(order) && recent(order)).slice(0, RECENT_MAX) : all).filter((order) => filter(order.symbol))
    }
    if (query.text('orderFilter') === 'StopOrder') orders = []
    return this.#orders(orders, query)
  }

  history(key: ApiKey, query: Query): Row {
    query.linear()
    const { exchange, latency, nowMs } = this.#parts
    const filter = this.#filter(query) ?? (() => true)
    const now = nowMs()
    const byId = query.has('orderId') || query.has('orderLinkId')
    const { fromMs, toMs } = query.window(now, 7)
    const orders = exchange.orders(key.account, query.has('symbol') ? { symbol: query.text('symbol'), open: false } : { open: false }).filter((order) => {
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
    const kinds: Readonly<Record<string, 'Trade' | 'Funding' | 'Liquidation'>> = { Trade: 'Trade', Funding: 'Funding', BustTrade: 'Liquidation' }
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

  /** With a symbol also when flat; otherwise only what is open. */
  positions(key: ApiKey, query: Query): Row {
    // Other categories exist on the venue and are empty here; clients ask for them as a matter of course.
    if (query.text('category') === 'inverse') return { list: [], nextPageCursor: '', category: 'inverse' }
    query.linear()
    const { exchange, rows } = this.#parts
    const filter = this.#filter(query)
    if (filter === null) refuse(wrong('symbol or settleCoin is required'))
    const symbols = query.has('symbol') ? [query.text('symbol')] : exchange.positions(key.account).filter((one) => one.signedLots !== 0 && filter(one.symbol)).map((one) => one.symbol)
    const cut = page(symbols, query, 20, 200, (one) => one)
    return { list: cut.rows.map((symbol) => rows.position(key.account, symbol, 'rest')), nextPageCursor: cut.nextPageCursor, category: 'linear' }
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

  accountInfo(): Row {
    return {
      marginMode: 'REGULAR_MARGIN', updatedTime: '0', unifiedMarginStatus: 5, dcpStatus: 'OFF', timeWindow: 10, smpGroup: 0, isMasterTrader: false, spotHedgingStatus: 'OFF',
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

  /** One-way is all there is. */
  switchMode(fields: Fields): Row {
    linearOnly(fields)
    const symbol = textOf(fields, 'symbol')
    if (symbol !== '') contractOf(this.#parts.exchange, symbol)
    else if (textOf(fields, 'coin') === '') refuse(wrong('symbol or coin is required'))
    const mode = field(fields, 'mode')
    if (mode !== 0 && mode !== 3) refuse(wrong('mode invalid'))
    return refuse(mode === 0 ? refusals['mode-unchanged'] : refusals['mode-unsupported'])
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
