import { RingmasterError, type Timers } from '../../core/index.ts'
import { meaning } from './fault-fields.ts'
import { faultActions, runFault } from './fault-actions.ts'
import type { FaultPlan } from './faults.ts'
import { parseObject } from './json.ts'
import { SeededFaults, type FaultStep } from './seeded-faults.ts'
import type { FrontRequest, FrontResponse } from './wire.ts'
import type { FrontCounters } from './counters.ts'

/** The control page of the exchange: faults on demand, for tests and rehearsals. Only for loopback, never for browsers. */
export class Control {
  readonly #faults: FaultPlan
  readonly #counters: FrontCounters
  readonly #timers: Timers
  #seeded: SeededFaults | null = null

  constructor(faults: FaultPlan, counters: FrontCounters, timers: Timers) {
    this.#timers = timers
    this.#faults = faults
    this.#counters = counters
  }

  /** Arms the steps of a plan, each in its time from now on; an earlier plan ends first. */
  play(steps: Iterable<FaultStep>): SeededFaults {
    this.#seeded?.heal()
    const seeded = new SeededFaults(this.#faults, this.#timers, steps)
    this.#seeded = seeded
    seeded.start()
    return seeded
  }

  /** The plan stops with the front. */
  close(): void {
    this.#seeded?.heal()
  }

  /** `GET /control` lists the actions, `GET /control/state` what is armed, `GET /control/plan` the faults from a seed so far, `POST /control/{action}` with a JSON object arms it. */
  handle(request: FrontRequest): FrontResponse {
    // A page in the operator's browser can reach loopback too; it always says where it came from.
    if (request.headers['origin'] !== undefined || request.headers['sec-fetch-site'] !== undefined) return refused(403, new RingmasterError('RM_CONTROL_ORIGIN'))
    const path = request.path.replace(/\/$/, '')
    if (request.method === 'GET' && path === '/control') return json(200, { actions: listed() })
    if (request.method === 'GET' && path === '/control/state') return json(200, { counters: this.#counters, faults: this.#faults.describe(), seeded: this.#seeded?.describe() ?? null })
    if (request.method === 'GET' && path === '/control/plan') return json(200, this.#seeded?.toJSON() ?? [])
    const name = path.slice('/control/'.length)
    if (request.method !== 'POST' || !Object.hasOwn(faultActions, name)) return refused(404, new RingmasterError('RM_CONTROL_ACTION', { action: `${request.method} ${request.path.slice(0, 100)}` }))
    const parsed = parseObject(request.body.trim() === '' ? '{}' : request.body)
    if (!parsed.ok) return refused(400, new RingmasterError('RM_CONTROL_BODY', { problem: parsed.reason }))
    try {
      // A seed goes on arming for ever: healing must end it first.
      if (name === 'heal') this.#seeded?.heal()
      return json(200, { ok: true, ...runFault(this.#faults, name, parsed.value) })
    } catch (error) {
      if (error instanceof RingmasterError && error.code === 'RM_CONTROL_FIELD') return refused(400, error)
      throw error
    }
  }
}

const json = (status: number, body: object): FrontResponse => ({ status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) })
const refused = (status: number, error: RingmasterError): FrontResponse => json(status, { code: error.code, error: error.message })

const listed = (): object =>
  Object.fromEntries(
    Object.entries(faultActions).map(([name, { says, fields, needs = [] }]) => [
      name,
      { says, fields: Object.fromEntries(Object.entries(fields).map(([one, rule]) => [one, { is: meaning(rule), ...(needs.includes(one) ? { needed: true } : { otherwise: rule.otherwise }) }])) },
    ]),
  )
