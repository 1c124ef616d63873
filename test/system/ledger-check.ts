import { RestClientV5 } from 'bybit-api'
import { join } from 'node:path'
import { journalPath } from '../../workers/journal-path.ts'
import { apply, createState, readJournal, type TradingState } from '../../src/trading/index.ts'

type VenueName = Parameters<typeof journalPath>[0]['venue']

/** The journal of an engine that keeps everything under `dir`. */
export const journalOf = (dir: string, venue: VenueName = 'bybit'): string => journalPath({ data_dir: join(dir, 'data'), venue })

/** The books as the journal alone tells them. */
export function foldJournal(dir: string, venue?: VenueName): TradingState {
  const state = createState()
  for (const { record } of readJournal(journalOf(dir, venue))) apply(state, record)
  return state
}

export interface VenueTruth {
  /** Signed size in base coin by symbol, flat ones left out. */
  readonly positions: ReadonlyMap<string, number>
  /** Client id of every order that the exchange ever accepted; what the exchange makes itself, as the stops of positions, has none. */
  readonly clientIds: readonly string[]
  /** Executed size by execution id. */
  readonly executions: ReadonlyMap<string, { readonly symbol: string; readonly signedQty: number }>
}

/** Asks the exchange itself, with the venue's stock client. */
export async function venueTruth(port: number): Promise<VenueTruth> {
  const client = new RestClientV5({ key: 'ringmaster-paper', secret: 'paper-money-only', baseUrl: `http://127.0.0.1:${port}`, recv_window: 20_000 })
  const positions = await client.getPositionInfo({ category: 'linear', settleCoin: 'USDT', limit: 200 })
  const clientIds: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await client.getHistoricOrders({ category: 'linear', limit: 50, ...(cursor === undefined ? {} : { cursor }) })
    // Stops that the venue made out of an entry carry no id.
    clientIds.push(...page.result.list.map((order) => order.orderLinkId).filter((id) => id !== ''))
    if (!page.result.nextPageCursor) break
    cursor = decodeURIComponent(page.result.nextPageCursor)
  }
  const executions = new Map<string, { symbol: string; signedQty: number }>()
  for (let cursor: string | undefined; ; ) {
    const page = await client.getExecutionList({ category: 'linear', execType: 'Trade', limit: 100, ...(cursor === undefined ? {} : { cursor }) })
    for (const one of page.result.list) executions.set(one.execId, { symbol: one.symbol, signedQty: (one.side === 'Buy' ? 1 : -1) * Number(one.execQty) })
    if (!page.result.nextPageCursor) break
    cursor = decodeURIComponent(page.result.nextPageCursor)
  }
  return {
    positions: new Map(positions.result.list.filter((one) => Number(one.size) !== 0).map((one) => [one.symbol, (one.side === 'Buy' ? 1 : -1) * Number(one.size)])),
    clientIds,
    executions,
  }
}
