import { fail, RingmasterError, type WallMs } from '../../core/index.ts'
import type { AccountSnapshot, PositionMode, VenueFill, VenueOrder, VenuePosition, VenueWallet } from '../trading-port.ts'
import type { OkxContract } from './contracts.ts'
import { FUNDING_BILL } from './funding.ts'
import type { OkxQueries } from './queries.ts'
import type { AlgoIds } from './algo-ids.ts'
import type { AlgoOrders } from './algo-orders.ts'
import { ALGO_TYPES } from './algo-rows.ts'
import { compareFills, isKeptExit, kindOfFill, kindOfOrder, readFill, readFunding, readOrder, readPosition, readWallet } from './rows.ts'
import type { OkxSettings } from './settings.ts'
import { attempt, inTurn } from '../common/in-turn.ts'
import { type Json, show } from '../common/json.ts'

type Next = (error: unknown) => void

/** Account levels that hold linear swaps: futures, multi-currency, portfolio. */
const LEVELS = new Set(['2', '3', '4'])

/** Client ids of an order that an algo order became are the venue's own: none, or its algo id and a number. */
const NAMELESS = /^(?:|\d+_\d+)$/
/** Orders of nameless fills that one snapshot looks up. */
const LOOK_UPS_MAX = 100

export const POSITION_MODES = { 'one-way': 'net_mode', hedge: 'long_short_mode' } as const satisfies Record<PositionMode, string>

/** Checks that the account can trade as this adapter does. Errors: RM_VENUE_ACCOUNT_MODE, RM_VENUE_REQUEST, RM_VENUE_REFUSED. */
export function checkAccount(queries: OkxQueries, mode: PositionMode, done: (error: unknown) => void): void {
  queries.rows('/api/v5/account/config', 'config', true, [], (error, rows) => {
    done(error ?? attempt(() => {
      const row = rows[0] ?? fail('RM_VENUE_SNAPSHOT', { what: 'the account has no configuration' })
      if (row['posMode'] !== POSITION_MODES[mode]) fail('RM_VENUE_ACCOUNT_MODE', { setting: 'posMode', actual: show(row['posMode']), expected: POSITION_MODES[mode] })
      if (!LEVELS.has(String(row['acctLv']))) fail('RM_VENUE_ACCOUNT_MODE', { setting: 'acctLv', actual: show(row['acctLv']), expected: '2, 3 or 4' })
    }))
  })
}

export interface SnapshotParts {
  readonly queries: OkxQueries
  readonly settings: OkxSettings
  readonly algos: AlgoOrders
  readonly ids: AlgoIds
}

/**
 * The account as one answer: its mode, open orders, orders that wait for a trigger, positions, wallet, then fills and funding, so that the fills reach
 * at least as far as the rest. One failed or incomplete query fails the whole. A complete answer of the position list
 * without a symbol says that it is flat: the venue lists positions that exist.
 */
export function takeSnapshot(
  { queries, settings, algos, ids }: SnapshotParts, contracts: readonly OkxContract[], quoteCoin: string, nowMs: WallMs, sinceMs: WallMs,
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
        openOrders = read([...unique.values()], (row, contract) => readOrder(row, contract, ids)).filter((order) => order.status === 'open' || order.status === 'partially-filled')
      }))
    })
  }

  const askAlgos = (next: Next): void => {
    algos.pending('', ALGO_TYPES, queries, (error, rows) => {
      next(error ?? attempt(() => {
        const waiting = read(rows, (row, contract) => algos.take(row, contract)).filter((row) => row.phase === 'waiting')
        if (waiting.length > 0) algos.needed()
        openOrders = [...openOrders, ...waiting.map((row) => row.order)]
      }))
    })
  }

  const askPositions = (next: Next): void => {
    queries.rows('/api/v5/account/positions', 'positions', true, [['instType', 'SWAP']], (error, rows) => {
      next(error ?? attempt(() => {
        const listed = read(rows, (row, contract) => readPosition(row, contract, settings.positionMode))
        positions = contracts.flatMap(({ instrument: { symbol } }) => {
          // The venue may list flat rows of both margin modes beside the one that is held.
          const own = listed.filter((position) => position.symbol === symbol)
          const held = own.filter((position) => position.signedLots !== 0)
          if (new Set(held.map((position) => position.leg)).size < held.length) fail('RM_VENUE_SNAPSHOT', { what: `${held.length} positions of ${symbol}` })
          if (held.length > 0) return held
          return settings.positionMode === 'hedge' ? [] : [own[0] ?? { symbol, signedLots: 0, entryPrice: '', leverage: '' }]
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
      if (error === null) nameOrders(rows.filter((row) => byId.has(String(row['instId']))), (failed) => next(failed ?? attempt(() => fills.push(...read([...rows].sort(compareFills), (row, contract) => readFill(row, contract, ids, kinds.get(String(row['ordId'])), kept.has(String(row['ordId']))))))))
      else next(error)
    })
  }

  const kinds = new Map<string, VenueFill['kind']>()
  const kept = new Set<string>()
  /** A fill does not say that its order came from an algo order, or from the venue: the order itself has to be asked whose it is. */
  const nameOrders = (rows: readonly Json[], next: Next): void => {
    const nameless = new Map<string, Json>()
    for (const row of rows) {
      if (kindOfFill(row) === 'trade' && NAMELESS.test(ids.clientOf(row)) && typeof row['ordId'] === 'string' && row['ordId'] !== '' && nameless.size < LOOK_UPS_MAX) nameless.set(row['ordId'], row)
    }
    inTurn([...nameless.values()], (row, then) => {
      queries.rows('/api/v5/trade/order', 'order', true, [['instId', String(row['instId'])], ['ordId', String(row['ordId'])]], (error, found, answer) => {
        // An order that the venue has forgotten stays nameless.
        if (answer.kind === 'refused' && answer.errorClass === 'not-found') then(null)
        else then(error ?? attempt(() => {
          for (const one of found) {
            ids.clientOf(one)
            kinds.set(String(row['ordId']), kindOfOrder(one))
            if (isKeptExit(one)) kept.add(String(row['ordId']))
          }
        }))
      })
    }, next)
  }

  const askFunding = (next: Next): void => {
    queries.pages('/api/v5/account/bills', 'bills', [['instType', 'SWAP'], ['type', FUNDING_BILL], ['begin', String(reachMs)]], 'billId', (error, rows) => {
      next(error ?? attempt(() => {
        fills.push(...read(rows.filter((row) => row['type'] === FUNDING_BILL), readFunding))
      }))
    })
  }

  const check = (next: Next): void => checkAccount(queries, settings.positionMode, next)
  inTurn([check, askOrders, askAlgos, askPositions, askWallet, askFills, askFunding], (step, next) => step(next), (error) => {
    if (error !== null) done(error, null)
    else if (wallet === null) done(new RingmasterError('RM_VENUE_SNAPSHOT', { what: 'wallet' }), null)
    else {
      // A venue that does not know the filter by time gives more than was asked for.
      const unique = new Map(fills.filter((fill) => fill.timeMs >= reachMs).map((fill) => [fill.executionId, fill]))
      done(null, { openOrders, positions, fills: [...unique.values()].sort((a, b) => a.timeMs - b.timeMs), wallet, fillsComplete: reachMs <= sinceMs })
    }
  })
}
