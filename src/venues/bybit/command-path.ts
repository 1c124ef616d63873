import type { Nanos } from '../../core/index.ts'
import { heldBack } from '../common/increases.ts'
import type { Json } from '../common/json.ts'
import type { VenueServices } from '../services.ts'
import { REDUCE, type Urgency } from '../resilience/urgency.ts'
import { type BybitRest, type LimitGroup, ordersIn, type RestAnswer } from './rest.ts'
import type { BybitSettings } from './settings.ts'
import type { TradeOp, TradeSocket } from './trade-socket.ts'

const PATHS: Readonly<Record<TradeOp, string>> = {
  'order.create': '/v5/order/create', 'order.amend': '/v5/order/amend', 'order.cancel': '/v5/order/cancel',
  'order.create-batch': '/v5/order/create-batch', 'order.cancel-batch': '/v5/order/cancel-batch',
}
/** Socket and REST share the account's limit of an operation. */
export const GROUPS: Readonly<Record<TradeOp, LimitGroup>> = {
  'order.create': 'create', 'order.amend': 'amend', 'order.cancel': 'cancel', 'order.create-batch': 'create-batch', 'order.cancel-batch': 'cancel-batch',
}
/** Order commands: over the trade socket when it is up, else over REST, both under the same limits. */
export class CommandPath {
  readonly #services: VenueServices
  readonly #settings: BybitSettings
  readonly #rest: BybitRest
  readonly #socket: TradeSocket | null

  constructor(services: VenueServices, settings: BybitSettings, rest: BybitRest, socket: TradeSocket | null) {
    this.#services = services
    this.#settings = settings
    this.#rest = rest
    this.#socket = socket
  }

  /**
   * `done` runs exactly once, within `commandMs`, never inside this call. What raises exposure leaves within
   * `placeWaitMs` and in the session in which it was made, or not at all; what lowers it has until its deadline, and each
   * attempt belongs to the session of its moment.
   * @param cost orders in it
   */
  send(op: TradeOp, urgency: Urgency, args: Json, cost: number, done: (answer: RestAnswer) => void): void {
    const { commandMs, placeWaitMs } = this.#settings
    const { gate: { session }, retrier } = this.#rest
    const reduces = urgency === REDUCE
    const nowNs = this.#services.clock.nowNs()
    const deadlineNs = nowNs + commandMs * 1e6
    const leaveByNs = reduces ? deadlineNs : Math.min(deadlineNs, nowNs + placeWaitMs * 1e6)
    const made = session.value
    retrier.run<RestAnswer>(urgency, reduces, leaveByNs, (answered) => this.#once({ op, urgency, args, cost, deadlineNs, leaveByNs, born: reduces ? session.value : made }, answered), done)
  }

  #once(command: Command, done: (answer: RestAnswer) => void): void {
    const { op, urgency, args, cost, deadlineNs, leaveByNs, born } = command
    const { gate } = this.#rest
    const socket = this.#socket
    if (gate.session.value !== born) return this.#later(done, { kind: 'unsent', reason: SESSION_OVER })
    if (socket === null || !socket.up) return this.#overRest(command, done)
    const name = GROUPS[op]
    gate.through({ group: 'trade', urgency, first: this.#rest.window(name), firstName: name, cost, second: null, secondName: '', secondCost: 0, leaveByNs, overSocket: true, held: heldBack(this.#services, ordersIn(name, args)) }, (pass, kept) => {
      if (kept !== null) return done({ kind: 'unsent', ...kept })
      if (gate.session.value !== born) {
        gate.unused('trade', pass)
        return done({ kind: 'unsent', reason: SESSION_OVER, later: urgency === REDUCE })
      }
      const sent = socket.send(op, args, deadlineNs, (answer) => {
        gate.settle('trade', pass, answer)
        done(answer)
      })
      if (sent) return
      // The socket is going down and nothing left: the other way is open.
      gate.unused('trade', pass)
      this.#overRest(command, done)
    })
  }

  #overRest({ op, urgency, args, cost, deadlineNs, leaveByNs, born }: Command, done: (answer: RestAnswer) => void): void {
    if (this.#socket !== null && !this.#settings.restWhenTradeSocketDown) return this.#later(done, { kind: 'unsent', reason: 'the trade socket is down and REST is not allowed for orders', later: urgency === REDUCE })
    const nowNs = this.#services.clock.nowNs()
    this.#services.count('bybit_order_over_rest', op)
    this.#rest.call({ method: 'POST', path: PATHS[op], group: GROUPS[op], urgency, params: args, signed: true, deadlineMs: (deadlineNs - nowNs) / 1e6, waitMs: (leaveByNs - nowNs) / 1e6, again: false, born, cost }, done)
  }

  #later(done: (answer: RestAnswer) => void, answer: RestAnswer): void {
    this.#services.timers.after(0, () => done(answer))
  }
}

const SESSION_OVER = 'the session in which it was made is over'

/** One attempt of a command. */
interface Command {
  readonly op: TradeOp
  readonly urgency: Urgency
  readonly args: Json
  readonly cost: number
  readonly deadlineNs: Nanos
  readonly leaveByNs: Nanos
  readonly born: number
}
