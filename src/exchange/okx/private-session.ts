import { field, isFields, type Fields } from '../front/json.ts'
import type { FrontPeer } from '../front/wire.ts'
import { AccountChannels, type AccountChannelsParts } from './account-channels.ts'
import { idOf, textIn } from './arg.ts'
import { codes, invalidRequest, type Verdict } from './codes.ts'
import { massCancelRefusal, type Action } from './order-desk.ts'
import type { RateLimits } from './rate-limits.ts'
import { Session, type SessionParts } from './session.ts'
import type { TradeGate } from './trade-gate.ts'

export interface PrivateSessionParts extends SessionParts, AccountChannelsParts {
  readonly limits: SessionParts['limits']
  readonly timers: SessionParts['timers']
  readonly gate: TradeGate
  readonly rates: RateLimits
}

const operations: Readonly<Record<string, { readonly action: Action; readonly batch: boolean }>> = {
  order: { action: 'place', batch: false },
  'batch-orders': { action: 'place', batch: true },
  'amend-order': { action: 'amend', batch: false },
  'batch-amend-orders': { action: 'amend', batch: true },
  'cancel-order': { action: 'cancel', batch: false },
  'batch-cancel-orders': { action: 'cancel', batch: true },
}

/** Request ids that an answer can carry. */
const ID = /^[A-Za-z0-9]{1,32}$/

/** `/ws/v5/private`: login, account channels and order commands. */
export class PrivateSession extends Session {
  readonly #parts: PrivateSessionParts
  readonly #channels: AccountChannels

  constructor(connectionId: string, peer: FrontPeer, parts: PrivateSessionParts) {
    super('private', connectionId, peer, parts)
    this.#parts = parts
    this.#channels = new AccountChannels('private', parts, this.sink())
  }

  protected override onLogin(): void {
    // A connection may serve commands alone: logged in it has its purpose.
    this.inUse()
    this.#channels.logIn(this.key!)
  }

  protected override onChange(subscribe: boolean, arg: Fields, id: unknown): void {
    this.#channels.change(subscribe, arg, id)
  }

  protected override onOperation(request: Fields, op: string, id: unknown, text: string): void {
    if (this.key === null) return this.error(id, codes.logIn)
    if (typeof id !== 'string' || !ID.test(id)) return this.error(id, invalidRequest(text))
    const args = field(request, 'args')
    if (op === 'mass-cancel') return this.#massCancel(id, args, this.key.account)
    const operation = Object.hasOwn(operations, op) ? operations[op] : undefined
    if (operation === undefined) return this.error(id, invalidRequest(text))
    if (!Array.isArray(args) || args.length === 0 || (!operation.batch && args.length !== 1)) return this.#answer(id, op, codes.badArgs, [], this.#inTime())
    this.#command(request, op, id, operation.action, args)
  }

  protected override leave(): void {
    this.#channels.close()
  }

  #command(request: Fields, op: string, id: string, action: Action, args: readonly unknown[]): void {
    const { faults, gate, hub } = this.#parts
    const account = this.key!.account
    const answerMs = this.delay(this.parts.latency.replyMs)
    const inTime = this.#inTime()
    const expTime = field(request, 'expTime')
    const { arrivedMs } = this
    hub.command(answerMs, () => {
      const { verdict, data } = gate.run(action, account, args, typeof expTime === 'string' ? expTime : typeof expTime === 'number' ? String(expTime) : '', arrivedMs)
      const kind = action === 'place' ? 'create' : action
      if (faults.takeLostReply(kind)) {
        this.parts.counters.repliesLost++
        return
      }
      const extraMs = faults.takeReplyDelay(kind)
      const failed = faults.rest.takeFailedReply(kind) !== null
      const send = (): void => (failed ? this.#answer(id, op, codes.timeout, [], inTime, answerMs) : this.#answer(id, op, verdict, data, inTime, answerMs))
      // A late answer must not hold back what comes after it on this connection.
      if (extraMs > 0) this.parts.timers.after(extraMs, send)
      else send()
    })
  }

  #massCancel(id: string, args: unknown, account: string): void {
    const arg = Array.isArray(args) && args.length === 1 ? (args[0] as unknown) : undefined
    if (!this.#parts.rates.take('mass-cancel', account, this.parts.clock.wallMs())) {
      this.parts.counters.rateLimited++
      return this.#answer(id, 'mass-cancel', codes.tooManyRequests, [], this.#inTime())
    }
    this.#answer(id, 'mass-cancel', isFields(arg) ? massCancelRefusal(textIn(arg, 'instType')) : codes.badArgs, [], this.#inTime())
  }

  #inTime(): string {
    return `${this.parts.venueMs()}000`
  }

  #answer(id: string, op: string, verdict: Verdict, data: readonly unknown[], inTime: string, delayMs = this.delay(this.parts.latency.replyMs)): void {
    this.reply({ ...idOf(id), op, data, code: verdict.code, msg: verdict.text, inTime, outTime: `${this.parts.venueMs()}000` }, delayMs)
  }
}
