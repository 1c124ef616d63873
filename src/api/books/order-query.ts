import { STRATEGY_NAMES } from '../../memory/index.ts'
import { isFinal } from '../../trading/index.ts'
import type { z } from 'zod'
import type { OrdersAnswer, orderSorts, ordersQuery } from '../contract/index.ts'
import { money } from '../../core/index.ts'
import type { OrderEntry } from './entries.ts'
import type { OrderList } from './order-list.ts'
import { statusOf } from './order-list.ts'

export type OrdersQuery = z.output<typeof ordersQuery>

/** The word that a cursor begins with: it is an offset into the sorted rows. */
const CURSOR = /^o(\d{1,9})$/

/** Place behind the last row of the page before; 0 for none, and for one that nobody gave out. */
export const placeOf = (cursor: string | undefined): number => Number(CURSOR.exec(cursor ?? '')?.[1] ?? 0)
/** The cursor of the next page; null at the end. */
export const cursorAt = (place: number, total: number): string | null => (place < total ? `o${place}` : null)

/** Orders that fit the filters, sorted, with the counts of the cards. */
export class OrderQueries {
  readonly #list: () => OrderList
  readonly #version: () => number
  /** The last question and its sorted answer: pages of one table come one after the other. */
  #kept: { readonly key: string; readonly version: number; readonly rows: readonly OrderEntry[]; readonly counts: OrdersAnswer['counts'] } | null = null

  constructor(list: () => OrderList, version: () => number) {
    this.#list = list
    this.#version = version
  }

  find(query: OrdersQuery): { readonly rows: readonly OrderEntry[]; readonly total: number; readonly next: string | null; readonly counts: OrdersAnswer['counts'] } {
    const { cursor, limit, ...asked } = query
    const key = JSON.stringify(asked)
    if (this.#kept === null || this.#kept.key !== key || this.#kept.version !== this.#version()) this.#kept = { key, version: this.#version(), ...select(this.#list().all, query) }
    const { rows, counts } = this.#kept
    const from = placeOf(cursor)
    return { rows: rows.slice(from, from + limit), total: rows.length, next: cursorAt(from + limit, rows.length), counts }
  }
}

function select(all: readonly OrderEntry[], { symbol, side, strategy, purpose, status, sort, direction }: OrdersQuery): { readonly rows: readonly OrderEntry[]; readonly counts: OrdersAnswer['counts'] } {
  const bit = strategy === undefined ? 0 : 1 << STRATEGY_NAMES.indexOf(strategy)
  const wantedSide = side === undefined ? -1 : side === 'buy' ? 0 : 1
  const counts = { total: 0, active: 0, filled: 0, cancelled: 0, rejected: 0 }
  const rows: OrderEntry[] = []
  // Newest first, which is the way most tables are looked at.
  for (let i = all.length - 1; i >= 0; i--) {
    const entry = all[i]!
    if (symbol !== undefined && entry.symbol !== symbol) continue
    if (wantedSide >= 0 && entry.side !== wantedSide) continue
    if (purpose !== undefined && entry.purpose !== purpose) continue
    if (bit !== 0 && (entry.voters & bit) === 0) continue
    const word = statusOf(entry.state)
    counts.total++
    if (!isFinal(entry.state)) counts.active++
    else if (word === 'filled') counts.filled++
    else if (word === 'cancelled') counts.cancelled++
    else counts.rejected++
    if (status === undefined || status === word || (status === 'active' && !isFinal(entry.state))) rows.push(entry)
  }
  if (sort === 'created') return { rows: direction === 'desc' ? rows : rows.reverse(), counts }
  const sign = direction === 'asc' ? 1 : -1
  const compare = COMPARE[sort]
  // Equal ones stay newest first.
  return { rows: rows.sort((a, b) => sign * compare(a, b)), counts }
}

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const COMPARE: Readonly<Record<Exclude<(typeof orderSorts)[number], 'created'>, (a: OrderEntry, b: OrderEntry) => number>> = {
  symbol: (a, b) => text(a.symbol, b.symbol),
  side: (a, b) => a.side - b.side,
  size: (a, b) => a.lots * (a.lot?.value ?? 1) - b.lots * (b.lot?.value ?? 1),
  price: (a, b) => priceOf(a) - priceOf(b),
  status: (a, b) => a.state - b.state,
  updated: (a, b) => a.updatedMs - b.updatedMs,
  realised: (a, b) => money(a.realised).cmp(b.realised),
}
const priceOf = (entry: OrderEntry): number => (entry.priceTicks ?? 0) * (entry.tick?.value ?? 1)
