import { BUY, errorLine, type Nanos } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { CommandOutcome, OrderRequest } from '../trading-port.ts'
import type { OkxContract, OkxContracts } from './contracts.ts'
import type { PrivateSocket, TradeOp } from './private-socket.ts'
import type { OkxQueries } from './queries.ts'
import { type LimitGroup, type OkxRest, readItem, type RestAnswer } from './rest.ts'
import type { OkxSettings } from './settings.ts'
import { inTurn } from '../common/in-turn.ts'
import { isObject, type Json } from '../common/json.ts'

type Done = (outcome: CommandOutcome) => void

const CLIENT_ID = /^[A-Za-z0-9]{1,32}$/
const PATHS = { order: '/api/v5/trade/order', 'cancel-order': '/api/v5/trade/cancel-order' } as const
const GROUPS = { order: 'place', 'cancel-order': 'cancel' } as const satisfies Record<TradeOp, LimitGroup>
const ORDER_TYPES = { GTC: 'limit', IOC: 'ioc', FOK: 'fok', PostOnly: 'post_only' } as const
const BATCH_MAX = 20
/** "Instrument does not exist": over the socket also for a published `instIdCode` that the service does not take. */
const BAD_INSTRUMENT = '51001'

/** Order commands: over the private socket when it is up, else over REST, both under the same limits. */
export class OkxOrders {
  readonly #services: VenueServices
  readonly #settings: OkxSettings
  readonly #rest: OkxRest
  readonly #queries: OkxQueries
  readonly #socket: PrivateSocket
  readonly #contracts: OkxContracts
  readonly #symbols: ReadonlySet<string>
  /** Instruments whose code the socket refused: theirs go over REST. */
  readonly #restOnly = new Set<string>()

  constructor(services: VenueServices, settings: OkxSettings, rest: OkxRest, queries: OkxQueries, socket: PrivateSocket, contracts: OkxContracts, symbols: ReadonlySet<string>) {
    this.#services = services
    this.#settings = settings
    this.#rest = rest
    this.#queries = queries
    this.#socket = socket
    this.#contracts = contracts
    this.#symbols = symbols
  }

  place(request: OrderRequest, done: Done): void {
    let contract: OkxContract
    let args: Json
    try {
      contract = this.#contractOf(request.symbol)
      args = createArgs(request, contract)
    } catch (error) {
      this.#unsent(errorLine(error), done)
      return
    }
    // An entry is never asked twice here: whether to try again is a decision, with a price of its own time.
    this.#command('order', contract, args, this.#deadlineNs(), this.#settings.placeWaitMs, (answer) => done(outcomeOf(answer)))
  }

  cancel(symbol: string, clientId: string, done: Done): void {
    let contract: OkxContract
    try {
      contract = this.#contractOf(symbol)
    } catch (error) {
      this.#unsent(errorLine(error), done)
      return
    }
    const deadlineNs = this.#deadlineNs()
    const send = (then: (answer: RestAnswer) => void): void => this.#command('cancel-order', contract, { clOrdId: clientId }, deadlineNs, this.#settings.commandMs, then)
    send((answer) => {
      // A wrong clock must not keep an order alive: measure it, ask once more. The refusal was certain.
      if (answer.kind !== 'refused' || answer.errorClass !== 'clock') done(outcomeOf(answer))
      else this.#rest.resyncClock(() => send((second) => done(outcomeOf(second))))
    })
  }

  /** The venue has no such command for swaps: the open orders are listed and cancelled in batches. */
  cancelAll(symbol: string, done: Done): void {
    let contract: OkxContract
    try {
      contract = this.#contractOf(symbol)
    } catch (error) {
      this.#unsent(errorLine(error), done)
      return
    }
    const { instId } = contract
    const deadlineNs = this.#deadlineNs()
    this.#queries.pages('/api/v5/trade/orders-pending', 'pending', [['instType', 'SWAP'], ['instId', instId]], 'ordId', (error, rows) => {
      if (error !== null) {
        done({ kind: 'unsent', reason: `open orders of ${symbol} are not known: ${errorLine(error)}` })
        return
      }
      const batches: Json[][] = []
      rows.forEach((row, i) => {
        if (i % BATCH_MAX === 0) batches.push([])
        batches.at(-1)!.push({ instId, ordId: row['ordId'] })
      })
      let outcome: CommandOutcome = { kind: 'accepted', venueId: '' }
      inTurn(batches, (batch, next) => this.#cancelBatch(batch, deadlineNs, (answer) => {
        outcome = worse(outcome, outcomeOf(answer))
        next(null)
      }), () => done(outcome))
    })
  }

  setLeverage(symbol: string, leverage: string, done: Done): void {
    let contract: OkxContract
    try {
      contract = this.#contractOf(symbol)
    } catch (error) {
      this.#unsent(errorLine(error), done)
      return
    }
    const { commandMs } = this.#settings
    const params = { instId: contract.instId, lever: leverage, mgnMode: 'cross' }
    this.#rest.call({ method: 'POST', path: '/api/v5/account/set-leverage', group: 'leverage', params, signed: true, deadlineMs: commandMs, waitMs: commandMs, again: true }, (answer) => done(outcomeOf(answer)))
  }

  /** One answer for a batch: the worst of its items; an order that is gone already is as good as cancelled. */
  #cancelBatch(batch: readonly Json[], deadlineNs: Nanos, done: (answer: RestAnswer) => void): void {
    const leftMs = (deadlineNs - this.#services.clock.nowNs()) / 1e6
    this.#rest.call({ method: 'POST', path: '/api/v5/trade/cancel-batch-orders', group: 'cancel-batch', params: batch, signed: true, deadlineMs: leftMs, waitMs: leftMs, again: true, form: 'batch' }, (answer) => {
      if (answer.kind !== 'ok') {
        done(answer)
        return
      }
      const items = answer.data.map(readItem)
      const bad = items.find((item) => item.kind === 'unknown') ?? items.find((item) => item.kind === 'refused' && item.errorClass !== 'not-found')
      if (bad !== undefined) done(bad)
      else if (items.length < batch.length) done({ kind: 'unknown', reason: `${items.length} of ${batch.length} cancels were answered` })
      else done({ kind: 'ok', data: [] })
    })
  }

  #command(op: TradeOp, contract: OkxContract, args: Json, deadlineNs: Nanos, waitMs: number, done: (answer: RestAnswer) => void): void {
    const { clock, timers, count } = this.#services
    const { instId, instIdCode } = contract
    const { ordersOverSocket } = this.#settings
    if (!ordersOverSocket || instIdCode === null || this.#restOnly.has(instId)) {
      this.#overRest(op, contract, args, deadlineNs, waitMs, done)
      return
    }
    if (!this.#socket.up) {
      if (this.#settings.restWhenSocketDown) this.#overRest(op, contract, args, deadlineNs, waitMs, done)
      else timers.after(0, () => done({ kind: 'unsent', reason: 'the private socket is down and REST is not allowed for orders' }))
      return
    }
    const group = GROUPS[op]
    this.#rest.window(group).acquire(Math.min(deadlineNs, clock.nowNs() + waitMs * 1e6), (granted) => {
      if (!granted) {
        done({ kind: 'unsent', reason: `no place under the limit of ${group} within ${waitMs} ms` })
        return
      }
      const sent = this.#socket.send(op, { instIdCode, ...args }, deadlineNs, (answer) => {
        if (answer.kind !== 'refused' || answer.code !== BAD_INSTRUMENT || clock.nowNs() >= deadlineNs) {
          done(answer)
          return
        }
        // Certainly not executed; by its name REST may know the instrument.
        count('okx_inst_id_code_refused', instId)
        this.#restOnly.add(instId)
        this.#overRest(op, contract, args, deadlineNs, waitMs, done)
      })
      if (sent) return
      // The socket went down while it waited, and nothing left: the other way is open.
      if (clock.nowNs() >= deadlineNs) timers.after(0, () => done({ kind: 'unsent', reason: 'the deadline passed before it could leave' }))
      else if (this.#settings.restWhenSocketDown) this.#overRest(op, contract, args, deadlineNs, waitMs, done)
      else timers.after(0, () => done({ kind: 'unsent', reason: 'the private socket went down and REST is not allowed for orders' }))
    })
  }

  #overRest(op: TradeOp, contract: OkxContract, args: Json, deadlineNs: Nanos, waitMs: number, done: (answer: RestAnswer) => void): void {
    const leftMs = (deadlineNs - this.#services.clock.nowNs()) / 1e6
    this.#services.count('okx_order_over_rest', op)
    this.#rest.call({
      method: 'POST', path: PATHS[op], group: GROUPS[op], params: { instId: contract.instId, ...args }, signed: true,
      deadlineMs: leftMs, waitMs: Math.min(waitMs, leftMs), again: op === 'cancel-order', form: 'order', expires: op === 'order',
    }, done)
  }

  #contractOf(symbol: string): OkxContract {
    if (!this.#symbols.has(symbol)) throw new RangeError(`symbol ${symbol} is not traded here`)
    const contract = this.#contracts.of(symbol)
    if (contract === undefined) throw new RangeError(`the contract of ${symbol} is not known yet`)
    return contract
  }

  #deadlineNs(): Nanos {
    return this.#services.clock.nowNs() + this.#settings.commandMs * 1e6
  }

  #unsent(reason: string, done: Done): void {
    this.#services.timers.after(0, () => done({ kind: 'unsent', reason }))
  }
}

function createArgs(request: OrderRequest, { instrument, size }: OkxContract): Json {
  const { clientId, lots, priceTicks } = request
  if (!CLIENT_ID.test(clientId)) throw new RangeError(`client id "${clientId}" is not 1 to 32 of A-Z a-z 0-9`)
  if (!Number.isSafeInteger(lots) || lots <= 0) throw new RangeError(`size of ${clientId} is ${lots} lots`)
  const market = request.type === 'market'
  if (market !== (priceTicks === null)) throw new RangeError(`${request.type} order ${clientId} with price ${priceTicks}`)
  if (priceTicks !== null && !(Number.isSafeInteger(priceTicks) && priceTicks > 0)) throw new RangeError(`price of ${clientId} is ${priceTicks} ticks`)
  return {
    tdMode: 'cross',
    clOrdId: clientId,
    side: request.side === BUY ? 'buy' : 'sell',
    // In so many words: an account in hedge mode must refuse it rather than open a leg.
    posSide: 'net',
    ordType: market ? 'market' : ORDER_TYPES[request.timeInForce],
    // Whole lots of base coin are whole steps of contracts.
    sz: size.format(lots),
    ...(priceTicks === null ? {} : { px: instrument.tick.format(priceTicks) }),
    reduceOnly: request.reduceOnly,
  }
}

function outcomeOf(answer: RestAnswer): CommandOutcome {
  if (answer.kind !== 'ok') return answer
  const item = answer.data[0]
  const venueId = isObject(item) ? item['ordId'] : undefined
  return { kind: 'accepted', venueId: typeof venueId === 'string' ? venueId : '' }
}

const SEVERITY = { accepted: 0, refused: 1, unsent: 2, unknown: 3 } as const

const worse = (a: CommandOutcome, b: CommandOutcome): CommandOutcome => (SEVERITY[b.kind] > SEVERITY[a.kind] ? b : a)
