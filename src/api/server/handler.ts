import { fail } from '../../core/index.ts'
import type { Admission } from '../auth/index.ts'
import type { RouteAnswer, RouteInput, RouteName } from '../contract/index.ts'
import type { Desk, KlineSource } from '../desk/index.ts'
import type { RestartAnswer } from '../../runtime/health/index.ts'
import type { LiveSymbol } from '../live/index.ts'
import { placeOf, cursorAt } from '../books/index.ts'

export type { KlineSource }

/** What a handler may know of its call beyond its input. */
export interface Call {
  readonly requestId: string
  readonly address: string
  readonly user: 'operator'
  readonly expiresMs: number
  /** The refresh cookie; '' without one. */
  readonly refreshToken: string
  /** Sets the refresh cookie; null takes it away. */
  keep(admission: Admission | null): void
}

export type Handler<Name extends RouteName> = (input: RouteInput<Name>, call: Call) => RouteAnswer<Name> | Promise<RouteAnswer<Name>>
export type Handlers<Names extends RouteName> = { readonly [Name in Names]: Handler<Name> }

/** Runs a call that changes something, and writes down who, what, why and what became of it. */
export async function audited<T>(desk: Desk, call: Call, action: string, target: string, why: string, run: () => T | Promise<T>): Promise<T> {
  const write = (answer: string): void => desk.audit.add({ atMs: desk.wallMs(), user: call.user, action, target, why, answer, requestId: call.requestId, ip: call.address })
  try {
    const result = await run()
    write('accepted')
    desk.root.forget()
    return result
  } catch (error) {
    write(error instanceof Error ? error.message : String(error))
    throw error
  }
}

/** @throws RM_API_NOT_FOUND, RM_API_REFUSED unless it was accepted */
export function taken(answer: RestartAnswer, what: string, id: string): { accepted: true } {
  if (answer.kind === 'unknown') return fail('RM_API_NOT_FOUND', { what, id })
  if (answer.kind === 'refused') return fail('RM_API_REFUSED', { what: `${what} ${id}`, reason: answer.reason })
  return { accepted: true }
}

/** A symbol that is traded. @throws RM_API_ENGINE_AWAY before the engine has told of any, RM_API_NOT_FOUND */
export function symbolOf(desk: Desk, symbol: string): LiveSymbol {
  const live = desk.market.of(symbol)
  if (live !== undefined) return live
  if (desk.facts.symbols.includes(symbol)) return fail('RM_API_ENGINE_AWAY', { what: symbol, reason: 'the engine has not told of it yet' })
  return fail('RM_API_NOT_FOUND', { what: 'symbol', id: symbol })
}

/** A page of rows that stand oldest first, told newest first. */
export function newestFirst<Row>(rows: readonly Row[], cursor: string | undefined, limit: number): { items: Row[]; total: number; next: string | null } {
  const from = placeOf(cursor)
  const items: Row[] = []
  for (let i = rows.length - 1 - from; i >= 0 && items.length < limit; i--) items.push(rows[i]!)
  return { items, total: rows.length, next: cursorAt(from + items.length, rows.length) }
}
