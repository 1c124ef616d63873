import { errorLine, fail, type Nanos } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { CommandOutcome, Protection, VenuePosition } from '../trading-port.ts'
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

export interface ProtectionParts {
  readonly services: VenueServices
  readonly settings: OkxSettings
  readonly rest: OkxRest
  readonly queries: OkxQueries
  readonly algos: AlgoOrders
}

/**
 * Take-profit and stop-loss that the venue keeps for the whole position: one algo order with `closeFraction` 1, which
 * goes to market and takes the position as it is when it fires. One that rests is moved in place; where there is none, as
 * after an entry with attached exits, it is placed first and the exits named in `replaces` go after it, so that the
 * position always has one. Only a change that cannot be made in place (the pair changes its shape, or the venue refuses
 * the move) is a cancel and then a new one: **between the answers to the two there is no protection**, and when the new
 * one is refused the outcome's text says so. A protection that stands already as wanted is left alone.
 */
export function setProtection(parts: ProtectionParts, contract: OkxContract, wanted: Protection, deadlineNs: Nanos, done: Done): void {
  const { queries, algos, services } = parts
  const { instId } = contract
  algos.pending(instId, ['conditional', 'oco'], queries, (error, rows) => {
    if (error !== null) {
      done({ kind: 'unsent', reason: `protection of ${instId} is not known: ${errorLine(error)}` })
      return
    }
    const whole = rows.filter(isWhole)
    const replaced = rows.filter((row) => !isWhole(row) && (wanted.replaces ?? []).includes(String(row['algoClOrdId'])))
    if (wanted.takeProfitTicks === null && wanted.stopLossTicks === null) {
      cancel(parts, contract, [...whole, ...replaced], deadlineNs, done)
      return
    }
    queries.rows('/api/v5/account/positions', 'positions', true, [['instType', 'SWAP'], ['instId', instId]], (failed, positions) => {
      let args: Json = {}
      const problem = failed ?? attempt(() => {
        args = protectionArgs(openPosition(positions, contract, parts.settings), contract, wanted, parts.settings)
      })
      if (problem !== null) {
        done({ kind: 'unsent', reason: errorLine(problem) })
        return
      }
      /** What stands beside the one that is wanted goes once that one is there. Where it stays, the position has two stops instead of one, which is no trouble of the one that is wanted: the next change names it again. */
      const tidy = (outcome: CommandOutcome): void => {
        if (outcome.kind !== 'accepted' || replaced.length === 0) return done(outcome)
        cancel(parts, contract, replaced, deadlineNs, (gone) => {
          if (gone.kind !== 'accepted') services.count('okx_protection_beside', gone.kind)
          done(outcome)
        })
      }
      const anew = (): void => {
        cancel(parts, contract, whole, deadlineNs, (cancelled) => {
          if (cancelled.kind === 'accepted') place(parts, args, whole.length > 0, deadlineNs, tidy)
          else done(cancelled)
        })
      }
      const held = whole.length === 1 ? whole[0]! : null
      if (held !== null && stands(held, args)) services.timers.after(0, () => tidy({ kind: 'accepted', venueId: String(held['algoId']) }))
      else if (held !== null && onlyMoves(held, args)) {
        algos.moveStop(instId, String(held['algoId']), String(args['slTriggerPx']), deadlineNs, (outcome) => {
          // A price that the venue takes from nobody is the caller's to hear of; the old one rests still.
          if (outcome.kind === 'refused' && outcome.errorClass === 'not-found') anew()
          else tidy(outcome)
        })
      } else anew()
    })
  })
}

function cancel({ services, algos }: ProtectionParts, { instId }: OkxContract, held: readonly Json[], deadlineNs: Nanos, done: Done): void {
  const accepted: CommandOutcome = { kind: 'accepted', venueId: '' }
  if (held.length === 0) services.timers.after(0, () => done(accepted))
  else algos.cancelIds(instId, held.map((row) => String(row['algoId'])), deadlineNs, (outcomes) => done(outcomes.reduce((all, one) => worse(all, asGone(one)), accepted)))
}

function place({ services, rest, algos }: ProtectionParts, params: Json, bared: boolean, deadlineNs: Nanos, done: Done): void {
  const leftMs = Math.max(1, (deadlineNs - services.clock.nowNs()) / 1e6)
  rest.call({ method: 'POST', path: '/api/v5/trade/order-algo', group: 'algo', urgency: REDUCE, params, signed: true, deadlineMs: leftMs, waitMs: leftMs, again: true, form: 'order' }, (answer) => {
    const outcome = outcomeOf(answer)
    if (typeof params['algoClOrdId'] === 'string') algos.placed(params['algoClOrdId'], outcome, String(params['instId']))
    if (bared && outcome.kind !== 'accepted') services.count('okx_protection_lost')
    if (bared && outcome.kind === 'refused') done({ ...outcome, text: `${outcome.text} (the old protection is cancelled, there is none now)` })
    else if (bared && outcome.kind === 'unsent') done({ kind: 'unknown', reason: `the old protection is cancelled, the new one did not leave: ${outcome.reason}` })
    else done(outcome)
  })
}

const isWhole = (row: Json): boolean => typeof row['closeFraction'] === 'string' && row['closeFraction'] !== ''

/** The one position of the instrument. @throws RM_VENUE_SNAPSHOT when there is none, or one on each leg. */
function openPosition(rows: readonly Json[], contract: OkxContract, settings: OkxSettings): VenuePosition {
  const held = rows.filter((row) => row['instId'] === contract.instId).map((row) => readPosition(row, contract, settings.positionMode)).filter((position) => position.signedLots !== 0)
  if (held.length !== 1) fail('RM_VENUE_SNAPSHOT', { what: `${held.length} positions of ${contract.instrument.symbol}, one is needed to protect it` })
  return held[0]!
}

function protectionArgs(position: VenuePosition, { instId, instrument }: OkxContract, { takeProfitTicks, stopLossTicks, clientId }: Protection, { protectionBy: by }: OkxSettings): Json {
  const { tick } = instrument
  return {
    instId,
    tdMode: 'cross',
    side: position.signedLots > 0 ? 'sell' : 'buy',
    posSide: position.leg ?? 'net',
    ordType: takeProfitTicks !== null && stopLossTicks !== null ? 'oco' : 'conditional',
    closeFraction: '1',
    ...(clientId === undefined ? {} : { algoClOrdId: clientId }),
    ...(position.leg === undefined ? { reduceOnly: true } : {}),
    ...(takeProfitTicks === null ? {} : { tpTriggerPx: tick.format(takeProfitTicks), tpTriggerPxType: by, tpOrdPx: AT_MARKET }),
    ...(stopLossTicks === null ? {} : { slTriggerPx: tick.format(stopLossTicks), slTriggerPxType: by, slOrdPx: AT_MARKET }),
  }
}

/** Whether a field of a listed protection is what is wanted; prices are compared as numbers, they may be written in other ways. */
const same = (row: Json, args: Json, field: string): boolean =>
  Number(row[field] === '' ? Number.NaN : (row[field] ?? Number.NaN)) === Number(args[field]) || ((row[field] ?? '') === '' && args[field] === undefined)

/** What triggers are measured by; a row that does not say is taken for the same. */
const sameMeasure = (row: Json, args: Json, field: string): boolean => (row[field] ?? '') === '' || args[field] === undefined || row[field] === args[field]

const stands = (row: Json, args: Json): boolean =>
  row['side'] === args['side'] && same(row, args, 'tpTriggerPx') && same(row, args, 'slTriggerPx') && sameMeasure(row, args, 'tpTriggerPxType') && sameMeasure(row, args, 'slTriggerPxType')

/** A stop-loss without a take-profit, before and after: only its price differs. The venue cannot change what triggers are measured by. */
const onlyMoves = (row: Json, args: Json): boolean =>
  row['side'] === args['side'] && same(row, args, 'tpTriggerPx') && args['tpTriggerPx'] === undefined && (row['slTriggerPx'] ?? '') !== '' && args['slTriggerPx'] !== undefined && row['slTriggerPxType'] === args['slTriggerPxType']
