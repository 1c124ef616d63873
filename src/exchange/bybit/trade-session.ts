import type { ApiKey, RateGroup } from './settings.ts'
import { codes, Refused, wrong } from './codes.ts'
import type { Verdict } from '../front/verdict.ts'
import { field, isFields, type Fields } from '../front/json.ts'
import { batchOf, type CommandResult, type OrderDesk } from './order-desk.ts'
import type { PrivateHub } from './private-hub.ts'
import { echo } from './public-session.ts'
import type { RateGrant, RateLimits } from './rate-limits.ts'
import { Session, type SessionParts } from './session.ts'
import type { FrontPeer } from '../front/wire.ts'
import { clockVerdict, type KeyRing } from './signature.ts'

type Action = 'create' | 'amend' | 'cancel'
interface Operation {
  readonly action: Action
  readonly group: RateGroup
  readonly batch: boolean
}

const operations = new Map<string, Operation>()
for (const action of ['create', 'amend', 'cancel'] as const) {
  operations.set(`order.${action}`, { action, group: action, batch: false })
  operations.set(`order.${action}-batch`, { action, group: `${action}-batch`, batch: true })
}

/** Request ids remembered against duplicates, newest kept. */
const REQUEST_IDS_MAX = 10_000

export interface TradeSessionParts extends SessionParts {
  readonly keys: KeyRing
  readonly desk: OrderDesk
  readonly hub: PrivateHub
  readonly rates: RateLimits
  readonly traceId: () => string
}

/** `/v5/trade`: order commands over a signed-in connection. An answer is an acceptance; what happens comes privately. */
export class TradeSession extends Session {
  readonly #parts: TradeSessionParts
  readonly #requestIds = new Set<string>()
  #key: ApiKey | null = null

  constructor(connectionId: string, idleMs: number, peer: FrontPeer, parts: TradeSessionParts) {
    super('trade', connectionId, idleMs, peer, parts)
    this.#parts = parts
  }

  protected override onRequest(request: Fields, op: string): void {
    const id = field(request, 'reqId')
    if (op === 'ping') {
      const pong = { retCode: 0, retMsg: 'OK', op: 'pong', data: [String(this.#parts.venueMs())], connId: this.connectionId }
      return this.reply(id === undefined ? pong : { reqId: echo(id), ...pong })
    }
    if (op === 'auth') return this.#signIn(request, id)
    const operation = operations.get(op)
    if (operation === undefined) return this.#refuse(id, op, codes.unknownOperation)
    if (this.#key === null) return this.#refuse(id, op, codes.notAuthenticated)
    // Requests in flight go on; a new one is told to come back over another connection.
    if (this.#parts.faults.maintenance) return this.#refuse(id, op, codes.restarting)
    this.#command(request, id, op, operation, this.#key)
  }

  protected override onGarbage(reason: string): void {
    this.#refuse(undefined, '', wrong(reason))
  }

  protected override leave(): void {
    this.#requestIds.clear()
  }

  #signIn(request: Fields, id: unknown): void {
    const check = this.#parts.keys.connection(field(request, 'args'), this.#parts.venueMs())
    if (!check.ok) {
      this.#parts.counters.badSignatures++
      this.#refuse(id, 'auth', check.verdict)
      this.#parts.timers.after(this.#parts.latency.replyMs + this.#parts.latency.jitterMs + 10, () => this.hangUp(1008, 'auth failed'))
      return
    }
    this.#key = check.key
    this.#answer(id, { retCode: 0, retMsg: 'OK', op: 'auth' })
  }

  #command(request: Fields, id: unknown, op: string, operation: Operation, key: ApiKey): void {
    const nowMs = this.#parts.venueMs()
    const header = field(request, 'header')
    const clock = isFields(header) ? clockVerdict(field(header, 'X-BAPI-TIMESTAMP'), field(header, 'X-BAPI-RECV-WINDOW'), nowMs) : wrong('header with X-BAPI-TIMESTAMP is required')
    if (clock !== null) return this.#refuse(id, op, clock)
    const args = field(request, 'args')
    const fields = Array.isArray(args) && args.length === 1 ? (args[0] as unknown) : undefined
    if (!isFields(fields)) return this.#refuse(id, op, wrong('args must hold exactly one element'))
    if (typeof id === 'string' && id !== '' && !this.#remember(id)) return this.#refuse(id, op, codes.duplicateRequestId)
    let units = 1
    if (operation.batch) {
      try {
        units = batchOf(fields).length
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        return this.#refuse(id, op, error.verdict)
      }
    }
    const grant = this.#parts.rates.take(key.account, operation.group, units, this.#parts.clock.wallMs())
    if (grant.granted === 0) {
      this.#parts.counters.rateLimited++
      return this.#send(id, op, { ...codes.tooManyVisits, result: {}, ext: {} }, grant, this.delay(this.#parts.latency.replyMs))
    }
    const answerMs = this.delay(this.#parts.latency.replyMs)
    this.#parts.hub.command(answerMs, () => {
      const result = this.#run(operation, key.account, fields, grant)
      if (this.#parts.faults.takeLostReply(operation.action)) this.#parts.counters.repliesLost++
      else {
        const said = this.#parts.faults.rest.takeFailedReply(operation.action) === null ? result : { ...codes.serverError, result: {}, ext: {} }
        this.#sendLate(this.#parts.faults.takeReplyDelay(operation.action), () => this.#send(id, op, said, grant, answerMs))
      }
    })
  }

  #run(operation: Operation, account: string, fields: Fields, grant: RateGrant): CommandResult {
    const { desk } = this.#parts
    return operation.batch ? desk.batch(account, operation.action, fields, grant.granted) : desk[operation.action](account, fields)
  }

  // A late answer must not hold back what comes after it on this connection.
  #sendLate(extraMs: number, send: () => void): void {
    if (extraMs > 0) this.#parts.timers.after(extraMs, send)
    else send()
  }

  #send(id: unknown, op: string, done: CommandResult, grant: RateGrant, delayMs: number): void {
    const header = {
      'X-Bapi-Limit': String(grant.limit),
      'X-Bapi-Limit-Status': String(grant.remaining),
      'X-Bapi-Limit-Reset-Timestamp': String(grant.resetMs),
      Traceid: this.#parts.traceId(),
      Timenow: String(this.#parts.venueMs()),
    }
    this.#answer(id, { retCode: done.code, retMsg: done.text, op, data: done.result, retExtInfo: done.ext, header }, delayMs)
  }

  #refuse(id: unknown, op: string, verdict: Verdict): void {
    this.#parts.counters.badMessages++
    this.#answer(id, { retCode: verdict.code, retMsg: verdict.text, op: op.slice(0, 50), data: {}, retExtInfo: {} })
  }

  #answer(id: unknown, body: object, delayMs = this.delay(this.#parts.latency.replyMs)): void {
    const answer = { ...body, connId: this.connectionId }
    this.reply(id === undefined ? answer : { reqId: echo(id), ...answer }, delayMs)
  }

  #remember(id: string): boolean {
    if (this.#requestIds.has(id)) return false
    if (this.#requestIds.size >= REQUEST_IDS_MAX) this.#requestIds.delete(this.#requestIds.values().next().value!)
    this.#requestIds.add(id)
    return true
  }
}

