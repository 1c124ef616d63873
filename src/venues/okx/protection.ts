import { errorLine, fail, type Nanos } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { CommandOutcome, VenuePosition } from '../trading-port.ts'
import { attempt } from '../common/in-turn.ts'
import type { Json } from '../common/json.ts'
import type { AlgoOrders } from './algo-orders.ts'
import { AT_MARKET } from './algo-rows.ts'
import type { OkxContract } from './contracts.ts'
import { asGone, outcomeOf, worse } from './outcomes.ts'
import { REDUCE } from '../resilience/urgency.ts'
import type { OkxQueries } from './queries.ts'
import type { OkxRest } from './rest.ts'
import { readPosition } from './rows.ts'
import type { OkxSettings } from './settings.ts'

type Done = (outcome: CommandOutcome) => void

export interface Protection {
  readonly takeProfitTicks: number | null
  readonly stopLossTicks: number | null
}

export interface ProtectionParts {
  readonly services: VenueServices
  readonly settings: OkxSettings
  readonly rest: OkxRest
  readonly queries: OkxQueries
  readonly algos: AlgoOrders
}

/**
 * Take-profit and stop-loss that the venue keeps for the whole position: one algo order with `closeFraction` 1, which
 * goes to market. The venue has one of them per position, so a change is a cancel and then a new one: **between the
 * answers to the two, one round trip and the wait for the limit, the position has no protection there.** When the new one
 * is refused none is left, and the outcome's text says so. A protection that stands already as wanted is left alone.
 */
export function setProtection(parts: ProtectionParts, contract: OkxContract, wanted: Protection, deadlineNs: Nanos, done: Done): void {
  const { queries, algos } = parts
  const { instId } = contract
  algos.pending(instId, ['conditional', 'oco'], queries, (error, rows) => {
    if (error !== null) {
      done({ kind: 'unsent', reason: `protection of ${instId} is not known: ${errorLine(error)}` })
      return
    }
    const held = rows.filter((row) => typeof row['closeFraction'] === 'string' && row['closeFraction'] !== '')
    const none = wanted.takeProfitTicks === null && wanted.stopLossTicks === null
    if (none) {
      cancel(parts, contract, held, deadlineNs, done)
      return
    }
    queries.rows('/api/v5/account/positions', 'positions', true, [['instType', 'SWAP'], ['instId', instId]], (failed, positions) => {
      let args: Json = {}
      const problem = failed ?? attempt(() => {
        args = protectionArgs(openPosition(positions, contract, parts.settings), contract, wanted)
      })
      if (problem !== null) done({ kind: 'unsent', reason: errorLine(problem) })
      else if (held.length === 1 && stands(held[0]!, args)) parts.services.timers.after(0, () => done({ kind: 'accepted', venueId: String(held[0]!['algoId']) }))
      else {
        cancel(parts, contract, held, deadlineNs, (cancelled) => {
          if (cancelled.kind === 'accepted') place(parts, args, held.length > 0, deadlineNs, done)
          else done(cancelled)
        })
      }
    })
  })
}

function cancel({ services, algos }: ProtectionParts, { instId }: OkxContract, held: readonly Json[], deadlineNs: Nanos, done: Done): void {
  const accepted: CommandOutcome = { kind: 'accepted', venueId: '' }
  if (held.length === 0) services.timers.after(0, () => done(accepted))
  else algos.cancelIds(instId, held.map((row) => String(row['algoId'])), deadlineNs, (outcomes) => done(outcomes.reduce((all, one) => worse(all, asGone(one)), accepted)))
}

function place({ services, rest }: ProtectionParts, params: Json, bared: boolean, deadlineNs: Nanos, done: Done): void {
  const leftMs = Math.max(1, (deadlineNs - services.clock.nowNs()) / 1e6)
  rest.call({ method: 'POST', path: '/api/v5/trade/order-algo', group: 'algo', urgency: REDUCE, params, signed: true, deadlineMs: leftMs, waitMs: leftMs, again: true, form: 'order' }, (answer) => {
    const outcome = outcomeOf(answer)
    if (bared && outcome.kind !== 'accepted') services.count('okx_protection_lost')
    if (bared && outcome.kind === 'refused') done({ ...outcome, text: `${outcome.text} (the old protection is cancelled, there is none now)` })
    else if (bared && outcome.kind === 'unsent') done({ kind: 'unknown', reason: `the old protection is cancelled, the new one did not leave: ${outcome.reason}` })
    else done(outcome)
  })
}

/** The one position of the instrument. @throws RM_VENUE_SNAPSHOT when there is none, or one on each leg. */
function openPosition(rows: readonly Json[], contract: OkxContract, settings: OkxSettings): VenuePosition {
  const held = rows.filter((row) => row['instId'] === contract.instId).map((row) => readPosition(row, contract, settings.positionMode)).filter((position) => position.signedLots !== 0)
  if (held.length !== 1) fail('RM_VENUE_SNAPSHOT', { what: `${held.length} positions of ${contract.instrument.symbol}, one is needed to protect it` })
  return held[0]!
}

function protectionArgs(position: VenuePosition, { instId, instrument }: OkxContract, { takeProfitTicks, stopLossTicks }: Protection): Json {
  const { tick } = instrument
  return {
    instId,
    tdMode: 'cross',
    side: position.signedLots > 0 ? 'sell' : 'buy',
    posSide: position.leg ?? 'net',
    ordType: takeProfitTicks !== null && stopLossTicks !== null ? 'oco' : 'conditional',
    closeFraction: '1',
    ...(position.leg === undefined ? { reduceOnly: true } : {}),
    ...(takeProfitTicks === null ? {} : { tpTriggerPx: tick.format(takeProfitTicks), tpTriggerPxType: 'last', tpOrdPx: AT_MARKET }),
    ...(stopLossTicks === null ? {} : { slTriggerPx: tick.format(stopLossTicks), slTriggerPxType: 'last', slOrdPx: AT_MARKET }),
  }
}

/** Whether a listed protection is what is wanted; prices are compared as numbers, they may be written in other ways. */
function stands(row: Json, args: Json): boolean {
  const same = (field: string): boolean => Number(row[field] === '' ? Number.NaN : (row[field] ?? Number.NaN)) === Number(args[field]) || ((row[field] ?? '') === '' && args[field] === undefined)
  return row['side'] === args['side'] && same('tpTriggerPx') && same('slTriggerPx')
}
