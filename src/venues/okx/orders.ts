import { errorLine, type Nanos } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { CommandOutcome, OrderChange, OrderCommands, OrderRequest } from '../trading-port.ts'
import { inTurn } from '../common/in-turn.ts'
import type { Json } from '../common/json.ts'
import type { AlgoIds } from './algo-ids.ts'
import type { AlgoOrders } from './algo-orders.ts'
import type { OkxContract, OkxContracts } from './contracts.ts'
import { BATCH_MAX } from './limits.ts'
import { changeArgs, orderArgs } from './order-args.ts'
import type { TradeOp } from './ops.ts'
import type { OrderChannel } from './order-channel.ts'
import { urgencyOf } from '../resilience/gate.ts'
import { ENTRY, REDUCE } from '../resilience/urgency.ts'
import { asGone, outcomeOf, outcomesOf, worse } from './outcomes.ts'
import type { OkxQueries } from './queries.ts'
import type { OkxRest } from './rest.ts'
import type { OkxSettings } from './settings.ts'

type Done = (outcome: CommandOutcome) => void

export interface OkxOrderParts {
  readonly services: VenueServices
  readonly settings: OkxSettings
  readonly rest: OkxRest
  readonly queries: OkxQueries
  readonly channel: OrderChannel
  readonly algos: AlgoOrders
  readonly ids: AlgoIds
  readonly contracts: OkxContracts
  readonly symbols: ReadonlySet<string>
}

/** Order commands. An entry is never asked twice here: whether to try again is a decision, with a price of its own time. */
export class OkxOrders implements OrderCommands {
  readonly batchMax = BATCH_MAX
  readonly #parts: OkxOrderParts

  constructor(parts: OkxOrderParts) {
    this.#parts = parts
  }

  place(request: OrderRequest, done: Done): void {
    const { channel, algos, settings } = this.#parts
    this.#prepared(request.symbol, done, (contract, deadlineNs) => {
      if (request.trigger === undefined) channel.send('order', urgencyOf(request), contract, [orderArgs(request, contract, settings)], deadlineNs, (answer) => done(outcomeOf(answer)))
      else algos.place(request, contract, deadlineNs, done)
    })
  }

  amend(symbol: string, clientId: string, change: OrderChange, done: Done): void {
    const { channel, algos, ids } = this.#parts
    this.#prepared(symbol, done, (contract, deadlineNs) => {
      const known = ids.of(clientId)
      if (known !== undefined && known.ordId === '') algos.amend(known, change, contract, deadlineNs, done)
      else channel.send('amend-order', ENTRY, contract, [{ ...this.#name(clientId), ...changeArgs(change, contract, clientId) }], deadlineNs, (answer) => done(outcomeOf(answer)))
    })
  }

  cancel(symbol: string, clientId: string, done: Done): void {
    const { algos, ids } = this.#parts
    this.#prepared(symbol, done, (contract, deadlineNs) => {
      const known = ids.of(clientId)
      if (known === undefined || known.ordId !== '') {
        this.#cancelOrder(contract, clientId, deadlineNs, done)
        return
      }
      algos.cancel(known, contract, deadlineNs, (outcome) => {
        // It may have triggered while the cancel was on its way: then the order it became is meant.
        if (outcome.kind !== 'refused' || outcome.errorClass !== 'not-found') {
          done(outcome)
          return
        }
        algos.lookUp(contract, clientId, this.#parts.queries.as(REDUCE), (error, row) => {
          if (error === null && row !== null && row.ordId !== '') this.#cancelOrder(contract, clientId, deadlineNs, done)
          else done(outcome)
        })
      })
    })
  }

  /** Orders of one instrument go together, those that wait for a trigger one by one. */
  placeBatch(requests: readonly OrderRequest[], done: (outcomes: readonly CommandOutcome[]) => void): void {
    const { channel, settings } = this.#parts
    const deadlineNs = this.#deadlineNs()
    this.#batch(requests.length, done, (put, join) => {
      const bySymbol = new Map<string, { readonly contract: OkxContract; readonly orders: { readonly at: number; readonly clientId: string; readonly args: Json; readonly reduces: boolean }[] }>()
      requests.forEach((request, at) => {
        if (request.trigger !== undefined) {
          join(1)
          this.place(request, (outcome) => put(at, outcome))
          return
        }
        try {
          const contract = this.#contractOf(request.symbol)
          const args = orderArgs(request, contract, settings)
          const group = bySymbol.get(request.symbol) ?? { contract, orders: [] }
          bySymbol.set(request.symbol, group)
          group.orders.push({ at, clientId: request.clientId, args, reduces: request.reduceOnly })
          join(1)
        } catch (error) {
          join(1)
          this.#later(() => put(at, { kind: 'unsent', reason: errorLine(error) }))
        }
      })
      for (const { contract, orders } of bySymbol.values()) {
        const { op, read } = forms('order', 'batch-orders', orders.map((one) => one.clientId))
        channel.send(op, orders.every((one) => one.reduces) ? REDUCE : ENTRY, contract, orders.map((one) => one.args), deadlineNs, (answer) => {
          const outcomes = read(answer)
          orders.forEach(({ at }, i) => put(at, outcomes[i]!))
        })
      }
    })
  }

  cancelBatch(symbol: string, clientIds: readonly string[], done: (outcomes: readonly CommandOutcome[]) => void): void {
    const { channel, ids } = this.#parts
    const deadlineNs = this.#deadlineNs()
    this.#batch(clientIds.length, done, (put, join) => {
      join(clientIds.length)
      let contract: OkxContract
      try {
        contract = this.#contractOf(symbol)
      } catch (error) {
        this.#later(() => clientIds.forEach((_id, at) => put(at, { kind: 'unsent', reason: errorLine(error) })))
        return
      }
      const plain: { readonly at: number; readonly clientId: string }[] = []
      clientIds.forEach((clientId, at) => {
        if (ids.of(clientId) === undefined) plain.push({ at, clientId })
        else this.cancel(symbol, clientId, (outcome) => put(at, outcome))
      })
      if (plain.length === 0) return
      const { op, read } = forms('cancel-order', 'batch-cancel-orders', plain.map((one) => one.clientId))
      channel.send(op, REDUCE, contract, plain.map(({ clientId }) => ({ clOrdId: clientId })), deadlineNs, (answer) => {
        const outcomes = read(answer)
        plain.forEach(({ at }, i) => put(at, outcomes[i]!))
      })
    })
  }

  /** The venue has no such command for swaps: open and waiting orders are listed and cancelled in batches, take-profits and stop-losses too. */
  cancelAll(symbol: string, done: Done): void {
    const { algos } = this.#parts
    this.#prepared(symbol, done, (contract, deadlineNs) => {
      this.#cancelOpen(contract, deadlineNs, (open) => algos.cancelAll(contract, deadlineNs, (waiting) => done(worse(open, waiting))))
    })
  }

  #cancelOpen(contract: OkxContract, deadlineNs: Nanos, done: Done): void {
    const { queries, channel } = this.#parts
    const { instId } = contract
    queries.as(REDUCE).pages('/api/v5/trade/orders-pending', 'pending', [['instType', 'SWAP'], ['instId', instId]], 'ordId', (error, rows) => {
      if (error !== null) {
        done({ kind: 'unsent', reason: `open orders of ${instId} are not known: ${errorLine(error)}` })
        return
      }
      const ids = [...new Set(rows.map((row) => String(row['ordId'])))]
      const batches: string[][] = []
      for (let i = 0; i < ids.length; i += BATCH_MAX) batches.push(ids.slice(i, i + BATCH_MAX))
      let outcome: CommandOutcome = { kind: 'accepted', venueId: '' }
      inTurn(batches, (batch, next) => {
        const { op, read } = forms('cancel-order', 'batch-cancel-orders', batch, 'ordId')
        channel.send(op, REDUCE, contract, batch.map((ordId) => ({ ordId })), deadlineNs, (answer) => {
          for (const one of read(answer)) outcome = worse(outcome, asGone(one))
          next(null)
        })
      }, () => done(outcome))
    })
  }

  #cancelOrder(contract: OkxContract, clientId: string, deadlineNs: Nanos, done: Done): void {
    this.#parts.channel.send('cancel-order', REDUCE, contract, [this.#name(clientId)], deadlineNs, (answer) => done(outcomeOf(answer)))
  }

  /** How the venue knows an order: what an algo order became does not carry its client id. */
  #name(clientId: string): Json {
    const ordId = this.#parts.ids.of(clientId)?.ordId ?? ''
    return ordId === '' ? { clOrdId: clientId } : { ordId }
  }

  /** Runs `go` with the contract; what cannot be sent at all is told as unsent, never inside the call. */
  #prepared(symbol: string, done: Done, go: (contract: OkxContract, deadlineNs: Nanos) => void): void {
    try {
      go(this.#contractOf(symbol), this.#deadlineNs())
    } catch (error) {
      this.#later(() => done({ kind: 'unsent', reason: errorLine(error) }))
    }
  }

  /** Collects the outcomes of a batch; `join` says how many are on their way, `put` brings one. */
  #batch(count: number, done: (outcomes: readonly CommandOutcome[]) => void, go: (put: (at: number, outcome: CommandOutcome) => void, join: (count: number) => void) => void): void {
    if (count === 0 || count > BATCH_MAX) {
      const outcome: CommandOutcome = { kind: 'unsent', reason: `a batch of ${count}, at most ${BATCH_MAX} are possible` }
      this.#later(() => done(Array.from({ length: count }, () => outcome)))
      return
    }
    const outcomes = new Array<CommandOutcome>(count)
    let waiting = 0
    go((at, outcome) => {
      outcomes[at] = outcome
      if (--waiting === 0) done(outcomes)
    }, (more) => {
      waiting += more
    })
  }

  #contractOf(symbol: string): OkxContract {
    const { symbols, contracts } = this.#parts
    if (!symbols.has(symbol)) throw new RangeError(`symbol ${symbol} is not traded here`)
    const contract = contracts.forAccount(symbol)
    if (contract === undefined) throw new RangeError(`the contract of ${symbol} is not known yet`)
    return contract
  }

  #deadlineNs(): Nanos {
    return this.#parts.services.clock.nowNs() + this.#parts.settings.commandMs * 1e6
  }

  #later(run: () => void): void {
    this.#parts.services.timers.after(0, run)
  }
}

/** The operation for that many orders, and how its answer is read: a batch of one counts, and fails, as a single order. */
function forms(single: TradeOp, batch: TradeOp, ids: readonly string[], idField: 'clOrdId' | 'ordId' = 'clOrdId'): { readonly op: TradeOp; readonly read: (answer: Parameters<typeof outcomeOf>[0]) => readonly CommandOutcome[] } {
  return ids.length === 1 ? { op: single, read: (answer) => [outcomeOf(answer)] } : { op: batch, read: (answer) => outcomesOf(answer, ids, idField) }
}
