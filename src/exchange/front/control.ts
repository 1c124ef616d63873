import type { Verdict } from './verdict.ts'
import type { CommandKind, ConnectionKind, FaultPlan } from './faults.ts'
import { field, parseObject, type Fields } from './json.ts'
import type { FrontRequest, FrontResponse } from './wire.ts'
import type { FrontCounters } from './counters.ts'

/** The code of a refusal when none was asked for. */
const WRONG_PARAMETERS = 10001
const KINDS: ReadonlySet<unknown> = new Set(['create', 'amend', 'cancel', 'any'])
const CONNECTIONS: ReadonlySet<unknown> = new Set(['public', 'private', 'trade', 'all'])

/** The control page of the exchange: faults on demand, for tests and rehearsals. Only for loopback, never for browsers. */
export class Control {
  readonly #faults: FaultPlan
  readonly #counters: FrontCounters
  readonly #actions: Readonly<Record<string, (fields: Fields) => unknown>>

  constructor(faults: FaultPlan, counters: FrontCounters) {
    this.#faults = faults
    this.#counters = counters
    this.#actions = {
      'drop-connections': (f) => ({ dropped: faults.dropConnections(oneOf(f, 'connection', CONNECTIONS, 'all') as ConnectionKind | 'all', whole(f, 'code', 1006)) }),
      'lose-replies': (f) => faults.loseReplies(whole(f, 'count', 1), kind(f, 'create')),
      'refuse-commands': (f) => faults.refuseCommands(verdict(f), whole(f, 'count', 1), kind(f, 'any')),
      'delay-replies': (f) => faults.delayReplies(whole(f, 'delayMs', 0), whole(f, 'count', 1), kind(f, 'any')),
      'skip-updates': (f) => faults.skipUpdates(topic(f), whole(f, 'count', 1)),
      stall: (f) => faults.stall(topic(f), field(f, 'forMs') === undefined ? null : whole(f, 'forMs', 0)),
      resume: (f) => faults.resume(topic(f)),
      resnapshot: (f) => faults.resnapshot(topic(f), field(f, 'restart') === true),
      'duplicate-pushes': (f) => faults.duplicatePushes(whole(f, 'count', 1)),
      'lose-pushes': (f) => faults.losePushes(whole(f, 'count', 1)),
      'skew-clock': (f) => {
        const ms = field(f, 'ms')
        if (typeof ms !== 'number' || !Number.isSafeInteger(ms)) throw new BadControl('ms must be a whole number')
        faults.clockSkewMs = ms
      },
      maintenance: (f) => void (faults.maintenance = field(f, 'on') === true),
    }
  }

  /** `GET /control/state`, `POST /control/{action}` with a JSON object. */
  handle(request: FrontRequest): FrontResponse {
    // A page in the operator's browser can reach loopback too; it always says where it came from.
    if (request.headers['origin'] !== undefined || request.headers['sec-fetch-site'] !== undefined) return json(403, { error: 'not for browsers' })
    if (request.method === 'GET' && request.path === '/control/state') return json(200, { counters: this.#counters, faults: this.#faults.describe() })
    const name = request.path.slice('/control/'.length)
    if (request.method !== 'POST' || !Object.hasOwn(this.#actions, name)) return json(404, { error: `unknown control ${request.method} ${request.path.slice(0, 100)}` })
    const parsed = parseObject(request.body.trim() === '' ? '{}' : request.body)
    if (!parsed.ok) return json(400, { error: `body is ${parsed.reason}` })
    try {
      return json(200, { ok: true, ...(this.#actions[name]!(parsed.value) as object | undefined) })
    } catch (error) {
      if (error instanceof BadControl) return json(400, { error: error.message })
      throw error
    }
  }
}

class BadControl extends Error {}

const json = (status: number, body: object): FrontResponse => ({ status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) })

function whole(fields: Fields, name: string, otherwise: number): number {
  const value = field(fields, name) ?? otherwise
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > 3_600_000) throw new BadControl(`${name} must be a whole number from 0 to 3600000`)
  return value
}

function oneOf(fields: Fields, name: string, allowed: ReadonlySet<unknown>, otherwise: string): string {
  const value = field(fields, name) ?? otherwise
  if (!allowed.has(value)) throw new BadControl(`${name} must be one of ${[...allowed].join(', ')}`)
  return value as string
}

const kind = (fields: Fields, otherwise: CommandKind): CommandKind => oneOf(fields, 'command', KINDS, otherwise) as CommandKind

function topic(fields: Fields): string {
  const value = field(fields, 'topic')
  if (typeof value !== 'string' || value === '' || value.length > 100) throw new BadControl('topic must be text')
  return value
}

function verdict(fields: Fields): Verdict {
  const text = field(fields, 'text')
  return { code: whole(fields, 'code', WRONG_PARAMETERS), text: typeof text === 'string' ? text.slice(0, 200) : 'refused on demand' }
}
