import { fail } from '../../core/index.ts'
import { isFinal } from '../../trading/index.ts'
import type { CloseAnswer, ExecutionStats } from '../contract/index.ts'
import { type OrderEntry, statusOf } from '../books/index.ts'
import type { Desk } from '../desk/index.ts'
import { balanceRow, closeRefusal, orderRow, orderStory, positionRows, tradeRow } from '../rows/index.ts'
import { audited, type Call, type Handlers, newestFirst, symbolOf, taken } from './handler.ts'

const EQUITY_POINTS = 500

/** Orders, positions, money and risk. */
export function tradingRoutes(desk: Desk): Handlers<'signals' | 'balance' | 'equity' | 'positions' | 'closePosition' | 'trades' | 'riskStatus' | 'setLimit' | 'executionStats' | 'orders' | 'order' | 'closeOrder'> {
  const { books, market, decisions, root, line } = desk
  const entryOf = (id: string): OrderEntry => books.orders.get(id) ?? fail('RM_API_NOT_FOUND', { what: 'order', id })

  const closeSymbol = async (call: Call, symbol: string, why: string): Promise<CloseAnswer> => {
    const { position, ledger } = books.state.symbols.get(symbol) ?? { position: null, ledger: null }
    if (position === null || ledger.signedLots === 0) return fail('RM_API_REFUSED', { what: `closing ${symbol}`, reason: 'nothing is held' })
    taken(await line.ask('close-position', { user: call.user, why: `${call.user}: ${why}`, symbol }), 'position', symbol)
    return { accepted: true, action: 'close-position', symbol, positionId: String(position.id) }
  }
  const closeOrder = async (call: Call, entry: OrderEntry, why: string): Promise<CloseAnswer> => {
    const { symbol, positionId, id } = entry
    const state = books.state.symbols.get(symbol)
    const held = state?.position?.id === positionId && state.ledger.signedLots !== 0
    const refusal = closeRefusal(entry, held)
    if (refusal !== '') return fail('RM_API_REFUSED', { what: `closing order ${id}`, reason: refusal })
    if (held) return closeSymbol(call, symbol, why)
    taken(await line.ask('cancel-order', { user: call.user, why: `${call.user}: ${why}`, clientId: id }), 'order', id)
    return { accepted: true, action: 'cancel-order', symbol, positionId: String(positionId) }
  }

  return {
    signals: ({ query }) => newestFirst(query.symbol === undefined ? decisions.signals : decisions.signals.filter((one) => one.symbol === query.symbol), query.cursor, query.limit),
    async balance() {
      if (market.account === null) fail('RM_API_ENGINE_AWAY', { what: 'the balance', reason: 'the venue has not told it yet' })
      const kill = (await root.get().catch(() => root.last))?.snapshot.kill
      return balanceRow(books, market, { dayLoss: kill?.dayLoss ?? null, drawdownPercent: kill?.drawdownPercent ?? null })
    },
    equity: () => ({ items: thinned(books.equity, EQUITY_POINTS) }),
    positions: () => ({ items: positionRows(books, market) }),
    closePosition: ({ params, body }, call) => {
      symbolOf(desk, params.symbol)
      return audited(desk, call, 'close-position', params.symbol, body.why, () => closeSymbol(call, params.symbol, body.why))
    },
    trades({ query }) {
      const found = newestFirst(query.symbol === undefined ? books.trades : books.trades.filter((one) => one.entry.symbol === query.symbol), query.cursor, query.limit)
      return { ...found, items: found.items.map(tradeRow) }
    },
    async riskStatus() {
      const { risk } = (await root.get()).snapshot
      if (risk === null) return fail('RM_API_ENGINE_AWAY', { what: 'risk', reason: 'execution has not told of it yet' })
      return { limits: [...risk.limits], exposure: { ...risk.exposure }, refusals: [...risk.refusals], blocked: [...risk.blocked], dust: [...risk.dust] }
    },
    setLimit: ({ params, body }, call) =>
      audited(desk, call, 'set-limit', `${params.limit} = ${body.value}`, body.why, async () => {
        const problem = await line.ask('set-limit', { user: call.user, why: `${call.user}: ${body.why}`, limit: params.limit, value: body.value })
        return problem === null ? { accepted: true } : fail('RM_API_REFUSED', { what: `limit ${params.limit}`, reason: problem })
      }),
    async executionStats() {
      const picture = await root.get().catch(() => root.last)
      return statsOf(desk, { ...picture?.snapshot.latencyNs })
    },
    orders({ query }) {
      const { rows, total, next, counts } = desk.orders.find(query)
      return { items: rows.map((entry) => orderRow(entry, books)), total, next, counts, caughtUp: books.caughtUp }
    },
    order: ({ params }) => orderStory(entryOf(params.id), books, market, decisions),
    closeOrder: ({ params, body }, call) => {
      const entry = entryOf(params.id)
      return audited(desk, call, 'close-order', params.id, body.why, () => closeOrder(call, entry, body.why))
    },
  }
}

/** At most so many points of a line, its ends included. */
function thinned<T>(points: readonly T[], most: number): T[] {
  if (points.length <= most) return [...points]
  return Array.from({ length: most }, (_, i) => points[Math.round((i * (points.length - 1)) / (most - 1))]!)
}

function statsOf({ books }: Desk, latencyNs: ExecutionStats['latencyNs']): ExecutionStats {
  const { orders, entries, entriesFilled, fills, makerFills, lateFills, fees, realised, funding, trades, wins, net, sinceMs } = books.sums
  const byStatus: Record<string, number> = {}
  let ended = 0
  for (const { state, purpose } of books.orders.all) {
    const word = statusOf(state)
    byStatus[word] = (byStatus[word] ?? 0) + 1
    if (purpose === 'entry' && !isFinal(state)) ended--
  }
  // Those that are on their way may still fill.
  const decided = entries + ended
  return {
    orders,
    byStatus,
    fills,
    makerFills,
    lateFills,
    entries,
    entriesFilled,
    fillRate: decided <= 0 ? null : entriesFilled / decided,
    fees: fees.toFixed(),
    realised: realised.toFixed(),
    funding: funding.toFixed(),
    trades,
    wins,
    winRate: trades === 0 ? null : wins / trades,
    net: net.toFixed(),
    sinceMs,
    caughtUp: books.caughtUp,
    latencyNs,
  }
}
