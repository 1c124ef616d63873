import { fail, RingmasterError, type WallMs } from '../../core/index.ts'
import type { AccountSnapshot, VenueFill, VenueOrder, VenuePosition, VenueWallet } from '../trading-port.ts'
import type { OkxContract } from './contracts.ts'
import type { OkxQueries } from './queries.ts'
import { compareFills, readFill, readFunding, readOrder, readPosition, readWallet } from './rows.ts'
import type { OkxSettings } from './settings.ts'
import { attempt, inTurn } from '../common/in-turn.ts'
import { type Json, show } from '../common/json.ts'

type Next = (error: unknown) => void

/** Account levels that hold linear swaps: futures, multi-currency, portfolio. */
const LEVELS = new Set(['2', '3', '4'])
/** Type of a bill that is a funding payment. */
const FUNDING = '8'

/** Checks that the account can trade as this adapter does. Errors: RM_VENUE_ACCOUNT_MODE, RM_VENUE_REQUEST, RM_VENUE_REFUSED. */
export function checkAccount(queries: OkxQueries, done: (error: unknown) => void): void {
  queries.rows('/api/v5/account/config', 'config', true, [], (error, rows) => {
    done(error ?? attempt(() => {
      const row = rows[0] ?? fail('RM_VENUE_SNAPSHOT', { what: 'the account has no configuration' })
      if (row['posMode'] !== 'net_mode') fail('RM_VENUE_ACCOUNT_MODE', { setting: 'posMode', actual: show(row['posMode']), expected: 'net_mode' })
      if (!LEVELS.has(String(row['acctLv']))) fail('RM_VENUE_ACCOUNT_MODE', { setting: 'acctLv', actual: show(row['acctLv']), expected: '2, 3 or 4' })
    }))
  })
}

/**
 * The account as one answer: its mode, open orders, positions, wallet, then fills and funding, so that the fills reach
 * at least as far as the rest. One failed or incomplete query fails the whole. A complete answer of the position list
 * without a symbol says that it is flat: the venue lists positions that exist.
 */
export function takeSnapshot(
  queries: OkxQueries, settings: OkxSettings, contracts: readonly OkxContract[], quoteCoin: string, nowMs: WallMs, sinceMs: WallMs,
  done: (error: unknown, snapshot: AccountSnapshot | null) => void,
): void {
  const byId = new Map(contracts.map((contract) => [contract.instId, contract]))
  let positions: readonly VenuePosition[] = []
  let openOrders: readonly VenueOrder[] = []
  const fills: VenueFill[] = []
  let wallet: VenueWallet | null = null
  // A start in the venue's future asks for what happens from now on.
  const reachMs = Math.max(Math.min(sinceMs, nowMs), nowMs - settings.fillsReachMs)

  /** Rows of the asked instruments; those of others (by hand, another program) are not ours to judge. */
  const read = <T>(rows: readonly Json[], parse: (row: Json, contract: OkxContract) => T): T[] => {
    const result: T[] = []
    for (const row of rows) {
      const contract = byId.get(String(row['instId']))
      if (contract !== undefined) result.push(parse(row, contract))
    }
    return result
  }

  const askOrders = (next: Next): void => {
    queries.pages('/api/v5/trade/orders-pending', 'pending', [['instType', 'SWAP']], 'ordId', (error, rows) => {
      next(error ?? attempt(() => {
        const unique = new Map(rows.map((row) => [row['ordId'], row]))
        openOrders = read([...unique.values()], readOrder).filter((order) => order.status === 'open' || order.status === 'partially-filled')
      }))
    })
  }

  const askPositions = (next: Next): void => {
    queries.rows('/api/v5/account/positions', 'positions', true, [['instType', 'SWAP']], (error, rows) => {
      next(error ?? attempt(() => {
        const listed = read(rows, readPosition)
        positions = contracts.map(({ instrument: { symbol } }) => {
          // The venue may list flat rows of both margin modes beside the one that is held.
          const own = listed.filter((position) => position.symbol === symbol)
          const held = own.filter((position) => position.signedLots !== 0)
          if (held.length > 1) fail('RM_VENUE_SNAPSHOT', { what: `${held.length} positions of ${symbol}` })
          return held[0] ?? own[0] ?? { symbol, signedLots: 0, entryPrice: '', leverage: '' }
        })
      }))
    })
  }

  const askWallet = (next: Next): void => {
    queries.rows('/api/v5/account/balance', 'balance', true, [['ccy', quoteCoin]], (error, rows) => {
      next(error ?? attempt(() => {
        wallet = rows[0] === undefined ? null : readWallet(rows[0], quoteCoin)
        if (wallet === null) fail('RM_VENUE_SNAPSHOT', { what: `the account has no balance of ${quoteCoin}` })
      }))
    })
  }

  const askFills = (next: Next): void => {
    queries.pages('/api/v5/trade/fills', 'fills', [['instType', 'SWAP'], ['begin', String(reachMs)]], 'billId', (error, rows) => {
      next(error ?? attempt(() => {
        fills.push(...read([...rows].sort(compareFills), readFill))
      }))
    })
  }

  const askFunding = (next: Next): void => {
    queries.pages('/api/v5/account/bills', 'bills', [['instType', 'SWAP'], ['type', FUNDING], ['begin', String(reachMs)]], 'billId', (error, rows) => {
      next(error ?? attempt(() => {
        fills.push(...read(rows.filter((row) => row['type'] === FUNDING), readFunding))
      }))
    })
  }

  const check = (next: Next): void => checkAccount(queries, next)
  inTurn([check, askOrders, askPositions, askWallet, askFills, askFunding], (step, next) => step(next), (error) => {
    if (error !== null) done(error, null)
    else if (wallet === null) done(new RingmasterError('RM_VENUE_SNAPSHOT', { what: 'wallet' }), null)
    else {
      // A venue that does not know the filter by time gives more than was asked for.
      const unique = new Map(fills.filter((fill) => fill.timeMs >= reachMs).map((fill) => [fill.executionId, fill]))
      done(null, { openOrders, positions, fills: [...unique.values()].sort((a, b) => a.timeMs - b.timeMs), wallet, fillsComplete: reachMs <= sinceMs })
    }
  })
}
