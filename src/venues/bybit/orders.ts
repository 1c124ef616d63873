import { BUY, errorLine, type Instrument, type Nanos } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import type { CommandOutcome, OrderRequest } from '../trading-port.ts'
import type { BybitRest, LimitGroup, RestAnswer } from './rest.ts'
import type { Json } from '../common/json.ts'
import type { BybitSettings } from './settings.ts'
import type { TradeOp, TradeSocket } from './trade-socket.ts'

type Done = (outcome: CommandOutcome) => void

const CLIENT_ID = /^[A-Za-z0-9_-]{1,36}$/
const PATHS = { 'order.create': '/v5/order/create', 'order.cancel': '/v5/order/cancel' } as const
const GROUPS = { 'order.create': 'create', 'order.cancel': 'cancel' } as const satisfies Record<TradeOp, LimitGroup>

/** Order commands: over the trade socket when it is up, else over REST, both under the same limits. */
export class BybitOrders {
  readonly #services: VenueServices
  readonly #settings: BybitSettings
  readonly #rest: BybitRest
  readonly #socket: TradeSocket | null
  readonly #instruments: ReadonlyMap<string, Instrument>

  constructor(services: VenueServices, settings: BybitSettings, rest: BybitRest, socket: TradeSocket | null, instruments: ReadonlyMap<string, Instrument>) {
    this.#services = services
    this.#settings = settings
    this.#rest = rest
    this.#socket = socket
    this.#instruments = instruments
  }

  place(request: OrderRequest, done: Done): void {
    let args: Json
    try {
      args = this.#createArgs(request)
    } catch (error) {
      this.#unsent(errorLine(error), done)
      return
    }
    const deadlineNs = this.#deadlineNs()
    // An entry is never asked twice here: whether to try again is a decision, with a price of its own time.
    this.#command('order.create', args, deadlineNs, this.#settings.placeWaitMs, (answer) => done(outcomeOf(answer)))
  }

  cancel(symbol: string, clientId: string, done: Done): void {
    const deadlineNs = this.#deadlineNs()
    const args = { category: 'linear', symbol, orderLinkId: clientId }
    this.#command('order.cancel', args, deadlineNs, this.#settings.commandMs, (answer) => {
      // A wrong clock must not keep an order alive: measure it, ask once more. The refusal was certain.
      if (answer.kind !== 'refused' || answer.errorClass !== 'clock') {
        done(outcomeOf(answer))
        return
      }
      this.#rest.resyncClock(() => this.#command('order.cancel', args, deadlineNs, this.#settings.commandMs, (second) => done(outcomeOf(second))))
    })
  }

  cancelAll(symbol: string, done: Done): void {
    this.#post('/v5/order/cancel-all', 'cancel-all', { category: 'linear', symbol }, done)
  }

  setLeverage(symbol: string, leverage: string, done: Done): void {
    this.#post('/v5/position/set-leverage', 'leverage', { category: 'linear', symbol, buyLeverage: leverage, sellLeverage: leverage }, done)
  }

  #createArgs(request: OrderRequest): Json {
    const instrument = this.#instruments.get(request.symbol)
    if (instrument === undefined) throw new RangeError(`symbol ${request.symbol} is not traded here`)
    if (!CLIENT_ID.test(request.clientId)) throw new RangeError(`client id "${request.clientId}" is not 1 to 36 of A-Z a-z 0-9 - _`)
    if (!Number.isSafeInteger(request.lots) || request.lots <= 0) throw new RangeError(`size of ${request.clientId} is ${request.lots} lots`)
    const market = request.type === 'market'
    if (market !== (request.priceTicks === null)) throw new RangeError(`${request.type} order ${request.clientId} with price ${request.priceTicks}`)
    if (request.priceTicks !== null && !(request.priceTicks > 0)) throw new RangeError(`price of ${request.clientId} is ${request.priceTicks} ticks`)
    return {
      category: 'linear',
      symbol: request.symbol,
      side: request.side === BUY ? 'Buy' : 'Sell',
      orderType: market ? 'Market' : 'Limit',
      qty: instrument.lot.format(request.lots),
      ...(request.priceTicks === null ? {} : { price: instrument.tick.format(request.priceTicks) }),
      // The venue runs every market order as IOC.
      timeInForce: market ? 'IOC' : request.timeInForce,
      positionIdx: 0,
      orderLinkId: request.clientId,
      reduceOnly: request.reduceOnly,
    }
  }

  #command(op: TradeOp, args: Json, deadlineNs: Nanos, waitMs: number, done: (answer: RestAnswer) => void): void {
    const { clock, timers } = this.#services
    const now = clock.nowNs()
    const socket = this.#socket
    if (socket === null || !socket.up) {
      this.#overRest(op, args, deadlineNs, waitMs, done)
      return
    }
    const group = GROUPS[op]
    this.#rest.window(group).acquire(Math.min(deadlineNs, now + waitMs * 1e6), (granted) => {
      if (!granted) done({ kind: 'unsent', reason: `no place under the limit of ${group} within ${waitMs} ms` })
      else if (!socket.send(op, args, deadlineNs, done)) {
        // The socket went down while it waited, and nothing left: the other way is open.
        if (clock.nowNs() >= deadlineNs) timers.after(0, () => done({ kind: 'unsent', reason: 'the deadline passed before it could leave' }))
        else this.#overRest(op, args, deadlineNs, waitMs, done)
      }
    })
  }

  #overRest(op: TradeOp, args: Json, deadlineNs: Nanos, waitMs: number, done: (answer: RestAnswer) => void): void {
    if (this.#socket !== null && !this.#settings.restWhenTradeSocketDown) {
      this.#services.timers.after(0, () => done({ kind: 'unsent', reason: 'the trade socket is down and REST is not allowed for orders' }))
      return
    }
    const leftMs = (deadlineNs - this.#services.clock.nowNs()) / 1e6
    this.#services.count('bybit_order_over_rest', op)
    this.#rest.call({ method: 'POST', path: PATHS[op], group: GROUPS[op], params: args, signed: true, deadlineMs: leftMs, waitMs: Math.min(waitMs, leftMs), again: op === 'order.cancel' }, done)
  }

  #post(path: string, group: LimitGroup, params: Json, done: Done): void {
    const { commandMs } = this.#settings
    this.#rest.call({ method: 'POST', path, group, params, signed: true, deadlineMs: commandMs, waitMs: commandMs, again: true }, (answer) => done(outcomeOf(answer)))
  }

  #deadlineNs(): Nanos {
    return this.#services.clock.nowNs() + this.#settings.commandMs * 1e6
  }

  #unsent(reason: string, done: Done): void {
    this.#services.timers.after(0, () => done({ kind: 'unsent', reason }))
  }
}

function outcomeOf(answer: RestAnswer): CommandOutcome {
  if (answer.kind !== 'ok') return answer
  const venueId = answer.result['orderId']
  return { kind: 'accepted', venueId: typeof venueId === 'string' ? venueId : '' }
}
