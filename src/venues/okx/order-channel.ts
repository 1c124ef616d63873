import type { Nanos } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import { HELD_BACK, heldBack } from '../common/increases.ts'
import type { Json } from '../common/json.ts'
import type { OkxContract } from './contracts.ts'
import type { OkxLimits } from './limits.ts'
import { OPS, type TradeOp } from './ops.ts'
import type { PrivateSocket } from './private-socket.ts'
import { type OkxRest, ordersIn, readItem, type RestAnswer } from './rest.ts'
import type { OkxSettings } from './settings.ts'

/** "Instrument does not exist": over the socket also for a published `instIdCode` that the service does not take. */
const BAD_INSTRUMENT = '51001'

/** Carries order operations of one instrument: over the private socket when it is up, else over REST, both under the same limits. */
export class OrderChannel {
  readonly #services: VenueServices
  readonly #settings: OkxSettings
  readonly #rest: OkxRest
  readonly #limits: OkxLimits
  readonly #socket: PrivateSocket
  /** Instruments whose code the socket refused: theirs go over REST. */
  readonly #restOnly = new Set<string>()

  constructor(services: VenueServices, settings: OkxSettings, rest: OkxRest, limits: OkxLimits, socket: PrivateSocket) {
    this.#services = services
    this.#settings = settings
    this.#rest = rest
    this.#limits = limits
    this.#socket = socket
  }

  /** `done` runs exactly once, within the deadline, never inside the call. @param args of each order, without the instrument */
  send(op: TradeOp, contract: OkxContract, args: readonly Json[], deadlineNs: Nanos, waitMs: number, done: (answer: RestAnswer) => void): void {
    const { clock, timers, count } = this.#services
    const { instId, instIdCode } = contract
    const { ordersOverSocket, restWhenSocketDown } = this.#settings
    const unsent = (reason: string): void => void timers.after(0, () => done({ kind: 'unsent', reason }))
    if (!ordersOverSocket || instIdCode === null || this.#restOnly.has(instId)) {
      this.#overRest(op, contract, args, deadlineNs, waitMs, done)
      return
    }
    if (!this.#socket.up) {
      if (restWhenSocketDown) this.#overRest(op, contract, args, deadlineNs, waitMs, done)
      else unsent('the private socket is down and REST is not allowed for orders')
      return
    }
    const { group } = OPS[op]
    this.#limits.acquire(group, instId, args.length, Math.min(deadlineNs, clock.nowNs() + waitMs * 1e6), (granted) => {
      if (!granted) {
        done({ kind: 'unsent', reason: `no place under the limit of ${group} within ${waitMs} ms` })
        return
      }
      if (heldBack(this.#services, ordersIn(group, args))) {
        unsent(HELD_BACK)
        return
      }
      const sent = this.#socket.send(op, instId, args.map((one) => ({ instIdCode, ...one })), deadlineNs, (answer) => {
        if (!isBadInstrument(answer) || clock.nowNs() >= deadlineNs) {
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
      if (clock.nowNs() >= deadlineNs) unsent('the deadline passed before it could leave')
      else if (restWhenSocketDown) this.#overRest(op, contract, args, deadlineNs, waitMs, done)
      else unsent('the private socket went down and REST is not allowed for orders')
    })
  }

  #overRest(op: TradeOp, { instId }: OkxContract, args: readonly Json[], deadlineNs: Nanos, waitMs: number, done: (answer: RestAnswer) => void): void {
    const leftMs = (deadlineNs - this.#services.clock.nowNs()) / 1e6
    const { path, group, form, entry } = OPS[op]
    const named = args.map((one) => ({ instId, ...one }))
    this.#services.count('okx_order_over_rest', op)
    this.#rest.call({
      method: 'POST', path, group, instId, orders: args.length, params: form === 'batch' ? named : named[0]!, signed: true,
      deadlineMs: leftMs, waitMs: Math.min(waitMs, leftMs), again: !entry, form, expires: entry,
    }, done)
  }
}

/** Refused for its instrument; a batch when each of its orders was. */
function isBadInstrument(answer: RestAnswer): boolean {
  const bad = (one: RestAnswer): boolean => one.kind === 'refused' && one.code === BAD_INSTRUMENT
  return bad(answer) || (answer.kind === 'ok' && answer.data.length > 0 && answer.data.every((item) => bad(readItem(item))))
}
