import { fail, type Instrument, RingmasterError, type WallMs } from '../../core/index.ts'
import type { AccountSnapshot, VenueFill, VenueOrder, VenuePosition, VenueWallet } from '../trading-port.ts'
import { attempt } from '../common/in-turn.ts'
import type { BybitQueries } from './queries.ts'
import { inTurn, type Params } from '../common/in-turn.ts'
import type { Json } from '../common/json.ts'
import { statusOf } from './instruments.ts'
import { compareExecutions, readFill, readOrder, readPosition, readWallet } from './rows.ts'
import type { BybitSettings } from './settings.ts'

/** The longest span of executions that one query may cover. */
const WINDOW_MS = 7 * 86_400_000 - 1

type Next = (error: unknown) => void

/**
 * The account as one answer: open orders, positions, wallet, then executions, so that the executions reach at least
 * as far as the rest. One failed or incomplete query fails the whole. Positions are asked symbol by symbol, because
 * only then does the venue say "flat" in so many words: a missing row is an error and never a flat position.
 */
export function takeSnapshot(
  queries: BybitQueries, settings: BybitSettings, instruments: readonly Instrument[], quoteCoin: string, nowMs: WallMs, sinceMs: WallMs,
  done: (error: unknown, snapshot: AccountSnapshot | null) => void,
): void {
  const bySymbol = new Map(instruments.map((instrument) => [instrument.symbol, instrument]))
  const instrumentOf = (row: Json): Instrument | undefined => bySymbol.get(String(row['symbol']))
  const positions: VenuePosition[] = []
  const setAside: string[] = []
  let openOrders: readonly VenueOrder[] = []
  let fills: readonly VenueFill[] = []
  let wallet: VenueWallet | null = null
  // A start in the venue's future asks for what happens from now on.
  const reachMs = Math.max(Math.min(sinceMs, nowMs), nowMs - settings.fillsReachMs)

  const askOrders = (next: Next): void => {
    queries.list('/v5/order/realtime', 'order-query', true, [['category', 'linear'], ['settleCoin', quoteCoin], ['openOnly', '0'], ['limit', '50']], (error, rows) => {
      next(error ?? attempt(() => {
        // A page boundary that moves while it is read repeats rows; it cannot lose one that is still open.
        const unique = new Map(rows.map((row) => [row['orderId'], row]))
        openOrders = read([...unique.values()], instrumentOf, readOrder).filter((order) => order.status === 'open' || order.status === 'untriggered' || order.status === 'partially-filled')
      }))
    })
  }

  /** The venue refuses the name of a symbol: set aside where it says as well that it does not trade, else the failure that it is. */
  const askListed = (symbol: string, refusal: unknown, next: Next): void => {
    queries.list('/v5/market/instruments-info', 'public', false, [['category', 'linear'], ['symbol', symbol]], (error, rows) => {
      const row = rows.find((one) => one['symbol'] === symbol)
      const gone = error === null ? row === undefined || statusOf(row) === 'closed' : isAboutSymbol(error)
      if (gone) setAside.push(symbol)
      next(gone ? null : refusal)
    })
  }

  const askPosition = (instrument: Instrument, next: Next): void => {
    const { symbol } = instrument
    queries.list('/v5/position/list', 'position-query', true, [['category', 'linear'], ['symbol', symbol]], (error, rows) => {
      if (isAboutSymbol(error)) return askListed(symbol, error, next)
      next(error ?? attempt(() => {
        const own = rows.filter((row) => row['symbol'] === symbol)
        if (own.length === 0) fail('RM_VENUE_SNAPSHOT', { what: `no position row of ${symbol}` })
        const legs = own.map((row) => readPosition(row, instrument, settings.hedge))
        const both = legs.length === 2 && legs.some((position) => position.leg === 'long') && legs.some((position) => position.leg === 'short')
        if (legs.length !== 1 && !both) fail('RM_VENUE_SNAPSHOT', { what: `${legs.length} position rows of ${symbol}` })
        positions.push(...legs)
      }))
    })
  }

  const askWallet = (next: Next): void => {
    queries.get('/v5/account/wallet-balance', 'wallet-query', true, [['accountType', 'UNIFIED'], ['coin', quoteCoin]], (error, result) => {
      next(error ?? attempt(() => {
        const list = result?.['list']
        const row: unknown = Array.isArray(list) ? list[0] : undefined
        wallet = typeof row === 'object' && row !== null ? readWallet(row as Json, quoteCoin) : null
        if (wallet === null) fail('RM_VENUE_SNAPSHOT', { what: `the wallet has no row of ${quoteCoin}` })
      }))
    })
  }

  const askFills = (next: Next): void => {
    const windows: Params[] = []
    for (let startMs = reachMs; startMs <= nowMs; startMs += WINDOW_MS + 1) {
      const params: [string, string][] = [['category', 'linear'], ['limit', '100'], ['startTime', String(startMs)]]
      // The last window is open: what happened while we asked belongs to the answer.
      if (startMs + WINDOW_MS < nowMs) params.push(['endTime', String(startMs + WINDOW_MS)])
      windows.push(params)
    }
    const rows = new Map<unknown, Json>()
    inTurn(windows, (params, nextWindow: Next) => {
      queries.list('/v5/execution/list', 'execution-query', true, params, (error, list) => {
        for (const row of list) rows.set(row['execId'], row)
        nextWindow(error)
      })
    }, (error) => next(error ?? attempt(() => {
      fills = read([...rows.values()].sort(compareExecutions), instrumentOf, readFill)
    })))
  }

  const steps: readonly ((next: Next) => void)[] = [askOrders, (next) => inTurn(instruments, askPosition, next), askWallet, askFills]
  inTurn(steps, (step, next) => step(next), (error) => {
    if (error !== null) done(error, null)
    else if (wallet === null) done(new RingmasterError('RM_VENUE_SNAPSHOT', { what: 'wallet' }), null)
    else done(null, { openOrders, positions, fills, wallet, fillsComplete: reachMs <= sinceMs, ...(setAside.length === 0 ? {} : { setAside }) })
  })
}

/** A refusal of what was asked for, not of the moment. */
const isAboutSymbol = (error: unknown): boolean => error instanceof RingmasterError && error.code === 'RM_VENUE_REFUSED' && (error.details['class'] === 'rejected' || error.details['class'] === 'not-found')

/** Rows of the asked symbols; those of others (by hand, another program) are not ours to judge. */
function read<T>(rows: readonly Json[], instrumentOf: (row: Json) => Instrument | undefined, parse: (row: Json, instrument: Instrument) => T): T[] {
  const result: T[] = []
  for (const row of rows) {
    const instrument = instrumentOf(row)
    if (instrument !== undefined) result.push(parse(row, instrument))
  }
  return result
}
