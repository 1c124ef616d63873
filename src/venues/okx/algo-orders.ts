import { errorLine, type Nanos } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { CommandOutcome, OrderChange, OrderRequest } from '../trading-port.ts'
import { attempt, inTurn } from '../common/in-turn.ts'
import type { Json } from '../common/json.ts'
import type { AlgoIds, KnownAlgo } from './algo-ids.ts'
import { ALGO_TYPES, type AlgoRow, readAlgo } from './algo-rows.ts'
import type { OkxContract } from './contracts.ts'
import { decimal } from './decode/fields.ts'
import { toTicks } from './decode/market-rows.ts'
import { ALGO_BATCH_MAX, type LimitGroup } from './limits.ts'
import { changeArgs, triggerArgs } from './order-args.ts'
import { asGone, outcomeOf, outcomesOf, worse } from './outcomes.ts'
import { urgencyOf } from '../resilience/gate.ts'
import { ENTRY, REDUCE, type Urgency } from '../resilience/urgency.ts'
import type { OkxQueries } from './queries.ts'
import type { OkxRest } from './rest.ts'
import type { OkxSettings } from './settings.ts'

type Done = (outcome: CommandOutcome) => void

interface Terms {
  readonly urgency: Urgency
  readonly deadlineNs: Nanos
  readonly leaveByNs: Nanos
  /** Session in which it was made, where it may leave in no other. */
  readonly born: number | undefined
}

/** Where the price is asked that a trigger looks at. */
const PRICES = {
  last: { path: '/api/v5/market/ticker', group: 'ticker', field: 'last' },
  mark: { path: '/api/v5/public/mark-price', group: 'mark-price', field: 'markPx' },
  index: { path: '/api/v5/market/index-tickers', group: 'index-ticker', field: 'idxPx' },
} as const satisfies Readonly<Record<'last' | 'mark' | 'index', { readonly path: string; readonly group: LimitGroup; readonly field: string }>>

/**
 * Orders that wait at the venue for their trigger. They go over REST only, have ids of their own, and turn into another
 * order when they trigger. The venue has no direction for a trigger: it takes that from where the price stands when the
 * order arrives. So the price is asked first, and an order whose trigger was reached already does not leave; between
 * that answer and the venue's own look lies one round trip.
 */
export class AlgoOrders {
  readonly #services: VenueServices
  readonly #settings: OkxSettings
  readonly #rest: OkxRest
  readonly #queries: OkxQueries
  readonly #ids: AlgoIds
  /** Told when there is something that the algo channel has to be listened for. */
  needed: () => void = () => {}

  constructor(services: VenueServices, settings: OkxSettings, rest: OkxRest, queries: OkxQueries, ids: AlgoIds) {
    this.#services = services
    this.#settings = settings
    this.#rest = rest
    this.#queries = queries
    this.#ids = ids
  }

  /** @throws RangeError for what the venue cannot do; nothing has left then. */
  place(request: OrderRequest, contract: OkxContract, deadlineNs: Nanos, done: Done): void {
    const params = triggerArgs(request, contract, this.#settings)
    const { clientId, trigger } = request
    const { instId, instrument } = contract
    const urgency = urgencyOf(request)
    const terms = this.#terms(urgency, deadlineNs)
    const { path, group, field } = PRICES[trigger!.by]
    const query = trigger!.by === 'index' ? [['instId', instId.replace(/-SWAP$/, '')]] as const : [['instType', 'SWAP'], ['instId', instId]] as const
    this.#queries.as(urgency).rows(path, group, false, query, (error, rows) => {
      let ticks = Number.NaN
      const problem = error ?? attempt(() => {
        ticks = toTicks(decimal(rows[0]?.[field], field, path), instrument.tick)
      })
      const { priceTicks, direction, by } = trigger!
      if (problem !== null || Number.isNaN(ticks)) {
        done({ kind: 'unsent', reason: `the ${by} price that the trigger of ${clientId} looks at is not known: ${problem === null ? 'none is given' : errorLine(problem)}` })
      } else if (direction === 'rise' ? ticks >= priceTicks : ticks <= priceTicks) {
        done({ kind: 'unsent', reason: `trigger of ${clientId} at ${priceTicks} ticks on a ${direction} was reached already: ${by} is at ${ticks}` })
      } else {
        this.needed()
        this.#post('/api/v5/trade/order-algo', params, terms, (outcome) => {
          // Also when nobody knows whether it is there: a cancel then looks for it by its client id.
          if (outcome.kind === 'accepted' || outcome.kind === 'unknown') this.#ids.note(clientId, outcome.kind === 'accepted' ? outcome.venueId : '', instId)
          done(outcome)
        })
      }
    }, this.#leftMs(deadlineNs))
  }

  amend(known: KnownAlgo, change: OrderChange, contract: OkxContract, deadlineNs: Nanos, done: Done): void {
    const { newPx, newSz } = changeArgs(change, contract, known.clientId)
    const params = { instId: contract.instId, algoClOrdId: known.clientId, ...(newSz === undefined ? {} : { newSz }), ...(newPx === undefined ? {} : { newOrdPx: newPx }) }
    this.#post('/api/v5/trade/amend-algos', params, this.#terms(ENTRY, deadlineNs), done)
  }

  /** Moves the trigger of a stop-loss that waits, in place: it never stops resting. */
  moveStop(instId: string, algoId: string, triggerPrice: string, deadlineNs: Nanos, done: Done): void {
    this.#post('/api/v5/trade/amend-algos', { instId, algoId, newSlTriggerPx: triggerPrice }, this.#terms(REDUCE, deadlineNs), done)
  }

  /** Cancels one that waits. Where its own id is not known it is looked up by the client id. */
  cancel(known: KnownAlgo, contract: OkxContract, deadlineNs: Nanos, done: Done): void {
    if (known.algoId !== '') {
      this.cancelIds(contract.instId, [known.algoId], deadlineNs, (outcomes) => done(outcomes[0]!))
      return
    }
    this.lookUp(contract, known.clientId, this.#queries.as(REDUCE), (error, row) => {
      if (error !== null) done({ kind: 'unsent', reason: `algo order ${known.clientId} cannot be looked up: ${errorLine(error)}` })
      else if (row === null) done({ kind: 'refused', errorClass: 'not-found', code: '', text: `no algo order ${known.clientId}` })
      else this.cancelIds(contract.instId, [row.algoId], deadlineNs, (outcomes) => done(outcomes[0]!))
    })
  }

  /** A stop was placed under a client id, perhaps: what becomes of it is to be heard, and asked for where it was not. */
  placed(clientId: string, outcome: CommandOutcome, instId: string): void {
    if (outcome.kind !== 'accepted' && outcome.kind !== 'unknown') return
    this.#ids.note(clientId, outcome.kind === 'accepted' ? outcome.venueId : '', instId)
    this.needed()
  }

  /** Any number of them, ten at a time; one outcome each. */
  cancelIds(instId: string, algoIds: readonly string[], deadlineNs: Nanos, done: (outcomes: readonly CommandOutcome[]) => void): void {
    const outcomes: CommandOutcome[] = []
    const batches: string[][] = []
    for (let i = 0; i < algoIds.length; i += ALGO_BATCH_MAX) batches.push(algoIds.slice(i, i + ALGO_BATCH_MAX))
    inTurn(batches, (batch, next) => {
      const left = this.#leftMs(deadlineNs)
      const params = batch.map((algoId) => ({ instId, algoId }))
      this.#rest.call({ method: 'POST', path: '/api/v5/trade/cancel-algos', group: 'algo-cancel', urgency: REDUCE, params, signed: true, deadlineMs: left, waitMs: left, again: true, form: 'batch' }, (answer) => {
        outcomes.push(...outcomesOf(answer, batch, 'algoId'))
        next(null)
      })
    }, () => done(outcomes))
  }

  /** All that wait on an instrument: one outcome for them, the worst. */
  cancelAll(contract: OkxContract, deadlineNs: Nanos, done: Done): void {
    this.pending(contract.instId, ALGO_TYPES, this.#queries.as(REDUCE), (error, rows) => {
      if (error !== null) {
        done({ kind: 'unsent', reason: `algo orders of ${contract.instId} are not known: ${errorLine(error)}` })
        return
      }
      const ids = rows.map((row) => String(row['algoId']))
      this.cancelIds(contract.instId, ids, deadlineNs, (outcomes) => done(outcomes.reduce((all, one) => worse(all, asGone(one)), { kind: 'accepted', venueId: '' })))
    })
  }

  /** Those that wait; of one instrument, or of all where `instId` is ''. */
  pending(instId: string, types: readonly (typeof ALGO_TYPES)[number][], queries: OkxQueries, done: (error: unknown, rows: readonly Json[]) => void): void {
    const found = new Map<unknown, Json>()
    inTurn(types, (ordType, next) => {
      const which = instId === '' ? [] : [['instId', instId]] as const
      queries.pages('/api/v5/trade/orders-algo-pending', 'algo-pending', [['ordType', ordType], ['instType', 'SWAP'], ...which], 'algoId', (error, rows) => {
        for (const row of rows) found.set(row['algoId'], row)
        next(error)
      })
    }, (error) => done(error, error === null ? [...found.values()] : []))
  }

  /** The algo order of a client id, null where the venue has none. What it became is remembered. */
  lookUp(contract: OkxContract, clientId: string, queries: OkxQueries, done: (error: unknown, row: AlgoRow | null) => void): void {
    queries.rows('/api/v5/trade/order-algo', 'algo-order', true, [['algoClOrdId', clientId]], (error, rows, answer) => {
      if (answer.kind === 'refused' && answer.errorClass === 'not-found') {
        done(null, null)
        return
      }
      let found: AlgoRow | null = null
      const problem = error ?? attempt(() => {
        const row = rows.find((one) => one['algoClOrdId'] === clientId && one['instId'] === contract.instId)
        if (row !== undefined) found = this.take(row, contract)
      })
      done(problem, problem === null ? found : null)
    })
  }

  /** Reads a row and remembers whose it is and what it became. @throws RM_VENUE_ROW */
  take(row: Json, contract: OkxContract): AlgoRow {
    const read = readAlgo(row, contract)
    const { clientId } = read.order
    if (clientId !== '') {
      const known = this.#ids.note(clientId, read.algoId, contract.instId)
      known.ended = read.phase === 'cancelled' || read.phase === 'failed'
      if (read.ordId !== '') this.#ids.became(clientId, read.ordId)
    }
    return read
  }

  /** What raises exposure leaves soon and in this session, or not at all. */
  #terms(urgency: Urgency, deadlineNs: Nanos): Terms {
    const { gate } = this.#rest
    return { urgency, deadlineNs, leaveByNs: urgency === REDUCE ? deadlineNs : Math.min(deadlineNs, this.#services.clock.nowNs() + this.#settings.placeWaitMs * 1e6), born: urgency === REDUCE ? undefined : gate.session.value }
  }

  #post(path: string, params: Json, { urgency, deadlineNs, leaveByNs, born }: Terms, done: Done): void {
    const nowNs = this.#services.clock.nowNs()
    this.#rest.call({
      method: 'POST', path, group: 'algo', urgency, params, signed: true, deadlineMs: this.#leftMs(deadlineNs), waitMs: Math.max(0, (leaveByNs - nowNs) / 1e6),
      again: true, ...(born === undefined ? {} : { born }), form: 'order', expires: true,
    }, (answer) => done(outcomeOf(answer)))
  }

  #leftMs(deadlineNs: Nanos): number {
    return Math.max(1, (deadlineNs - this.#services.clock.nowNs()) / 1e6)
  }
}
