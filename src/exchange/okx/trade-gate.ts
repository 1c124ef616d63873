import type { WallMs } from '../../core/index.ts'
import { field, isFields } from '../front/json.ts'
import type { FrontCounters } from '../front/counters.ts'
import { codes, type Verdict } from './codes.ts'
import type { Listings } from './listing.ts'
import type { AlgoAction, AlgoDesk } from './algo-desk.ts'
import { BATCH_MAX, overall, type Action, type OrderDesk, type Outcome } from './order-desk.ts'
import type { RateLimits } from './rate-limits.ts'

/** Algo orders that one cancellation may name. */
const ALGO_BATCH_MAX = 10

export type GateAction = Action | AlgoAction
const isAlgo = (action: GateAction): action is AlgoAction => action === 'place-algo' || action === 'amend-algo' || action === 'cancel-algo'

export interface TradeGateParts {
  readonly desk: OrderDesk
  readonly algoDesk: AlgoDesk
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

  /** @param expTime deadline in ms as the client wrote it; "" for none. @param arrivedMs when the request reached the venue, before it waited. */
  run(action: GateAction, account: string, items: readonly unknown[], expTime: string, arrivedMs: WallMs): TradeAnswer {
    if (items.length === 0 || items.length > (isAlgo(action) ? ALGO_BATCH_MAX : BATCH_MAX)) return { verdict: codes.badArgs, data: [] }
    const late = this.#late(expTime, arrivedMs)
    if (late !== null) return { verdict: late, data: [] }
    const outcomes: Outcome[] = []
    let limited: Verdict | null = null
    let letIn = 0
    for (const item of items) {
      const refused = this.#limit(action, account, item, items.length > 1)
      if (refused === null) {
        letIn++
        outcomes.push(isAlgo(action) ? this.#parts.algoDesk.run(action, account, item) : this.#parts.desk.run(action, account, item))
        continue
      }
      limited = refused
      outcomes.push({ ok: false, row: this.#limitedRow(item, refused) })
    }
    if (limited !== null) {
      this.#parts.counters.rateLimited++
      if (letIn === 0) return { verdict: limited, data: [] }
    }
    return { verdict: overall(outcomes), data: outcomes.map((outcome) => outcome.row) }
  }

  // Passed on arrival it is 50036, passed while the request waited 50037; nothing was executed either way.
  #late(expTime: string, arrivedMs: WallMs): Verdict | null {
    if (expTime === '') return null
    const deadline = /^\d{1,16}$/.test(expTime) ? Number(expTime) : Number.NaN
    if (!(deadline >= arrivedMs)) return codes.expired
    return deadline < this.#parts.venueMs() ? codes.tooLate : null
  }

  // A batch of one counts as a single order. New and amended orders also count for the account as a whole.
  #limit(action: GateAction, account: string, item: unknown, batch: boolean): Verdict | null {
    const { listings, rates, wallMs } = this.#parts
    const instId = isFields(item) ? field(item, 'instId') : undefined
    const code = isFields(item) ? field(item, 'instIdCode') : undefined
    const listing = typeof instId === 'string' ? listings.byInstId(instId) : listings.byCode(Number(code))
    if (!rates.take(isAlgo(action) || !batch ? action : `${action}-batch`, `${account} ${listing?.instId ?? ''}`, wallMs())) return codes.tooManyRequests
    return (action !== 'place' && action !== 'amend') || rates.take('account-orders', account, wallMs()) ? null : codes.accountOrders
  }

  #limitedRow(item: unknown, verdict: Verdict): Record<string, unknown> {
    const said = (name: string): string => (isFields(item) && typeof field(item, name) === 'string' ? String(field(item, name)).slice(0, 200) : '')
    return { clOrdId: said('clOrdId'), ordId: said('ordId'), tag: said('tag'), ts: String(this.#parts.venueMs()), sCode: verdict.code, sMsg: verdict.text, subCode: verdict.subCode }
  }
}
