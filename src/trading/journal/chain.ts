import type { TradingRecord } from '../records.ts'

/**
 * Finds in a journal what belongs to one id: a trace, a client id, an order or execution id of the venue, or
 * `position/n`. An order brings its position, a position its orders, and each of them its trace; from any of them the whole
 * way from the decision to the last fill is found. Two passes: `learn` every record, then ask `has`.
 */
export class JournalChain {
  readonly #wanted: string
  /** By client id. */
  readonly #orders = new Map<string, { readonly trace: string; readonly positionId: number }>()
  readonly #clientOf = new Map<string, string>()
  readonly #traces = new Set<string>()
  readonly #positions = new Set<number>()
  readonly #clients = new Set<string>()
  #settled = false

  constructor(wanted: string) {
    this.#wanted = wanted
    const position = /^position\/(\d+)$/.exec(wanted)
    if (position !== null) this.#positions.add(Number(position[1]))
    else this.#traces.add(wanted)
  }

  learn(record: TradingRecord): void {
    if (record.kind === 'order-intended') this.#orders.set(record.clientId, { trace: record.trace, positionId: record.positionId })
    if ('clientId' in record && record.clientId === this.#wanted) this.#clients.add(record.clientId)
    if ('clientId' in record && 'venueId' in record && record.venueId !== '') this.#clientOf.set(record.venueId, record.clientId)
    if (record.kind === 'fill-booked') this.#clientOf.set(record.executionId, record.clientId)
  }

  has(record: TradingRecord): boolean {
    this.#settle()
    if ('clientId' in record && this.#clients.has(record.clientId)) return true
    return ('executionId' in record && record.executionId === this.#wanted) || ('venueId' in record && record.venueId === this.#wanted)
  }

  #settle(): void {
    if (this.#settled) return
    this.#settled = true
    const client = this.#clientOf.get(this.#wanted)
    if (client !== undefined && client !== '') this.#clients.add(client)
    // An order leads to its trace and position, and these lead to all their orders.
    for (const id of this.#clients) {
      const order = this.#orders.get(id)
      if (order === undefined) continue
      this.#traces.add(order.trace)
      if (order.positionId >= 0) this.#positions.add(order.positionId)
    }
    for (const [id, { trace, positionId }] of this.#orders) if (this.#traces.has(trace) || this.#positions.has(positionId)) this.#clients.add(id)
  }
}
