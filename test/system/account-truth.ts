import { RestClientV5 } from 'bybit-api'
import { billIdOf, clientNameOf, ordIdOf, tradeIdText } from '../../src/exchange/okx/ids.ts'

/** An order as the exchange knows it, by the names that the engine's own venue gives it. */
export interface TruthOrder {
  readonly venueId: string
  /** '' for what the venue made itself. */
  readonly clientId: string
  readonly symbol: string
  readonly open: boolean
  readonly reduceOnly: boolean
  /** It waits for a trigger, or did. */
  readonly conditional: boolean
}

export interface TruthExecution {
  readonly executionId: string
  readonly clientId: string
  readonly symbol: string
  readonly funding: boolean
  readonly buy: boolean
  /** Decimal text: base coin, quote currency, quote currency with costs positive. */
  readonly size: string
  readonly price: string
  readonly fee: string
}

export interface AccountTruth {
  readonly orders: readonly TruthOrder[]
  readonly executions: readonly TruthExecution[]
  /** Signed size in base coin by symbol, decimal text; flat ones left out. */
  readonly positions: ReadonlyMap<string, string>
  /** Cash in quote currency, every digit. */
  readonly balance: string
}

interface Page<Row> {
  readonly retCode: number
  readonly retMsg: string
  readonly result: { readonly list: readonly Row[]; readonly nextPageCursor?: string }
}

async function all<Row>(what: string, ask: (cursor: { readonly cursor?: string }) => Promise<Page<Row>>): Promise<Row[]> {
  const rows: Row[] = []
  for (let cursor: string | undefined; ; ) {
    const { retCode, retMsg, result } = await ask(cursor === undefined ? {} : { cursor })
    if (retCode !== 0) throw new Error(`${what}: ${retCode} ${retMsg}`)
    rows.push(...result.list)
    if (!result.nextPageCursor) return rows
    cursor = decodeURIComponent(result.nextPageCursor)
  }
}

/**
 * Everything that the exchange has to say of the paper account, by the stock client of its Bybit front. Both fronts serve
 * the same accounts, so it is the judge of an engine that trades over OKX too: ids are translated to what that one hears.
 */
export async function accountTruth(port: number, venue: 'bybit' | 'okx'): Promise<AccountTruth> {
  const client = new RestClientV5({ key: 'ringmaster-paper', secret: 'paper-money-only', baseUrl: `http://127.0.0.1:${port}`, recv_window: 20_000 })
  const open = await all('open orders', (cursor) => client.getActiveOrders({ category: 'linear', settleCoin: 'USDT', limit: 50, ...cursor }))
  const ended = await all('order history', (cursor) => client.getHistoricOrders({ category: 'linear', limit: 50, ...cursor }))
  const executions = await all('executions', (cursor) => client.getExecutionList({ category: 'linear', limit: 100, ...cursor }))
  const positions = await all('positions', (cursor) => client.getPositionInfo({ category: 'linear', settleCoin: 'USDT', limit: 200, ...cursor }))
  const wallet = await client.getWalletBalance({ accountType: 'UNIFIED' })
  const okx = venue === 'okx'
  const openIds = new Set(open.map((order) => order.orderId))
  const nameOf = (linkId: string): string => (okx ? clientNameOf(linkId).clOrdId : linkId)
  return {
    // One that ended between the two questions stands in both answers.
    orders: [...open, ...ended.filter((order) => !openIds.has(order.orderId))].map((order) => ({
      venueId: okx ? ordIdOf(order.orderId) : order.orderId,
      clientId: nameOf(order.orderLinkId),
      symbol: order.symbol,
      open: openIds.has(order.orderId),
      reduceOnly: order.reduceOnly,
      // Typed by the client without the empty text that the venue sends for ordinary orders.
      conditional: !['', 'UNKNOWN'].includes(order.stopOrderType),
    })),
    executions: executions.map((one) => {
      const funding = one.execType === 'Funding'
      return {
        executionId: !okx ? one.execId : funding ? `bill-${billIdOf(one.execId)}` : `${ordIdOf(one.orderId)}-${tradeIdText(one.execId)}`,
        clientId: nameOf(one.orderLinkId),
        symbol: one.symbol,
        funding,
        buy: one.side === 'Buy',
        size: one.execQty,
        price: one.execPrice,
        fee: one.execFee,
      }
    }),
    positions: new Map(positions.filter((one) => Number(one.size) !== 0).map((one) => [one.symbol, `${one.side === 'Buy' ? '' : '-'}${one.size}`])),
    balance: wallet.result.list[0]!.coin[0]!.walletBalance,
  }
}
