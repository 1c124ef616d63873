import { Random, SystemClock, systemOriginNs, type Timers } from '../../src/core/index.ts'
import type { HttpOutcome, Socket, SocketHandlers, Transport, VenueServices } from '../../src/venues/index.ts'

/** Nobody watches for silence between two rounds: what the adapters plan never comes due. */
const STILL: Timers = { after: () => ({ cancel: () => {} }), every: () => ({ cancel: () => {} }) }

interface Request {
  readonly op: string
  readonly req_id?: string
  readonly id?: string
  readonly args?: readonly unknown[]
}

/**
 * A venue that agrees to every subscription and says nothing else by itself: its owner hands the frames over, in this
 * thread. Both venues' acknowledgements; REST answers with `rows`.
 */
export class Wire implements Transport {
  readonly services: VenueServices = {
    transport: this, clock: new SystemClock(systemOriginNs()), timers: STILL, random: new Random(1, 'wire'), count: () => {},
  }
  /** Hands one frame to the newest connection. */
  deliver: (frame: Uint8Array) => void = () => {}
  readonly #rows: readonly unknown[]

  constructor(rows: readonly unknown[] = []) {
    this.#rows = rows
  }

  socket(_url: string, handlers: SocketHandlers): Socket {
    this.deliver = handlers.message.bind(handlers)
    setImmediate(() => handlers.open())
    const send = (text: string): boolean => {
      if (text !== 'ping') for (const reply of acknowledgements(JSON.parse(text) as Request)) setImmediate(() => handlers.message(Buffer.from(JSON.stringify(reply))))
      return true
    }
    return { send, close: () => {}, terminate: () => {}, pause: () => {}, resume: () => {} }
  }

  request(_request: unknown, done: (outcome: HttpOutcome) => void): void {
    setImmediate(() => done({ kind: 'response', status: 200, headers: {}, body: JSON.stringify({ code: '0', msg: '', data: this.#rows }) }))
  }
}

function acknowledgements({ op, req_id: requestId, id, args = [] }: Request): unknown[] {
  if (requestId !== undefined) return [{ success: true, ret_msg: op, conn_id: 'wire', req_id: requestId, op }]
  return args.map((arg) => ({ id, event: op, arg, connId: 'wire' }))
}
