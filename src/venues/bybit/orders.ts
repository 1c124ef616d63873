import { errorLine, type Instrument } from '../../core/index.ts'
import type { Json } from '../common/json.ts'
import type { VenueServices } from '../services.ts'
import type { CommandOutcome, OrderChange, OrderCommands, OrderRequest } from '../trading-port.ts'
import type { CommandPath } from './command-path.ts'
import { amendArgs, cancelArgs, createArgs } from './order-args.ts'
import { ENTRY, REDUCE, type Urgency } from '../resilience/urgency.ts'
import { urgencyOf } from '../resilience/gate.ts'
import { batchOutcomes, outcomeOf } from './outcomes.ts'
import type { BybitRest } from './rest.ts'
import type { BybitSettings } from './settings.ts'
import type { TradeOp } from './trade-socket.ts'

type Done = (outcome: CommandOutcome) => void
type BatchDone = (outcomes: readonly CommandOutcome[]) => void

/** The venue documents 20 in one place and 10 in another; the smaller one fits a second's worth of the limit, too. */
const BATCH_MAX = 10

/** Orders: place, amend, cancel, one by one and in batches. What is wrong with a request is told as `unsent`. */
export class BybitOrders implements OrderCommands {
  readonly batchMax = BATCH_MAX
  readonly #services: VenueServices
  readonly #settings: BybitSettings
  readonly #rest: BybitRest
  readonly #path: CommandPath
  readonly #instruments: ReadonlyMap<string, Instrument>

  constructor(services: VenueServices, settings: BybitSettings, rest: BybitRest, path: CommandPath, instruments: ReadonlyMap<string, Instrument>) {
    this.#services = services
    this.#settings = settings
    this.#rest = rest
    this.#path = path
    this.#instruments = instruments
  }

  place(request: OrderRequest, done: Done): void {
    this.#one('order.create', urgencyOf(request), () => createArgs(request, this.#instruments, this.#settings), done)
  }

  amend(symbol: string, clientId: string, change: OrderChange, done: Done): void {
    this.#one('order.amend', ENTRY, () => amendArgs(symbol, clientId, change, this.#instruments), done)
  }

  cancel(symbol: string, clientId: string, done: Done): void {
    this.#one('order.cancel', REDUCE, () => cancelArgs(symbol, clientId, this.#instruments), done)
  }

  placeBatch(requests: readonly OrderRequest[], done: BatchDone): void {
    this.#many('order.create-batch', requests.every((request) => request.reduceOnly) ? REDUCE : ENTRY, requests.map((request) => request.clientId), () => requests.map((request) => createArgs(request, this.#instruments, this.#settings)), done)
  }

  cancelBatch(symbol: string, clientIds: readonly string[], done: BatchDone): void {
    this.#many('order.cancel-batch', REDUCE, clientIds, () => clientIds.map((clientId) => cancelArgs(symbol, clientId, this.#instruments)), done)
  }

  /** Resting and untriggered ones. */
  cancelAll(symbol: string, done: Done): void {
    const { commandMs } = this.#settings
    this.#rest.call(
      { method: 'POST', path: '/v5/order/cancel-all', group: 'cancel-all', urgency: REDUCE, params: { category: 'linear', symbol }, signed: true, deadlineMs: commandMs, waitMs: commandMs, again: true },
      (answer) => done(outcomeOf(answer)),
    )
  }

  #one(op: TradeOp, urgency: Urgency, args: () => Json, done: Done): void {
    let params: Json
    try {
      params = args()
    } catch (error) {
      this.#services.timers.after(0, () => done({ kind: 'unsent', reason: errorLine(error) }))
      return
    }
    this.#path.send(op, urgency, params, 1, (answer) => done(outcomeOf(answer)))
  }

  /** One request that cannot be sent keeps the whole batch here: its others may only make sense together with it. */
  #many(op: TradeOp, urgency: Urgency, clientIds: readonly string[], args: () => readonly Json[], done: BatchDone): void {
    let request: Json[]
    try {
      if (clientIds.length > BATCH_MAX) throw new RangeError(`batch of ${clientIds.length} orders, ${BATCH_MAX} are allowed`)
      if (new Set(clientIds).size !== clientIds.length) throw new RangeError('batch names a client id twice')
      // The category stands once, around the orders.
      request = args().map(({ category: _around, ...order }) => order)
    } catch (error) {
      const reason = errorLine(error)
      this.#services.timers.after(0, () => done(clientIds.map(() => ({ kind: 'unsent', reason }))))
      return
    }
    if (request.length === 0) {
      this.#services.timers.after(0, () => done([]))
      return
    }
    this.#path.send(op, urgency, { category: 'linear', request }, request.length, (answer) => done(batchOutcomes(answer, clientIds)))
  }
}
