import type { Nanos } from '../../core/index.ts'
import type { Gate, Kept } from '../resilience/gate.ts'
import type { RateWindow } from '../resilience/rate-window.ts'
import type { EndpointGroup, Urgency } from '../resilience/urgency.ts'
import type { VenueServices } from '../services.ts'

/** Orders that a batch may carry. */
export const BATCH_MAX = 20
/** Algo orders that one cancel may name. */
export const ALGO_BATCH_MAX = 10

/**
 * Endpoints with a limit of their own at the venue: requests per window in ms (reference: OKX V5, rate limits). A batch
 * counts as many orders as it carries.
 */
const LIMITS = {
  place: [60, 2000], amend: [60, 2000], cancel: [60, 2000], 'place-batch': [300, 2000], 'cancel-batch': [300, 2000],
  algo: [20, 2000], 'algo-cancel': [20, 2000], 'algo-pending': [20, 2000], 'algo-order': [20, 2000], 'algo-history': [20, 2000],
  leverage: [20, 2000], 'position-mode': [5, 2000], 'dead-man': [1, 1000], fees: [5, 2000],
  order: [60, 2000], pending: [60, 2000], history: [40, 2000], fills: [60, 2000], positions: [10, 2000], balance: [10, 2000], config: [5, 2000], bills: [5, 1000],
  instruments: [20, 2000], candles: [40, 2000], books: [40, 2000], ticker: [20, 2000], 'index-ticker': [20, 2000], 'mark-price': [10, 2000], 'price-limit': [20, 2000],
  funding: [10, 2000], 'funding-history': [10, 2000], time: [10, 2000],
} as const satisfies Readonly<Record<string, readonly [count: number, windowMs: number]>>
export type LimitGroup = keyof typeof LIMITS

/** The part of the venue that each belongs to. Questions about orders stand apart: that they are answered says nothing about order entry. */
export const GROUP_OF: Readonly<Record<LimitGroup, EndpointGroup>> = {
  place: 'trade', amend: 'trade', cancel: 'trade', 'place-batch': 'trade', 'cancel-batch': 'trade', algo: 'trade', 'algo-cancel': 'trade',
  leverage: 'position', 'position-mode': 'position', positions: 'position', balance: 'account', config: 'account', fees: 'account', bills: 'account',
  instruments: 'market', candles: 'market', books: 'market', ticker: 'market', 'index-ticker': 'market', 'mark-price': 'market', 'price-limit': 'market', funding: 'market', 'funding-history': 'market',
  'dead-man': 'other', 'algo-pending': 'other', 'algo-order': 'other', 'algo-history': 'other', order: 'other', pending: 'other', history: 'other', fills: 'other', time: 'other',
}

/** Counted per instrument; all others per account or address. */
const PER_INSTRUMENT: ReadonlySet<LimitGroup> = new Set<LimitGroup>(['place', 'amend', 'cancel', 'place-batch', 'cancel-batch'])
/** New and changed orders of the whole account together. */
const ENTRIES: ReadonlySet<LimitGroup> = new Set<LimitGroup>(['place', 'amend', 'place-batch'])
const ENTRIES_MAX = 1000
const ENTRIES_MS = 2000
/** "Too many orders of the account", where 50011 is about the endpoint. */
const ACCOUNT_CODE = '50061'

/** The venue counts in its own seconds: a little more than its window keeps jitter on the way from making one too many. */
const MARGIN = 1.025

/** What the venue allows, counted here: it sends no headers that would tell. */
export class OkxLimits {
  readonly gate: Gate
  readonly #services: VenueServices
  readonly #windows = new Map<string, RateWindow>()
  readonly #entries: RateWindow

  constructor(services: VenueServices, gate: Gate) {
    this.#services = services
    this.gate = gate
    this.#entries = gate.window('trade', 'new orders of the account', ENTRIES_MAX, ENTRIES_MS * MARGIN)
  }

  /**
   * Waits at the gate for a place under the limits of a group, REST and socket together.
   * @param instId '' for what is not counted per instrument; @param orders that the request carries; @param held as in a passage
   */
  through(group: LimitGroup, instId: string, orders: number, urgency: Urgency, leaveByNs: Nanos, overSocket: boolean, held: (() => boolean) | null, go: (pass: number, kept: Kept | null) => void): void {
    const second = ENTRIES.has(group) ? this.#entries : null
    this.gate.through({ group: GROUP_OF[group], urgency, first: this.#window(group, instId), firstName: group, cost: orders, second, secondName: 'new orders of the account', secondCost: orders, leaveByNs, overSocket, held }, go)
  }

  /** Nothing of the group leaves for one window: the venue said that it was too much. */
  pause(group: LimitGroup, instId: string, code: string): void {
    const now = this.#services.clock.nowNs()
    if (code === ACCOUNT_CODE) this.#entries.blockUntil(now + ENTRIES_MS * MARGIN * 1e6)
    else this.#window(group, instId).blockUntil(now + Math.max(2000, LIMITS[group][1]) * MARGIN * 1e6)
  }

  #window(group: LimitGroup, instId: string): RateWindow {
    const key = PER_INSTRUMENT.has(group) ? `${group} ${instId}` : group
    let window = this.#windows.get(key)
    if (window === undefined) {
      const [count, windowMs] = LIMITS[group]
      window = this.gate.window(GROUP_OF[group], key, count, windowMs * MARGIN)
      this.#windows.set(key, window)
    }
    return window
  }
}
