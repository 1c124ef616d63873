import type { Nanos } from '../../core/index.ts'
import { HELD_BACK, heldBack } from '../common/increases.ts'
import type { Json } from '../common/json.ts'
import type { VenueServices } from '../services.ts'
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
/** Commands that take risk away: asked once more, within their time, when the refusal was certain and may pass. */
const SAFE: ReadonlySet<TradeOp> = new Set<TradeOp>(['order.cancel', 'order.cancel-batch'])

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
   * `done` runs exactly once, within `commandMs`, never inside this call. An entry or an amendment is never asked
   * twice: whether to try again is a decision, with a price of its own time.
   * @param cost orders in it
   */
  send(op: TradeOp, args: Json, cost: number, done: (answer: RestAnswer) => void): void {
    const { commandMs, placeWaitMs } = this.#settings
    const deadlineNs = this.#services.clock.nowNs() + commandMs * 1e6
    if (!SAFE.has(op)) {
      this.#once(op, args, cost, deadlineNs, placeWaitMs, done)
      return
    }
    this.#once(op, args, cost, deadlineNs, commandMs, (answer) => {
      // A wrong clock must not keep an order alive: measure it, ask once more. The refusal was certain.
      if (answer.kind !== 'refused' || answer.errorClass !== 'clock') done(answer)
      else this.#rest.resyncWithin(deadlineNs, (inTime) => (inTime ? this.#once(op, args, cost, deadlineNs, commandMs, done) : done(answer)))
    })
  }

  #once(op: TradeOp, args: Json, cost: number, deadlineNs: Nanos, waitMs: number, done: (answer: RestAnswer) => void): void {
    const { clock, timers } = this.#services
    const now = clock.nowNs()
    const socket = this.#socket
    if (socket === null || !socket.up) {
      this.#overRest(op, args, cost, deadlineNs, waitMs, done)
      return
    }
    const group = GROUPS[op]
    this.#rest.window(group).acquire(Math.min(deadlineNs, now + waitMs * 1e6), (granted) => {
      if (!granted) done({ kind: 'unsent', reason: `no place under the limit of ${group} within ${waitMs} ms` })
      else if (heldBack(this.#services, ordersIn(group, args))) timers.after(0, () => done({ kind: 'unsent', reason: HELD_BACK }))
      else if (!socket.send(op, args, deadlineNs, done)) {
        // The socket went down while it waited, and nothing left: the other way is open.
        if (clock.nowNs() >= deadlineNs) timers.after(0, () => done({ kind: 'unsent', reason: 'the deadline passed before it could leave' }))
        else this.#overRest(op, args, cost, deadlineNs, waitMs, done)
      }
    }, cost)
  }

  #overRest(op: TradeOp, args: Json, cost: number, deadlineNs: Nanos, waitMs: number, done: (answer: RestAnswer) => void): void {
    if (this.#socket !== null && !this.#settings.restWhenTradeSocketDown) {
      this.#services.timers.after(0, () => done({ kind: 'unsent', reason: 'the trade socket is down and REST is not allowed for orders' }))
      return
    }
    const leftMs = (deadlineNs - this.#services.clock.nowNs()) / 1e6
    this.#services.count('bybit_order_over_rest', op)
    this.#rest.call({ method: 'POST', path: PATHS[op], group: GROUPS[op], params: args, signed: true, deadlineMs: leftMs, waitMs: Math.min(waitMs, leftMs), again: SAFE.has(op), cost }, done)
  }
}
