import type { WallMs } from '../../core/index.ts'
import { field, isFields } from '../front/json.ts'
import type { FrontCounters } from '../front/counters.ts'
import { codes, type Verdict } from './codes.ts'
import type { Listings } from './listing.ts'
import { BATCH_MAX, overall, type Action, type OrderDesk, type Outcome } from './order-desk.ts'
import type { RateLimits } from './rate-limits.ts'

export interface TradeGateParts {
  readonly desk: OrderDesk
  readonly rates: RateLimits
  readonly listings: Listings
  readonly counters: FrontCounters
  readonly venueMs: () => WallMs
  readonly wallMs: () => WallMs
}

/** What a command frame or body came to: rows with codes of their own, or a refusal of the whole. */
export interface TradeAnswer {
  readonly verdict: Verdict
  readonly data: readonly unknown[]
}

/** The way to the order desk that REST and WebSocket share: deadline, size of batches and the common rate buckets. */
export class TradeGate {
  readonly #parts: TradeGateParts

  constructor(parts: TradeGateParts) {
    this.#parts = parts
  }

  /** @param expTime deadline in ms as the client wrote it; "" for none. */
  run(action: Action, account: string, items: readonly unknown[], expTime: string): TradeAnswer {
    if (items.length === 0 || items.length > BATCH_MAX) return { verdict: codes.badArgs, data: [] }
    if (expTime !== '' && (!/^\d{1,16}$/.test(expTime) || Number(expTime) < this.#parts.venueMs())) return { verdict: codes.expired, data: [] }
    const outcomes: Outcome[] = []
    let limited = 0
    for (const item of items) {
      if (this.#granted(action, account, item, items.length > 1)) outcomes.push(this.#parts.desk.run(action, account, item))
      else {
        limited++
        outcomes.push({ ok: false, row: this.#limitedRow(item) })
      }
    }
    if (limited > 0) this.#parts.counters.rateLimited++
    if (limited === items.length) return { verdict: codes.tooManyRequests, data: [] }
    return { verdict: overall(outcomes), data: outcomes.map((outcome) => outcome.row) }
  }

  // A batch of one counts as a single order.
  #granted(action: Action, account: string, item: unknown, batch: boolean): boolean {
    const { listings, rates, wallMs } = this.#parts
    const instId = isFields(item) ? field(item, 'instId') : undefined
    const code = isFields(item) ? field(item, 'instIdCode') : undefined
    const listing = typeof instId === 'string' ? listings.byInstId(instId) : listings.byCode(Number(code))
    return rates.take(batch ? `${action}-batch` : action, `${account} ${listing?.instId ?? ''}`, wallMs())
  }

  #limitedRow(item: unknown): Record<string, unknown> {
    const said = (name: string): string => (isFields(item) && typeof field(item, name) === 'string' ? String(field(item, name)).slice(0, 200) : '')
    return { clOrdId: said('clOrdId'), ordId: said('ordId'), tag: said('tag'), ts: String(this.#parts.venueMs()), sCode: codes.tooManyRequests.code, sMsg: codes.tooManyRequests.text, subCode: '' }
  }
}
