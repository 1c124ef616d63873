import { assert, money, type Money, ZERO } from '../../core/index.ts'

/** Plain data in place of live data: what msgpack carries without loss. */
export type Frozen = null | undefined | boolean | number | string | readonly Frozen[] | { readonly [key: string]: Frozen }

/** Marks in place of what msgpack does not know. No record has a field of these names. */
const MONEY = '$money'
const MAP = '$map'

const isMoney = (value: object): value is Money => Object.getPrototypeOf(value) === MONEY_PROTOTYPE
const MONEY_PROTOTYPE: unknown = Object.getPrototypeOf(ZERO)

/**
 * Plain data, arrays, maps and exact amounts, field by field, whatever their names: a field that the books gain is carried
 * without a line here. Instances of classes are refused: they freeze themselves.
 * @throws RM_ASSERT
 */
export function freeze(value: unknown): Frozen {
  if (typeof value !== 'object' || value === null) {
    assert(typeof value !== 'function' && typeof value !== 'symbol' && typeof value !== 'bigint', `${typeof value} is plain data`)
    return value as Frozen
  }
  if (Array.isArray(value)) return value.map(freeze)
  if (isMoney(value)) return { [MONEY]: value.toString() }
  if (value instanceof Map) return { [MAP]: [...value].map(([key, held]) => [freeze(key), freeze(held)]) }
  assert(Object.getPrototypeOf(value) === Object.prototype, `${value.constructor.name} is plain data`)
  const frozen: Record<string, Frozen> = {}
  for (const [key, held] of Object.entries(value)) frozen[key] = freeze(held)
  return frozen
}

/** The live data that was frozen. */
export function thaw(frozen: Frozen): unknown {
  if (typeof frozen !== 'object' || frozen === null) return frozen
  if (Array.isArray(frozen)) return frozen.map(thaw)
  const fields = frozen as Readonly<Record<string, Frozen>>
  if (MONEY in fields) return money(fields[MONEY] as string)
  if (MAP in fields) return new Map((fields[MAP] as readonly (readonly [Frozen, Frozen])[]).map(([key, held]) => [thaw(key), thaw(held)]))
  return Object.fromEntries(Object.entries(fields).map(([key, held]) => [key, thaw(held)]))
}
