import type { Nanos } from '../../core/index.ts'
import type { VenueServices } from '../services.ts'
import { heldBack } from '../common/increases.ts'
import type { Json } from '../common/json.ts'
import type { OkxContract } from './contracts.ts'
import type { OkxLimits } from './limits.ts'
import { OPS, type TradeOp } from './ops.ts'
import type { PrivateSocket } from './private-socket.ts'
import { REDUCE, type Urgency } from '../resilience/urgency.ts'
import { type OkxRest, ordersIn, readItem, type RestAnswer, SESSION_OVER } from './rest.ts'
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

  /**
   * `done` runs exactly once, within the deadline, never inside the call. What raises exposure leaves within `placeWaitMs`
   * and in the session in which it was made, or not at all; what lowers it has until its deadline, and each attempt
   * belongs to the session of its moment.
   * @param args of each order, without the instrument
   */
  send(op: TradeOp, urgency: Urgency, contract: OkxContract, args: readonly Json[], deadlineNs: Nanos, done: (answer: RestAnswer) => void): void {
    const { gate: { session }, retrier } = this.#rest
    const reduces = urgency === REDUCE
    const leaveByNs = reduces ? deadlineNs : Math.min(deadlineNs, this.#services.clock.nowNs() + this.#settings.placeWaitMs * 1e6)
    const made = session.value
    retrier.run<RestAnswer>(urgency, reduces, leaveByNs, (answered) => this.#once({ op, urgency, contract, args, deadlineNs, leaveByNs, born: reduces ? session.value : made }, answered), done)
  }

  #once(command: Command, done: (answer: RestAnswer) => void): void {
    const { op, urgency, contract: { instId, instIdCode }, args, deadlineNs, leaveByNs, born } = command
    const { clock, timers, count } = this.#services
    const { ordersOverSocket, restWhenSocketDown } = this.#settings
    const { gate } = this.#rest
    const unsent = (reason: string): void => void timers.after(0, () => done({ kind: 'unsent', reason, later: urgency === REDUCE }))
    if (gate.session.value !== born) return unsent(SESSION_OVER)
    if (!ordersOverSocket || instIdCode === null || this.#restOnly.has(instId)) return this.#overRest(command, done)
    if (!this.#socket.up) {
      if (restWhenSocketDown) this.#overRest(command, done)
      else unsent('the private socket is down and REST is not allowed for orders')
      return
    }
    this.#limits.through(OPS[op].group, instId, args.length, urgency, leaveByNs, true, heldBack(this.#services, ordersIn(OPS[op].group, args)), (pass, kept) => {
      if (kept !== null) return done({ kind: 'unsent', ...kept })
      if (gate.session.value !== born) {
        gate.unused('trade', pass)
        return done({ kind: 'unsent', reason: SESSION_OVER, later: urgency === REDUCE })
      }
      const sent = this.#socket.send(op, instId, args.map((one) => ({ instIdCode, ...one })), deadlineNs, (answer) => {
        gate.settle('trade', pass, answer)
        if (!isBadInstrument(answer) || clock.nowNs() >= leaveByNs) return done(answer)
        // Certainly not executed; by its name REST may know the instrument.
        count('okx_inst_id_code_refused', instId)
        this.#restOnly.add(instId)
        this.#overRest(command, done)
      })
      if (sent) return
      // The socket is going down and nothing left: the other way is open.
      gate.unused('trade', pass)
      if (restWhenSocketDown) this.#overRest(command, done)
      else unsent('the private socket went down and REST is not allowed for orders')
    })
  }

  #overRest({ op, urgency, contract: { instId }, args, deadlineNs, leaveByNs, born }: Command, done: (answer: RestAnswer) => void): void {
    const nowNs = this.#services.clock.nowNs()
    const { path, group, form, entry } = OPS[op]
    const named = args.map((one) => ({ instId, ...one }))
    this.#services.count('okx_order_over_rest', op)
    this.#rest.call({
      method: 'POST', path, group, instId, orders: args.length, urgency, params: form === 'batch' ? named : named[0]!, signed: true,
      deadlineMs: (deadlineNs - nowNs) / 1e6, waitMs: (leaveByNs - nowNs) / 1e6, again: false, born, form, expires: entry,
    }, done)
  }
}

/** One attempt of a command. */
interface Command {
  readonly op: TradeOp
  readonly urgency: Urgency
  readonly contract: OkxContract
  readonly args: readonly Json[]
  readonly deadlineNs: Nanos
  readonly leaveByNs: Nanos
  readonly born: number
}

/** Refused for its instrument; a batch when each of its orders was. */
function isBadInstrument(answer: RestAnswer): boolean {
  const bad = (one: RestAnswer): boolean => one.kind === 'refused' && one.code === BAD_INSTRUMENT
  return bad(answer) || (answer.kind === 'ok' && answer.data.length > 0 && answer.data.every((item) => bad(readItem(item))))
}
